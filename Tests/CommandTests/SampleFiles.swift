import Columnar
import CommandSupport
import Foundation
import Parquet

/// Parquet files for the tests, written by the product's own writer.
enum SampleFiles {
  /// A column of texts; `nil` is null.
  static func texts(_ values: [String?], _ type: DataType = .string) -> Column {
    var strings = ByteStrings()
    for value in values { strings.append((value ?? "").utf8) }
    return Column(type: type, values: .bytes(strings), validity: validity(values))
  }

  /// A column of doubles; `nil` is null.
  static func doubles(_ values: [Double?]) -> Column {
    Column(type: .double, values: .double(values.map { $0 ?? 0 }), validity: validity(values))
  }

  /// A column of a type that is kept in 64 bits; `nil` is null.
  static func integers(_ values: [Int64?], _ type: DataType = .int(bits: 64)) -> Column {
    Column(type: type, values: .int64(values.map { $0 ?? 0 }), validity: validity(values))
  }

  private static func validity(_ values: [(some Any)?]) -> Bitmap? {
    values.contains { $0 == nil } ? Bitmap(values.map { $0 != nil }) : nil
  }

  /// The bytes of a file.
  static func file(_ columns: [(String, Column)], rowGroupRows: Int = 1 << 20) throws -> [UInt8] {
    let schema = Schema(columns.map { Field($0.0, $0.1.type) })
    var options = ParquetWriterOptions()
    options.rowGroupRows = rowGroupRows
    options.keyValueMetadata = [(key: "purpose", value: "test\u{1B}[2J")]
    var writer = try ParquetWriter(schema: schema, options: options)
    try writer.write(RecordBatch(schema: schema, columns: columns.map(\.1)))
    _ = try writer.finish()
    return writer.takeOutput()
  }

  /// Four readings with what is awkward to print: nulls, NaN, quotes, a line end, an escape sequence, faulty UTF-8.
  static func readings() throws -> [UInt8] {
    var faulty = ByteStrings()
    for bytes in [[0x61], [0x80, 0xFF], [], [0x62]] as [[UInt8]] { faulty.append(bytes) }
    return try file([
      ("patient_id", texts(["p-1", "p,\"2\"", "p|3\n\u{1B}[2J", nil])),
      (
        "event_time",
        integers(
          [1_704_067_200_000_000, 1_704_067_200_000_001, -1, 0], .timestamp(unit: .microseconds, isAdjustedToUTC: true))
      ),
      ("heart_rate", doubles([72, nil, 71.25, .nan])),
      ("day", Column(type: .date, values: .int32([19_723, 19_724, -1, 0]))),
      ("cost", integers([12_345, -5, nil, 0], .decimal(precision: 12, scale: 2))),
      ("label", Column(type: .string, values: .bytes(faulty))),
      ("raw", texts(["foo", "", nil, "b"], .binary)),
      ("on", Column(type: .boolean, values: .boolean(Bitmap([true, false, true, false])))),
    ])
  }

  /// Rows that count from 0 in row groups of ten.
  static func counting(_ rows: Range<Int64>) throws -> [UInt8] {
    try file([("i", integers(Array(rows))), ("s", texts(rows.map { "row \($0)" }))], rowGroupRows: 10)
  }
}
