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
      try await write(try Sample(seed: seed &* 1_000_003 &+ UInt64(index)), "sample-\(index)", to: store)
    }
    for codec in [ParquetCompression.snappy, .zstd] {
      try await write(try Sample(defaults: codec, seed: seed), "default-\(codec)", to: store)
    }
  }

  private func write(_ sample: Sample, _ name: String, to store: LocalFileStore) async throws {
    _ = try await store.create("\(name).parquet", sample.file)
    _ = try await store.create("\(name).json", Array(sample.expected.utf8))
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
    let settings = SampleSettings(&random, try Self.leaves(batch))
    try self.init(batch, settings.options, settings.features, cut: random.below(rows + 1))
  }

  /// What the pipeline writes, with nothing set but the codec: every reader must take it.
  init(defaults codec: ParquetCompression, seed: UInt64) throws {
    var random = SampleColumns(seed: seed)
    let rows = 10_000
    let time = DataType.timestamp(unit: .microseconds, isAdjustedToUTC: true)
    let visit = [Field("ward", .string), Field("cost", .decimal(precision: 18, scale: 4)), Field("day", .date)]
    let types: [DataType] = [
      time, .string, .int(bits: 32), .int(bits: 64), .double, .float, .boolean, .date, .decimal(precision: 9, scale: 2),
      .decimal(precision: 18, scale: 4), .decimal(precision: 30, scale: 3), .binary, .structure(visit),
      .list(Field("element", .int(bits: 32))), .list(Field("element", .structure(visit))),
      .map(key: Field("key", .string, isNullable: false), value: Field("value", .double)),
    ]
    let fields = types.enumerated().map { Field("c\($0)", $1, isNullable: $0 != 1) }
    let columns = fields.map { random.column($0.type, isNullable: $0.isNullable, count: rows) }
    var options = ParquetWriterOptions()
    options.compression = codec
    let batch = RecordBatch(schema: Schema(fields), columns: columns, rowCount: rows)
    try self.init(batch, options, ["default settings with \(codec)"], cut: rows / 3)
  }

  private init(_ batch: RecordBatch, _ options: ParquetWriterOptions, _ known: Set<String>, cut: Int) throws {
    let (rows, columns) = (batch.rowCount, batch.columns)
    var writer = try ParquetWriter(schema: batch.schema, options: options)
    try writer.write(batch.sliced(0..<cut))
    try writer.write(batch.sliced(cut..<rows))
    let metadata = try writer.finish()
    file = writer.takeOutput()
    let values = columns.map { column in
      "[" + (0..<rows).map { Self.text(column.scalar(at: $0)) }.joined(separator: ",") + "]"
    }
    let features = known.union(Self.features(metadata)).sorted().map { "\"\($0)\"" }
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
