internal import Columnar

extension Binder {
  /// A `SELECT` whose expressions are bound, over the rows of its tables.
  struct BoundSelect {
    var items: [SelectItem]
    var expressions: [Expression] = []
    var sorting: [SortKey] = []
    var distinctOn: [Expression] = []
    var correlation: Correlation
    /// Moves expressions to the rows that groups, windows and lists have made of those.
    var lift: Lift
  }

  /// Binds one `SELECT`: from its tables over filter, groups, windows and list to the order of its rows.
  mutating func bindSelect(
    _ select: SelectSyntax, order: [OrderSyntax], orderAll: (isDescending: Bool, nullsFirst: Bool?)?
  ) throws(QueryError) -> Relation {
    var input = Relation(plan: .values([[]], []), scope: Scope())
    if let from = select.from {
      input = try sealed { (binder) throws(QueryError) in try binder.bindTable(from) }
    }
    let items = try expandStars(select.items, input.scope)
    guard !items.isEmpty else { throw QueryError(.binding, "SELECT without columns", at: select.range) }
    var binder = ExpressionBinder(scope: input.scope, aliases: Self.aliases(items))
    binder.attaches = true
    binder.namedWindows = select.windows
    let correlation = try filter(&input.plan, select, &binder)
    let keys = try groupKeys(select, items, &binder)
    binder.collectsCalls = true
    var bound = BoundSelect(
      items: items, correlation: correlation, lift: Lift(keys: keys, width: input.scope.columns.count))
    binder.mayUnnest = true
    for item in items { bound.expressions.append(try binder.bind(item.expression, &self)) }
    binder.mayUnnest = false
    let having = try select.having.map { (syntax) throws(QueryError) in try condition(syntax, &binder) }
    let qualify = try select.qualify.map { (syntax) throws(QueryError) in try condition(syntax, &binder) }
    bound.sorting = try orderKeys(order, items, bound.expressions, &binder)
    for syntax in select.distinctOn {
      if let known = try positioned(syntax, items, bound.expressions) {
        bound.distinctOn.append(known)
      } else {
        bound.distinctOn.append(try binder.bind(syntax, &self))
      }
    }
    var plan = binder.attaching(to: input.plan)
    bound.lift.isGrouped = !keys.isEmpty || !binder.calls.isEmpty || having != nil || !select.groups.isEmpty
    if bound.lift.isGrouped {
      try group(&plan, &bound, having, binder.calls, select)
    }
    bound.lift.windowBase = plan.types.count
    if !binder.windows.isEmpty {
      guard correlation.isEmpty else {
        throw QueryError(.notSupported, "window functions in a query that depends on the row around", at: select.range)
      }
      var calls: [WindowCall] = []
      for (window, range) in binder.windows { calls.append(try bound.lift.apply(window, range)) }
      plan = .window(plan, calls)
    }
    if let qualify { plan = .filter(plan, try bound.lift.apply(qualify, select.qualify?.range)) }
    bound.lift.unnestBase = plan.types.count
    for (list, type) in binder.unnests { plan = .unnest(plan, try bound.lift.apply(list, select.range), type) }
    return try finish(select, bound, orderAll, plan)
  }

  /// Leaves out the rows that `WHERE` does not want, and tells how it depends on the row of the query around.
  private mutating func filter(
    _ plan: inout Plan, _ select: SelectSyntax, _ binder: inout ExpressionBinder
  ) throws(QueryError) -> Correlation {
    var conditions: [Expression] = []
    if let filter = select.filter {
      binder.refusal = "in WHERE – filter groups by HAVING"
      binder.looksOut = true
      conditions = try condition(filter, &binder).conjuncts
      binder.looksOut = false
      binder.refusal = nil
    }
    let correlation = Correlation(takingFrom: &conditions)
    plan = binder.attaching(to: plan)
    if let all = Expression.all(conditions) { plan = .filter(plan, all) }
    return correlation
  }

  /// Groups the rows; where the query depends on the row around, also by what it is joined by.
  private func group(
    _ plan: inout Plan, _ bound: inout BoundSelect, _ having: Expression?, _ calls: [AggregateCall],
    _ select: SelectSyntax
  ) throws(QueryError) {
    let correlation = bound.correlation
    guard correlation.rest.isEmpty else {
      throw QueryError(
        .notSupported, "groups in a query that depends on the row around by more than equality", at: select.range)
    }
    let keys = bound.lift.keys
    bound.lift.hiddenKeys = correlation.keys.count
    plan = .aggregate(plan, keys: keys + correlation.keys.map(\.inner), calls: calls)
    for index in correlation.keys.indices {
      bound.correlation.keys[index].inner = .column(keys.count + index, correlation.keys[index].inner.type)
    }
    if let having { plan = .filter(plan, try bound.lift.apply(having, select.having?.range)) }
    guard keys.isEmpty, !correlation.isEmpty else { return }
    guard having == nil else {
      throw QueryError(
        .notSupported, "HAVING without GROUP BY in a query that depends on the row around", at: select.range)
    }
    let base = keys.count + correlation.keys.count
    let lifted = try bound.lift.apply(bound.expressions[0], select.range)
    bound.correlation.whenEmpty = lifted.replacingColumns { index, type in
      let isCount =
        index >= base && [.countAll, .count, .approxCountDistinct].contains(calls[index - base].function)
      return .constant(isCount ? .int(0) : .null, type)
    }
  }

