internal import Columnar
internal import Kernels

/// `CAST` and `TRY_CAST`. Each pair of layouts has its loop; the values between are read and written as text or
/// numbers.
enum Casting {
  static func cast(_ a: Vector, to type: SQLType, isTry: Bool, count: Int) throws(QueryError) -> Vector {
    if a.type == type { return a }
    if a.type == .null { return .null(type) }
    var result = a
    result.type = type
    if isFree(a.type, type) { return result }
    let rows = a.storedCount
    var bad: [UInt8] = Array(repeating: 0, count: rows)
    result.values = try values(a, type, &bad)
    if let validity = a.validity { clearFlags(&bad, where: validity.words.span) }
    if bad.contains(1) {
      guard isTry else {
        throw QueryError(.value, "a value of type \(a.type.name) does not fit \(type.name)")
      }
      let good = Bitmap(words: packFlags(mapElements(bad) { $0 ^ 1 }.span), count: rows)
      result.validity = Bitmap.both(a.validity, good)
    }
    return result
  }

  /// Whether each value of the one type lies in memory as the same value of the other.
  private static func isFree(_ from: SQLType, _ to: SQLType) -> Bool {
    switch (from, to) {
    case (.integer(let bits, let isSigned), .integer(let more, let toSigned)):
      from.layout == to.layout && bits <= more && (isSigned == toSigned || (toSigned && bits < more))
    case (.float, .double): true
    case (.timestamp(_, let isNanos), .timestamp(_, let toNanos)): isNanos == toNanos
    case (.decimal(let precision, let scale), .decimal(let more, let toScale)): scale == toScale && precision <= more
    case (.text, .blob): true
    default: false
    }
  }

  private static func values(_ a: Vector, _ type: SQLType, _ bad: inout [UInt8]) throws(QueryError) -> Vector.Values {
    func unsupported() -> QueryError {
      QueryError(.notSupported, "a cast from \(a.type.name) to \(type.name)")
    }
    let from = a.type
    switch (from, type) {
    case (_, .text): return .bytes(texts(a))
    case (.text, _):
      let strings = a.strings
      let list = (0..<strings.count).map { String(decoding: strings[$0], as: UTF8.self) }
      guard let parsed = parse(list, type, &bad) else { throw unsupported() }
      return parsed
    case (.boolean, _) where type.isNumeric:
      return try values(
        Vector(.int32, .ints(a.ints), validity: a.validity), type, &bad)
    case (_, .boolean):
      switch a.values {
      case .doubles(let list): return .flags(mapElements(list) { flag($0 != 0) })
      case .wides(let list): return .flags(list.map { $0 != 0 ? 1 : 0 })
      case .ints where from.isInteger, .narrow where from.isInteger:
        return .flags(mapElements(a.ints) { flag($0 != 0) })
      default: throw unsupported()
      }
    case (.integer, .integer), (.integer, .decimal), (.decimal, .integer), (.decimal, .decimal):
      if from.layout == .int, type.layout == .int {
        let (low, high) = type.integerBounds
        return .ints(each(a.ints, 0, &bad) { $0 < low || $0 > high ? nil : $0 })
      }
      return rescaled(a, type, &bad)
    default:
      if let result = floating(a, type, &bad) { return result }
      guard let result = times(a, type, &bad) else { throw unsupported() }
      return result
    }
  }

  /// Applies a conversion to each row, and notes the rows that have none.
  private static func each<A, R>(_ list: [A], _ zero: R, _ bad: inout [UInt8], _ body: (A) -> R?) -> [R] {
    var result: [R] = []
    result.reserveCapacity(list.count)
    for (row, item) in list.enumerated() {
      if let value = body(item) {
        result.append(value)
      } else {
        bad[row] = 1
        result.append(zero)
      }
    }
    return result
  }

  /// To and from floating-point numbers; `nil` for other types.
  private static func floating(_ a: Vector, _ type: SQLType, _ bad: inout [UInt8]) -> Vector.Values? {
    let from = a.type
    switch (from, type) {
    case (.integer, .float), (.integer, .double), (.decimal, .float), (.decimal, .double):
      let isSingle = type == .float
      let scale = Double(Maths.tenTo(from.digits?.scale ?? 0))
      if from.layout == .int {
        let list = a.ints
        return .doubles(isSingle ? mapElements(list) { Double(Float($0)) } : mapElements(list) { Double($0) })
      }
      return .doubles(a.wides.map { isSingle ? Double(Float(Double($0) / scale)) : Double($0) / scale })
    case (.double, .float):
      return .doubles(
        each(a.doubles, 0, &bad) { $0.isFinite && !Float($0).isFinite ? nil : Double(Float($0)) })
    case (_, .integer) where from.isFloating:
      let (low, high) = type.wideBounds
      let list = each(a.doubles, Int128(0), &bad) { value -> Int128? in
        guard let whole = Int128(exactly: value.rounded(.toNearestOrEven)), whole >= low, whole <= high else {
          return nil
        }
        return whole
      }
      return type.layout == .int ? .ints(list.map { Int64(truncatingIfNeeded: $0) }) : .wides(list)
    case (_, .decimal(_, let scale)) where from.isFloating:
      let (low, high) = type.wideBounds
      let factor = Double(Maths.tenTo(scale))
      return .wides(
        each(a.doubles, 0, &bad) { value in
          guard let whole = Int128(exactly: (value * factor).rounded()), whole >= low, whole <= high else { return nil }
          return whole
        })
    default: return nil
    }
  }

