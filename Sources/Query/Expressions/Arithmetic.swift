internal import Columnar
internal import Kernels

/// Arithmetic on numbers, dates and intervals. An overflow is an error.
enum Arithmetic {
  static func apply(
    _ operation: Operation, _ arguments: [Vector], _ type: SQLType, count: Int
  ) throws(QueryError) -> Vector {
    let validity = Vector.validity(of: arguments, count: count)
    if arguments.contains(where: { $0.type == .interval }) || type == .interval || type.isTemporal
      || arguments[0].type.isTemporal
    {
      return try TimeArithmetic.apply(operation, arguments, type, validity, count: count)
    }
    guard arguments.count == 2 else { return try unary(operation, arguments[0], type) }
    let (a, b) = (arguments[0], arguments[1])
    switch a.type.layout {
    case .int:
      return Vector(type, .ints(try whole(operation, a.ints, b.ints, type, validity, count)), validity: validity)
    case .wide:
      return Vector(type, .wides(try wide(operation, a.wides, b.wides, type, validity, count)), validity: validity)
    default:
      let result = floating(operation, a.doubles, b.doubles, count)
      return Vector(type, .doubles(type == .float ? result.map { Double(Float($0)) } : result), validity: validity)
    }
  }

  static let overflow = QueryError(.value, "a number is out of the range of its type")

  private static func unary(_ operation: Operation, _ a: Vector, _ type: SQLType) throws(QueryError) -> Vector {
    var result = a
    result.type = type
    switch (operation, a.type.layout) {
    case (.negate, .int):
      let zero: [Int64] = [0]
      result.values = .ints(try whole(.subtract, zero, a.ints, type, a.validity, a.storedCount))
    case (.negate, .wide):
      result.values = .wides(try wide(.subtract, [0], a.wides, type, a.validity, a.storedCount))
    case (.negate, _): result.values = .doubles(mapElements(a.doubles) { -$0 })
    case (_, .int): result.values = .ints(mapElements(a.ints) { ~$0 })
    default: result.values = .wides(a.wides.map { ~$0 })
    }
    return result
  }

  /// The rows that count: a row without a value may hold anything.
  private static func contains(_ validity: Bitmap?, _ count: Int, where isBad: (Int) -> Bool) -> Bool {
    (0..<count).contains { (validity?[$0] ?? true) && isBad($0) }
  }

  private static func whole(
    _ operation: Operation, _ a: [Int64], _ b: [Int64], _ type: SQLType, _ validity: Bitmap?, _ count: Int
  ) throws(QueryError) -> [Int64] {
    func left(_ row: Int) -> Int64 { a.count == 1 ? a[0] : a[row] }
    func right(_ row: Int) -> Int64 { b.count == 1 ? b[0] : b[row] }
    let result: [Int64]
    let carry: (Int) -> Bool
    switch operation {
    case .add:
      result = zipElements(a, b, count: count) { $0 &+ $1 }
      carry = { left($0).addingReportingOverflow(right($0)).overflow }
    case .subtract:
      result = zipElements(a, b, count: count) { $0 &- $1 }
      carry = { left($0).subtractingReportingOverflow(right($0)).overflow }
    case .multiply:
      result = zipElements(a, b, count: count) { $0 &* $1 }
      carry = { left($0).multipliedReportingOverflow(by: right($0)).overflow }
    case .divideWhole, .modulo:
      if b.contains(0), contains(validity, count, where: { right($0) == 0 }) {
        throw QueryError(.value, "division by zero")
      }
      result = zipElements(a, b, count: count) { first, second in
        if second == 0 { return 0 }
        if second == -1 { return operation == .modulo ? 0 : 0 &- first }
        return operation == .modulo ? first % second : first / second
      }
      carry = { operation == .divideWhole && left($0) == .min && right($0) == -1 }
    case .bitAnd: return zipElements(a, b, count: count) { $0 & $1 }
    case .bitOr: return zipElements(a, b, count: count) { $0 | $1 }
    case .shiftLeft, .shiftRight:
      if contains(validity, count, where: { right($0) < 0 || right($0) > 62 }) { throw overflow }
      result = zipElements(a, b, count: count) { operation == .shiftLeft ? $0 &<< $1 : $0 &>> $1 }
      carry = { operation == .shiftLeft && (left($0) < 0 || (left($0) &<< right($0)) &>> right($0) != left($0)) }
    default: preconditionFailure("an operation on whole numbers")
    }
    let (low, high) = type.integerBounds
    let mayCarry: UInt8
    switch operation {
    // Whether the sign of the result is one that no carry can have.
    case .add: mayCarry = foldElements(a, b, count: count) { flag(($0 ^ ($0 &+ $1)) & ($1 ^ ($0 &+ $1)) < 0) }
    case .subtract: mayCarry = foldElements(a, b, count: count) { flag(($0 ^ $1) & ($0 ^ ($0 &- $1)) < 0) }
    case .multiply:
      let half = Int64(1) << 31
      mayCarry = foldElements(a, b, count: count) {
        flag($0 >= half) | flag($0 < -half) | flag($1 >= half) | flag($1 < -half)
      }
    default: mayCarry = 1
    }
    let isOutside = type == .int64 ? 0 : foldElements(result, [low], count: count) { flag($0 < $1) | flag($0 > high) }
    if mayCarry != 0 || isOutside != 0,
      contains(validity, count, where: { carry($0) || result[$0] < low || result[$0] > high })
    {
      throw overflow
    }
    return result
  }