  private mutating func finish(
    _ select: SelectSyntax, _ bound: BoundSelect, _ orderAll: (isDescending: Bool, nullsFirst: Bool?)?, _ input: Plan
  ) throws(QueryError) -> Relation {
    let lift = bound.lift
    var expressions: [Expression] = []
    for (item, expression) in zip(bound.items, bound.expressions) {
      expressions.append(try lift.apply(expression, item.expression.range))
    }
    let visible = expressions.count
    // What is joined by is lifted already, where there are groups.
    expressions += bound.correlation.carried
    let kept = expressions.count
    guard !(select.isDistinct && (!bound.correlation.rest.isEmpty || kept > visible && !select.distinctOn.isEmpty))
    else {
      throw QueryError(.notSupported, "DISTINCT in a query that depends on the row around", at: select.range)
    }
    let isPlainDistinct = select.isDistinct && select.distinctOn.isEmpty
    func position(of expression: Expression) throws(QueryError) -> Int {
      let lifted = try lift.apply(expression, select.range)
      if let known = expressions.firstIndex(of: lifted) { return known }
      guard !isPlainDistinct else {
        throw QueryError(.binding, "ORDER BY something that SELECT DISTINCT does not have", at: select.range)
      }
      expressions.append(lifted)
      return expressions.count - 1
    }
    var keys = bound.sorting
    for index in keys.indices {
      keys[index].expression = .column(try position(of: keys[index].expression), keys[index].expression.type)
    }
    var firsts: [Expression] = []
    for expression in bound.distinctOn { firsts.append(.column(try position(of: expression), expression.type)) }
    if let orderAll { keys = sortAll(Array(expressions.map(\.type).prefix(visible)), orderAll) }
    var plan = Plan.project(input, expressions)
    if isPlainDistinct { plan = distinct(plan) }
    if !firsts.isEmpty { plan = first(of: plan, by: firsts, keys) }
    if !keys.isEmpty { plan = .sort(plan, keys, limit: nil) }
    if expressions.count > kept { plan = dropped(plan, to: Array(expressions.map(\.type).prefix(kept))) }
    let columns = zip(bound.items, expressions).map { item, expression in
      Scope.Column(name: item.alias?.text ?? item.expression.columnName, type: expression.type)
    }
    correlation = bound.correlation.isEmpty ? nil : bound.correlation.placed(at: visible)
    return Relation(plan: plan, scope: Scope(columns: columns))
  }

  /// The first row of each of those that are alike, by an order or else as they come.
  private func first(of plan: Plan, by keys: [Expression], _ order: [SortKey]) -> Plan {
    let types = plan.types
    let isFirst = Expression.call(
      .equal, [.column(types.count, .int64), .constant(.int(1), .int64)], .boolean, at: Place(range: 0..<0))
    return dropped(.filter(.window(plan, [.rowNumber(by: keys, order: order)]), isFirst), to: types)
  }

  /// What a position in the select list stands for; `nil` for what is no number.
  private func positioned(
    _ syntax: ExpressionSyntax, _ items: [SelectItem], _ expressions: [Expression]
  ) throws(QueryError) -> Expression? {
    guard case .number(let text) = syntax.kind, let position = Int(text) else { return nil }
    guard position >= 1, position <= items.count else {
      throw QueryError(.binding, "there is no column \(position); the query has \(items.count)", at: syntax.range)
    }
    return expressions[position - 1]
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
      // What looks at no column makes no groups, constant or not: of no rows there is then one group.
      if select.groupsAll, key.columns.isEmpty, items.contains(where: { $0.expression.hasAggregate }) { continue }
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
      if let known = try positioned(syntax, items, expressions) {
        keys.append(SortKey(item, known))
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

  /// The fields of a column of structures; `nil` for other columns.
  private static func fields(of column: Name, _ scope: Scope, _ item: SelectItem) -> [SelectItem]? {
    guard case .column(let index) = scope.find(column.text),
      case .other(.structure(let fields)) = scope.columns[index].type
    else { return nil }
    let value = ExpressionSyntax(kind: .column([column]), range: column.range, depth: 1)
    return fields.map { field in
      let name = Name(text: field.name, range: item.expression.range)
      return SelectItem(
        expression: ExpressionSyntax(kind: .field(value, name), range: item.expression.range, depth: 2), alias: name)
    }
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
      if let qualifier, !scope.hasTable(qualifier.text), let fields = Self.fields(of: qualifier, scope, item) {
        guard excluding.isEmpty, replacing.isEmpty else {
          throw QueryError(.notSupported, "EXCLUDE and REPLACE of fields", at: range)
        }
        result += fields
        continue
      }
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
