/// Spans of time in table settings, in the words of Spark: `interval 30 days`, `interval 1 week 12 hours`.
enum IntervalText {
  /// The span in milliseconds; `nil` for what we do not understand, or a month, which has no length of its own.
  static func milliseconds(_ text: String) -> Int64? {
    var words = text.lowercased().split(separator: " ")[...]
    if words.first == "interval" { words.removeFirst() }
    guard !words.isEmpty, words.count % 2 == 0 else { return nil }
    var total: Int64 = 0
    while let count = words.popFirst(), let unit = words.popFirst() {
      guard let count = Int64(count), count >= 0, let length = length(of: unit) else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      let (sum, carry) = total.addingReportingOverflow(product)
      if overflow || carry { return nil }
      total = sum
    }
    return total
  }

  private static func length(of unit: Substring) -> Int64? {
    switch unit.hasSuffix("s") ? unit.dropLast() : unit {
    case "week": 7 * day
    case "day": day
    case "hour": 3_600_000
    case "minute": 60_000
    case "second": 1_000
    case "millisecond": 1
    default: nil
    }
  }

  /// A day in milliseconds.
  static let day: Int64 = 86_400_000
}
