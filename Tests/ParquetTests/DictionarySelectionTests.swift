import Columnar
import Kernels
import Storage
import Testing

@testable import Parquet

/// Row groups whose dictionaries prove that no row matches are left out.
@Suite struct DictionarySelectionTests {
  /// Row group `g` of four has the wards "ward-0" to "ward-9" without those whose number leaves `g` modulo 4, so that
  /// all have bounds of much the same.
  private static func file(compression: ParquetCompression = .zstd) throws -> [UInt8] {
    var options = ParquetWriterOptions()
    options.compression = compression
    options.rowGroupRows = 5_000
    options.pageRows = 1_000
    var random = SplitMix64(seed: 3)
    var wards = ByteStrings()
    var codes: [Double] = []
    for row in 0..<20_000 {
      let left = (0..<10).filter { $0 == 0 || $0 == 9 || $0 % 4 != row / 5_000 }
      let ward = left[Int.random(in: 0..<left.count, using: &random)]
      wards.append("ward-\(ward)".utf8)
      codes.append(row % 50 == 1 ? .nan : Double(ward) + 0.5)
    }
    let schema = Schema([Field("ward", .string), Field("code", .double)])
    let validity = Bitmap((0..<20_000).map { $0 % 9 != 0 })
    return try written(
      [
        RecordBatch(
          schema: schema,
          columns: [
            Column(type: .string, values: .bytes(wards), validity: validity),
            Column(type: .double, values: .double(codes), validity: validity),
          ])
      ], options: options)
  }

  private static func groups(_ file: ParquetFile, _ filter: RowFilter) async throws -> [Int] {
    var kept: [Int] = []
    for group in file.metadata.rowGroups.indices {
      if !(try await file.rows(group, where: filter)).ranges.isEmpty { kept.append(group) }
    }
    return kept
  }

  private static func ward(_ number: Int) -> Scalar { .bytes(Array("ward-\(number)".utf8)) }

  @Test("only row groups whose dictionaries have a wanted value are kept")
  func selection() async throws {
    let file = try await ParquetFile.open(BytesSource(try Self.file()))
    let cases: [(RowFilter, [Int])] = [
      (.compare("ward", .equal, Self.ward(5)), [0, 2, 3]), (.compare("ward", .equal, Self.ward(6)), [0, 1, 3]),
      (.isAny("ward", of: [Self.ward(5), Self.ward(6)]), [0, 1, 2, 3]),
      (.and([.compare("ward", .equal, Self.ward(5)), .isNotNull("code")]), [0, 2, 3]),
      (.or([.compare("ward", .equal, Self.ward(5)), .isNull("code")]), [0, 1, 2, 3]),
      (.compare("code", .equal, .double(7.5)), [0, 1, 2]), (.compare("code", .equal, .double(7.25)), []),
      (.compare("code", .notEqual, .double(7.5)), [0, 1, 2, 3]),
      // A value of another kind proves nothing.
      (.compare("code", .equal, .int(7)), [0, 1, 2, 3]), (.isNull("ward"), [0, 1, 2, 3]),
    ]
    for (filter, kept) in cases { #expect(try await Self.groups(file, filter) == kept, "\(filter)") }
  }

  @Test("every match is read, and of a row group without one no data page")
  func reading() async throws {
    let bytes = try Self.file(compression: .uncompressed)
    let source = CountingSource(bytes)
    let file = try await ParquetFile.open(source)
    var all = 0
    for try await batch in file.batches() {
      all += (0..<batch.rowCount).count { batch.columns[0].scalar(at: $0) == Self.ward(6) }
    }
    source.reset()
    var found = 0
    for try await batch in file.batches(where: .compare("ward", .equal, Self.ward(6))) {
      found += (0..<batch.rowCount).count { batch.columns[0].scalar(at: $0) == Self.ward(6) }
    }
    #expect(found == all && all > 0)
    for chunk in file.metadata.rowGroups[2].columns {
      let pages = chunk.dataPageOffset..<chunk.dataPageOffset + 100
      #expect(!source.requests.contains { $0.overlaps(pages) })
    }
  }

  @Test("a chunk that left its dictionary on the way is kept")
  func fallback() async throws {
    var options = ParquetWriterOptions()
    options.dictionaryBytes = 8_000
    options.pageRows = 500
    options.writesPageIndex = false
    let numbers = (0..<4_000).map { Int64($0 < 2_000 ? $0 % 100 : $0) * 3 }
    var column = ColumnWriterOptions()
    column.encoding = .rleDictionary
    options.columns["c"] = column
    let bytes = try written([batch(Column(type: .int(bits: 64), values: .int64(numbers)))], options: options)
    let file = try await ParquetFile.open(BytesSource(bytes))
    let chunk = file.metadata.rowGroups[0].columns[0]
    try #require(chunk.encodingStats.contains { $0.pageType == .data && $0.encoding != .rleDictionary })
    #expect(try await Self.groups(file, .compare("c", .equal, .int(3 * 3_999))) == [0])
  }

  @Test("without counts of pages, only the older name of the encoding is proof")
  func oldNames() {
    var chunk = ColumnChunkMetadata()
    chunk.encodings = [.plainDictionary, .rle, .bitPacked]
    #expect(chunk.isWhollyDictionary)
    chunk.encodings = [.plainDictionary, .rle, .plain]
    #expect(!chunk.isWhollyDictionary)
    chunk.encodings = [.rleDictionary, .rle, .plain]
    #expect(!chunk.isWhollyDictionary)
    chunk.encodingStats = [
      PageEncodingStats(pageType: .dictionary, encoding: .plain, count: 1),
      PageEncodingStats(pageType: .dataV2, encoding: .rleDictionary, count: 3),
    ]
    #expect(chunk.isWhollyDictionary)
    chunk.encodingStats.append(PageEncodingStats(pageType: .dataV2, encoding: .plain, count: 1))
    #expect(!chunk.isWhollyDictionary)
  }

  @Test("a damaged dictionary proves nothing and is told of when rows are read")
  func damage() async throws {
    var bytes = try Self.file()
    let sound = try await ParquetFile.open(BytesSource(bytes))
    let chunk = sound.metadata.rowGroups[1].columns[0]
    for at in Int(chunk.dataPageOffset) - 12..<Int(chunk.dataPageOffset) { bytes[at] ^= 0xFF }
    let file = try await ParquetFile.open(BytesSource(bytes))
    let filter = RowFilter.compare("ward", .equal, Self.ward(5))
    #expect(try await Self.groups(file, filter) == [0, 1, 2, 3])
    await #expect(throws: ParquetError.self) { for try await _ in file.batches(where: filter) {} }
  }
}