  /// Whole numbers and decimals under another scale, rounded half away from zero.
  private static func rescaled(_ a: Vector, _ type: SQLType, _ bad: inout [UInt8]) -> Vector.Values {
    let (from, to) = (a.type.digits?.scale ?? 0, type.digits?.scale ?? 0)
    let (low, high) = type.wideBounds
    let factor = Maths.tenTo(abs(to - from))
    var list = a.wides
    for row in list.indices {
      let value: Int128
      var overflow = false
      if to >= from {
        (value, overflow) = list[row].multipliedReportingOverflow(by: factor)
      } else {
        value = Maths.divideRounding(list[row], by: factor)
      }
      bad[row] = overflow || value < low || value > high ? 1 : 0
      list[row] = bad[row] == 0 ? value : 0
    }
    return type.layout == .int ? .ints(list.map { Int64(truncatingIfNeeded: $0) }) : .wides(list)
  }

  private static func times(_ a: Vector, _ type: SQLType, _ bad: inout [UInt8]) -> Vector.Values? {
    let day = TimeArithmetic.microsPerDay
    func scaled(_ list: [Int64], _ factor: Int64) -> [Int64] {
      var result = list
      for row in list.indices {
        let (value, overflow) = list[row].multipliedReportingOverflow(by: factor)
        if overflow { bad[row] = 1 }
        result[row] = value
      }
      return result
    }
    switch (a.type, type) {
    case (.date, .timestamp(_, let isNanos)): return .ints(scaled(a.ints, isNanos ? day * 1_000 : day))
    case (.timestamp(_, let isNanos), .date):
      let unit = isNanos ? day * 1_000 : day
      return .ints(mapElements(a.ints) { $0.floorDivided(by: unit) })
    case (.timestamp(_, false), .timestamp(_, true)): return .ints(scaled(a.ints, 1_000))
    case (.timestamp(_, true), .timestamp(_, false)): return .ints(mapElements(a.ints) { $0.floorDivided(by: 1_000) })
    case (.timestamp(_, let isNanos), .time):
      let list = isNanos ? mapElements(a.ints) { $0.floorDivided(by: 1_000) } : a.ints
      return .ints(mapElements(list) { $0 &- $0.floorDivided(by: day) &* day })
    case (.blob, .text): return a.values
    default: return nil
    }
  }

  /// Texts read as another type.
  private static func parse(_ list: [String], _ type: SQLType, _ bad: inout [UInt8]) -> Vector.Values? {
    func each<R>(_ zero: R, _ body: (String) -> R?) -> [R] {
      list.enumerated().map { row, text in
        if let value = body(text) { return value }
        bad[row] = 1
        return zero
      }
    }
    switch type {
    case .boolean:
      let words: [String: UInt8] = [
        "true": 1, "t": 1, "1": 1, "yes": 1, "y": 1, "false": 0, "f": 0, "0": 0, "no": 0, "n": 0,
      ]
      return .flags(each(0) { words[$0.lowercased()] })
    case .integer, .decimal:
      let scale = type.digits?.scale ?? 0
      let (low, high) = type.wideBounds
      let values = each(Int128(0)) { text -> Int128? in
        guard let (unscaled, own) = NumberText.decimal(text) else { return nil }
        let value: Int128
        if own > scale {
          value = own - scale > 38 ? 0 : Maths.divideRounding(unscaled, by: Maths.tenTo(own - scale))
        } else {
          let (product, overflow) = unscaled.multipliedReportingOverflow(by: Maths.tenTo(scale - own))
          if overflow { return nil }
          value = product
        }
        return value < low || value > high ? nil : value
      }
      return type.layout == .int ? .ints(values.map { Int64(truncatingIfNeeded: $0) }) : .wides(values)
    case .double: return .doubles(each(0) { NumberText.double($0) })
    case .float: return .doubles(each(0) { NumberText.double($0).map { Double(Float($0)) } })
    case .date: return .ints(each(0) { TimeText.timestamp($0)?.floorDivided(by: TimeArithmetic.microsPerDay) })
    case .time: return .ints(each(0) { TimeText.time($0) })
    case .timestamp(_, let isNanos):
      return .ints(
        each(0) { text in
          guard let micros = TimeText.timestamp(text) else { return nil }
          let (value, overflow) = micros.multipliedReportingOverflow(by: isNanos ? 1_000 : 1)
          return overflow ? nil : value
        })
    case .interval: return .intervals(each(Interval()) { TimeText.interval($0) })
    case .blob:
      var strings = ByteStrings()
      for text in list { strings.append(text.utf8) }
      return .bytes(strings)
    default: return nil
    }
  }

  /// Each value as text.
  static func texts(_ a: Vector) -> ByteStrings {
    if a.type.layout == .bytes { return a.strings }
    var strings = ByteStrings()
    for row in 0..<a.storedCount { strings.append(text(of: a.value(at: row), a.type).utf8) }
    return strings
  }

  static func text(of value: Value, _ type: SQLType) -> String {
    switch value {
    case .null: return ""
    case .flag(let flag): return flag ? "true" : "false"
    case .bytes(let bytes): return String(decoding: bytes, as: UTF8.self)
    case .double(let number): return NumberText.text(number, isSingle: type == .float)
    case .wide(let number): return NumberText.text(number, scale: type.digits?.scale ?? 0)
    case .interval(let interval): return interval.text
    case .int(let number):
      switch type {
      case .date: return TimeText.dateText(number)
      case .time: return TimeText.timeText(number)
      case .timestamp(let isUTC, let isNanos):
        return TimeText.timestampText(isNanos ? number.floorDivided(by: 1_000) : number, isUTC: isUTC)
      default: return "\(number)"
      }
    }
  }
}
