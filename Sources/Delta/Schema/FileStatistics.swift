import Columnar
import FoundationEssentials
public import Parquet

/// The `stats` text of a data file (Delta protocol, "Per-file Statistics"):
///
///     {"maxValues":{"a":9},"minValues":{"a":1},"nullCount":{"a":0},"numRecords":4}
///
/// A bound that cannot be given exactly in the text is left out: a missing bound costs a look, a wrong one costs rows.
public enum FileStatistics {
  /// The longest text bound that is written, in bytes.
  static let textLimit = 64

  /// The statistics text of a finished Parquet file.
  public static func text(_ metadata: ParquetMetadata) -> String {
    var minimum: [(String, String)] = []
    var maximum: [(String, String)] = []
    var nulls: [(String, String)] = []
    for (index, field) in metadata.schema.fields.enumerated() {
      let statistics = metadata.statistics(ofColumn: index)
      if let bound = statistics.min.flatMap({ json($0, type: field.type, isUpper: false) }) {
        minimum.append((field.name, bound))
      }
      if let bound = statistics.max.flatMap({ json($0, type: field.type, isUpper: true) }) {
        maximum.append((field.name, bound))
      }
      if let count = statistics.nullCount { nulls.append((field.name, String(count))) }
    }
    return "{\"numRecords\":\(metadata.rowCount),\"minValues\":\(object(minimum)),\"maxValues\":\(object(maximum))"
      + ",\"nullCount\":\(object(nulls))}"
  }

  /// One bound as JSON, or `nil` where none can be given.
  static func json(_ value: Scalar, type: DataType, isUpper: Bool) -> String? {
    switch (type, value) {
    case (.int, .int(let number)): return String(number)
    case (.double, .double(let number)) where number.isFinite: return "\(number)"
    case (.float, .float(let number)) where number.isFinite: return "\(number)"
    case (.date, .int(let days)): return "\"\(CivilDate(daysSinceEpoch: Int(days)).description)\""
    case (.timestamp(let unit, isAdjustedToUTC: true), .int(let ticks)):
      return timestamp(ticks, unit: unit, isUpper: isUpper)
    case (.string, .bytes(let bytes)) where bytes.count <= textLimit:
      return String(validating: bytes, as: UTF8.self).map(quoted)
    default: return nil
    }
  }

  /// A timestamp to the millisecond, as the protocol asks. Readers widen an upper bound by the millisecond cut off.
  private static func timestamp(_ ticks: Int64, unit: TimeUnit, isUpper: Bool) -> String? {
    let perMillisecond = unit.perSecond / 1_000
    let millis = floorDivide(ticks, perMillisecond)
    let days = floorDivide(millis, 86_400_000)
    let date = CivilDate(daysSinceEpoch: Int(days))
    guard (1...9999).contains(date.year) else { return nil }
    let ofDay = millis - days * 86_400_000
    func pad(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: width - digits.count) + digits
    }
    let time = "\(pad(ofDay / 3_600_000, 2)):\(pad(ofDay / 60_000 % 60, 2)):\(pad(ofDay / 1_000 % 60, 2))"
    return "\"\(date.description)T\(time).\(pad(ofDay % 1_000, 3))Z\""
  }

  private static func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
    let quotient = value / by
    return value % by < 0 ? quotient - 1 : quotient
  }

  private static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\(quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
  }

  private static func quoted(_ text: String) -> String {
    guard let json = try? JSONEncoder().encode(text) else { return "\"\"" }
    return String(decoding: json, as: UTF8.self)
  }
}
