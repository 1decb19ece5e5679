import Columnar
import JSON
public import Parquet

/// The `stats` text of a data file (Delta protocol, "Per-file Statistics"):
///
///     {"maxValues":{"a":9},"minValues":{"a":1},"nullCount":{"a":0},"numRecords":4}
///
/// A bound that cannot be given exactly in the text is left out: a missing bound costs a look, a wrong one costs rows.
public enum FileStatistics {
  /// The longest text bound that is written, in bytes: a little more than Parquet cuts its bounds to, since the one
  /// above may end in a longer character.
  static let textLimit = 80

  /// The statistics text of a finished Parquet file.
  public static func text(_ metadata: ParquetMetadata) -> String {
    var minimum: [(String, String)] = []
    var maximum: [(String, String)] = []
    var nulls: [(String, Int64)] = []
    // Of nested columns nothing is said, which costs a look and no row.
    for (index, column) in metadata.columns.enumerated() where column.isFlat {
      let (name, type) = (column.name, column.type)
      let statistics = metadata.statistics(ofColumn: index)
      if let count = statistics.nullCount { nulls.append((name, count)) }
      // Engines count NaN as larger than all numbers; bounds in Parquet leave it out.
      if case .float = type, statistics.nanCount != 0 { continue }
      if case .double = type, statistics.nanCount != 0 { continue }
      if let bound = statistics.min.flatMap({ json($0, type: type) }) { minimum.append((name, bound)) }
      if let bound = statistics.max.flatMap({ json($0, type: type) }) { maximum.append((name, bound)) }
    }
    var text = JSONText()
    text.open()
    text.member("numRecords", metadata.rowCount)
    write("minValues", minimum, to: &text)
    write("maxValues", maximum, to: &text)
    text.open("nullCount")
    for (name, count) in nulls { text.member(name, count) }
    text.close()
    text.close()
    return text.string
  }

  /// How many rows a statistics text tells of; `nil` where it does not.
  public static func rowCount(_ text: String?) -> Int64? {
    guard let text, let document = try? JSONValue(parsing: Array(text.utf8)),
      case .number(let digits)? = document["numRecords"], let count = Int64(digits), count >= 0
    else { return nil }
    return count
  }

  private static func write(_ name: String, _ bounds: [(String, String)], to text: inout JSONText) {
    text.open(name)
    for (column, bound) in bounds { text.raw(column, bound) }
    text.close()
  }

  /// One bound as JSON, or `nil` where none can be given. Bounds of texts that are longer than the limit come cut and,
  /// above, rounded up.
  static func json(_ value: Scalar, type: DataType) -> String? {
    switch (type, value) {
    case (.int, .int(let number)): return String(number)
    case (.double, .double(let number)) where number.isFinite: return "\(number)"
    case (.float, .float(let number)) where number.isFinite: return "\(number)"
    case (.date, .int(let days)):
      let date = CivilDate(daysSinceEpoch: Int(days))
      return (1...9999).contains(date.year) ? quoted(date.description) : nil
    // Cut to the millisecond, as the protocol asks; readers widen an upper bound by what was cut off.
    case (.timestamp(let unit, isAdjustedToUTC: true), .int(let ticks)):
      return TimestampText.milliseconds(ticks, unit: unit).map { quoted($0 + "Z") }
    case (.timestamp(let unit, isAdjustedToUTC: false), .int(let ticks)):
      return TimestampText.milliseconds(ticks, unit: unit).map { quoted($0) }
    case (.string, .bytes(let bytes)) where bytes.count <= textLimit:
      return String(validating: bytes, as: UTF8.self).map(quoted)
    default: return nil
    }
  }

  private static func quoted(_ text: String) -> String { JSONValue.string(text).json }
}
