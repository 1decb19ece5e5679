import Columnar

/// Points in time as text: `2026-01-02 03:04:05.678` or, in UTC, `2026-01-02T03:04:05.678Z`.
enum TimestampText {
  /// The point in units since 1970-01-01, of a text with or without `T`, fraction and `Z`.
  static func ticks(_ text: String, unit: TimeUnit) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 19, bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "T"),
      let date = date(bytes[..<10]),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
      hour < 24, minute < 60, second < 60
    else { return nil }
    var rest = bytes[19...]
    if rest.last == UInt8(ascii: "Z") { rest.removeLast() }
    var fraction: Int64 = 0
    if !rest.isEmpty {
      guard rest.first == UInt8(ascii: "."), (2...10).contains(rest.count), let digits = number(rest.dropFirst()) else {
        return nil
      }
      fraction = (0..<10 - rest.count).reduce(digits) { value, _ in value * 10 }
    }
    let seconds = Int64(date.daysSinceEpoch) * 86_400 + hour * 3_600 + minute * 60 + second
    let (ticks, overflow) = seconds.multipliedReportingOverflow(by: unit.perSecond)
    if overflow { return nil }
    let (sum, carry) = ticks.addingReportingOverflow(fraction / (1_000_000_000 / unit.perSecond))
    return carry ? nil : sum
  }

  /// The day of a text `YYYY-MM-DD`; `nil` for one that is not in the calendar.
  static func date(_ text: String) -> CivilDate? { date(Array(text.utf8)[...]) }

  private static func date(_ bytes: ArraySlice<UInt8>) -> CivilDate? {
    let parts = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard bytes.count == 10, parts.map(\.count) == [4, 2, 2], let year = number(parts[0]), let month = number(parts[1]),
      let day = number(parts[2])
    else { return nil }
    let date = CivilDate(year: Int(year), month: Int(month), day: Int(day))
    return CivilDate(daysSinceEpoch: date.daysSinceEpoch) == date ? date : nil
  }

  private static func number(_ digits: some Collection<UInt8>) -> Int64? {
    guard digits.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
    return Int64(String(decoding: Array(digits), as: UTF8.self))
  }

  /// A point in time for partition values, to the microsecond; `nil` outside the years 1 to 9999.
  static func text(_ ticks: Int64, unit: TimeUnit, isAdjustedToUTC: Bool) -> String? {
    let fractionDigits = unit == .milliseconds ? 3 : 6
    guard let (date, time) = parts(ticks, unit: unit, fractionDigits: fractionDigits) else { return nil }
    return isAdjustedToUTC ? "\(date)T\(time)Z" : "\(date) \(time)"
  }

  /// A point in time cut down to the millisecond, for statistics.
  static func milliseconds(_ ticks: Int64, unit: TimeUnit) -> String? {
    parts(ticks, unit: unit, fractionDigits: 3).map { "\($0.date)T\($0.time)" }
  }

  private static func parts(_ ticks: Int64, unit: TimeUnit, fractionDigits: Int) -> (date: String, time: String)? {
    let perDay = 86_400 * unit.perSecond
    let days = floorDivide(ticks, perDay)
    let date = CivilDate(daysSinceEpoch: Int(days))
    guard (1...9999).contains(date.year) else { return nil }
    let ofDay = ticks - days * perDay
    let second = ofDay / unit.perSecond
    let nanoseconds = ofDay % unit.perSecond * (1_000_000_000 / unit.perSecond)
    let fraction = LogFileName.digits(nanoseconds, width: 9).prefix(fractionDigits)
    func two(_ value: Int64) -> String { LogFileName.digits(value, width: 2) }
    return (date.description, "\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60)).\(fraction)")
  }

  private static func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
    let quotient = value / by
    return value % by < 0 ? quotient - 1 : quotient
  }
}
