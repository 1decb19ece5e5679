internal import Columnar

/// A form of times as `strftime` and `strptime` have it: text with `%Y`, `%m` and such in it.
struct TimeFormat {
  private enum Part {
    case text([UInt8])
    /// A letter, and whether leading zeros are left out.
    case field(UInt8, isShort: Bool)
  }

  private var parts: [Part] = []

  private static let known = Array("aAwudbBmyYHIpMSfgnzZjUWcxXG%V".utf8)
  private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]

  /// - Throws: ``QueryError`` for a letter behind `%` that stands for nothing.
  init(_ written: ArraySlice<UInt8>) throws(QueryError) {
    var text: [UInt8] = []
    var at = written.startIndex
    while at < written.endIndex {
      let byte = written[at]
      at += 1
      guard byte == UInt8(ascii: "%") else {
        text.append(byte)
        continue
      }
      var isShort = false
      if at < written.endIndex, written[at] == UInt8(ascii: "-") {
        isShort = true
        at += 1
      }
      guard at < written.endIndex, Self.known.contains(written[at]) else {
        throw QueryError(.value, "a format of times with % before something that stands for nothing")
      }
      let letter = written[at]
      at += 1
      let whole: [UInt8: String] = [
        UInt8(ascii: "c"): "%Y-%m-%d %H:%M:%S", UInt8(ascii: "x"): "%Y-%m-%d", UInt8(ascii: "X"): "%H:%M:%S",
      ]
      if letter == UInt8(ascii: "%") {
        text.append(letter)
      } else {
        parts.append(.text(text))
        text = []
        if let inner = whole[letter] {
          parts += try TimeFormat(Array(inner.utf8)[...]).parts
        } else {
          parts.append(.field(letter, isShort: isShort))
        }
      }
    }
    parts.append(.text(text))
  }

  // MARK: Writing

  /// A time, in microseconds since 1970, as text.
  func text(_ micros: Int64, isUTC: Bool) -> [UInt8] {
    var result: [UInt8] = []
    let days = micros.floorDivided(by: TimeArithmetic.microsPerDay)
    let time = micros &- days &* TimeArithmetic.microsPerDay
    let date = CivilDate(daysSinceEpoch: Int(days))
    for part in parts {
      switch part {
      case .text(let bytes): result += bytes
      case .field(let letter, let isShort):
        result += Self.field(letter, isShort, micros, time, date, isUTC).utf8
      }
    }
    return result
  }

  private static func field(
    _ letter: UInt8, _ isShort: Bool, _ micros: Int64, _ time: Int64, _ date: CivilDate, _ isUTC: Bool
  ) -> String {
    func number(_ value: Int64, _ width: Int) -> String {
      let digits = "\(abs(value))"
      let zeros = isShort ? "" : String(repeating: "0", count: max(0, width - digits.count))
      return (value < 0 ? "-" : "") + zeros + digits
    }
    let weekday = DatePart.dow.value(micros)
    let dayOfYear = DatePart.doy.value(micros)
    let hour = time / 3_600_000_000
    switch Unicode.Scalar(letter) {
    case "a": return String(days[Int(weekday)].prefix(3))
    case "A": return days[Int(weekday)]
    case "w": return "\(weekday)"
    case "u": return "\(DatePart.isodow.value(micros))"
    case "d": return number(Int64(date.day), 2)
    case "b": return String(months[date.month - 1].prefix(3))
    case "B": return months[date.month - 1]
    case "m": return number(Int64(date.month), 2)
    case "y": return number(Int64(date.year) - Int64(date.year).floorDivided(by: 100) * 100, 2)
    case "Y": return number(Int64(date.year), 4)
    case "G": return number(DatePart.isoyear.value(micros), 4)
    case "H": return number(hour, 2)
    case "I": return number(hour % 12 == 0 ? 12 : hour % 12, 2)
    case "p": return hour < 12 ? "AM" : "PM"
    case "M": return number(time / 60_000_000 % 60, 2)
    case "S": return number(time / 1_000_000 % 60, 2)
    case "f": return number(time % 1_000_000, 6)
    case "g": return number(time % 1_000_000 / 1_000, 3)
    case "n": return number(time % 1_000_000 * 1_000, 9)
    case "z": return isUTC ? "+00" : ""
    case "Z": return isUTC ? "UTC" : ""
    case "j": return number(dayOfYear, 3)
    case "U": return number((dayOfYear + 6 - weekday) / 7, 2)
    case "W": return number((dayOfYear + 6 - (weekday + 6) % 7) / 7, 2)
    case "V": return number(DatePart.week.value(micros), 2)
    default: return ""
    }
  }

  // MARK: Reading

  /// Whether texts of this form can be read.
  var isReadable: Bool {
    parts.allSatisfy { part in
      if case .field(let letter, _) = part { return Array("aAdbBmyYHIpMSfg".utf8).contains(letter) }
      return true
    }
  }

  /// The time that a text of this form stands for, in microseconds since 1970; `nil` for other texts.
  func time(_ text: ArraySlice<UInt8>) -> Int64? {
    var at = text.startIndex
    while at < text.endIndex, text[at] == 0x20 { at += 1 }
    var values: [UInt8: Int64] = [:]
    for part in parts {
      switch part {
      case .text(let bytes):
        guard text[at...].starts(with: bytes) else { return nil }
        at += bytes.count
      case .field(let letter, _):
        guard let value = Self.value(letter, text, &at) else { return nil }
        values[letter] = value
      }
    }
    while at < text.endIndex, text[at] == 0x20 { at += 1 }
    return at == text.endIndex ? Self.time(values) : nil
  }

  private static func value(_ letter: UInt8, _ text: ArraySlice<UInt8>, _ at: inout Int) -> Int64? {
    func named(_ names: [String]) -> Int64? {
      for (index, name) in names.enumerated() {
        let part = text[at...].prefix(name.utf8.count)
        if TextFunctions.lowered(part).elementsEqual(name.lowercased().utf8) {
          at += name.utf8.count
          return Int64(index)
        }
      }
      return nil
    }
    func number(_ most: Int) -> Int64? {
      var value: Int64 = 0
      let start = at
      while at < text.endIndex, at - start < most, text[at].isDigit {
        value = value * 10 + Int64(text[at] - 0x30)
        at += 1
      }
      return at > start ? value : nil
    }
    switch Unicode.Scalar(letter) {
    case "a": return named(days.map { String($0.prefix(3)) })
    case "A": return named(days)
    case "b": return named(months.map { String($0.prefix(3)) }).map { $0 + 1 }
    case "B": return named(months).map { $0 + 1 }
    case "p": return named(["AM", "PM"])
    case "Y": return number(4)
    case "f":
      let start = at
      return number(6).map { value in (at - start..<6).reduce(value) { sum, _ in sum * 10 } }
    case "g":
      let start = at
      return number(3).map { value in (at - start..<3).reduce(value) { sum, _ in sum * 10 } }
    default: return number(2)
    }
  }

  private static func time(_ values: [UInt8: Int64]) -> Int64? {
    func value(_ letter: Unicode.Scalar, _ otherwise: Int64) -> Int64 {
      values[UInt8(ascii: letter)] ?? otherwise
    }
    var year = value("Y", 1900)
    if let short = values[UInt8(ascii: "y")] { year = short < 69 ? 2000 + short : 1900 + short }
    let month = values[UInt8(ascii: "b")] ?? values[UInt8(ascii: "B")] ?? value("m", 1)
    let day = value("d", 1)
    var hour = value("H", 0)
    if let half = values[UInt8(ascii: "I")] {
      guard (1...12).contains(half) else { return nil }
      hour = half % 12 + 12 * value("p", 0)
    }
    let (minute, second) = (value("M", 0), value("S", 0))
    guard (1...12).contains(month), day >= 1,
      day <= TimeArithmetic.daysIn(month: Int(month), of: Int(year)), hour < 24, minute < 60, second < 60
    else { return nil }
    let days = Int64(CivilDate(year: Int(year), month: Int(month), day: Int(day)).daysSinceEpoch)
    let seconds = (hour * 60 + minute) * 60 + second
    return days * TimeArithmetic.microsPerDay + seconds * 1_000_000 + value("f", 0) + value("g", 0) * 1_000
  }
}
