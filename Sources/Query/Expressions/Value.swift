/// One value of an expression: a literal, or the result of folding.
enum Value: Hashable, Sendable {
  case null
  case flag(Bool)
  case int(Int64)
  case wide(Int128)
  case double(Double)
  case bytes([UInt8])
  case interval(Interval)
}

/// A span of time by the calendar: months and days vary in length.
struct Interval: Hashable, Sendable {
  var months: Int64 = 0
  var days: Int64 = 0
  var micros: Int64 = 0

  /// The span as one number, a month taken as 30 days: for ordering only.
  var approximateMicros: Int128 { (Int128(months) * 30 + Int128(days)) * 86_400_000_000 + Int128(micros) }
}

/// A unit that SQL names in intervals and in parts of dates.
enum IntervalUnit: String, Hashable, Sendable {
  case microsecond, millisecond, second, minute, hour, day, week, month, quarter, year, decade, century, millennium

  /// Reads a unit's name, also in the plural and abbreviated.
  init?(name: String) {
    let lower = name.lowercased()
    let short: [String: IntervalUnit] = [
      "us": .microsecond, "usec": .microsecond, "microseconds": .microsecond, "ms": .millisecond,
      "msec": .millisecond, "milliseconds": .millisecond, "s": .second, "sec": .second, "secs": .second, "m": .minute,
      "min": .minute, "mins": .minute, "h": .hour, "hr": .hour, "hrs": .hour, "d": .day, "w": .week,
      "mon": .month, "mons": .month, "y": .year, "yr": .year, "yrs": .year, "centuries": .century,
      "millennia": .millennium,
    ]
    if let unit = short[lower] {
      self = unit
    } else if let unit = IntervalUnit(rawValue: lower) {
      self = unit
    } else if lower.hasSuffix("s"), let unit = IntervalUnit(rawValue: String(lower.dropLast())) {
      self = unit
    } else {
      return nil
    }
  }

  /// One of the unit, as a span.
  var interval: Interval {
    switch self {
    case .microsecond: Interval(micros: 1)
    case .millisecond: Interval(micros: 1_000)
    case .second: Interval(micros: 1_000_000)
    case .minute: Interval(micros: 60_000_000)
    case .hour: Interval(micros: 3_600_000_000)
    case .day: Interval(days: 1)
    case .week: Interval(days: 7)
    case .month: Interval(months: 1)
    case .quarter: Interval(months: 3)
    case .year: Interval(months: 12)
    case .decade: Interval(months: 120)
    case .century: Interval(months: 1_200)
    case .millennium: Interval(months: 12_000)
    }
  }
}
