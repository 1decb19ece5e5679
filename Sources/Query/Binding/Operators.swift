/// The types of operators.
enum Operators {
  static func mismatch(_ symbol: String, _ a: SQLType, _ b: SQLType?, _ range: Range<Int>) -> QueryError {
    let types = b.map { "\(a.name) and \($0.name)" } ?? a.name
    return QueryError(.binding, "the operator \(symbol) does not take \(types) – cast them", at: range)
  }

  private static let comparisons: [String: Operation] = [
    "=": .equal, "==": .equal, "<>": .notEqual, "!=": .notEqual, "<": .less, "<=": .lessOrEqual, ">": .greater,
    ">=": .greaterOrEqual,
  ]
  private static let arithmetic: [String: Operation] = [
    "+": .add, "-": .subtract, "*": .multiply, "/": .divide, "//": .divideWhole, "%": .modulo, "^": .power,
    "**": .power, "&": .bitAnd, "|": .bitOr, "<<": .shiftLeft, ">>": .shiftRight,
  ]

  /// A call of an operator; a literal number takes the type of the other side where it fits.
  static func bind(
    _ symbol: String, _ left: Expression, _ right: Expression, literals: (Bool, Bool), _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    var (a, b) = (left, right)
    if literals.1, !literals.0 { b = try adapted(b, to: a.type, range) }
    if literals.0, !literals.1 { a = try adapted(a, to: b.type, range) }
    if let comparison = comparisons[symbol] { return try ExpressionBinder.compare(comparison, a, b, range) }
    if symbol == "||" { return try concatenation(a, b, range) }
    guard let operation = arithmetic[symbol] else {
      throw QueryError(.notSupported, "the operator \(symbol)", at: range)
    }
    if a.type == .null || b.type == .null {
      let other = a.type == .null ? b.type : a.type
      guard other.isNumeric || other == .null else {
        if other.isTemporal || other == .interval {
          throw QueryError(.notSupported, "arithmetic with NULL alone", at: range)
        }
        throw mismatch(symbol, a.type, b.type, range)
      }
      let type: SQLType = other == .null ? .int32 : other
      let isDivision = operation == .divide || operation == .power
      return .constant(.null, isDivision ? .double : type)
    }
    if a.type.isTemporal || b.type.isTemporal || a.type == .interval || b.type == .interval {
      return try times(operation, symbol, a, b, range)
    }
    guard a.type.isNumeric, b.type.isNumeric else { throw mismatch(symbol, a.type, b.type, range) }
    return try numbers(operation, symbol, a, b, range)
  }

  /// A literal whole number under the type of the other side, if it fits there.
  private static func adapted(
    _ literal: Expression, to type: SQLType, _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    guard type.isInteger, type.layout == .int || type.layout == .wide, literal.type.isInteger,
      case .constant(let value, _) = literal
    else { return literal }
    let (low, high) = type.wideBounds
    switch value {
    case .int(let number) where Int128(number) >= low && Int128(number) <= high:
      return try Coercion.cast(literal, to: type, at: range)
    default: return literal
    }
  }

  /// The type by which a text is compared with a value of another type: the other one.
  static func textual(_ a: SQLType, _ b: SQLType) -> SQLType? {
    func isReadable(_ type: SQLType) -> Bool {
      if case .other = type { return false }
      return true
    }
    if a == .text, isReadable(b) { return b }
    if b == .text, isReadable(a) { return a }
    return nil
  }

