import Columnar
import Kernels
import Storage
import Testing

@testable import Parquet

/// Of a few rows only their pages are fetched, and they are the right rows.
@Suite struct PageFetchingTests {
  private static let rowCount = 100_000
  /// What cannot be compressed, so that pages are worth skipping.
  private static let noise: [Int64] = {
    var random = SplitMix64(seed: 20)
    return (0..<rowCount).map { _ in Int64(bitPattern: random.next()) }
  }()

  /// Flat and nested columns in row groups of 50,000 and pages of 500 rows.

  private static func file() throws -> [UInt8] {
    let validity = Bitmap((0..<rowCount).map { $0 % 7 != 3 })
    var offsets: [Int32] = [0]
    var items: [Int32] = []
    for row in 0..<rowCount {
      for item in 0..<(row * 31) % 5 { items.append(Int32(truncatingIfNeeded: noise[row] >> item)) }
      offsets.append(Int32(items.count))
    }
    var names = ByteStrings()
    for row in 0..<rowCount { names.append("name-\(row % 900)".utf8) }
    let schema = Schema([
      Field("number", .int(bits: 64)), Field("list", .list(Field("element", .int(bits: 32)))),
      Field("name", .string, isNullable: false), Field("row", .int(bits: 32), isNullable: false),
    ])
    let batch = RecordBatch(
      schema: schema,
      columns: [
        Column(type: .int(bits: 64), values: .int64(noise), validity: validity),
        Column(
          type: schema.fields[1].type,
          values: .list(offsets: offsets, items: Column(type: .int(bits: 32), values: .int32(items)))),
        Column(type: .string, values: .bytes(names)),
        Column(type: .int(bits: 32), values: .int32((0..<rowCount).map { Int32($0) })),
      ])
    var options = ParquetWriterOptions()
    options.rowGroupRows = 50_000
    options.pageRows = 500
    return try written([batch], options: options)
  }

  private static func expected(_ row: Int) -> [Scalar] {
    [
      row % 7 == 3 ? .null : .int(noise[row]),
      .list((0..<(row * 31) % 5).map { .int(Int64(Int32(truncatingIfNeeded: noise[row] >> $0))) }),
      .bytes(Array("name-\(row % 900)".utf8)), .int(Int64(row)),
    ]
  }

  private static func rows(
    _ file: ParquetFile, _ rows: Range<Int64>? = nil, where filter: RowFilter? = nil
  ) async throws -> [[Scalar]] {
    var result: [[Scalar]] = []
    for try await batch in file.batches(rows: rows, where: filter) {
      for row in 0..<batch.rowCount { result.append(batch.columns.map { $0.scalar(at: row) }) }
    }
    return result
  }

  @Test("a range of rows is fetched by its pages alone, nested columns too")
  func rangeOfRows() async throws {
    let bytes = try Self.file()
    let source = CountingSource(bytes)
    let file = try await ParquetFile.open(source)
    for rows in [31_000..<31_010, 49_990..<50_020, 99_999..<100_000, 499..<501, 0..<3] {
      source.reset()
      let found = try await Self.rows(file, Int64(rows.lowerBound)..<Int64(rows.upperBound))
      #expect(found == rows.map { Self.expected($0) }, "\(rows)")
      #expect(source.byteCount < bytes.count / 8, "\(rows): \(source.byteCount) of \(bytes.count) bytes")
      #expect(source.requests.count <= 24, "\(rows): \(source.requests.count) requests")
    }
    #expect(try await Self.rows(file).count == Self.rowCount)
  }

  @Test("a filter on one column fetches the pages of all columns that its rows lie in")
  func filtered() async throws {
    let bytes = try Self.file()
    let source = CountingSource(bytes)
    let file = try await ParquetFile.open(source)
    source.reset()
    let filter = RowFilter.or([
      .isAny("row", of: [.int(20), .int(700), .int(30_250)]), .compare("row", .greater, .int(99_700)),
    ])
    let found = try await Self.rows(file, where: filter)
    let wanted = [0..<1_000, 30_000..<30_500, 99_500..<100_000].flatMap { Array($0) }
    #expect(found == wanted.map { Self.expected($0) })
    #expect(source.byteCount < bytes.count / 6, "\(source.byteCount) of \(bytes.count) bytes")
  }

