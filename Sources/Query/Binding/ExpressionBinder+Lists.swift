internal import Columnar

extension ExpressionBinder {
  /// `[a, b, c]`.
  mutating func list(
    _ items: [ExpressionSyntax], _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    var typed: [(Expression, Range<Int>)] = []
    for item in items { typed.append((try bind(item, &binder), item.range)) }
    return try Self.list(typed, range)
  }

  /// A list of expressions, brought to their common type.
  static func list(_ typed: [(Expression, Range<Int>)], _ range: Range<Int>) throws(QueryError) -> Expression {
    let type = try commonType(typed)
    if type == .interval { throw QueryError(.notSupported, "lists of intervals", at: range) }
    var items: [Expression] = []
    for (item, place) in typed { items.append(try Coercion.cast(item, to: type, at: place)) }
    return .call(
      .function(.list_value), items, .other(.list(Field("element", type.dataType))), at: Place(range: range))
  }

  /// `{'a': 1, 'b': 'x'}`.
  mutating func structure(
    _ fields: [(Name, ExpressionSyntax)], _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    var values: [Expression] = []
    var types: [Field] = []
    for (name, syntax) in fields {
      guard !types.contains(where: { $0.name == name.text }) else {
        throw QueryError(.binding, "two fields are called \"\(name.text)\"", at: name.range)
      }
      let bound = try bind(syntax, &binder)
      if bound.type == .interval { throw QueryError(.notSupported, "structures of intervals", at: syntax.range) }
      values.append(bound)
      types.append(Field(name.text, bound.type.dataType))
    }
    return .call(.function(.struct_pack), values, .other(.structure(types)), at: Place(range: range))
  }

  /// `unnest(list)` in the select list: stands for an item, as many rows as there are items.
  mutating func unnest(
    _ call: CallSyntax, _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    guard mayUnnest, refusal == nil else {
      throw QueryError(.binding, "unnest stands in the list of SELECT or in FROM", at: range)
    }
    guard let argument = call.arguments.only else { throw FunctionBinding.wrongCount("unnest", range) }
    mayUnnest = false
    defer { mayUnnest = true }
    let list = try bind(argument, &binder)
    let type = try Self.itemType(of: list, argument.range)
    var index = unnests.firstIndex { $0.0 == list }
    if index == nil {
      // Several lists side by side would have to be filled up with nulls.
      guard unnests.isEmpty else { throw QueryError(.notSupported, "more than one unnest in a SELECT", at: range) }
      unnests.append((list, type))
      index = unnests.count - 1
    }
    return .column(Lift.unnestBase + (index ?? 0), type)
  }

  /// The type of a list's items.
  static func itemType(of list: Expression, _ range: Range<Int>) throws(QueryError) -> SQLType {
    guard case .other(.list(let item)) = list.type else {
      throw QueryError(.notSupported, "unnest of a value of type \(list.type.name)", at: range)
    }
    return SQLType(item.type)
  }
}

extension Binder {
  /// Binds `unnest(list)` in `FROM`, whose list may be a column of the table before it.
  mutating func bindUnnest(
    _ name: Name, _ arguments: [ExpressionSyntax], _ alias: TableAlias?, beside table: Relation?
  ) throws(QueryError) -> Relation {
    guard let argument = arguments.only else { throw FunctionBinding.wrongCount("unnest", name.range) }
    if let alias, alias.columns.count > 1 {
      throw QueryError(.binding, "\(alias.columns.count) names for one column", at: alias.name.range)
    }
    let base = table ?? Relation(plan: .values([[]], []), scope: Scope())
    let list = try ExpressionBinder.bind(argument, base.scope, &self)
    let type = try ExpressionBinder.itemType(of: list, argument.range)
    let column = Scope.Column(
      table: alias?.name.text ?? "unnest", name: alias?.columns.first?.text ?? "unnest", type: type)
    return Relation(plan: .unnest(base.plan, list, type), scope: Scope(columns: base.scope.columns + [column]))
  }
}

extension Name {
  /// Whether it names the function that makes rows of a list's items.
  var isUnnest: Bool { text.lowercased() == "unnest" }
}
