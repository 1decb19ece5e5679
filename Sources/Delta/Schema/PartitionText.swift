public import Columnar

/// Partition values stand in the log as text (Delta protocol, "Partition Value Serialization"): `2026-01-02` for a
/// date, `2026-01-02 03:04:05.678` for a time, and the empty text for null, whatever the type.
public enum PartitionText {
  /// The value of a text; `nil` where it is none of the type.
  public static func scalar(_ text: String?, type: DataType) -> Scalar? {
    guard let text, !text.isEmpty else { return .null }
    switch type {
    case .boolean: return text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : nil
    case .int(let bits):
      guard let value = Int64(text), value.magnitude <= (UInt64(1) << (bits - 1)) - (value < 0 ? 0 : 1) else {
        return nil
      }
      return .int(value)
    case .float: return Float(text).map { .float($0) }
    case .double: return Double(text).map { .double($0) }
    case .date: return TimestampText.date(text).map { .int(Int64($0.daysSinceEpoch)) }
    case .timestamp(let unit, _): return TimestampText.ticks(text, unit: unit).map { .int($0) }
    case .decimal(let precision, let scale): return decimal(text, precision, scale).map { .int($0) }
    case .string, .enumeration, .json, .binary: return .bytes(Array(text.utf8))
    default: return nil
    }
  }

  /// The text of a value; `nil` is null. Values that have no text give none either.
  public static func text(_ value: Scalar, type: DataType) -> String? {
    switch (type, value) {
    case (.boolean, .boolean(let bit)): bit ? "true" : "false"
    case (.int, .int(let number)): String(number)
    case (.float, .float(let number)): "\(number)"
    case (.double, .double(let number)): "\(number)"
    case (.date, .int(let days)): CivilDate(daysSinceEpoch: Int(days)).description
    case (.timestamp(let unit, let isUTC), .int(let ticks)):
      TimestampText.text(ticks, unit: unit, isAdjustedToUTC: isUTC)
    case (.decimal(_, let scale), .int(let unscaled)): decimalText(unscaled, scale)
    case (.string, .bytes(let bytes)), (.enumeration, .bytes(let bytes)), (.json, .bytes(let bytes)),
      (.binary, .bytes(let bytes)):
      String(validating: bytes, as: UTF8.self).flatMap { $0.isEmpty ? nil : $0 }
    default: nil
    }
  }

  /// The unscaled number of a decimal text of at most 18 digits.
  private static func decimal(_ text: String, _ precision: Int, _ scale: Int) -> Int64? {
    guard precision <= 18 else { return nil }
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count == 2 ? parts[1] : ""
    let digits = parts[0].drop { $0 == "-" }
    guard fraction.count <= scale, !digits.isEmpty, (digits + fraction).utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else {
      return nil
    }
    return Int64(parts[0] + fraction + String(repeating: "0", count: scale - fraction.count))
  }

  private static func decimalText(_ unscaled: Int64, _ scale: Int) -> String {
    guard scale > 0 else { return String(unscaled) }
    let digits = LogFileName.digits(Int64(clamping: unscaled.magnitude), width: scale + 1)
    return (unscaled < 0 ? "-" : "") + digits.dropLast(scale) + "." + digits.suffix(scale)
  }
}

extension Snapshot {
  /// The value that all rows of a file have in a partition column.
  ///
  /// - Throws: ``DeltaError`` with code `malformedLog` for a text that is no value of the column's type.
  public func partitionValue(_ column: String, of file: AddFile) throws(DeltaError) -> Scalar {
    guard let index = schema.index(of: column) else { return .null }
    let text = file.partitionValues[column] ?? nil
    guard let value = PartitionText.scalar(text, type: schema.fields[index].type) else {
      throw DeltaError(
        .malformedLog, path: root, message: "a file's value of the partition column \(column) is none of its type")
    }
    return value
  }
}
