internal import Columnar

/// Reads and writes dates, times and intervals as text.
enum TimeText {
  /// `YYYY-MM-DD`, as days since 1970; `nil` for other text.
  static func date(_ text: String) -> Int64? {
    var scanner = Digits(text)
    guard let days = scanner.date(), scanner.isAtEnd else { return nil }
    return days
  }

  /// `YYYY-MM-DD[ HH:MM[:SS[.ffffff]]][Z|±HH[:MM]]`, as microseconds since 1970 by UTC.
  static func timestamp(_ text: String) -> Int64? {
    var scanner = Digits(text)
    guard let days = scanner.date() else { return nil }
    var (micros, overflow) = days.multipliedReportingOverflow(by: TimeArithmetic.microsPerDay)
    if overflow { return nil }
    if scanner.accept("T") || scanner.accept(" ") {
      guard let time = scanner.time() else { return nil }
      (micros, overflow) = micros.addingReportingOverflow(time)
      if overflow { return nil }
      guard let offset = scanner.offset() else { return nil }
      micros -= offset
    }
    return scanner.isAtEnd ? micros : nil
  }

  /// `HH:MM[:SS[.ffffff]]`, as microseconds since midnight.
  static func time(_ text: String) -> Int64? {
    var scanner = Digits(text)
    guard let time = scanner.time(), scanner.isAtEnd else { return nil }
    return time
  }

  /// `5 minutes`, `1 day 2 hours`, `02:30:00`.
  static func interval(_ text: String) -> Interval? {
    var result = Interval()
    var words = text.split(separator: " ").map(String.init)[...]
    guard !words.isEmpty else { return nil }
    while let word = words.popFirst() {
      if word.contains(":") {
        let isNegative = word.hasPrefix("-")
        guard let time = time(isNegative ? String(word.dropFirst()) : word) else { return nil }
        guard let sum = result.plus(Interval(micros: time), sign: isNegative ? -1 : 1) else { return nil }
        result = sum
        continue
      }
      let digits = word.prefix { $0.isNumber || $0 == "-" || $0 == "+" || $0 == "." }
      let attached = word.dropFirst(digits.count)
      let unitText = attached.isEmpty ? words.popFirst() : String(attached)
      guard let unitText, let unit = IntervalUnit(name: unitText) else { return nil }
      if let amount = Int64(digits), let part = unit.interval.times(amount), let sum = result.plus(part, sign: 1) {
        result = sum
      } else if let amount = Double(digits), abs(amount) < 1e12, unit.interval.months == 0 {
        let one = unit.interval
        let micros = amount * Double(one.days * TimeArithmetic.microsPerDay + one.micros)
        guard abs(micros) < 9e18, let sum = result.plus(Interval(micros: Int64(micros)), sign: 1) else { return nil }
        result = sum
      } else {
        return nil
      }
    }
    return result
  }

  static func dateText(_ days: Int64) -> String { CivilDate(daysSinceEpoch: Int(days)).description }

  /// `HH:MM:SS` with the fraction without its last zeros.
  static func timeText(_ micros: Int64) -> String {
    let seconds = micros / 1_000_000
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    var text = "\(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    var fraction = micros % 1_000_000
    if fraction != 0 {
      var digits = 6
      while fraction % 10 == 0 {
        fraction /= 10
        digits -= 1
      }
      let plain = "\(fraction)"
      text += "." + String(repeating: "0", count: digits - plain.count) + plain
    }
    return text
  }

  static func timestampText(_ micros: Int64, isUTC: Bool) -> String {
    let days = micros.floorDivided(by: TimeArithmetic.microsPerDay)
    return dateText(days) + " " + timeText(micros &- days &* TimeArithmetic.microsPerDay) + (isUTC ? "+00" : "")
  }
}

extension Interval {
  /// `1 year 2 months 3 days 04:05:06`.
  var text: String {
    var parts: [String] = []
    func add(_ amount: Int64, _ unit: String) {
      if amount != 0 { parts.append("\(amount) \(unit)\(abs(amount) == 1 ? "" : "s")") }
    }
    add(months / 12, "year")
    add(months % 12, "month")
    add(days, "day")
    if micros != 0 || parts.isEmpty {
      parts.append((micros < 0 ? "-" : "") + TimeText.timeText(micros == .min ? .max : abs(micros)))
    }
    return parts.joined(separator: " ")
  }
}

/// A place in a text of digits and signs.
private struct Digits {
  private let bytes: [UInt8]
  private var at = 0

  init(_ text: String) {
    var bytes = Array(text.utf8)
    while bytes.last == 0x20 { bytes.removeLast() }
    self.bytes = Array(bytes.drop { $0 == 0x20 })
  }

  var isAtEnd: Bool { at == bytes.count }

  mutating func accept(_ character: Character) -> Bool {
    guard at < bytes.count, bytes[at] == character.asciiValue else { return false }
    at += 1
    return true
  }

  mutating func number(_ digits: ClosedRange<Int>) -> Int64? {
    var value: Int64 = 0
    var count = 0
    while at < bytes.count, bytes[at].isDigit, count < digits.upperBound {
      value = value * 10 + Int64(bytes[at] - 0x30)
      at += 1
      count += 1
    }
    return digits.contains(count) ? value : nil
  }

  mutating func date() -> Int64? {
    let isNegative = accept("-")
    guard let year = number(1...6), accept("-") || accept("/"), let month = number(1...2), accept("-") || accept("/"),
      let day = number(1...2), (1...12).contains(month), day >= 1
    else { return nil }
    let signed = Int(isNegative ? -year : year)
    guard day <= TimeArithmetic.daysIn(month: Int(month), of: signed) else { return nil }
    return Int64(CivilDate(year: signed, month: Int(month), day: Int(day)).daysSinceEpoch)
  }

  mutating func time() -> Int64? {
    guard let hour = number(1...2), hour < 24, accept(":"), let minute = number(1...2), minute < 60 else { return nil }
    var second: Int64 = 0
    var micros: Int64 = 0
    if accept(":") {
      guard let value = number(1...2), value < 60 else { return nil }
      second = value
      if accept(".") {
        let start = at
        guard let fraction = number(1...6) else { return nil }
        micros = (0..<6 - (at - start)).reduce(fraction) { value, _ in value * 10 }
        while at < bytes.count, bytes[at].isDigit { at += 1 }
      }
    }
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros
  }

  /// `Z`, `±HH`, `±HH:MM`, or nothing, as microseconds.
  mutating func offset() -> Int64? {
    _ = accept(" ")
    if isAtEnd || accept("Z") || accept("z") { return 0 }
    if at + 3 <= bytes.count, bytes[at...].elementsEqual("UTC".utf8) {
      at += 3
      return 0
    }
    let isNegative = accept("-")
    guard isNegative || accept("+"), let hours = number(1...2) else { return nil }
    var minutes: Int64 = 0
    if accept(":") || !isAtEnd {
      guard let value = number(2...2) else { return nil }
      minutes = value
    }
    let micros = (hours * 60 + minutes) * 60_000_000
    return isNegative ? -micros : micros
  }
}
