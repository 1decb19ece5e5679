import Columnar
import Kernels
import Storage
import Testing

@testable import Parquet

/// Rows that are found by the codes of one column are those that reading all of them finds.
@Suite("Looking for rows by codes") struct RowSearchTests {
  private static let rows = 30_000

  /// Columns in the encodings that a search meets: codes in runs and packed, with nulls now and then, plain numbers,
  /// strings.
  private func batch() -> RecordBatch {
    var random = SplitMix64(seed: 11)
    let rows = 0..<Self.rows
    let codes = rows.map { row -> Int32 in row % 5_000 < 1_500 ? 7 : Int32.random(in: 0..<60, using: &random) }
    let wide = rows.map { _ in Int64.random(in: .min ... .max, using: &random) }
    var words = ByteStrings()
    for row in rows { words.append("w\(row % 37)".utf8) }
    let validity = Bitmap(rows.map { $0 % 11_000 != 10_999 })
    return RecordBatch(
      schema: Schema([
        Field("code", .int(bits: 32), isNullable: false), Field("holey", .int(bits: 32)),
        Field("wide", .int(bits: 64), isNullable: false), Field("word", .string, isNullable: false),
        Field("half", .double, isNullable: false),
      ]),
      columns: [
        Column(type: .int(bits: 32), values: .int32(codes)),
        Column(type: .int(bits: 32), values: .int32(codes.map { $0 * 2 }), validity: validity),
        Column(type: .int(bits: 64), values: .int64(wide)), Column(type: .string, values: .bytes(words)),
        Column(type: .double, values: .double(codes.map { Double($0) / 2 })),
      ])
  }

  private func file(pageRows: Int, encoding: (inout ParquetWriterOptions) -> Void = { _ in }) async throws
    -> ParquetFile
  {
    var options = ParquetWriterOptions()
    options.rowGroupRows = 12_000
    options.pageRows = pageRows
    encoding(&options)
    return try await ParquetFile.open(BytesSource(try written([batch()], options: options)))
  }

  /// The rows that a search over ranges leaves, as texts, with their places; and how many it made values of.
  private func search(
    _ file: ParquetFile, _ name: String, _ ranges: [Range<Int64>], _ wanted: @escaping @Sendable (Scalar) -> Bool,
    columns: [String]
  ) async throws -> (found: [String], made: Int) {
    let leaf = try #require(file.metadata.columns.firstIndex { $0.name == name })
    let test = RowTest(leaf: leaf) { entries in (0..<entries.count).map { wanted(entries.scalar(at: $0)) ? 1 : 0 } }
    let projection = try file.metadata.projection(named: columns)
    let place = try #require(columns.firstIndex(of: name))
    var batches = file.batches(columns: projection, ranges: ranges, test: test).makeAsyncIterator()
    var starts = ranges[...]
    var at = ranges.first?.lowerBound ?? 0
    var (found, made): ([String], Int) = ([], 0)
    while let next = try await batches.nextFound() {
      made += next.batch.rowCount
      for row in 0..<next.batch.rowCount where wanted(next.batch.columns[place].scalar(at: row)) {
        let offset = next.places.map { Int64($0[row]) } ?? Int64(row)
        found.append("\(at + offset) \(next.batch.columns.map { $0.scalar(at: row) })")
      }
      at += Int64(next.rowCount)
      if at == starts.first?.upperBound {
        starts = starts.dropFirst()
        at = starts.first?.lowerBound ?? at
      }
    }
    return (found, made)
  }

  @Test("a search leaves out no row", arguments: [200, 5_000, 1_000_000])
  func rowsFound(pageRows: Int) async throws {
    let file = try await file(pageRows: pageRows)
    let batch = batch()
    let columns = ["wide", "code", "holey", "word", "half"]
    let order = columns.map { name in batch.schema.fields.firstIndex { $0.name == name } ?? 0 }
    let wanted: [(String, @Sendable (Scalar) -> Bool)] = [
      ("code", { $0 == .int(3) }), ("code", { $0 == .int(7) }), ("code", { $0 == .int(99) }), ("code", { _ in true }),
      ("holey", { $0 == .int(8) }), ("word", { $0 == .bytes(Array("w5".utf8)) }), ("half", { $0 == .double(29.5) }),
      ("half", { $0 == .double(1) || $0 == .double(2) }),
    ]
    for ranges in [[0..<30_000], [5..<6, 700..<14_000, 14_001..<14_002, 29_999..<30_000], [11_990..<12_010]] {
      let ranges = ranges.map { Int64($0.lowerBound)..<Int64($0.upperBound) }
      for (name, holds) in wanted {
        let column = batch.columns[batch.schema.fields.firstIndex { $0.name == name } ?? 0]
        let expected = ranges.joined().filter { holds(column.scalar(at: Int($0))) }.map { row in
          "\(row) \(order.map { batch.columns[$0].scalar(at: Int(row)) })"
        }
        #expect(try await search(file, name, ranges, holds, columns: columns).found == expected, "\(name) \(ranges)")
      }
    }
  }

  @Test("few wanted rows make few values")
  func rowsMade() async throws {
    let file = try await file(pageRows: 4_000)
    let whole = [Int64(0)..<Int64(Self.rows)]
    let few = try await search(file, "word", whole, { $0 == .bytes(Array("w5".utf8)) }, columns: ["word", "wide"])
    #expect(few.made == few.found.count)
    let all = try await search(file, "word", whole, { _ in true }, columns: ["word", "wide"])
    #expect(all.made == Self.rows)
  }

  @Test("a page whose codes have no entry is refused")
  func damagedCodes() throws {
    // One packed group of codes 0 to 7 of three bits, where the dictionary has six.
    let bytes: [UInt8] = [3, 0x88, 0xC6, 0xFA]
    var places: [UInt32] = []
    let flags: [UInt8] = [0, 0, 1, 0, 0, 0]
    var reader = HybridReader(width: 3)
    let isSound = try reader.find(bytes.span, count: 8, flags: flags.span, appendingTo: &places)
    #expect(!isSound)

    let words: [Int32] = [10, 11, 12, 13, 14, 15]
    var picked: [Int32] = []
    let known: [UInt32] = [2, 5]
    reader = HybridReader(width: 3)
    let areKnown = try reader.pick(bytes.span, count: 8, at: known.span, in: words.span, appendingTo: &picked)
    #expect(areKnown && picked == [12, 15])

    let unknown: [UInt32] = [7]
    reader = HybridReader(width: 3)
    let isKnown = try reader.pick(bytes.span, count: 8, at: unknown.span, in: words.span, appendingTo: &picked)
    #expect(!isKnown)

    var failed = false
    reader = HybridReader(width: 3)
    do {
      _ = try reader.find(bytes.span, count: 9, flags: [UInt8](repeating: 1, count: 8).span, appendingTo: &places)
    } catch {
      failed = true
    }
    #expect(failed)
  }
}
