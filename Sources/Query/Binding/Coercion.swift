/// Which type two values of different types are brought to, and how.
enum Coercion {
  /// The type that holds the values of both; `nil` where there is none.
  static func common(_ a: SQLType, _ b: SQLType) -> SQLType? {
    if a == b { return a }
    switch (a, b) {
    case (.null, let other), (let other, .null): return other
    case (.integer(let bits, let isSigned), .integer(let more, let alsoSigned)):
      if isSigned == alsoSigned { return .integer(bits: max(bits, more), isSigned: isSigned) }
      let unsignedBits = isSigned ? more : bits
      let signedBits = isSigned ? bits : more
      return .integer(bits: min(128, max(unsignedBits * 2, signedBits)), isSigned: true)
    case (.double, let other) where other.isNumeric, (let other, .double) where other.isNumeric: return .double
    case (.float, let other) where other.isNumeric, (let other, .float) where other.isNumeric: return .float
    case (.decimal, let other) where other.isNumeric, (let other, .decimal) where other.isNumeric:
      guard let (precision, scale) = a.digits, let (otherPrecision, otherScale) = b.digits else { return nil }
      let places = max(scale, otherScale)
      let whole = max(precision - scale, otherPrecision - otherScale)
      return .decimal(precision: min(38, whole + places), scale: places)
    case (.date, .timestamp), (.timestamp, .date): return a == .date ? b : a
    case (.timestamp(let isUTC, let isNanos), .timestamp(let alsoUTC, let alsoNanos)):
      // Timestamps by UTC count microseconds.
      let utc = isUTC || alsoUTC
      return .timestamp(isUTC: utc, isNanos: !utc && (isNanos || alsoNanos))
    case (.boolean, let other) where other.isInteger, (let other, .boolean) where other.isInteger: return other
    default: return nil
    }
  }

  /// The expression under another type; a constant is converted at once.
  static func cast(
    _ expression: Expression, to type: SQLType, isTry: Bool = false, at range: Range<Int>
  ) throws(QueryError) -> Expression {
    if expression.type == type { return expression }
    let call = Expression.call(.cast(isTry: isTry), [expression], type, at: Place(range: range))
    return try folded(call)
  }

  /// The value of a call whose arguments are all constants; other expressions as they are.
  static func folded(_ expression: Expression) throws(QueryError) -> Expression {
    guard case .call(let operation, let arguments, let type, _) = expression, operation != .element,
      arguments.allSatisfy({ if case .constant = $0 { true } else { false } }), !arguments.isEmpty
    else { return expression }
    if case .other = type { return expression }
    let vector = try expression.evaluate(Batch(columns: [], count: 1))
    return .constant(vector.value(at: 0), type)
  }
}

extension Expression {
  /// The value of a constant.
  var constant: Value? {
    if case .constant(let value, _) = self { return value }
    return nil
  }

  /// A call, computed at once where its arguments are constants.
  static func making(
    _ operation: Operation, _ arguments: [Expression], _ type: SQLType, at range: Range<Int>
  ) throws(QueryError) -> Expression {
    let call = Expression.call(operation, arguments, type, at: Place(range: range))
    do throws(QueryError) {
      return try Coercion.folded(call)
    } catch {
      // It may stand where no row needs it, as in a branch of CASE: then it is no error.
      if error.code == .notSupported { throw error }
      return call
    }
  }
}
