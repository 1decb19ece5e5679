internal import Columnar
internal import Kernels

/// Sums and differences of dates, timestamps and intervals.
///
/// Timestamps count microseconds or, where their type says so, nanoseconds; dates count days.
enum TimeArithmetic {
  static let microsPerDay: Int64 = 86_400_000_000

  static func apply(
    _ operation: Operation, _ arguments: [Vector], _ type: SQLType, _ validity: Bitmap?, count: Int
  ) throws(QueryError) -> Vector {
    if operation == .negate {
      let list = arguments[0].intervals.map {
        Interval(months: 0 &- $0.months, days: 0 &- $0.days, micros: 0 &- $0.micros)
      }
      return Vector(.interval, .intervals(list), validity: validity, isConstant: arguments[0].isConstant)
    }
    let (a, b) = (arguments[0], arguments[1])
    var failed = false
    func rows<R>(_ zero: R, _ body: (Int) -> R?) -> [R] {
      (0..<count).map { row in
        guard validity?[row] ?? true else { return zero }
        if let value = body(row) { return value }
        failed = true
        return zero
      }
    }
    func at<T>(_ list: [T], _ row: Int) -> T { list.count == 1 ? list[0] : list[row] }
    let result: Vector.Values
    switch (a.type, b.type) {
    case (.date, .date):
      result = .ints(zipElements(a.ints, b.ints, count: count) { $0 &- $1 })
    case (.timestamp(_, let isNanos), .timestamp):
      let (left, right) = (a.ints, b.ints)
      result = .intervals(
        rows(Interval()) { row in
          let (difference, overflow) = at(left, row).subtractingReportingOverflow(at(right, row))
          if overflow { return nil }
          let micros = isNanos ? difference / 1_000 : difference
          return Interval(days: micros / microsPerDay, micros: micros % microsPerDay)
        })
    case (.date, .integer), (.integer, .date):
      let (left, right) = (a.ints, b.ints)
      result = .ints(
        rows(0) { row in
          let (sum, overflow) =
            operation == .add
            ? at(left, row).addingReportingOverflow(at(right, row))
            : at(left, row).subtractingReportingOverflow(at(right, row))
          return overflow || Int32(exactly: sum) == nil ? nil : sum
        })
    case (.interval, .interval):
      let (left, right) = (a.intervals, b.intervals)
      result = .intervals(rows(Interval()) { at(left, $0).plus(at(right, $0), sign: operation == .add ? 1 : -1) })
    case (.interval, .integer), (.integer, .interval):
      let (spans, factors) = a.type == .interval ? (a.intervals, b.ints) : (b.intervals, a.ints)
      result = .intervals(rows(Interval()) { at(spans, $0).times(at(factors, $0)) })
    default:
      let isFirst = a.type == .interval
      let (times, spans) = isFirst ? (b, a.intervals) : (a, b.intervals)
      let sign: Int64 = operation == .subtract ? -1 : 1
      let list = times.ints
      result = .ints(rows(0) { TimeArithmetic.add(at(spans, $0), sign, to: at(list, $0), times.type) })
    }
    if failed { throw QueryError(.value, "a date or time is out of range") }
    return Vector(type, result, validity: validity)
  }

  /// A date, which becomes a timestamp, or a timestamp, moved by an interval; `nil` beyond the range.
  static func add(_ interval: Interval, _ sign: Int64, to time: Int64, _ type: SQLType) -> Int64? {
    var isNanos = false
    if case .timestamp(_, true) = type { isNanos = true }
    var (micros, overflow) = type == .date ? time.multipliedReportingOverflow(by: microsPerDay) : (time, false)
    let rest = isNanos ? time &- micros.floorDivided(by: 1_000) &* 1_000 : 0
    if isNanos { micros = micros.floorDivided(by: 1_000) }
    if interval.months != 0 {
      guard let moved = addMonths(sign &* interval.months, to: micros) else { return nil }
      micros = moved
    }
    for (amount, unit) in [(interval.days, microsPerDay), (interval.micros, 1)] {
      let (signed, zeroth) = amount.multipliedReportingOverflow(by: sign)
      let (span, first) = signed.multipliedReportingOverflow(by: unit)
      let (sum, second) = micros.addingReportingOverflow(span)
      overflow = overflow || zeroth || first || second
      micros = sum
    }
    if overflow { return nil }
    guard isNanos else { return micros }
    let (nanos, beyond) = micros.multipliedReportingOverflow(by: 1_000)
    return beyond ? nil : nanos &+ rest
  }

  /// Microseconds since 1970 moved by months; the day becomes the last of its month where that is shorter.
  static func addMonths(_ months: Int64, to micros: Int64) -> Int64? {
    let days = micros.floorDivided(by: microsPerDay)
    let date = CivilDate(daysSinceEpoch: Int(days))
    guard months.magnitude < 12 * 600_000 else { return nil }
    let total = date.year * 12 + date.month - 1 + Int(months)
    let (year, month) = (total.floorDivided(by: 12), total - total.floorDivided(by: 12) * 12 + 1)
    let day = min(date.day, daysIn(month: month, of: year))
    let moved = Int64(CivilDate(year: year, month: month, day: day).daysSinceEpoch)
    let (start, overflow) = moved.multipliedReportingOverflow(by: microsPerDay)
    return overflow ? nil : start &+ (micros &- days &* microsPerDay)
  }

  static func daysIn(month: Int, of year: Int) -> Int {
    if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
    return [4, 6, 9, 11].contains(month) ? 30 : 31
  }
}

extension Interval {
  /// The sum or, with sign -1, the difference; `nil` beyond the range.
  func plus(_ other: Interval, sign: Int64) -> Interval? {
    let (months, a) = self.months.addingReportingOverflow(sign &* other.months)
    let (days, b) = self.days.addingReportingOverflow(sign &* other.days)
    let (micros, c) = self.micros.addingReportingOverflow(sign &* other.micros)
    return a || b || c ? nil : Interval(months: months, days: days, micros: micros)
  }

  /// The interval so many times; `nil` beyond the range.
  func times(_ factor: Int64) -> Interval? {
    let (months, a) = self.months.multipliedReportingOverflow(by: factor)
    let (days, b) = self.days.multipliedReportingOverflow(by: factor)
    let (micros, c) = self.micros.multipliedReportingOverflow(by: factor)
    guard !a, !b, !c, months.magnitude < 1 << 40, days.magnitude < 1 << 40 else { return nil }
    return Interval(months: months, days: days, micros: micros)
  }
}
