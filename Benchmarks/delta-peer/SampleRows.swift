import Columnar
import Delta
import Parquet
import Storage

/// Rows that follow from their numbers alone, so that others can tell them apart from wrong ones.
struct SampleRows: Sendable {
  let first: Int64
  let count: Int
  let isWide: Bool

  /// The number behind the last.
  var next: Int64 { first + Int64(count) }

  /// The day of all rows of a file.
  var day: String { "2026-01-\(first % 28 + 1 < 10 ? "0" : "")\(first % 28 + 1)" }

  static func schema(isWide: Bool) -> Schema {
    Schema(
      [
        Field("id", .int(bits: 64)), Field("value", .double), Field("note", .string),
        Field("at", .timestamp(unit: .microseconds, isAdjustedToUTC: true)), Field("day", .date),
      ] + (isWide ? [Field("extra", .int(bits: 64))] : []))
  }

  /// Writes the rows as a file of the table.
  func write(to store: any FileStore) async throws -> AddFile {
    var writer = try ParquetWriter(schema: Schema(Self.schema(isWide: isWide).fields.filter { $0.name != "day" }))
    try writer.write(batch(writer.schema))
    let metadata = try writer.finish()
    let bytes = writer.takeOutput()
    let path = "day=\(day)/rows-\(first) ä.parquet"
    _ = try await store.create(path, bytes)
    return AddFile(
      path: PathText.encode(path), partitionValues: ["day": day], size: Int64(bytes.count),
      modificationTime: try await store.status(path)?.modificationTime ?? 0, stats: FileStatistics.text(metadata),
      tags: ["first": String(first)])
  }

  private func batch(_ schema: Schema) -> RecordBatch {
    let ids = (first..<next).map { $0 }
    var notes = ByteStrings()
    for id in ids { notes.append("note \"\(id)\" é".utf8) }
    let odd = Bitmap(ids.map { $0 % 3 != 0 })
    let columns = [
      Column(type: .int(bits: 64), values: .int64(ids)),
      Column(type: .double, values: .double(ids.map { Double($0) / 4 }), validity: odd),
      Column(type: .string, values: .bytes(notes)),
      Column(
        type: .timestamp(unit: .microseconds, isAdjustedToUTC: true),
        values: .int64(ids.map { 1_767_225_600_000_000 + $0 * 1_001 })),
      Column(type: .int(bits: 64), values: .int64(ids.map { $0 * 2 })),
    ]
    return RecordBatch(schema: schema, columns: Array(columns.prefix(schema.fields.count)))
  }

  /// How many rows a table has, and the sum of their ids.
  static func total(of table: DeltaTable) async throws -> (rows: Int64, sum: Int64) {
    var rows: Int64 = 0
    var sum: Int64 = 0
    for file in table.snapshot.files {
      guard let path = PathText.decode(file.path) else { continue }
      let parquet = try await ParquetFile.open(try await table.store.open(path))
      for try await batch in parquet.batches(columns: try parquet.metadata.projection(named: ["id"])) {
        rows += Int64(batch.rowCount)
        if case .int64(let values) = batch.columns[0].values { sum += values.reduce(0, +) }
      }
    }
    return (rows, sum)
  }
}
