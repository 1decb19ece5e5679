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
    #expect(rows == 3 && nulls == 1)
    #expect(file.metadata.statistics(ofColumn: 0).max == .int(71))
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
}
