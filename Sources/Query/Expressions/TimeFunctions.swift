internal import Columnar
internal import Kernels

/// Functions of dates and timestamps, all by UTC.
enum TimeFunctions {
  static func apply(
    _ function: ScalarFunction, _ arguments: [Vector], _ type: SQLType, _ count: Int
  ) throws(QueryError) -> Vector {
    let validity = Vector.validity(of: arguments, count: count)
    switch function {
    case .date_trunc:
      let unit = try unit(arguments[0])
      return Vector(type, .ints(truncated(micros(arguments[1]), to: unit)), validity: validity)
    case .date_part: return try part(arguments, type, validity)
    case .date_diff:
      let unit = try unit(arguments[0])
      let list = zipElements(micros(arguments[1]), micros(arguments[2]), count: count) {
        index(of: $1, unit) &- index(of: $0, unit)
      }
      return Vector(type, .ints(list), validity: validity)
    case .time_bucket: return try bucket(arguments, type, validity, count)
    case .epoch_ms:
      return Vector(type, .ints(mapElements(micros(arguments[0])) { $0.floorDivided(by: 1_000) }), validity: validity)
    case .epoch_us: return Vector(type, .ints(micros(arguments[0])), validity: validity)
    case .to_timestamp:
      let list = arguments[0].doubles
      guard list.allSatisfy({ abs($0) < 9e12 }) else { throw QueryError(.value, "a time that is out of range") }
      return Vector(type, .ints(mapElements(list) { Int64(($0 * 1e6).rounded()) }), validity: validity)
    case .last_day:
      let list = mapElements(micros(arguments[0])) { value -> Int64 in
        var date = CivilDate(daysSinceEpoch: Int(value.floorDivided(by: TimeArithmetic.microsPerDay)))
        date.day = TimeArithmetic.daysIn(month: date.month, of: date.year)
        return Int64(date.daysSinceEpoch)
      }
      return Vector(type, .ints(list), validity: validity)
    case .dayname, .monthname: return names(function, micros(arguments[0]), validity)
    case .make_timestamp: return try timestamp(arguments, validity, count)
    case .make_date: return try date(arguments, validity, count)
    default: throw QueryError(.notSupported, "the function \(function.rawValue)")
    }
  }

  /// The unit that a constant names.
  private static func unit(_ argument: Vector) throws(QueryError) -> IntervalUnit {
    guard case .bytes(let name) = argument.value(at: 0),
      let unit = IntervalUnit(name: String(decoding: name, as: UTF8.self))
    else {
      throw QueryError(.value, "there is no such unit of time – use second, minute, hour, day, month and the like")
    }
    return unit
  }

  /// Microseconds since 1970.
  static func micros(_ vector: Vector) -> [Int64] {
    switch vector.type {
    case .date: mapElements(vector.ints) { $0 &* TimeArithmetic.microsPerDay }
    case .timestamp(_, true): mapElements(vector.ints) { $0.floorDivided(by: 1_000) }
    default: vector.ints
    }
  }

  /// The length of a unit in microseconds, where it has one.
  private static func length(_ unit: IntervalUnit) -> Int64? {
    let interval = unit.interval
    return interval.months == 0 ? interval.days * TimeArithmetic.microsPerDay + interval.micros : nil
  }

  /// Each time moved back to the beginning of its unit.
  static func truncated(_ list: [Int64], to unit: IntervalUnit) -> [Int64] {
    guard let length = length(unit) else {
      return buckets(list) { value in
        let index = index(of: value, unit)
        return (start(index, unit), start(index + 1, unit))
      }
    }
    // Weeks begin on Monday; 1970-01-01 was a Thursday.
    let shift = unit == .week ? 3 * TimeArithmetic.microsPerDay : 0
    return buckets(list) { value in
      let start = (value &+ shift).floorDivided(by: length) &* length &- shift
      return (start, start &+ length)
    }
  }

  /// The start of each time's bucket. Times that follow each other often share one, and then nothing is divided.
  static func buckets(_ list: [Int64], _ bucket: (Int64) -> (Int64, Int64)) -> [Int64] {
    var start: Int64 = 1
    var end: Int64 = 0
    return mapElements(list) { value in
      if value < start || value >= end { (start, end) = bucket(value) }
      return start
    }
  }

  /// The number of a unit, counted so that units that follow each other have numbers that do.
  private static func index(of micros: Int64, _ unit: IntervalUnit) -> Int64 {
    if let length = length(unit) {
      let shift = unit == .week ? 3 * TimeArithmetic.microsPerDay : 0
      return (micros &+ shift).floorDivided(by: length)
    }
    let date = CivilDate(daysSinceEpoch: Int(micros.floorDivided(by: TimeArithmetic.microsPerDay)))
    let months = Int64(date.year) * 12 + Int64(date.month - 1)
    return months.floorDivided(by: unit.interval.months)
  }

