import Columnar

extension TextBuffer {
  /// Adds a date as `YYYY-MM-DD`; years beyond four digits in full, years before 0 with a sign.
  mutating func appendDate(daysSinceEpoch days: Int) {
    let date = CivilDate(daysSinceEpoch: days)
    if date.year < 0 { append(0x2D) }
    let year = UInt64(date.year.magnitude)
    append(digits: year, width: max(4, TextBuffer.digitCount(year)))
    append(0x2D)
    append(digits: UInt64(date.month), width: 2)
    append(0x2D)
    append(digits: UInt64(date.day), width: 2)
  }

  /// Adds a time of day as `HH:MM:SS` with 3, 6 or 9 decimals. A value that is no time of day, as a faulty file may
  /// hold, shows hours above 23 or a sign.
  mutating func appendTime(_ value: Int64, unit: TimeUnit, isUTC: Bool) {
    if value < 0 { append(0x2D) }
    let perSecond = UInt64(unit.perSecond)
    let seconds = value.magnitude / perSecond
    let hours = seconds / 3_600
    append(digits: hours, width: max(2, TextBuffer.digitCount(hours)))
    append(0x3A)
    append(digits: seconds / 60 % 60, width: 2)
    append(0x3A)
    append(digits: seconds % 60, width: 2)
    append(0x2E)
    append(digits: value.magnitude % perSecond, width: unit.decimals)
    if isUTC { append(0x5A) }
  }

  /// Adds a timestamp as `YYYY-MM-DDTHH:MM:SS` with 3, 6 or 9 decimals, and `Z` where adjusted to UTC.
  mutating func appendTimestamp(_ value: Int64, unit: TimeUnit, isUTC: Bool) {
    let perDay = unit.perSecond * 86_400
    // Rounds down also before 1970, without the overflow that subtracting first would risk at Int64.min.
    var day = value / perDay
    var rest = value % perDay
    if rest < 0 {
      day -= 1
      rest += perDay
    }
    appendDate(daysSinceEpoch: Int(day))
    append(0x54)
    appendTime(rest, unit: unit, isUTC: isUTC)
  }

  /// Adds the deprecated 12-byte timestamp: nanoseconds of the day, then Julian day, both little-endian.
  mutating func appendInt96(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count == 12 else { return appendBase64(bytes) }
    let nanoseconds = Int64(bitPattern: TextBuffer.littleEndian(bytes.prefix(8)))
    let julianDay = Int64(Int32(truncatingIfNeeded: TextBuffer.littleEndian(bytes.suffix(4))))
    // Some writers put nanoseconds of more than a day, or below 0: carry them into the date.
    let perDay: Int64 = 86_400_000_000_000
    var day = julianDay - 2_440_588 + nanoseconds / perDay
    var rest = nanoseconds % perDay
    if rest < 0 {
      day -= 1
      rest += perDay
    }
    appendDate(daysSinceEpoch: Int(day))
    append(0x54)
    appendTime(rest, unit: .nanoseconds, isUTC: false)
  }

  /// An unsigned number of up to eight bytes, lowest first.
  static func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension TimeUnit {
  /// How many decimals of a second the unit shows.
  var decimals: Int {
    switch self {
    case .milliseconds: 3
    case .microseconds: 6
    case .nanoseconds: 9
    }
  }
}
