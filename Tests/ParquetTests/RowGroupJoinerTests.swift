import Columnar
import Storage
import Testing

@testable import Parquet

@Suite("Joining of row groups without decoding")
struct RowGroupJoinerTests {
  private static let schema = Schema([
    Field("n", .int(bits: 64)), Field("t", .string), Field("l", .list(Field("element", .double))),
  ])

  /// A file of these numbers, some of them null, in row groups of so many rows.
  private func file(
    _ numbers: Range<Int64>, groupRows: Int = 40, _ change: (inout ParquetWriterOptions) -> Void = { _ in }
  ) async throws -> ParquetFile {
    var options = ParquetWriterOptions()
    (options.rowGroupRows, options.pageRows) = (groupRows, 16)
    var text = ColumnWriterOptions()
    text.bloomFilterFalsePositives = 0.01
    options.columns["t"] = text
    change(&options)
    var texts = ByteStrings()
    for number in numbers { texts.append("text \(number % 7)".utf8) }
    let count = numbers.count
    let columns = [
      Column(
        type: .int(bits: 64), values: .int64(Array(numbers)), validity: Bitmap(numbers.map { $0 % 5 != 0 })),
      Column(type: .string, values: .bytes(texts)),
      Column(
        type: Self.schema.fields[2].type,
        values: .list(
          offsets: (0...Int32(count)).map { $0 * 2 },
          items: Column(type: .double, values: .double((0..<count * 2).map { Double($0) / 2 })))),
    ]
    var writer = try ParquetWriter(schema: Self.schema, options: options)
    try writer.write(RecordBatch(schema: Self.schema, columns: columns))
    _ = try writer.finish()
    return try await ParquetFile.open(BytesSource(writer.takeOutput()))
  }

  private func rows(_ file: ParquetFile) async throws -> [RecordBatch] {
    var batches: [RecordBatch] = []
    for group in file.metadata.rowGroups.indices { batches.append(try await file.read(rowGroup: group)) }
    return batches
  }

  private func join(_ files: [ParquetFile]) async throws -> (file: ParquetFile, metadata: ParquetMetadata) {
    var joiner = RowGroupJoiner(like: try #require(files.first).metadata)
    var bytes: [UInt8] = []
    for file in files {
      #expect(joiner.canTake(file.metadata))
      for group in file.metadata.rowGroups.indices {
        joiner.append(try await file.stored(rowGroup: group))
        bytes += joiner.takeOutput()
        #expect(joiner.byteCount == Int64(bytes.count))
      }
    }
    let metadata = try joiner.finish()
    bytes += joiner.takeOutput()
    return (try await ParquetFile.open(BytesSource(bytes)), metadata)
  }

  @Test("all rows of all files, in their order, with statistics, page indexes and Bloom filters")
  func joins() async throws {
    let files = [try await file(0..<100), try await file(1_000..<1_030), try await file(-50..<0)]
    let (joined, metadata) = try await join(files)
    var expected: [RecordBatch] = []
    for file in files { expected += try await rows(file) }
    #expect(try await rows(joined) == expected)
    #expect(joined.metadata.rowCount == 180 && metadata.rowCount == 180 && metadata.rowGroups.count == 6)
    #expect(metadata.statistics(ofColumn: 0).min == .int(-49) && metadata.statistics(ofColumn: 0).max == .int(1_029))
    #expect(joined.metadata.rowGroups.map(\.ordinal) == (0..<6).map { Int16($0) })
    for (group, column) in [(0, 0), (3, 1), (5, 2)] {
      let pages = try await joined.pages(rowGroup: group, column: column)
      #expect(!pages.isEmpty)
      let chunk = joined.metadata.rowGroups[group].columns[column]
      #expect(chunk.offsetIndex != nil && (column == 2 || chunk.columnIndex != nil))
      #expect((chunk.bloomFilter != nil) == (column == 1))
    }
  }

  @Test("a filter finds the pages of its rows by the moved indexes")
  func prunes() async throws {
    let (joined, _) = try await join([try await file(0..<4_000, groupRows: 2_000), try await file(9_000..<9_100)])
    let rows = try await joined.rows(3, where: .compare("n", .equal, .int(9_061)))
    #expect(rows.ranges == [16..<32])
    #expect(joined.metadata.rowGroups(where: .compare("n", .greater, .int(5_000))) == [2, 3, 4])
  }

  @Test("files that differ in columns, writer or notes do not join")
  func refuses() async throws {
    let joiner = RowGroupJoiner(like: try await file(0..<10).metadata)
    #expect(joiner.canTake(try await file(5..<9).metadata))
    #expect(!joiner.canTake(try await file(0..<10) { $0.createdBy = "another" }.metadata))
    #expect(!joiner.canTake(try await file(0..<10) { $0.keyValueMetadata = [("a", "b")] }.metadata))
    var narrow = try ParquetWriter(schema: Schema([Field("n", .int(bits: 64))]))
    #expect(!joiner.canTake(try narrow.finish()))
  }

  @Test("offsets that lead out of a chunk are refused, and an index that does is left out")
  func hostile() async throws {
    let good = try await file(0..<10)
    var metadata = good.metadata
    metadata.rowGroups[0].columns[0].dataPageOffset = .max
    metadata.rowGroups[0].columns[0].dictionaryPageOffset = 4
    let bad = ParquetFile(metadata: metadata, source: good.source, limits: good.limits)
    await #expect(throws: ParquetError.self) { try await bad.stored(rowGroup: 0) }
    metadata = good.metadata
    // The index of the second column tells of pages of the second.
    metadata.rowGroups[0].columns[0].offsetIndex = metadata.rowGroups[0].columns[1].offsetIndex
    let odd = ParquetFile(metadata: metadata, source: good.source, limits: good.limits)
    let stored = try await odd.stored(rowGroup: 0)
    #expect(stored.chunks[0].offsetIndex == nil && stored.chunks[1].offsetIndex != nil)
  }
}
