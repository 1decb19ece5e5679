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
  /// `{"features": [text, …], "columns": [[value of row 0, …], …]}`: bytes as hexadecimal text, floating-point numbers
  /// as the hexadecimal text of their bits, structures as lists of their fields.
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
    let leaves = try Self.leaves(batch)
    let settings = SampleSettings(&random, leaves)
    var writer = try ParquetWriter(schema: batch.schema, options: settings.options)
    let cut = random.below(rows + 1)
    try writer.write(batch.sliced(0..<cut))
    try writer.write(batch.sliced(cut..<rows))
    let metadata = try writer.finish()
    file = writer.takeOutput()
    let values = columns.map { column in
      "[" + (0..<rows).map { Self.text(column.scalar(at: $0)) }.joined(separator: ",") + "]"
    }
    let features = settings.features.union(Self.features(metadata)).sorted().map { "\"\($0)\"" }
    expected =
      "{\"features\":[\(features.joined(separator: ","))],\"columns\":[\(values.joined(separator: ",\n"))]}\n"
  }

  /// The leaf columns that the batch's fields come to.
  private static func leaves(_ batch: RecordBatch) throws -> [LeafColumn] {
    var writer = try ParquetWriter(schema: batch.schema)
    try writer.write(batch)
    return try writer.finish().columns
  }

  /// What a reader of the file must know, by what is really in it.
  private static func features(_ metadata: ParquetMetadata) -> Set<String> {
    var features: Set<String> = []
    for (index, column) in metadata.columns.enumerated() {
      for chunk in metadata.rowGroups.map({ $0.columns[index] }) {
        features.insert("codec \(chunk.codec)")
        for stats in chunk.encodingStats where stats.pageType != .dictionary {
          features.insert("\(stats.encoding) of \(column.physicalType.name)")
        }
        if chunk.bloomFilter != nil { features.insert("Bloom filter") }
        if chunk.columnIndex != nil { features.insert("page index") }
      }
      if column.maxRepetitionLevel > 0 { features.insert("\(min(column.maxRepetitionLevel, 3)) repeated levels") }
      switch metadata.schemaElements[column.elementIndex].logicalType {
      case nil: break
      case .integer(let bits, let isSigned)?: features.insert("type \(isSigned ? "" : "u")int\(bits)")
      case .decimal?: features.insert("type decimal in \(column.physicalType.name)")
      case .time(let unit, _)?: features.insert("type time in \(unit)")
      case .timestamp(let unit, _)?: features.insert("type timestamp in \(unit)")
      case let other?: features.insert("type \(other)")
      }
    }
    for element in metadata.schemaElements where element.physicalType == nil {
      if let type = element.logicalType { features.insert("type \(type)") }
    }
    return features
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