  private static func wide(
    _ operation: Operation, _ a: [Int128], _ b: [Int128], _ type: SQLType, _ validity: Bitmap?, _ count: Int
  ) throws(QueryError) -> [Int128] {
    var failure: QueryError?
    let (low, high) = type.wideBounds
    let (stepA, stepB) = (a.count == 1 ? 0 : 1, b.count == 1 ? 0 : 1)
    let result = (0..<count).map { row -> Int128 in
      guard validity?[row] ?? true else { return 0 }
      let (left, right) = (a[row * stepA], b[row * stepB])
      var value: (partialValue: Int128, overflow: Bool)
      switch operation {
      case .add: value = left.addingReportingOverflow(right)
      case .subtract: value = left.subtractingReportingOverflow(right)
      case .multiply: value = left.multipliedReportingOverflow(by: right)
      case .bitAnd: value = (left & right, false)
      case .bitOr: value = (left | right, false)
      case .divideWhole, .modulo:
        if right == 0 {
          failure = failure ?? QueryError(.value, "division by zero")
          return 0
        }
        value =
          operation == .modulo
          ? left.remainderReportingOverflow(dividingBy: right) : left.dividedReportingOverflow(by: right)
        if operation == .modulo { value.overflow = false }
      default: value = (0, true)
      }
      if value.overflow || value.partialValue < low || value.partialValue > high { failure = failure ?? overflow }
      return value.partialValue
    }
    if let failure { throw failure }
    return result
  }

  private static func floating(_ operation: Operation, _ a: [Double], _ b: [Double], _ count: Int) -> [Double] {
    switch operation {
    case .add: zipElements(a, b, count: count) { $0 + $1 }
    case .subtract: zipElements(a, b, count: count) { $0 - $1 }
    case .multiply: zipElements(a, b, count: count) { $0 * $1 }
    case .divide, .divideWhole: zipElements(a, b, count: count) { $0 / $1 }
    case .modulo: zipElements(a, b, count: count) { $0.truncatingRemainder(dividingBy: $1) }
    default: zipElements(a, b, count: count) { Maths.power($0, $1) }
    }
  }
}

extension SQLType {
  /// The least and the greatest value of a whole-number type of up to 64 bits.
  var integerBounds: (low: Int64, high: Int64) {
    switch self {
    case .integer(let bits, true) where bits < 64: (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    case .integer(let bits, false) where bits < 64: (0, (1 << bits) - 1)
    default: (.min, .max)
    }
  }

  /// The least and the greatest value of a decimal, unscaled, or of a large whole number.
  var wideBounds: (low: Int128, high: Int128) {
    switch self {
    case .decimal(let precision, _): (1 - Maths.tenTo(precision), Maths.tenTo(precision) - 1)
    case .integer(64, false): (0, Int128(UInt64.max))
    case .integer(128, false): (0, .max)
    case .integer(let bits, _) where bits < 128: (Int128(integerBounds.low), Int128(integerBounds.high))
    default: (.min, .max)
    }
  }
}
