internal import Columnar
internal import Parquet

/// `COPY (…) TO 'file.parquet' (OVERWRITE, COMPRESSION zstd, ROW_GROUP_SIZE 100000)`, or
/// `COPY (…) TO 'file.csv' (HEADER false, DELIMITER ';')`.
struct CopyTarget {
  let location: String
  private(set) var replaces = false
  private(set) var writing = ParquetWriterOptions()
  /// How CSV is written; `nil` for Parquet.
  private(set) var csv: CSVOutput.Style?

  init(_ location: String, _ options: [(String, String)], _ range: Range<Int>) throws(QueryError) {
    self.location = location
    let endings = [".csv": "csv", ".tsv": "tsv", ".json": "json", ".ndjson": "json"]
    var format = endings.first { location.lowercased().hasSuffix($0.key) }?.value ?? "parquet"
    if let named = options.last(where: { $0.0 == "format" }) { format = named.1.lowercased() }
    if format == "csv" { csv = CSVOutput.Style(delimiter: UInt8(ascii: ",")) }
    if format == "tsv" { csv = CSVOutput.Style(delimiter: UInt8(ascii: "\t")) }
    for (key, text) in options {
      let value = text.lowercased()
      switch key {
      case "format": break
      case "header" where csv != nil: csv?.hasHeader = try Self.flag(key, value, range)
      case "delimiter" where csv != nil, "delim" where csv != nil, "sep" where csv != nil:
        guard let byte = text.utf8.first, text.utf8.count == 1, byte != UInt8(ascii: "\"") else {
          throw QueryError(.binding, "\(key.uppercased()) takes one character", at: range)
        }
        csv?.delimiter = byte
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
    guard format == "parquet" || csv != nil else {
      throw QueryError(.notSupported, "COPY to other files than Parquet and CSV", at: range)
    }
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

/// Writes the rows of a query to a file, batch after batch: of Parquet the row group at hand is in memory.
struct CopyWriter {
  private enum Output {
    case parquet(ParquetWriter)
    case csv(CSVOutput)
  }

  private let file: any ResultFile
  private var output: Output
  private(set) var rowCount: Int64 = 0

  init(_ target: CopyTarget, _ schema: Schema, _ catalog: any TableCatalog) async throws {
    if let style = target.csv {
      output = .csv(CSVOutput(schema, style))
    } else {
      var seen: Set<String> = []
      for field in schema.fields where !seen.insert(field.name).inserted {
        throw QueryError(.binding, "two columns of the file would be called \"\(field.name)\" – give one an alias")
      }
      output = .parquet(try ParquetWriter(schema: schema, options: target.writing))
    }
    file = try await catalog.newFile(at: target.location, replaces: target.replaces)
  }

  mutating func write(_ batch: RecordBatch) async throws {
    let bytes: [UInt8]
    switch output {
    case .parquet(var writer):
      // Taken out while it changes, so that it is not copied.
      output = .csv(CSVOutput(Schema([]), CSVOutput.Style(delimiter: 0)))
      try writer.write(batch)
      bytes = writer.takeOutput()
      output = .parquet(writer)
    case .csv(var writer):
      bytes = try writer.text(of: batch)
      output = .csv(writer)
    }
    rowCount += Int64(batch.rowCount)
    if !bytes.isEmpty { try await file.write(bytes) }
  }

  mutating func finish() async throws {
    switch output {
    case .parquet(var writer):
      _ = try writer.finish()
      try await file.write(writer.takeOutput())
    case .csv(var writer): try await file.write(writer.header())
    }
    try await file.finish()
  }

  func discard() async { await file.discard() }
}
