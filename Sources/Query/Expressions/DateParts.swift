internal import Columnar
internal import Kernels

/// The parts of a date or timestamp that `date_part` names.
enum DatePart: String, CaseIterable {
  case year, month, day, hour, minute, second, millisecond, microsecond, dow, isodow, doy, week, quarter, decade,
    century
  case millennium, epoch, isoyear, era, yearweek

  init?(name: String) {
    let lower = name.lowercased()
    let others: [String: DatePart] = [
      "dayofweek": .dow, "weekday": .dow, "dayofyear": .doy, "weekofyear": .week, "dayofmonth": .day,
    ]
    if let part = DatePart(rawValue: lower) ?? others[lower] {
      self = part
    } else if let unit = IntervalUnit(name: lower), let part = DatePart(rawValue: unit.rawValue) {
      self = part
    } else {
      return nil
    }
  }

  /// The part of a time, in microseconds since 1970; ``epoch`` is none of whole numbers.
  func value(_ micros: Int64) -> Int64 {
    let days = micros.floorDivided(by: TimeArithmetic.microsPerDay)
    let time = micros &- days &* TimeArithmetic.microsPerDay
    switch self {
    case .hour: return time / 3_600_000_000
    case .minute: return time / 60_000_000 % 60
    case .second: return time / 1_000_000 % 60
    case .millisecond: return time % 60_000_000 / 1_000
    case .microsecond: return time % 60_000_000
    case .dow: return (days + 4) - (days + 4).floorDivided(by: 7) * 7
    case .isodow: return (days + 3) - (days + 3).floorDivided(by: 7) * 7 + 1
    case .epoch: return micros.floorDivided(by: 1_000_000)
    default: break
    }
    let date = CivilDate(daysSinceEpoch: Int(days))
    let year = Int64(date.year)
    switch self {
    case .year: return year
    case .month: return Int64(date.month)
    case .day: return Int64(date.day)
    case .quarter: return Int64((date.month + 2) / 3)
    case .decade: return year / 10
    case .century: return year > 0 ? (year - 1) / 100 + 1 : year / 100 - 1
    case .millennium: return year > 0 ? (year - 1) / 1_000 + 1 : year / 1_000 - 1
    case .era: return year > 0 ? 1 : 0
    case .doy: return days - Int64(CivilDate(year: date.year, month: 1, day: 1).daysSinceEpoch) + 1
    default:
      // The week of the year that the week's Thursday lies in.
      let thursday = days - ((days + 3) - (days + 3).floorDivided(by: 7) * 7) + 3
      let isoYear = CivilDate(daysSinceEpoch: Int(thursday)).year
      let first = Int64(CivilDate(year: isoYear, month: 1, day: 1).daysSinceEpoch)
      let week = (thursday - first) / 7 + 1
      return self == .isoyear ? Int64(isoYear) : self == .week ? week : Int64(isoYear) * 100 + week
    }
  }
}

extension TimeFunctions {
  static func part(_ arguments: [Vector], _ type: SQLType, _ validity: Bitmap?) throws(QueryError) -> Vector {
    guard case .bytes(let name) = arguments[0].value(at: 0),
      let part = DatePart(name: String(decoding: name, as: UTF8.self))
    else { throw QueryError(.value, "there is no such part of a date") }
    if arguments[1].type == .interval {
      return Vector(type, .ints(arguments[1].intervals.map { part.value(of: $0) }), validity: validity)
    }
    let list = micros(arguments[1])
    if part == .epoch { return Vector(type, .doubles(mapElements(list) { Double($0) / 1e6 }), validity: validity) }
    return Vector(type, .ints(list.map { part.value($0) }), validity: validity)
  }
}

extension DatePart {
  fileprivate func value(of interval: Interval) -> Int64 {
    switch self {
    case .year: interval.months / 12
    case .month: interval.months % 12
    case .day: interval.days
    case .hour: interval.micros / 3_600_000_000
    case .minute: interval.micros / 60_000_000 % 60
    case .second: interval.micros / 1_000_000 % 60
    case .millisecond: interval.micros % 60_000_000 / 1_000
    case .microsecond: interval.micros % 60_000_000
    case .quarter: interval.months % 12 / 3 + 1
    default: 0
    }
  }
}
