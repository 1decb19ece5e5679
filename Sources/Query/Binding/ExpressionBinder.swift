internal import Columnar

/// Binds expressions over the columns of one scope. Aggregates and window functions are collected apart: in the
/// expression stands a column beyond all others, which ``Lift`` replaces.
struct ExpressionBinder {
  var scope: Scope
  /// What names of the select list stand for.
  var aliases: [String: ExpressionSyntax]
  /// Why aggregates are not allowed at this place; `nil` where they are.
  var refusal: String?
  /// Whether aggregates and window functions are collected.
  var collectsCalls = false
  var calls: [AggregateCall] = []
  var windows: [(WindowCall, Range<Int>)] = []
  /// What the names of the `WINDOW` clause stand for.
  var namedWindows: [(name: Name, window: WindowSyntax)] = []
  /// Lists that `unnest` takes apart, and whether it may stand here.
  var unnests: [(Expression, SQLType)] = []
  var mayUnnest = false
  /// Whether results of queries that depend on the row at hand can be joined to it, and those that wait to be.
  var attaches = false
  var attachments: [(plan: Plan, join: JoinPlan)] = []
  var attachedWidth = 0
  /// Whether columns of the query around may be named.
  var looksOut = false
  private var aliasesInUse: Set<String> = []

  init(scope: Scope, aliases: [String: ExpressionSyntax]) {
    self.scope = scope
    self.aliases = aliases
  }

  /// Binds an expression without aggregates.
  static func bind(
    _ syntax: ExpressionSyntax, _ scope: Scope, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    var own = ExpressionBinder(scope: scope, aliases: [:])
    own.refusal = "here"
    return try own.bind(syntax, &binder)
  }

  mutating func bind(_ syntax: ExpressionSyntax, _ binder: inout Binder) throws(QueryError) -> Expression {
    let range = syntax.range
    switch syntax.kind {
    case .null: return .constant(.null, .null)
    case .boolean(let value): return .constant(.flag(value), .boolean)
    case .number(let text): return try Literals.number(text, range)
    case .text(let text): return .constant(.bytes(Array(text.utf8)), .text)
    case .typed(let type, let text):
      return try Coercion.cast(
        .constant(.bytes(Array(text.utf8)), .text), to: try Literals.type(type), at: range)
    case .interval(let amount, let unit): return try interval(amount, unit, range, &binder)
    case .column(let path): return try column(path, range, &binder)
    case .star: throw QueryError(.binding, "* stands alone or within count(*)", at: range)
    case .unary(let symbol, let operand): return try unary(symbol, operand, range, &binder)
    case .binary(let symbol, let left, let right):
      return try Operators.bind(
        symbol, try bind(left, &binder), try bind(right, &binder), literals: (left.isNumber, right.isNumber), range)
    case .and(let parts), .or(let parts):
      var conditions: [Expression] = []
      for part in parts { conditions.append(try condition(part, &binder)) }
      let isAnd = if case .and = syntax.kind { true } else { false }
      return .call(isAnd ? .and : .or, conditions, .boolean, at: Place(range: range))
    case .not(let operand): return try .making(.not, [try condition(operand, &binder)], .boolean, at: range)
    case .isNull(let operand, let negated):
      return .call(negated ? .isNotNull : .isNull, [try bind(operand, &binder)], .boolean, at: Place(range: range))
    case .isBoolean(let operand, let value, let negated):
      return .call(
        negated ? .isDistinct : .isNotDistinct, [try condition(operand, &binder), .constant(.flag(value), .boolean)],
        .boolean, at: Place(range: range))
    case .isDistinct(let left, let right, let negated):
      return try Self.compare(
        negated ? .isNotDistinct : .isDistinct, try bind(left, &binder), try bind(right, &binder), range)
    case .between(let value, let low, let high, let negated):
      let bound = try bind(value, &binder)
      let literal = value.isNumber
      let first = try Operators.bind(">=", bound, try bind(low, &binder), literals: (literal, low.isNumber), range)
      let last = try Operators.bind("<=", bound, try bind(high, &binder), literals: (literal, high.isNumber), range)
      let both = Expression.call(.and, [first, last], .boolean, at: Place(range: range))
      return negated ? .call(.not, [both], .boolean, at: Place(range: range)) : both
    default: return try bindFurther(syntax, &binder)
    }
  }

