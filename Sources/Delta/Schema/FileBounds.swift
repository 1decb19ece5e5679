public import Columnar
import JSON

/// What the `stats` text of a data file says of its columns (Delta protocol, "Per-file Statistics"): bounds within
/// which all values lie. What is missing or not understood bounds nothing.
public struct FileBounds: Hashable, Sendable {
  /// How many rows the file has.
  public let rowCount: Int64?
  private let minimum: JSONValue?
  private let maximum: JSONValue?
  private let nulls: JSONValue?

  /// Reads a text; `nil` where it is none that says anything.
  public init?(parsing text: String) {
    guard let value = try? JSONValue(parsing: Array(text.utf8)), case .object = value else { return nil }
    rowCount = Self.whole(value["numRecords"])
    minimum = value["minValues"]
    maximum = value["maxValues"]
    nulls = value["nullCount"]
  }

  /// How many rows have no value in a column.
  public func nullCount(of column: String) -> Int64? { Self.whole(nulls?[column]) }

  /// A value that none of a column's is below.
  public func low(of column: String, _ type: DataType) -> Scalar? { Self.scalar(minimum?[column], type, isHigh: false) }

  /// A value that none of a column's is above.
  public func high(of column: String, _ type: DataType) -> Scalar? { Self.scalar(maximum?[column], type, isHigh: true) }

  private static func whole(_ value: JSONValue?) -> Int64? {
    guard case .number(let text)? = value, let number = Int64(text), number >= 0 else { return nil }
    return number
  }

  private static func scalar(_ value: JSONValue?, _ type: DataType, isHigh: Bool) -> Scalar? {
    switch (type, value) {
    case (.int, .number(let text)?): return Int64(text).map { .int($0) }
    case (.float, .number(let text)?), (.double, .number(let text)?):
      guard let number = Double(text), number.isFinite else { return nil }
      return .double(number)
    case (.date, .string(let text)?): return TimestampText.date(text).map { .int(Int64($0.daysSinceEpoch)) }
    case (.timestamp(let unit, _), .string(let text)?):
      guard let ticks = TimestampText.ticks(text, unit: unit) else { return nil }
      // It may be cut to the millisecond.
      let (widened, overflow) = ticks.addingReportingOverflow(isHigh ? unit.perSecond / 1_000 : 0)
      return overflow ? nil : .int(widened)
    case (.string, .string(let text)?): return .bytes(Array(text.utf8))
    default: return nil
    }
  }
}