  @Test("any rows in any order of ranges are those that a whole reading gives")
  func anyRows() async throws {
    let file = try await ParquetFile.open(BytesSource(try Self.file()))
    var random = SplitMix64(seed: 21)
    for _ in 0..<40 {
      let start = Int.random(in: 0..<Self.rowCount, using: &random)
      let end = min(Self.rowCount, start + Int.random(in: 0...2_000, using: &random))
      let found = try await Self.rows(file, Int64(start)..<Int64(end))
      #expect(found == (start..<end).map { Self.expected($0) }, "\(start)..<\(end)")
    }
  }

  @Test("a plan names the dictionary and the pages of the wanted rows")
  func plan() throws {
    func page(_ offset: Int64, _ size: Int32, _ row: Int64) -> PageLocation {
      PageLocation(offset: offset, compressedSize: size, firstRow: row)
    }
    let far: Int64 = 1 << 20
    let index = OffsetIndex(pages: [page(50, 40, 0), page(far, 40, 100), page(3 * far, 70, 250)])
    let chunk: Range<Int64> = 4..<4 * far
    func plan(_ rows: Range<Int64>, _ index: OffsetIndex, rowCount: Int64 = 400) -> PagePlan? {
      PagePlan(index, chunk: chunk, rowCount: rowCount, rows: RowRanges(rows))
    }
    let found = try #require(plan(120..<130, index))
    #expect(found.ranges == [4..<50, far..<far + 40])
    #expect(found.hasDictionary(in: chunk))
    #expect([0, 99, 100, 249, 250, 399].map { found.page(ofRow: $0) } == [0, 0, 1, 1, 2, 2])
    #expect([50, far, 3 * far, 51].map { found.rowCount(ofPageAt: $0) } == [100, 150, 150, nil])
    #expect([4, 49, 50, far, far + 39, far + 40].map { found.end(at: $0) } == [50, 50, nil, far + 40, far + 40, nil])
    #expect(plan(99..<251, index)?.ranges == [4..<90, far..<far + 40, 3 * far..<3 * far + 70])
    // Indexes that do not fit the chunk are of no use.
    #expect(plan(0..<1, OffsetIndex(pages: [])) == nil)
    #expect(plan(0..<1, OffsetIndex(pages: [page(50, 40, 1)])) == nil)
    #expect(plan(0..<1, index, rowCount: 250) == nil)
    #expect(plan(0..<1, OffsetIndex(pages: [page(3, 4, 0)])) == nil)
    #expect(plan(0..<1, OffsetIndex(pages: [page(50, 40, 0), page(60, 40, 9)])) == nil)
    #expect(plan(0..<1, OffsetIndex(pages: [page(4 * far - 10, 40, 0)])) == nil)
    #expect(plan(0..<1, OffsetIndex(pages: [page(.max, 40, 0)])) == nil)
  }

  @Test("an offset index that gives pages other numbers of rows than they have leads to an error")
  func lyingIndex() async throws {
    let bytes = try Self.file()
    let sound = try await ParquetFile.open(BytesSource(bytes))
    let section = try #require(sound.metadata.rowGroups[0].columns[0].offsetIndex)
    let range = Int(section.offset)..<Int(section.offset) + Int(try #require(section.length))
    var reader = ThriftReader(Array(bytes[range]), limits: .init())
    var index = try OffsetIndex(from: &reader)
    for page in stride(from: 1, to: index.pages.count, by: 2) { index.pages[page].firstRow += 1 }
    let damaged = index.serialised()
    try #require(damaged.count == range.count)
    let file = try await ParquetFile.open(
      BytesSource(Array(bytes[..<range.lowerBound]) + damaged + Array(bytes[range.upperBound...])))
    let projection = try file.metadata.projection(named: ["number"])
    await #expect(throws: ParquetError.self) {
      for try await _ in file.batches(columns: projection, rows: 30_000..<30_010) {}
    }
    #expect(try await Self.rows(file).count == Self.rowCount)
  }
}