  private mutating func bindFurther(
    _ syntax: ExpressionSyntax, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    let range = syntax.range
    switch syntax.kind {
    case .inList(let value, let items, let negated): return try inList(value, items, negated, range, &binder)
    case .inQuery(let value, let query, let negated): return try inQuery(value, query, negated, range, &binder)
    case .exists(let query): return try exists(query, &binder)
    case .subquery(let query): return try scalarQuery(query, &binder)
    case .like(let value, let pattern, let escape, let ignoringCase, let negated):
      var arguments = [try text(value, &binder), try text(pattern, &binder)]
      if let escape { arguments.append(try text(escape, &binder)) }
      let like = try Expression.making(.like(ignoringCase: ignoringCase), arguments, .boolean, at: range)
      return negated ? try .making(.not, [like], .boolean, at: range) : like
    case .choice(let operand, let branches, let otherwise):
      return try choice(operand, branches, otherwise, range, &binder)
    case .cast(let value, let type, let isTry):
      let bound = try bind(value, &binder)
      return try Coercion.cast(bound, to: try Literals.type(type), isTry: isTry, at: range)
    case .call(let call): return try bindCall(call, range, &binder)
    case .element(let list, let index):
      let bound = try bind(list, &binder)
      let position = try Coercion.cast(try bind(index, &binder), to: .int64, at: index.range)
      if bound.type == .text {
        return try .making(.function(.substring), [bound, position, .constant(.int(1), .int64)], .text, at: range)
      }
      guard case .other(.list(let item)) = bound.type else {
        throw QueryError(.binding, "[…] of a value of type \(bound.type.name), which is no list", at: range)
      }
      return .call(.element, [bound, position], SQLType(item.type), at: Place(range: range))
    case .field(let value, let name): return try Self.field(name, of: try bind(value, &binder))
    case .slice(let value, let low, let high): return try slice(value, low, high, range, &binder)
    case .atTimeZone(let value, let zone): return try atTimeZone(value, zone, range, &binder)
    case .list(let items): return try list(items, range, &binder)
    case .structure(let fields): return try structure(fields, range, &binder)
    default: throw QueryError(.notSupported, "this expression", at: range)
    }
  }

  private mutating func condition(
    _ syntax: ExpressionSyntax, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    let bound = try bind(syntax, &binder)
    guard bound.type == .boolean || bound.type == .null || bound.type.isInteger else {
      throw QueryError(.binding, "a condition is needed here, and this is of type \(bound.type.name)", at: syntax.range)
    }
    return try Coercion.cast(bound, to: .boolean, at: syntax.range)
  }

  private mutating func text(_ syntax: ExpressionSyntax, _ binder: inout Binder) throws(QueryError) -> Expression {
    let bound = try bind(syntax, &binder)
    guard bound.type == .text || bound.type == .null else {
      throw QueryError(.binding, "LIKE takes texts, and this is of type \(bound.type.name)", at: syntax.range)
    }
    return try Coercion.cast(bound, to: .text, at: syntax.range)
  }

  private mutating func unary(
    _ symbol: String, _ operand: ExpressionSyntax, _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    if symbol == "-", case .number(let text) = operand.kind { return try Literals.number("-" + text, range) }
    let bound = try bind(operand, &binder)
    if symbol == "~" {
      guard bound.type.isInteger else { throw Operators.mismatch(symbol, bound.type, nil, range) }
      return try .making(.bitNot, [bound], bound.type, at: range)
    }
    guard bound.type.isNumeric || bound.type == .interval || bound.type == .null else {
      throw Operators.mismatch(symbol, bound.type, nil, range)
    }
    if symbol == "+" || bound.type == .null { return bound }
    return try .making(.negate, [bound], bound.type, at: range)
  }

  private mutating func interval(
    _ amount: ExpressionSyntax, _ unit: String?, _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    if case .text(let text) = amount.kind {
      let whole = unit.map { "\(text) \($0)" } ?? text
      guard let interval = TimeText.interval(whole) else {
        throw QueryError(.binding, "no interval – write interval '5 minutes'", at: range)
      }
      return .constant(.interval(interval), .interval)
    }
    guard let unit, let one = IntervalUnit(name: unit) else {
      throw QueryError(.binding, "an interval without its unit", at: range)
    }
    let bound = try Coercion.cast(try bind(amount, &binder), to: .int64, at: range)
    return try .making(.multiply, [.constant(.interval(one.interval), .interval), bound], .interval, at: range)
  }

  // MARK: Columns

  private mutating func column(
    _ path: [Name], _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    if Self.place(of: path, in: scope) == nil, case .ambiguous = scope.find(path[0].text) {
      throw QueryError(
        .binding, "several tables have a column \"\(path[0].text)\" – put the table's name and a point before it",
        at: path[0].range)
    }
    guard let found = Self.place(of: path, in: scope) else { return try alias(path, range, &binder) }
    var result = Expression.column(found.index, scope.columns[found.index].type)
    for name in path[found.used...] { result = try Self.field(name, of: result) }
    return result
  }

