import Columnar
import Parquet
import Storage
import Testing

/// The examples of the documentation, as they stand there.
@Suite struct DocumentationTests {
  private var batch: RecordBatch {
    var names = ByteStrings()
    for name in ["a", "b", "a"] { names.append(name.utf8) }
    return RecordBatch(
      schema: Schema([Field("pulse", .int(bits: 32)), Field("name", .string)]),
      columns: [
        Column(type: .int(bits: 32), values: .int32([60, 0, 71]), validity: Bitmap([true, false, true])),
        Column(type: .string, values: .bytes(names)),
      ])
  }

  @Test("the landing page: write, open, read in batches")
  func landingPage() async throws {
    let batch = RecordBatch(["name": Column(strings: ["a", "b"]), "pulse": Column(doubles: [72, nil])])
    var writer = try ParquetWriter(schema: batch.schema)
    try writer.write(batch)
    _ = try writer.finish()
    let bytes = writer.takeOutput()

    let file = try await ParquetFile.open(BytesSource(bytes))
    var rows = 0
    var nulls = 0
    for try await batch in file.batches() {
      rows += batch.rowCount
      if let pulse = batch.column("pulse") { nulls += pulse.nullCount }
    }
    #expect(rows == 2 && nulls == 1)
    #expect(file.metadata.statistics(ofColumn: 1).max == .double(72))
  }

  @Test("settings: codec, order, Bloom filter")
  func settings() async throws {
    var options = ParquetWriterOptions()
    options.compression = .zstd
    options.sortingColumns = [SortingColumn(column: 0, isDescending: false, nullsFirst: false)]
    var name = ColumnWriterOptions()
    name.bloomFilterFalsePositives = 0.01
    options.columns["name"] = name
    var writer = try ParquetWriter(schema: batch.schema, options: options)
    try writer.write(batch)
    let metadata = try writer.finish()
    #expect(metadata.rowGroups[0].columns[1].bloomFilter != nil)
    #expect(metadata.rowGroups[0].columns[0].bloomFilter == nil)
  }

  @Test("reading: a file of a store, what it says of itself, a filter")
  func reading() async throws {
    let store = MemoryFileStore()
    var writer = try ParquetWriter(schema: batch.schema)
    try writer.write(batch)
    _ = try writer.finish()
    _ = try await store.create("part-0.parquet", writer.takeOutput())
    var counts: [Int] = []
    func print(_ count: Int) { counts.append(count) }
    let file = try await ParquetFile.open(store.open("part-0.parquet"))
    let schema = file.metadata.schema
    let highest = file.metadata.statistics(ofColumn: 0).max
    #expect(schema == batch.schema && highest == .int(71))
    for try await batch in file.batches() {
      if let pulse = batch.column("pulse") { print(pulse.nullCount) }
    }
    let filter = RowFilter.compare("ward", .equal, .bytes(Array("X2".utf8)))
    for try await batch in file.batches(rows: 0..<1_000_000, where: filter) { print(batch.rowCount) }
    // A column that the file does not have leaves nothing out.
    #expect(counts == [1, 3])
  }

  @Test("the landing page's loop")
  func loop() async throws {
    var writer = try ParquetWriter(schema: batch.schema)
    try writer.write(batch)
    let metadata = try writer.finish()
    let bytes = writer.takeOutput()
    var counts: [Int] = []
    func print(_ count: Int) { counts.append(count) }
    let file = try await ParquetFile.open(BytesSource(bytes))
    for try await batch in file.batches() {
      print(batch.rowCount)
    }
    #expect(counts == [3] && metadata.rowCount == 3)
  }
}