  /// The beginning of the unit of a number.
  private static func start(_ index: Int64, _ unit: IntervalUnit) -> Int64 {
    let months = Int(index * unit.interval.months)
    let year = months.floorDivided(by: 12)
    return Int64(CivilDate(year: year, month: months - year * 12 + 1, day: 1).daysSinceEpoch)
      &* TimeArithmetic.microsPerDay
  }

  private static func bucket(
    _ arguments: [Vector], _ type: SQLType, _ validity: Bitmap?, _ count: Int
  ) throws(QueryError) -> Vector {
    guard case .interval(let width) = arguments[0].value(at: 0), arguments[0].isConstant else {
      throw QueryError(.notSupported, "buckets of varying width")
    }
    let list = micros(arguments[1])
    let result: [Int64]
    if width.months != 0 {
      guard width.days == 0, width.micros == 0, width.months > 0 else {
        throw QueryError(.notSupported, "buckets of months together with days")
      }
      // Buckets of months are counted from the year 2000, those of days and less from Monday, 2000-01-03.
      result = buckets(list) { value in
        let number = (index(of: value, .month) - 24_000).floorDivided(by: width.months)
        let first = number * width.months + 24_000
        return (start(first, .month), start(first + width.months, .month))
      }
    } else {
      let (days, overflow) = width.days.multipliedReportingOverflow(by: TimeArithmetic.microsPerDay)
      let (length, beyond) = days.addingReportingOverflow(width.micros)
      guard !overflow, !beyond, length > 0 else { throw QueryError(.value, "the width of a bucket is not positive") }
      let origin: Int64 = 946_857_600_000_000
      result = buckets(list) { value in
        let start = (value &- origin).floorDivided(by: length) &* length &+ origin
        return (start, start &+ length)
      }
    }
    let isDate = type == .date
    return Vector(
      type, .ints(isDate ? mapElements(result) { $0.floorDivided(by: TimeArithmetic.microsPerDay) } : result),
      validity: validity)
  }

  private static func names(_ function: ScalarFunction, _ list: [Int64], _ validity: Bitmap?) -> Vector {
    let days = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"]
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    var strings = ByteStrings()
    for value in list {
      let day = value.floorDivided(by: TimeArithmetic.microsPerDay)
      let name =
        function == .dayname
        ? days[Int(day - day.floorDivided(by: 7) * 7)] : months[CivilDate(daysSinceEpoch: Int(day)).month - 1]
      strings.append(name.utf8)
    }
    return Vector(.text, .bytes(strings), validity: validity)
  }

  private static func timestamp(
    _ arguments: [Vector], _ validity: Bitmap?, _ count: Int
  ) throws(QueryError) -> Vector {
    let days = try date(Array(arguments.prefix(3)), validity, count).ints
    let (hours, minutes) = (arguments[3].expanded(to: count).ints, arguments[4].expanded(to: count).ints)
    let seconds = arguments[5].expanded(to: count).doubles
    var times = [Int64](repeating: 0, count: count)
    for row in 0..<count where validity?[row] ?? true {
      guard (0..<24).contains(hours[row]), (0..<60).contains(minutes[row]), seconds[row] >= 0, seconds[row] < 60 else {
        throw QueryError(.value, "there is no such time")
      }
      let time = (hours[row] * 60 + minutes[row]) * 60_000_000 + Int64((seconds[row] * 1e6).rounded())
      times[row] = days[row] * TimeArithmetic.microsPerDay + time
    }
    return Vector(.timestamp, .ints(times), validity: validity)
  }

  private static func date(_ arguments: [Vector], _ validity: Bitmap?, _ count: Int) throws(QueryError) -> Vector {
    let parts = arguments.map { $0.expanded(to: count).ints }
    var days: [Int64] = []
    for row in 0..<count {
      guard validity?[row] ?? true else {
        days.append(0)
        continue
      }
      let (year, month, day) = (Int(parts[0][row]), Int(parts[1][row]), Int(parts[2][row]))
      guard abs(year) < 300_000, (1...12).contains(month), day >= 1,
        day <= TimeArithmetic.daysIn(month: month, of: year)
      else { throw QueryError(.value, "there is no such date") }
      days.append(Int64(CivilDate(year: year, month: month, day: day).daysSinceEpoch))
    }
    return Vector(.date, .ints(days), validity: validity)
  }
}
