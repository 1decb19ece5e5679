import ArgumentParser
import Columnar
import Parquet
import Storage

/// Writes files of random schema, content and settings, each beside the values that a reader must find in it.
struct WriteSamples: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "samples", abstract: "Write files of random schema, content and settings, with the expected values.")

  @Option(help: "The seed; the same files come from the same seed.")
  var seed: UInt64 = 1

  @Option(help: "How many files.")
  var count = 20

  @Option(help: "The folder, which must exist.")
  var folder: String

  func run() async throws {
    let store = LocalFileStore(root: folder)
    for index in 0..<count {
      let sample = try Sample(seed: seed &* 1_000_003 &+ UInt64(index))
      _ = try await store.create("sample-\(index).parquet", sample.file)
      _ = try await store.create("sample-\(index).json", Array(sample.expected.utf8))
    }
  }
}

/// One file and its meaning.
struct Sample {
  var file: [UInt8]
  /// `{"settings": text, "columns": [[value of row 0, …], …]}`: bytes as hexadecimal text, floating-point numbers as the
  /// hexadecimal text of their bits, structures as lists of their fields.
  var expected: String

  init(seed: UInt64) throws {
    var random = SampleColumns(seed: seed)
    let rows = random.pick([0, 1, 10, 1_000, 3_000])
    var fields: [Field] = []
    for index in 0...random.below(6) {
      fields.append(Field("c\(index)", random.type(depth: random.below(5)), isNullable: !random.once(in: 3)))
    }
    let columns = fields.map { random.column($0.type, isNullable: $0.isNullable, count: rows) }
    let batch = RecordBatch(schema: Schema(fields), columns: columns, rowCount: rows)
    let (options, settings) = SampleSettings.random(&random, batch.schema)
    var writer = try ParquetWriter(schema: batch.schema, options: options)
    let cut = random.below(rows + 1)
    try writer.write(batch.sliced(0..<cut))
    try writer.write(batch.sliced(cut..<rows))
    _ = try writer.finish()
    file = writer.takeOutput()
    let values = columns.map { column in
      "[" + (0..<rows).map { Self.text(column.scalar(at: $0)) }.joined(separator: ",") + "]"
    }
    expected = "{\"settings\":\"\(settings)\",\"columns\":[\(values.joined(separator: ",\n"))]}\n"
  }

  private static func text(_ scalar: Scalar) -> String {
    switch scalar {
    case .null: "null"
    case .boolean(let value): String(value)
    case .int(let value): String(value)
    case .unsigned(let value): String(value)
    case .float(let value): "\"\(String(value.bitPattern, radix: 16))\""
    case .double(let value): "\"\(String(value.bitPattern, radix: 16))\""
    case .bytes(let bytes): "\"" + bytes.map { hex($0) }.joined() + "\""
    case .list(let items), .structure(let items): "[" + items.map { text($0) }.joined(separator: ",") + "]"
    }
  }

  private static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }
}

/// Settings of the writer, drawn at random.
enum SampleSettings {
  static func random(_ random: inout SampleColumns, _ schema: Schema) -> (ParquetWriterOptions, String) {
    var options = ParquetWriterOptions()
    options.compression = random.pick([.uncompressed, .snappy, .gzip, .brotli, .zstd, .lz4Raw])
    options.pageRows = random.pick([1, 7, 100, 1_000, 65_536])
    options.rowGroupRows = random.pick([50, 1_000, 1 << 20])
    options.usesDictionary = !random.once(in: 3)
    options.dictionaryBytes = random.pick([200, 1 << 20])
    let text =
      "\(options.compression), pages of \(options.pageRows), groups of \(options.rowGroupRows), dictionary "
      + "\(options.usesDictionary) up to \(options.dictionaryBytes)"
    return (options, text)
  }
}
