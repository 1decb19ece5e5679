extension Binder {
  /// Binds one `SELECT`: from its tables over filter, groups, windows and list to the order of its rows.
  mutating func bindSelect(
    _ select: SelectSyntax, order: [OrderSyntax], orderAll: (isDescending: Bool, nullsFirst: Bool?)?
  ) throws(QueryError) -> Relation {
    var input = Relation(plan: .values([[]], []), scope: Scope())
    if let from = select.from { input = try bindTable(from) }
    let items = try expandStars(select.items, input.scope)
    guard !items.isEmpty else { throw QueryError(.binding, "SELECT without columns", at: select.range) }
    var binder = ExpressionBinder(scope: input.scope, aliases: Self.aliases(items))
    if let filter = select.filter {
      binder.refusal = "in WHERE – filter groups by HAVING"
      input.plan = .filter(input.plan, try condition(filter, &binder))
      binder.refusal = nil
    }
    let keys = try groupKeys(select, items, &binder)
    binder.collectsCalls = true
    var expressions: [Expression] = []
    for item in items { expressions.append(try binder.bind(item.expression, &self)) }
    var having: Expression?
    if let syntax = select.having { having = try condition(syntax, &binder) }
    var qualify: Expression?
    if let syntax = select.qualify { qualify = try condition(syntax, &binder) }
    let sorting = try orderKeys(order, items, expressions, &binder)

    let isGrouped =
      !keys.isEmpty || select.groupsAll && !binder.calls.isEmpty || !binder.calls.isEmpty
      || having != nil || !select.groups.isEmpty
    var lift = Lift(keys: keys, calls: binder.calls.count, inputTypes: input.plan.types, isGrouped: isGrouped)
    if isGrouped {
      input.plan = .aggregate(input.plan, keys: keys, calls: binder.calls)
      if let having { input.plan = .filter(input.plan, try lift.apply(having, select.having?.range)) }
    }
    lift.windowBase = input.plan.types.count
    if !binder.windows.isEmpty {
      var calls: [WindowCall] = []
      for (window, range) in binder.windows { calls.append(try lift.apply(window, range)) }
      input.plan = .window(input.plan, calls)
    }
    if let qualify { input.plan = .filter(input.plan, try lift.apply(qualify, select.qualify?.range)) }
    return try finish(select, items, expressions, sorting, orderAll, lift, input.plan)
  }

  private mutating func finish(
    _ select: SelectSyntax, _ items: [SelectItem], _ bound: [Expression], _ sorting: [SortKey],
    _ orderAll: (isDescending: Bool, nullsFirst: Bool?)?, _ lift: Lift, _ input: Plan
  ) throws(QueryError) -> Relation {
    var expressions: [Expression] = []
    for (item, expression) in zip(items, bound) {
      expressions.append(try lift.apply(expression, item.expression.range))
    }
    let visible = expressions.count
    var keys: [SortKey] = []
    for (index, key) in sorting.enumerated() {
      let expression = try lift.apply(key.expression, select.range)
      var position = expressions.firstIndex(of: expression)
      if position == nil {
        guard !select.isDistinct else {
          throw QueryError(.binding, "ORDER BY something that SELECT DISTINCT does not have", at: select.range)
        }
        expressions.append(expression)
        position = expressions.count - 1
      }
      var key = sorting[index]
      key.expression = .column(position ?? 0, expression.type)
      keys.append(key)
    }
    var plan = Plan.project(input, expressions)
    if !select.distinctOn.isEmpty { throw QueryError(.notSupported, "DISTINCT ON", at: select.distinctOn[0].range) }
    if select.isDistinct { plan = distinct(plan) }
    if let orderAll { keys = sortAll(Array(expressions.map(\.type).prefix(visible)), orderAll) }
    if !keys.isEmpty { plan = .sort(plan, keys, limit: nil) }
    if expressions.count > visible {
      plan = .project(plan, expressions[..<visible].enumerated().map { .column($0, $1.type) })
    }
    let columns = zip(items, expressions).map { item, expression in
      Scope.Column(name: item.alias?.text ?? item.expression.columnName, type: expression.type)
    }
    return Relation(plan: plan, scope: Scope(columns: columns))
  }

  /// A condition; a text or number in its place is an error.
  mutating func condition(_ syntax: ExpressionSyntax, _ binder: inout ExpressionBinder) throws(QueryError) -> Expression
  {
    let bound = try binder.bind(syntax, &self)
    guard bound.type == .boolean || bound.type == .null || bound.type.isInteger else {
      throw QueryError(.binding, "a condition is needed here, and this is of type \(bound.type.name)", at: syntax.range)
    }
    return try Coercion.cast(bound, to: .boolean, at: syntax.range)
  }

  private static func aliases(_ items: [SelectItem]) -> [String: ExpressionSyntax] {
    var result: [String: ExpressionSyntax] = [:]
    for item in items {
      if let alias = item.alias, result[alias.text.lowercased()] == nil {
        result[alias.text.lowercased()] = item.expression
      }
    }
    return result
  }

  private mutating func groupKeys(
    _ select: SelectSyntax, _ items: [SelectItem], _ binder: inout ExpressionBinder
  ) throws(QueryError) -> [Expression] {
    var syntaxes = select.groups
    if select.groupsAll { syntaxes = items.map(\.expression).filter { !$0.hasAggregate } }
    binder.refusal = "in GROUP BY"
    var keys: [Expression] = []
    for syntax in syntaxes {
      var syntax = syntax
      if !select.groupsAll, case .number(let text) = syntax.kind, let position = Int(text) {
        guard position >= 1, position <= items.count else {
          throw QueryError(
            .binding, "there is no column \(position); the query has \(items.count)", at: syntax.range)
        }
        syntax = items[position - 1].expression
      }
      let key = try binder.bind(syntax, &self)
      // A constant makes no groups.
      if select.groupsAll, key.constant != nil, items.contains(where: { $0.expression.hasAggregate }) { continue }
      if !keys.contains(key) { keys.append(key) }
    }
    binder.refusal = nil
    return keys
  }

  private mutating func orderKeys(
    _ order: [OrderSyntax], _ items: [SelectItem], _ expressions: [Expression], _ binder: inout ExpressionBinder
  ) throws(QueryError) -> [SortKey] {
    var keys: [SortKey] = []
    for item in order {
      let syntax = item.expression
      if case .number(let text) = syntax.kind, let position = Int(text) {
        guard position >= 1, position <= items.count else {
          throw QueryError(
            .binding, "there is no column \(position); the query has \(items.count)", at: syntax.range)
        }
        keys.append(SortKey(item, expressions[position - 1]))
      } else if case .column(let path) = syntax.kind, path.count == 1,
        let index = items.firstIndex(where: { $0.alias?.text.lowercased() == path[0].text.lowercased() })
      {
        keys.append(SortKey(item, expressions[index]))
      } else {
        keys.append(SortKey(item, try binder.bind(syntax, &self)))
      }
    }
    return keys
  }

  /// Puts the columns of the tables in place of `*`.
  private func expandStars(_ items: [SelectItem], _ scope: Scope) throws(QueryError) -> [SelectItem] {
    var result: [SelectItem] = []
    for item in items {
      guard case .star(let qualifier, let excluding, let replacing) = item.expression.kind else {
        result.append(item)
        continue
      }
      let range = item.expression.range
      if let qualifier, !scope.hasTable(qualifier.text) {
        throw QueryError(.binding, "no table is called \"\(qualifier.text)\"", at: qualifier.range)
      }
      if scope.columns.isEmpty { throw QueryError(.binding, "* without FROM", at: range) }
      for name in excluding {
        if case .none = scope.find(name.text) {
          let names = scope.columns.map(\.name)
          throw QueryError(
            .binding, "no column is called \"\(name.text)\"\(Suggestion.text(for: name.text, among: names))",
            at: name.range)
        }
      }
      let left = Set(excluding.map { $0.text.lowercased() })
      for column in scope.columns where !column.isHidden && !left.contains(column.name.lowercased()) {
        if let qualifier, column.table?.lowercased() != qualifier.text.lowercased() { continue }
        if qualifier == nil, column.isMerged { continue }
        if let other = replacing.first(where: { $0.alias?.text.lowercased() == column.name.lowercased() }) {
          result.append(other)
          continue
        }
        var path = [Name(text: column.name, range: range)]
        if let table = column.table { path.insert(Name(text: table, range: range), at: 0) }
        result.append(
          SelectItem(
            expression: ExpressionSyntax(kind: .column(path), range: range, depth: 1),
            alias: Name(text: column.name, range: range)))
      }
    }
    return result
  }
}

/// Moves expressions over the rows of the tables to expressions over the rows of groups and windows.
struct Lift {
  let keys: [Expression]
  let calls: Int
  let inputTypes: [SQLType]
  let isGrouped: Bool
  /// The column of the first window call.
  var windowBase = 0

  /// Calls stand in expressions as columns beyond all others until they are lifted.
  static let callBase = 1 << 20
  static let windowBase = 1 << 21

  func apply(_ expression: Expression, _ range: Range<Int>?) throws(QueryError) -> Expression {
    if isGrouped, let key = keys.firstIndex(of: expression), !isConstant(expression) {
      return .column(key, expression.type)
    }
    switch expression {
    case .column(let index, let type):
      if index >= Self.windowBase { return .column(windowBase + index - Self.windowBase, type) }
      if index >= Self.callBase { return .column(keys.count + index - Self.callBase, type) }
      guard isGrouped else { return expression }
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
    for index in call.arguments.indices { call.arguments[index] = try apply(call.arguments[index], range) }
    for index in call.partition.indices { call.partition[index] = try apply(call.partition[index], range) }
    for index in call.order.indices {
      call.order[index].expression = try apply(call.order[index].expression, range)
    }
    return call
  }
}
