import Columnar
import Kernels
import Storage
import Testing

@testable import Parquet

/// What the writer chooses, what it can be told, and what it does after an error.
@Suite struct WriterOptionsTests {
  private func encodings(_ file: [UInt8]) async throws -> [ParquetEncoding] {
    try await ParquetFile.open(BytesSource(file)).pages(rowGroup: 0, column: 0).filter { $0.type != .dictionary }
      .map(\.encoding)
  }

  @Test("the encoding follows the data")
  func chooser() async throws {
    var random = SplitMix64(seed: 11)
    let count = 20_000
    let times = (0..<count).map { Int64($0) * 1_000 + Int64(random.next() % 50) }
    let few = (0..<count).map { _ in Int64(random.next() % 100) * 1_000_003 }
    let noise = (0..<count).map { _ in Int64(bitPattern: random.next()) }
    #expect(
      try await encodings(written([batch(Column(type: .int(bits: 64), values: .int64(times)))])) == [.deltaBinaryPacked]
    )
    #expect(
      try await encodings(written([batch(Column(type: .int(bits: 64), values: .int64(few)))])) == [.rleDictionary])
    #expect(try await encodings(written([batch(Column(type: .int(bits: 64), values: .int64(noise)))])) == [.plain])
    var options = ParquetWriterOptions()
    options.compression = .zstd
    let smooth = (0..<count).map { 36.5 + Double($0) / 1e7 + Double(random.next() % 1_000) / 1e9 }
    let floats = batch(Column(type: .double, values: .double(smooth)))
    // Apache Spark's vectorised reader refuses the streams, so they are not chosen unasked.
    #expect(try await encodings(written([floats], options: options)) == [.plain])
    options.triesByteStreamSplit = true
    #expect(try await encodings(written([floats], options: options)) == [.byteStreamSplit])
    let tenths = (0..<count).map { _ in 36 + Double(random.next() % 30) / 10 }
    let decimals = try written([batch(Column(type: .double, values: .double(tenths)))], options: options)
    #expect(try await encodings(decimals) == [.rleDictionary])
  }

  /// Entries were once charged to the first page alone, so that longer and larger encodings won.
  @Test("a dictionary that later pages will share is chosen on a full first page")
  func sharedDictionary() async throws {
    var random = SplitMix64(seed: 13)
    let words = (0..<10_000).map { Array("word-\(String($0 * 7_919 % 10_000 + 10_000))-\(random.next() % 1_000)".utf8) }
    func file(_ count: Int) throws -> [UInt8] {
      var texts = ByteStrings()
      for _ in 0..<count { texts.append(words[Int(random.next() % 10_000)]) }
      return try written([batch(Column(type: .string, values: .bytes(texts)))])
    }
    #expect(Set(try await encodings(file(200_000))) == [.rleDictionary])
    // Of values that do not repeat, no page shares anything.
    let noise = (0..<200_000).map { _ in Int64(bitPattern: random.next()) }
    let unique = Column(type: .int(bits: 64), values: .int64(noise))
    #expect(Set(try await encodings(written([batch(unique)]))) == [.plain])
  }

  @Test("a chunk that compression does not shrink is stored as it is")
  func compressionThatPays() async throws {
    var random = SplitMix64(seed: 12)
    let noise = Column(type: .int(bits: 64), values: .int64((0..<9_000).map { _ in Int64(bitPattern: random.next()) }))
    var options = ParquetWriterOptions()
    options.compression = .zstd
    func codec() async throws -> ParquetCompression? {
      let file = try written([batch(noise)], options: options)
      #expect(try await rows(file, column: 0) == exactRows(noise))
      return try await ParquetFile.open(BytesSource(file)).metadata.rowGroups[0].columns[0].codec
    }
    #expect(try await codec() == .uncompressed)
    options.compressesAlways = true
    #expect(try await codec() == .zstd)
  }

  @Test("each encoding that a type allows can be asked for, in both versions of pages")
  func explicitEncodings() async throws {
    for (index, type) in RandomColumns.types.enumerated() where type != .null {
      var random = RandomColumns(seed: UInt64(index))
      let column = random.column(type, count: 700, distinct: 40, nulls: 3)
      var writer = try ParquetWriter(schema: Schema([Field("c", type)]))
      try writer.write(batch(column))
      let physical = try writer.finish().columns[0].physicalType
      for encoding in ChunkSettings.encodings(of: physical) {
        for version in [DataPageVersion.v1, .v2] {
          var options = ParquetWriterOptions()
          options.dataPageVersion = version
          options.pageRows = 300
          options.compression = .zstd
          var own = ColumnWriterOptions()
          own.encoding = encoding
          options.columns["c"] = own
          let file = try written([batch(column)], options: options)
          #expect(try await rows(file, column: 0) == exactRows(column), "\(type) in \(encoding), \(version)")
          #expect(try await encodings(file).allSatisfy { $0 == encoding }, "\(type) in \(encoding), \(version)")
        }
      }
    }
  }

  @Test("settings that make no sense are refused before anything is written")
  func refusals() throws {
    let schema = Schema([Field("c", .boolean)])
    func error(_ change: (inout ParquetWriterOptions) -> Void) -> ParquetError.Code? {
      var options = ParquetWriterOptions()
      change(&options)
      do throws(ParquetError) {
        var writer = try ParquetWriter(schema: schema, options: options)
        try writer.write(batch(Column(type: .boolean, values: .boolean(Bitmap([true])))))
        return nil
      } catch { return error.code }
    }
    #expect(error { _ in } == nil)
    #expect(error { $0.columns["d"] = ColumnWriterOptions() } == .invalidParameter)
    #expect(
      error {
        var own = ColumnWriterOptions()
        own.encoding = .byteStreamSplit
        $0.columns["c"] = own
      } == .invalidParameter)
    #expect(
      error {
        var own = ColumnWriterOptions()
        own.bloomFilterFalsePositives = 1.5
        $0.columns["c"] = own
      } == .invalidParameter)
    #expect(error { $0.compression = .lzo } == .notSupported)
    #expect(error { $0.rowGroupBytes = 0 } == .invalidParameter)
    #expect(
      error { $0.sortingColumns = [SortingColumn(column: 1, isDescending: false, nullsFirst: false)] }
        == .invalidParameter)
  }

  @Test("a writer that failed gives no footer")
  func failure() throws {
    let schema = Schema([Field("a", .int(bits: 32), isNullable: false), Field("b", .int(bits: 32), isNullable: false)])
    let good = Column(type: .int(bits: 32), values: .int32([1, 2]))
    let bad = Column(type: .int(bits: 32), values: .int32([1, 2]), validity: Bitmap([true, false]))
    var writer = try ParquetWriter(schema: schema)
    try writer.write(RecordBatch(schema: schema, columns: [good, good]))
    #expect(throws: ParquetError.self) { try writer.write(RecordBatch(schema: schema, columns: [good, bad])) }
    #expect(throws: ParquetError.self) { try writer.finish() }
    #expect(throws: ParquetError.self) { try writer.write(RecordBatch(schema: schema, columns: [good, good])) }
    #expect(writer.takeOutput() == Array("PAR1".utf8))
  }

  @Test("row groups end by bytes too")
  func rowGroupBytes() async throws {
    var random = SplitMix64(seed: 13)
    var options = ParquetWriterOptions()
    options.rowGroupBytes = 100_000
    let numbers = (0..<300_000).map { _ in Int64(bitPattern: random.next()) }
    let file = try written([batch(Column(type: .int(bits: 64), values: .int64(numbers)))], options: options)
    let groups = try await ParquetFile.open(BytesSource(file)).metadata.rowGroups
    #expect(groups.map(\.rowCount) == [65_536, 65_536, 65_536, 65_536, 37_856])
    #expect(groups.map(\.ordinal) == [0, 1, 2, 3, 4])
  }

  @Test("notes and sort order are kept")
  func notes() async throws {
    var options = ParquetWriterOptions()
    options.keyValueMetadata = [("a", "1"), ("b", nil)]
    options.sortingColumns = [SortingColumn(column: 0, isDescending: true, nullsFirst: true)]
    var own = ColumnWriterOptions()
    own.keyValueMetadata = [("unit", "mmHg")]
    options.columns["c"] = own
    let file = try written([batch(Column(type: .int(bits: 32), values: .int32([2, 1])))], options: options)
    let metadata = try await ParquetFile.open(BytesSource(file)).metadata
    #expect(metadata.note("a") == "1" && metadata.keyValueMetadata.map { $0.key } == ["a", "b"])
    // Apache Spark fails on a note without a value.
    #expect(metadata.keyValueMetadata[1].value == "")
    #expect(metadata.rowGroups[0].sortingColumns == options.sortingColumns)
    #expect(metadata.rowGroups[0].columns[0].keyValueMetadata.map { $0.value } == ["mmHg"])
  }

  @Test("a row group ends where its writer says, and never without rows")
  func rowGroupEnds() async throws {
    let rows = { (range: Range<Int64>) in batch(Column(type: .int(bits: 64), values: .int64(Array(range)))) }
    var writer = try ParquetWriter(schema: rows(0..<1).schema)
    try writer.endRowGroup()
    for range in [0..<10, 10..<15, 15..<400] as [Range<Int64>] {
      try writer.write(rows(range))
      if range.lowerBound != 0 { try writer.endRowGroup() }
      if range.lowerBound == 10 { try writer.endRowGroup() }
    }
    let metadata = try writer.finish()
    #expect(metadata.rowGroups.map(\.rowCount) == [15, 385])
    let file = try await ParquetFile.open(BytesSource(writer.takeOutput()))
    #expect(try await file.read(rowGroup: 1).columns[0].values == .int64(Array(15..<400)))
    #expect(throws: ParquetError.self) { try writer.endRowGroup() }
  }
}
