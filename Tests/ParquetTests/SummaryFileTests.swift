import Columnar
import Storage
import Testing

@testable import Parquet

/// A summary file, `_metadata`, tells of row groups that lie in the files beside it.
@Suite struct SummaryFileTests {
  private static let rowCount = 6_000

  private static func part(_ number: Int) throws -> [UInt8] {
    var options = ParquetWriterOptions()
    options.pageRows = 500
    options.rowGroupRows = 4_000
    var name = ColumnWriterOptions()
    name.bloomFilterFalsePositives = 0.01
    options.columns["name"] = name
    var names = ByteStrings()
    for row in 0..<rowCount { names.append("name-\(number)-\(row % 300)".utf8) }
    let schema = Schema([
      Field("row", .int(bits: 64), isNullable: false), Field("name", .string, isNullable: false),
    ])
    let batch = RecordBatch(
      schema: schema,
      columns: [
        Column(type: .int(bits: 64), values: .int64((0..<rowCount).map { Int64(number * rowCount + $0) })),
        Column(type: .string, values: .bytes(names)),
      ])
    return try written([batch], options: options)
  }

  /// A store with two parts and their summary, whose chunks name them by `path`.
  private static func store(
    path: (Int) -> String? = { "year=2026/part-\($0).parquet" }
  ) async throws -> MemoryFileStore {
    let store = MemoryFileStore()
    var groups: [RowGroupMetadata] = []
    var summary: ParquetMetadata?
    for number in 0..<2 {
      let bytes = try part(number)
      _ = try await store.create("table/year=2026/part-\(number).parquet", bytes)
      var metadata = try await ParquetFile.open(BytesSource(bytes)).metadata
      for group in metadata.rowGroups.indices {
        for column in metadata.columns.indices { metadata.rowGroups[group].columns[column].filePath = path(number) }
      }
      groups += metadata.rowGroups
      summary = metadata
    }
    var metadata = try #require(summary)
    metadata.rowGroups = groups
    metadata.rowCount = groups.reduce(0) { $0 + $1.rowCount }
    let footer = metadata.serialised()
    let length = (0..<4).map { UInt8(truncatingIfNeeded: footer.count >> (8 * $0)) }
    _ = try await store.create("table/_metadata", Array("PAR1".utf8) + footer + length + Array("PAR1".utf8))
    return store
  }

  private static func rows(_ batches: RecordBatches) async throws -> [Scalar] {
    var result: [Scalar] = []
    for try await batch in batches { result += (0..<batch.rowCount).map { batch.columns[0].scalar(at: $0) } }
    return result
  }

  @Test("the rows of all parts are read through their summary, by filters and ranges too")
  func reading() async throws {
    let file = try await ParquetFile.open("table/_metadata", in: try await Self.store())
    #expect(file.metadata.rowGroups.count == 4)
    #expect(try await Self.rows(file.batches()) == (0..<12_000).map { .int(Int64($0)) })
    #expect(try await Self.rows(file.batches(rows: 5_990..<6_010)) == (5_990..<6_010).map { .int(Int64($0)) })
    let found = try await Self.rows(file.batches(where: .compare("row", .equal, .int(10_600))))
    #expect(found == (10_500..<11_000).map { .int(Int64($0)) })
    let named = try await Self.rows(file.batches(where: .compare("name", .equal, .bytes(Array("name-1-7".utf8)))))
    #expect(named.allSatisfy { $0 != .int(0) } && named.contains(.int(6_007)))
    #expect(try await file.read(rowGroup: 3, columns: [0]).columns[0].scalar(at: 0) == .int(10_000))
    #expect(try await !file.pages(rowGroup: 2, column: 1).isEmpty)
  }

  @Test("without a store, a summary's rows are refused by name")
  func withoutStore() async throws {
    let store = try await Self.store()
    let file = try await ParquetFile.open(try await store.open("table/_metadata"))
    let error = await #expect(throws: ParquetError.self) { _ = try await Self.rows(file.batches()) }
    #expect(error?.code == .notSupported)
    #expect(error?.message.contains("another file") == true)
  }

  @Test("a path that leaves the summary's directory is not followed")
  func outside() async throws {
    for path in ["../part-0.parquet", "/etc/passwd", "a/../../b", "", "a//b", "./a", "a\\b", "a\0b"] {
      #expect(!PartFiles.isInside(path), "\(path)")
    }
    #expect(PartFiles.isInside("year=2026/month=01/part-0.parquet"))
    let file = try await ParquetFile.open("table/_metadata", in: try await Self.store { _ in "../secret.parquet" })
    let error = await #expect(throws: ParquetError.self) { _ = try await Self.rows(file.batches()) }
    #expect(error?.code == .outOfSpec)
  }

  @Test("a part that is missing is an error of input that names it")
  func missingPart() async throws {
    let file = try await ParquetFile.open("table/_metadata", in: try await Self.store { "gone-\($0).parquet" })
    let error = await #expect(throws: ParquetError.self) { _ = try await Self.rows(file.batches()) }
    #expect(error?.code == .io)
    #expect(error?.cause?.path.contains("gone-0") == true)
  }

  @Test("a chunk that names its own file lies in it")
  func ownFile() async throws {
    var metadata = try await ParquetFile.open(BytesSource(try Self.part(0))).metadata
    let size = try Self.part(0).count - metadata.footerBytes - 8
    for group in metadata.rowGroups.indices {
      for column in metadata.columns.indices { metadata.rowGroups[group].columns[column].filePath = "own.parquet" }
    }
    let footer = metadata.serialised()
    let length = (0..<4).map { UInt8(truncatingIfNeeded: footer.count >> (8 * $0)) }
    let bytes = Array(try Self.part(0)[..<size]) + footer + length + Array("PAR1".utf8)
    let file = try await ParquetFile.open(BytesSource(bytes, name: "data/own.parquet"))
    #expect(try await Self.rows(file.batches()).count == Self.rowCount)
  }
}
