internal import Columnar
internal import Parquet

/// `COPY (…) TO 'file.parquet' (OVERWRITE, COMPRESSION zstd, ROW_GROUP_SIZE 100000)`.
struct CopyTarget {
  let location: String
  private(set) var replaces = false
  private(set) var writing = ParquetWriterOptions()

  init(_ location: String, _ options: [(String, String)], _ range: Range<Int>) throws(QueryError) {
    self.location = location
    var format = location.lowercased().hasSuffix(".csv") || location.lowercased().hasSuffix(".json") ? "" : "parquet"
    for (key, value) in options {
      let value = value.lowercased()
      switch key {
      case "format": format = value
      case "overwrite", "overwrite_or_ignore": replaces = try Self.flag(key, value, range)
      case "compression", "codec":
        guard let codec = Self.codecs[value] else {
          let known = Self.codecs.keys.sorted().joined(separator: ", ")
          throw QueryError(.binding, "the compression is one of \(known)", at: range)
        }
        writing.compression = codec
      case "row_group_size":
        guard let rows = Int(value), (1...1 << 24).contains(rows) else {
          throw QueryError(.binding, "ROW_GROUP_SIZE takes a number of rows up to \(1 << 24)", at: range)
        }
        writing.rowGroupRows = rows
      default: throw QueryError(.notSupported, "the option \(key) of COPY", at: range)
      }
    }
    guard format == "parquet" else { throw QueryError(.notSupported, "COPY to other files than Parquet", at: range) }
  }

  private static let codecs: [String: ParquetCompression] = [
    "uncompressed": .uncompressed, "none": .uncompressed, "snappy": .snappy, "gzip": .gzip, "zstd": .zstd,
    "lz4": .lz4Raw, "lz4_raw": .lz4Raw,
  ]

  private static func flag(_ key: String, _ value: String, _ range: Range<Int>) throws(QueryError) -> Bool {
    switch value {
    case "true", "1", "on": return true
    case "false", "0", "off": return false
    default: throw QueryError(.binding, "\(key.uppercased()) is true or false", at: range)
    }
  }
}

/// Writes the rows of a query to a Parquet file, batch after batch: what is in memory is the row group at hand.
struct CopyWriter {
  private let file: any ResultFile
  private var writer: ParquetWriter
  private(set) var rowCount: Int64 = 0

  init(_ target: CopyTarget, _ schema: Schema, _ catalog: any TableCatalog) async throws {
    var seen: Set<String> = []
    for field in schema.fields where !seen.insert(field.name).inserted {
      throw QueryError(.binding, "two columns of the file would be called \"\(field.name)\" – give one an alias")
    }
    writer = try ParquetWriter(schema: schema, options: target.writing)
    file = try await catalog.newFile(at: target.location, replaces: target.replaces)
  }

  mutating func write(_ batch: RecordBatch) async throws {
    try writer.write(batch)
    rowCount += Int64(batch.rowCount)
    let bytes = writer.takeOutput()
    if !bytes.isEmpty { try await file.write(bytes) }
  }

  mutating func finish() async throws {
    _ = try writer.finish()
    try await file.write(writer.takeOutput())
    try await file.finish()
  }

  func discard() async { await file.discard() }
}