  private mutating func alias(
    _ path: [Name], _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    let name = path[0].text.lowercased()
    if path.count == 1, let syntax = aliases[name], !aliasesInUse.contains(name) {
      aliasesInUse.insert(name)
      defer { aliasesInUse.remove(name) }
      return try bind(syntax, &binder)
    }
    if path.count > 1, scope.hasTable(path[0].text) {
      let names = scope.columns.filter { $0.table?.lowercased() == name }.map(\.name)
      throw QueryError(
        .binding,
        "\"\(path[0].text)\" has no column \"\(path[1].text)\"\(Suggestion.text(for: path[1].text, among: names))",
        at: path[1].range)
    }
    if let outer = try outerColumn(path, range, binder) { return outer }
    let names = scope.columns.map(\.name) + Array(aliases.keys)
    throw QueryError(
      .binding, "no column is called \"\(path[0].text)\"\(Suggestion.text(for: path[0].text, among: names))",
      at: path[0].range)
  }

  static func field(_ name: Name, of value: Expression) throws(QueryError) -> Expression {
    guard case .other(.structure(let fields)) = value.type else {
      throw QueryError(.binding, "a value of type \(value.type.name) has no field \"\(name.text)\"", at: name.range)
    }
    let lower = name.text.lowercased()
    guard
      let index = fields.firstIndex(where: { $0.name == name.text })
        ?? fields.firstIndex(where: { $0.name.lowercased() == lower })
    else {
      throw QueryError(
        .binding, "no field is called \"\(name.text)\"\(Suggestion.text(for: name.text, among: fields.map(\.name)))",
        at: name.range)
    }
    return .call(.field(index), [value], SQLType(fields[index].type), at: Place(range: name.range))
  }

  // MARK: IN and CASE

  private mutating func inList(
    _ value: ExpressionSyntax, _ items: [ExpressionSyntax], _ negated: Bool, _ range: Range<Int>,
    _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    var arguments = [try bind(value, &binder)]
    var type = arguments[0].type
    for item in items {
      let bound = try bind(item, &binder)
      arguments.append(bound)
      // Texts in quotes and small numbers follow the type of the value.
      if bound.constant != nil, bound.type == .text, type != .null { continue }
      guard let common = Coercion.common(type, bound.type) ?? Operators.textual(type, bound.type) else {
        throw QueryError(.binding, "IN compares \(type.name) with \(bound.type.name)", at: item.range)
      }
      type = common
    }
    for (index, argument) in arguments.enumerated() {
      arguments[index] = try Coercion.cast(argument, to: type, at: index == 0 ? value.range : items[index - 1].range)
    }
    let result = Expression.call(.isAny, arguments, .boolean, at: Place(range: range))
    return negated ? .call(.not, [result], .boolean, at: Place(range: range)) : result
  }

  private mutating func choice(
    _ operand: ExpressionSyntax?, _ branches: [(ExpressionSyntax, ExpressionSyntax)], _ otherwise: ExpressionSyntax?,
    _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    let subject = try operand.map { (syntax) throws(QueryError) in try bind(syntax, &binder) }
    var parts: [Expression] = []
    var results: [(Expression, Range<Int>)] = []
    for (when, then) in branches {
      if let subject {
        parts.append(
          try Operators.bind(
            "=", subject, try bind(when, &binder), literals: (operand?.isNumber ?? false, when.isNumber), when.range))
      } else {
        parts.append(try condition(when, &binder))
      }
      results.append((try bind(then, &binder), then.range))
    }
    if let otherwise {
      results.append((try bind(otherwise, &binder), otherwise.range))
    } else {
      results.append((.constant(.null, .null), range))
    }
    let type = try Self.commonType(results)
    var arguments: [Expression] = []
    for (index, (result, place)) in results.enumerated() {
      if index < parts.count { arguments.append(parts[index]) }
      arguments.append(try Coercion.cast(result, to: type, at: place))
    }
    return .call(.choice, arguments, type, at: Place(range: range))
  }

  /// The type that holds the values of all; a text among others makes all texts.
  static func commonType(_ expressions: [(Expression, Range<Int>)]) throws(QueryError) -> SQLType {
    var type = SQLType.null
    for (expression, range) in expressions {
      guard
        let common = Coercion.common(type, expression.type)
          ?? (type == .text || expression.type == .text ? .text : nil)
      else {
        throw QueryError(.binding, "\(type.name) and \(expression.type.name) have no type in common", at: range)
      }
      type = common
    }
    return type
  }

  static func compare(
    _ operation: Operation, _ a: Expression, _ b: Expression, _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    guard let type = Coercion.common(a.type, b.type) ?? Operators.textual(a.type, b.type) else {
      throw QueryError(.binding, "\(a.type.name) is not compared with \(b.type.name) – cast one of them", at: range)
    }
    if case .other = type, ![.equal, .notEqual].contains(operation) {
      throw QueryError(.notSupported, "an order of values of type \(type.name)", at: range)
    }
    return try .making(
      operation, [try Coercion.cast(a, to: type, at: range), try Coercion.cast(b, to: type, at: range)], .boolean,
      at: range)
  }
}