  private static func concatenation(_ a: Expression, _ b: Expression, _ range: Range<Int>) throws(QueryError)
    -> Expression
  {
    func isList(_ type: SQLType) -> Bool { if case .other = type { true } else { false } }
    guard !isList(a.type), !isList(b.type) else { throw QueryError(.notSupported, "|| of lists", at: range) }
    let texts = [try Coercion.cast(a, to: .text, at: range), try Coercion.cast(b, to: .text, at: range)]
    if texts.contains(where: { $0.constant == .null }) { return .constant(.null, .text) }
    // Unlike concat, the operator has no value where one of its sides has none.
    let isBoth = texts.map { Expression.call(.isNotNull, [$0], .boolean, at: Place(range: range)) }
    let joined = try Expression.making(.function(.concat), texts, .text, at: range)
    if joined.constant != nil { return joined }
    return .call(
      .choice, [.call(.and, isBoth, .boolean, at: Place(range: range)), joined, .constant(.null, .text)], .text,
      at: Place(range: range))
  }

  private static func times(
    _ operation: Operation, _ symbol: String, _ left: Expression, _ right: Expression, _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    var (a, b) = (left, right)
    let type: SQLType
    switch (a.type, b.type, operation) {
    case (.date, .date, .subtract): type = .int64
    case (.timestamp, .timestamp, .subtract), (.date, .timestamp, .subtract), (.timestamp, .date, .subtract):
      guard let common = Coercion.common(a.type, b.type) else { throw mismatch(symbol, a.type, b.type, range) }
      a = try Coercion.cast(a, to: common, at: range)
      b = try Coercion.cast(b, to: common, at: range)
      type = .interval
    case (.date, .integer, .add), (.date, .integer, .subtract), (.integer, .date, .add):
      if a.type != .date { a = try Coercion.cast(a, to: .int64, at: range) }
      if b.type != .date { b = try Coercion.cast(b, to: .int64, at: range) }
      type = .date
    case (.date, .interval, .add), (.date, .interval, .subtract), (.interval, .date, .add): type = .timestamp
    case (.timestamp, .interval, .add), (.timestamp, .interval, .subtract): type = a.type
    case (.interval, .timestamp, .add): type = b.type
    case (.interval, .interval, .add), (.interval, .interval, .subtract): type = .interval
    case (.interval, .integer, .multiply): (b, type) = (try Coercion.cast(b, to: .int64, at: range), .interval)
    case (.integer, .interval, .multiply): (a, type) = (try Coercion.cast(a, to: .int64, at: range), .interval)
    default: throw mismatch(symbol, a.type, b.type, range)
    }
    return try .making(operation, [a, b], type, at: range)
  }

  private static func numbers(
    _ operation: Operation, _ symbol: String, _ a: Expression, _ b: Expression, _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    let isBitwise = [.bitAnd, .bitOr, .shiftLeft, .shiftRight].contains(operation)
    if isBitwise, !(a.type.isInteger && b.type.isInteger) { throw mismatch(symbol, a.type, b.type, range) }
    guard var type = Coercion.common(a.type, b.type) else { throw mismatch(symbol, a.type, b.type, range) }
    var (left, right) = (type, type)
    switch operation {
    case .divide where type == .float: break
    case .divide, .power: (left, right, type) = (.double, .double, .double)
    case .divideWhole where !type.isInteger:
      if type != .float { (left, right, type) = (.double, .double, .double) }
    case .add, .subtract:
      if case .decimal(let precision, let scale) = type {
        type = .decimal(precision: min(38, precision + 1), scale: scale)
        (left, right) = (type, type)
      }
    case .multiply:
      if type.isDecimal, let (precision, scale) = a.type.digits, let (more, places) = b.type.digits {
        guard scale + places <= 38 else {
          throw QueryError(
            .binding, "a product with more than 38 digits behind the point – cast one to DOUBLE", at: range)
        }
        // Unscaled values are multiplied as they are, and their scales add up.
        left = .decimal(precision: min(38, precision), scale: scale)
        right = .decimal(precision: min(38, more), scale: places)
        type = .decimal(precision: min(38, precision + more), scale: scale + places)
      }
    default: break
    }
    return try .making(
      operation, [try Coercion.cast(a, to: left, at: range), try Coercion.cast(b, to: right, at: range)], type,
      at: range)
  }
}
