import Columnar
import Storage
import Testing

@testable import Parquet

/// Page index, Bloom filter, sizes and notes: what the writer says beside the values.
@Suite struct PageIndexTests {
  private func section(_ file: [UInt8], _ section: FileSection?) throws -> [UInt8] {
    let section = try #require(section)
    return Array(file[Int(section.offset)..<Int(section.offset) + Int(try #require(section.length))])
  }

  private func indexes(
    _ file: [UInt8], _ column: Int = 0
  ) async throws -> (offset: OffsetIndex, column: ColumnIndex?, pages: [PageInfo]) {
    let opened = try await ParquetFile.open(BytesSource(file))
    let chunk = opened.metadata.rowGroups[0].columns[column]
    var reader = ThriftReader(try section(file, chunk.offsetIndex), limits: ReaderLimits())
    let offset = try OffsetIndex(from: &reader)
    var index: ColumnIndex?
    if let place = chunk.columnIndex {
      var reader = ThriftReader(try section(file, place), limits: ReaderLimits())
      index = try ColumnIndex(from: &reader)
    }
    let pages = try await opened.pages(rowGroup: 0, column: column).filter { $0.type != .dictionary }
    return (offset, index, pages)
  }

  @Test("each page has its place, bounds and counts")
  func pages() async throws {
    var options = ParquetWriterOptions()
    options.pageRows = 3
    let column = Column(
      type: .int(bits: 32), values: .int32([1, 2, 3, 0, 0, 0, 5, 4, 0]),
      validity: Bitmap([true, true, true, false, false, false, true, true, false]))
    let file = try written([batch(column)], options: options)
    let (offset, index, pages) = try await indexes(file)
    #expect(offset.pages.map(\.firstRow) == [0, 3, 6])
    #expect(offset.pages.map(\.offset) == pages.map(\.offset))
    #expect(offset.pages.map { Int($0.compressedSize) } == pages.map { $0.headerSize + $0.compressedSize })
    let found = try #require(index)
    #expect(found.nullPages == [false, true, false])
    #expect(found.minValues == [[1, 0, 0, 0], [], [4, 0, 0, 0]])
    #expect(found.maxValues == [[3, 0, 0, 0], [], [5, 0, 0, 0]])
    #expect(found.nullCounts == [0, 3, 1])
    #expect(found.boundaryOrder == .ascending)
  }

  @Test("pages of a nested column start where rows start")
  func nestedPages() async throws {
    var options = ParquetWriterOptions()
    options.pageRows = 2
    let items = Column(type: .int(bits: 32), values: .int32((0..<50).map { 50 - $0 }))
    let type = DataType.list(Field("element", .int(bits: 32)))
    let column = Column(type: type, values: .list(offsets: [0, 20, 20, 21, 40, 50], items: items))
    let file = try written([batch(column)], options: options)
    let (offset, index, pages) = try await indexes(file)
    #expect(offset.pages.map(\.firstRow) == [0, 2, 4])
    #expect(pages.map(\.valueCount) == [21, 20, 10])
    #expect(index?.boundaryOrder == .descending)
    #expect(index?.repetitionLevelHistograms == [2, 19, 2, 18, 1, 9])
    let chunk = try await ParquetFile.open(BytesSource(file)).metadata.rowGroups[0].columns[0]
    #expect(chunk.sizeStatistics?.repetitionLevelHistogram == [5, 46])
    #expect(chunk.sizeStatistics?.definitionLevelHistogram == [0, 1, 0, 50])
  }

  @Test("a page of NaN alone has no bounds, and the column no index of them")
  func nanPages() async throws {
    var options = ParquetWriterOptions()
    options.pageRows = 2
    let column = Column(type: .double, values: .double([1, 2, .nan, .nan]))
    let file = try written([batch(column)], options: options)
    #expect(try await indexes(file).column == nil)
    let chunk = try await ParquetFile.open(BytesSource(file)).metadata.rowGroups[0].columns[0]
    #expect(chunk.statistics.nanCount == 2 && chunk.statistics.min == .double(1))
  }

  @Test("the worked examples of the indexes")
  func examples() {
    let offset = OffsetIndex(pages: [PageLocation(offset: 4, compressedSize: 20, firstRow: 0)])
    #expect(offset.serialised() == [0x19, 0x1C, 0x16, 8, 0x15, 40, 0x16, 0, 0, 0])
    var index = ColumnIndex()
    index.nullPages = [false, true]
    index.minValues = [[1, 0, 0, 0], []]
    index.maxValues = [[2, 0, 0, 0], []]
    index.boundaryOrder = .ascending
    #expect(
      index.serialised()
        == [0x19, 0x21, 2, 1, 0x19, 0x28, 4, 1, 0, 0, 0, 0, 0x19, 0x28, 4, 2, 0, 0, 0, 0, 0x15, 2, 0])
  }

  /// A file of a test of parquet-mr, whose pages have no statistics, says so, and lost all its rows to any filter.
  @Test("an index that calls pages null where no value may be is not believed", arguments: [true, false])
  func nullWhereNoneMayBe(isNullable: Bool) throws {
    let schema = Schema([Field("c", .int(bits: 32), isNullable: isNullable)])
    var writer = try ParquetWriter(schema: schema)
    try writer.write(
      RecordBatch(schema: schema, columns: [Column(type: .int(bits: 32), values: .int32([1, 2, 3]))]))
    let metadata = try writer.finish()
    var index = ColumnIndex()
    index.nullPages = [true]
    index.minValues = [[]]
    index.maxValues = [[]]
    let column = metadata.columns[0]
    let bounds = PageBounds(
      index, OffsetIndex(pages: [PageLocation(offset: 4, compressedSize: 20, firstRow: 0)]), column,
      metadata.schemaElements[column.elementIndex], order: .typeDefined, rowCount: 3)
    #expect((bounds == nil) == !isNullable)
  }

  @Test("a Bloom filter finds all that is there and little that is not")
  func bloomFilter() async throws {
    var options = ParquetWriterOptions()
    var own = ColumnWriterOptions()
    own.bloomFilterFalsePositives = 0.01
    options.columns["c"] = own
    let column = Column(type: .int(bits: 64), values: .int64((0..<20_000).map { $0 * 3 }))
    let file = try written([batch(column)], options: options)
    let chunk = try await ParquetFile.open(BytesSource(file)).metadata.rowGroups[0].columns[0]
    let filter = try BloomFilter(try section(file, chunk.bloomFilter))
    func mayContain(_ value: Int64) -> Bool {
      filter.mayContain(hash: BloomFilter.hash(plain: withUnsafeBytes(of: value.littleEndian) { Array($0) }))
    }
    #expect((0..<20_000).allSatisfy { mayContain($0 * 3) })
    let wrong = (0..<20_000).count { mayContain($0 * 3 + 1) }
    #expect(wrong < 400, "a share of \(Double(wrong) / 20_000)")
  }

  @Test("the header of a Bloom filter, and headers that are refused")
  func bloomHeader() throws {
    let filter = BloomFilter(distinctValues: 1, falsePositives: 0.5)
    let bytes = filter.serialised()
    #expect(bytes.prefix(15) == [0x15, 64, 0x1C, 0x1C, 0, 0, 0x1C, 0x1C, 0, 0, 0x1C, 0x1C, 0, 0, 0])
    #expect(try BloomFilter(bytes) == filter)
    #expect(throws: ParquetError.self) { try BloomFilter(Array(bytes.dropLast())) }
    #expect(throws: ParquetError.self) { try BloomFilter([0x15, 64, 0]) }
    #expect(throws: ParquetError.self) { try BloomFilter([]) }
  }
}
