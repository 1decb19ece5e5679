import Columnar
import Foundation
import Parquet
import Storage
import Testing

/// Every file of the corpus gives what the table says: so many rows with these values, or this kind of error.
///
/// The table's digests were taken while `tools/interop/parquet-corpus` found the same values in other readers.
@Suite struct CorpusTests {
  static let folder = ProcessInfo.processInfo.environment["PARQUET_CORPUS"] ?? "../shared/parquet/corpus"
  static var isThere: Bool { FileManager.default.fileExists(atPath: folder) }

  /// A line of the table: path, `ok` or the code of the error, rows, digest, and what confirms it.
  struct Verdict: Hashable {
    var verdict: String
    var rows: String
    var digest: String
  }

  static func table() throws -> [String: Verdict] {
    let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("CorpusVerdicts.tsv")
    var table: [String: Verdict] = [:]
    for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      table[cells[0]] = Verdict(verdict: cells[1], rows: cells[2], digest: cells[3])
    }
    return table
  }

  static func files(below folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).filter { path in
      var isDirectory: ObjCBool = false
      let isThere = FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isDirectory)
      return isThere && !isDirectory.boolValue
    }.sorted()
  }

  static func read(_ path: String, batchRows: Int) async -> Verdict {
    do {
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
      let file = try await ParquetFile.open(BytesSource(bytes))
      var options = ReadOptions()
      options.batchRows = batchRows
      var digest = Digest()
      var rows = 0
      for try await batch in file.batches(options: options) {
        rows += batch.rowCount
        for row in 0..<batch.rowCount {
          for column in batch.columns { digest.add(column.scalar(at: row)) }
        }
      }
      return Verdict(verdict: "ok", rows: "\(rows)", digest: String(digest.state, radix: 16))
    } catch let error as ParquetError {
      return Verdict(verdict: error.code.rawValue, rows: "", digest: "")
    } catch {
      return Verdict(verdict: "\(error)", rows: "", digest: "")
    }
  }

  @Test("each file of the corpus", .enabled(if: isThere, "there is no folder of PARQUET_CORPUS"))
  func corpus() async throws {
    let table = try Self.table()
    var lines: [String] = []
    for path in try Self.files(below: Self.folder) where (path as NSString).lastPathComponent.contains(".parquet") {
      let found = await Self.read("\(Self.folder)/\(path)", batchRows: 1 << 16)
      lines.append([path, found.verdict, found.rows, found.digest].joined(separator: "\t"))
      #expect(table[path] == found, "\(path)")
      // The same in batches that cut pages and rows anywhere.
      if found.verdict == "ok", let rows = Int(found.rows), rows < 3_000 {
        #expect(await Self.read("\(Self.folder)/\(path)", batchRows: 13) == found, "\(path) in small batches")
      }
    }
    if let record = ProcessInfo.processInfo.environment["PARQUET_VERDICTS"] {
      try (lines.joined(separator: "\n") + "\n").write(toFile: record, atomically: true, encoding: .utf8)
    }
  }

  /// Files without rows, and files that say less than their chunks take, were read but their pages could not be listed.
  @Test("pages of each readable file hold its values", .enabled(if: isThere, "there is no folder of PARQUET_CORPUS"))
  func pages() async throws {
    for (path, verdict) in try Self.table() where verdict.verdict == "ok" {
      let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(path)")))
      let file = try await ParquetFile.open(BytesSource(bytes))
      for (group, rowGroup) in file.metadata.rowGroups.enumerated() {
        for (column, chunk) in rowGroup.columns.enumerated() {
          var values = 0
          do {
            for page in try await file.pages(rowGroup: group, column: column) where page.type != .dictionary {
              values += page.valueCount
            }
          } catch {
            Issue.record("\(path): \(error)")
          }
          #expect(Int64(values) == chunk.valueCount, "\(path), row group \(group), column \(column)")
        }
      }
    }
  }

  @Test("damaged files end in rows or an error", .enabled(if: isThere, "there is no folder of PARQUET_CORPUS"))
  func damaged() async throws {
    let folder = Self.folder + "/../fuzz"
    for path in try Self.files(below: folder) {
      let verdict = await Self.read("\(folder)/\(path)", batchRows: 1_000).verdict
      #expect(verdict == "ok" || ParquetError.Code(rawValue: verdict) != nil, "\(path): \(verdict)")
    }
  }
}

/// FNV-1a over values, each with its kind, so that null, zero and empty differ.
private struct Digest {
  var state: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ value: Scalar) {
    switch value {
    case .null: mix(0)
    case .boolean(let flag): mix(flag ? 2 : 1)
    case .int(let number): mix(3, UInt64(bitPattern: number))
    case .unsigned(let number): mix(4, number)
    // A NaN may come in any dress.
    case .float(let number): mix(5, number.isNaN ? 1 : UInt64(number.bitPattern))
    case .double(let number): mix(6, number.isNaN ? 1 : number.bitPattern)
    case .bytes(let bytes):
      mix(7, UInt64(bytes.count))
      for byte in bytes { step(byte) }
    case .list(let items):
      mix(8, UInt64(items.count))
      for item in items { add(item) }
    case .structure(let fields):
      mix(9, UInt64(fields.count))
      for field in fields { add(field) }
    }
  }

  private mutating func mix(_ kind: UInt8, _ number: UInt64 = 0) {
    step(kind)
    for shift in stride(from: 0, to: 64, by: 8) { step(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
  }

  private mutating func step(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
}
