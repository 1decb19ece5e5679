/// Moves expressions over the rows of the tables to expressions over the rows of groups and windows.
struct Lift {
  let keys: [Expression]
  /// How many columns the tables have.
  let width: Int
  /// Keys behind those that are written, which expressions do not name.
  var hiddenKeys = 0
  var isGrouped = false
  /// The column of the first window call.
  var windowBase = 0
  /// The column of the first item of a list.
  var unnestBase = 0

  init(keys: [Expression], width: Int) {
    self.keys = keys
    self.width = width
  }

  /// Calls stand in expressions as columns beyond all others until they are lifted.
  static let callBase = 1 << 20
  static let windowBase = 1 << 21
  static let unnestBase = 1 << 22

  func apply(_ expression: Expression, _ range: Range<Int>?) throws(QueryError) -> Expression {
    if isGrouped, let key = keys.firstIndex(of: expression), !isConstant(expression) {
      return .column(key, expression.type)
    }
    switch expression {
    case .column(let index, let type):
      if index >= Self.unnestBase { return .column(unnestBase + index - Self.unnestBase, type) }
      if index >= Self.windowBase { return .column(windowBase + index - Self.windowBase, type) }
      if index >= Self.callBase { return .column(keys.count + hiddenKeys + index - Self.callBase, type) }
      guard isGrouped else { return expression }
      guard index < width else {
        throw QueryError(.notSupported, "a query that depends on the rows of groups", at: range)
      }
      throw QueryError(
        .binding,
        "a column stands here that is neither grouped by nor within an aggregate – add it to GROUP BY, or "
          + "take any_value(…)", at: range)
    case .call(let operation, let arguments, let type, let place):
      var lifted: [Expression] = []
      for argument in arguments { lifted.append(try apply(argument, place.range)) }
      return .call(operation, lifted, type, at: place)
    case .inQuery(let value, let index, let negated):
      return .inQuery(try apply(value, range), index, negated: negated)
    case .constant, .scalarQuery, .exists: return expression
    }
  }

  private func isConstant(_ expression: Expression) -> Bool { expression.constant != nil }

  func apply(_ call: WindowCall, _ range: Range<Int>) throws(QueryError) -> WindowCall {
    var call = call
    try call.changeExpressions { (expression) throws(QueryError) in try apply(expression, range) }
    return call
  }
}
