import Columnar
import Compression
import Storage
import Testing

@testable import Parquet

/// Pages that no writer at hand makes, and pages that are wrong.
@Suite struct HandmadePageTests {
  private static func element(_ physical: PhysicalType, _ repetition: Repetition = .required) -> SchemaElement {
    var element = SchemaElement(name: "c")
    element.physicalType = physical
    element.repetition = repetition
    return element
  }

  private static func file(
    _ element: SchemaElement, rows: Int, codec: ParquetCompression = .uncompressed,
    pages: [(header: PageHeader, body: [UInt8])]
  ) -> [UInt8] {
    var file = HandmadeFile(fields: [[element]])
    file.addChunk(element.physicalType ?? .int32, codec: codec, pages: pages)
    file.addRowGroup(rows: rows)
    return file.finished()
  }

  private static func read(_ bytes: [UInt8], options: ReadOptions = .init(), limits: ReaderLimits = .init())
    async throws
    -> [Scalar]
  {
    let file = try await ParquetFile.open(BytesSource(bytes), limits: limits)
    var rows: [Scalar] = []
    for try await batch in file.batches(options: options) {
      rows += (0..<batch.rowCount).map { batch.columns[0].scalar(at: $0) }
    }
    return rows
  }

  private static func header(_ count: Int, _ encoding: ParquetEncoding = .plain) -> PageHeader {
    var header = PageHeader()
    header.valueCount = count
    header.encoding = encoding
    return header
  }

  @Test("booleans out of a dictionary, and in runs")
  func booleans() async throws {
    var dictionary = Self.header(2)
    dictionary.type = .dictionary
    // Two entries, false and true; codes of one bit: 1 0 1 1.
    let codes = Self.file(
      Self.element(.boolean), rows: 4,
      pages: [(dictionary, [0b10]), (Self.header(4, .rleDictionary), [1, 0x03, 0b1101])])
    #expect(try await Self.read(codes) == [true, false, true, true].map { .boolean($0) })
    let runs = Self.file(
      Self.element(.boolean), rows: 10, pages: [(Self.header(10, .rle), [2, 0, 0, 0, 20, 1])])
    #expect(try await Self.read(runs) == Array(repeating: .boolean(true), count: 10))
  }

  @Test("definition levels in the deprecated packing")
  func bitPackedLevels() async throws {
    var header = Self.header(10)
    header.definitionEncoding = .bitPacked
    // Ten rows, the third null.
    let file = Self.file(
      Self.element(.int32, .optional), rows: 10, pages: [(header, [0b1101_1111, 0b1100_0000] + plainBytes(0..<9))])
    let expected: [Scalar] = [.int(0), .int(1), .null] + (2..<9).map { .int($0) }
    #expect(try await Self.read(file) == expected)
  }

  @Test("a page that differs from its checksum is an error, unless checksums are left alone")
  func checksums() async throws {
    var bytes = Self.file(Self.element(.int32), rows: 3, pages: [(Self.header(3), plainBytes([1, 2, 3]))])
    let place = try #require(bytes.indices.first { Array(bytes[$0...].prefix(4)) == [2, 0, 0, 0] })
    bytes[place] = 9
    await #expect {
      try await Self.read(bytes)
    } throws: { error in
      let error = error as? ParquetError
      return error?.code == .outOfSpec && error?.rowGroup == 0 && error?.column == "c" && error?.page == 0
        && error?.offset == 4
    }
    var options = ReadOptions()
    options.verifiesChecksums = false
    #expect(try await Self.read(bytes, options: options) == [.int(1), .int(9), .int(3)])
  }

  @Test("LZO, ALP and unknown encodings are refused by name")
  func refusals() async throws {
    let page = (Self.header(1), plainBytes([1]))
    await #expect {
      try await Self.read(Self.file(Self.element(.int32), rows: 1, codec: .lzo, pages: [page]))
    } throws: {
      ($0 as? ParquetError)?.code == .notSupported && "\($0)".contains("LZO")
    }
    await #expect {
      let alp = (Self.header(1, .alp), plainBytes([1]))
      return try await Self.read(Self.file(Self.element(.float), rows: 1, pages: [alp]))
    } throws: {
      ($0 as? ParquetError)?.code == .notSupported && "\($0)".contains("ALP")
    }
  }

  @Test("declared sizes beyond the limits are refused before anything is allocated")
  func limits() async throws {
    let file = Self.file(Self.element(.int32), rows: 8, pages: [(Self.header(8), plainBytes(0..<8))])
    func code(_ change: (inout ReaderLimits) -> Void) async -> ParquetError.Code? {
      var limits = ReaderLimits()
      change(&limits)
      do {
        _ = try await Self.read(file, limits: limits)
        return nil
      } catch {
        return (error as? ParquetError)?.code
      }
    }
    #expect(await code { _ in } == nil)
    #expect(await code { $0.pageBytes = 31 } == .wouldOverAllocate)
    #expect(await code { $0.valuesPerPage = 7 } == .wouldOverAllocate)
    #expect(await code { $0.pagesPerChunk = 0 } == .wouldOverAllocate)
    #expect(await code { $0.decodedBatchBytes = 31 } == .wouldOverAllocate)
    #expect(await code { $0.footerBytes = 10 } == .wouldOverAllocate)
    #expect(await code { $0.chunkBytes = 10 } == .wouldOverAllocate)
  }

  @Test("counts that contradict each other are errors")
  func counts() async {
    for (rows, values) in [(7, 8), (9, 8)] {
      let file = Self.file(Self.element(.int32), rows: rows, pages: [(Self.header(values), plainBytes(0..<8))])
      await #expect(throws: ParquetError.self) { try await Self.read(file) }
    }
  }

  /// Row groups that no row can match are left out; those that may match stay.
  @Test("row groups are chosen by their statistics")
  func filters() throws {
    var statistics = ColumnStatistics()
    (statistics.min, statistics.max, statistics.nullCount) = (.int(10), .int(20), 0)
    let known = KnownValues(statistics: statistics, count: 5, order: .signed)
    func may(_ comparison: RowFilter.Comparison, _ value: Scalar) -> Bool {
      RowFilter.compare("c", comparison, value).mayMatch { _ in known }
    }
    #expect([9, 10, 20, 21].map { may(.equal, .int($0)) } == [false, true, true, false])
    #expect([10, 11].map { may(.less, .int($0)) } == [false, true])
    #expect([9, 10].map { may(.lessOrEqual, .int($0)) } == [false, true])
    #expect([20, 19].map { may(.greater, .int($0)) } == [false, true])
    #expect([21, 20].map { may(.greaterOrEqual, .int($0)) } == [false, true])
    #expect(may(.equal, .double(3)), "values of another kind leave nothing out")
    #expect(!RowFilter.isNull("c").mayMatch { _ in known })
    #expect(RowFilter.isNull("c").mayMatch { _ in nil })
    let outside = RowFilter.compare("c", .equal, .int(1))
    #expect(!RowFilter.and([.isNotNull("c"), outside]).mayMatch { _ in known })
    #expect(RowFilter.or([.isNotNull("c"), outside]).mayMatch { _ in known })
    #expect(!RowFilter.isAny("c", of: [.int(1), .int(30)]).mayMatch { _ in known })
    statistics.nullCount = 5
    let empty = KnownValues(statistics: statistics, count: 5, order: .signed)
    #expect(!RowFilter.compare("c", .equal, .int(15)).mayMatch { _ in empty })
    #expect(!RowFilter.isNotNull("c").mayMatch { _ in empty })
  }
}
