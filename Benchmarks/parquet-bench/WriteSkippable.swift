import ArgumentParser
import Columnar
import Parquet
import Storage

/// Writes one file in which a reader has much to skip.
struct WriteSkippable: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "skippable", abstract: "Write skippable.file: rows by rising time, and names with a Bloom filter.")

  @Option(help: "The folder, which must exist.")
  var folder: String

  func run() async throws {
    let rows = 100_000
    var names = ByteStrings()
    // Every name is even, so that odd ones lie within the bounds and only the filter knows.
    for row in 0..<rows { names.append("name-\(1_000_000 + row * 7_919 % 100_000 * 2)".utf8) }
    let schema = Schema([Field("time", .int(bits: 64), isNullable: false), Field("name", .string, isNullable: false)])
    let batch = RecordBatch(
      schema: schema,
      columns: [
        Column(type: .int(bits: 64), values: .int64((0..<rows).map { Int64($0) * 10 })),
        Column(type: .string, values: .bytes(names)),
      ])
    var options = ParquetWriterOptions()
    options.rowGroupRows = 25_000
    options.pageRows = 1_000
    var name = ColumnWriterOptions()
    name.bloomFilterFalsePositives = 0.001
    options.columns["name"] = name
    options.sortingColumns = [SortingColumn(column: 0, isDescending: false, nullsFirst: false)]
    var writer = try ParquetWriter(schema: schema, options: options)
    try writer.write(batch)
    _ = try writer.finish()
    _ = try await LocalFileStore(root: folder).create("skippable.file", writer.takeOutput())
  }
}
