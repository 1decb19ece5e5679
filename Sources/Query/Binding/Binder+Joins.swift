extension Binder {
  /// Binds a join of two tables.
  mutating func bindJoin(
    _ left: TableSyntax, _ right: TableSyntax, _ join: JoinSyntax
  ) throws(QueryError) -> Relation {
    let first = try bindTable(left)
    if join.kind == .cross, case .function(let name, let arguments, _, let alias) = right, name.isUnnest {
      // The list may be a column of the table before it.
      return try bindUnnest(name, arguments, alias, beside: first)
    }
    var second = try bindTable(right)
    let width = first.scope.columns.count
    var plan = JoinPlan(kind: try Self.kind(of: join))
    let scope = Scope(columns: first.scope.columns + second.scope.columns)
    var conditions: [Expression] = []
    var merged: [(left: Int, right: Int)] = []
    for name in join.using {
      guard case .column(let a) = first.scope.find(name.text), case .column(let b) = second.scope.find(name.text) else {
        throw QueryError(.binding, "no column of both tables is called \"\(name.text)\"", at: name.range)
      }
      conditions.append(
        try ExpressionBinder.compare(
          .equal, .column(a, scope.columns[a].type), .column(width + b, scope.columns[width + b].type), name.range))
      second.scope.columns[b].isMerged = true
      merged.append((a, b))
    }
    if let syntax = join.condition {
      var binder = ExpressionBinder(scope: scope, aliases: [:])
      binder.refusal = "in a join's condition"
      conditions += try condition(syntax, &binder).conjuncts
    }
    try split(conditions, width, &plan, join)
    switch join.kind {
    case .semi, .anti: return Relation(plan: .join(first.plan, second.plan, plan), scope: first.scope)
    case .right:
      let columns = first.scope.columns + second.scope.columns
      let joined = Self.turned(plan, first.plan, second.plan)
      return try merging(Relation(plan: joined, scope: Scope(columns: columns)), merged, width, join)
    default:
      let columns = first.scope.columns + second.scope.columns
      let relation = Relation(plan: .join(first.plan, second.plan, plan), scope: Scope(columns: columns))
      return join.kind == .full ? try merging(relation, merged, width, join) : relation
    }
  }

  private static func kind(of join: JoinSyntax) throws(QueryError) -> JoinPlan.Kind {
    switch join.kind {
    case .inner: return .inner
    case .cross: return .cross
    case .semi: return .semi
    case .anti: return .anti
    case .left: return .left
    case .right, .full:
      if join.isAsof { throw QueryError(.notSupported, "ASOF joins that keep all rows on the right", at: join.range) }
      return join.kind == .full ? .full : .left
    }
  }

  /// A right join is a left join whose sides have changed places.
  private static func turned(_ join: JoinPlan, _ left: Plan, _ right: Plan) -> Plan {
    let (leftTypes, rightTypes) = (left.types, right.types)
    let (width, otherWidth) = (leftTypes.count, rightTypes.count)
    var turned = JoinPlan(kind: join.kind)
    turned.keys = join.keys.map { ($0.right, $0.left) }
    turned.condition = join.condition?.replacingColumns { index, type in
      .column(index < width ? otherWidth + index : index - width, type)
    }
    let columns =
      leftTypes.enumerated().map { Expression.column(otherWidth + $0, $1) }
      + rightTypes.enumerated().map { .column($0, $1) }
    return .project(.join(right, left, turned), columns)
  }

  /// Puts the columns of `USING` before those of the left side: the value of whichever side has one. Those of both
  /// sides stay within reach by the names of their tables.
  private func merging(
    _ relation: Relation, _ merged: [(left: Int, right: Int)], _ width: Int, _ join: JoinSyntax
  ) throws(QueryError) -> Relation {
    if merged.isEmpty { return relation }
    var expressions: [Expression] = []
    var columns: [Scope.Column] = []
    for (index, column) in relation.scope.columns.enumerated() {
      var column = column
      if let pair = merged.first(where: { $0.left == index }) {
        let sides = [
          Expression.column(index, column.type),
          .column(width + pair.right, relation.scope.columns[width + pair.right].type),
        ]
        let type = try ExpressionBinder.commonType(sides.map { ($0, join.range) })
        var cast: [Expression] = []
        for side in sides { cast.append(try Coercion.cast(side, to: type, at: join.range)) }
        expressions.append(.call(.coalesce, cast, type, at: Place(range: join.range)))
        columns.append(Scope.Column(name: column.name, type: type))
        column.isMerged = true
      }
      expressions.append(.column(index, column.type))
      columns.append(column)
    }
    return Relation(plan: .project(relation.plan, expressions), scope: Scope(columns: columns))
  }

  /// Sorts the conditions of a join: what must be equal, what is nearest, and the rest.
  private func split(
    _ conditions: [Expression], _ width: Int, _ plan: inout JoinPlan, _ join: JoinSyntax
  ) throws(QueryError) {
    var rest: [Expression] = []
    for condition in conditions {
      guard case .call(let operation, let sides, _, _) = condition, sides.count == 2,
        let (left, right, isSwapped) = Self.sides(sides, width)
      else {
        rest.append(condition)
        continue
      }
      if operation == .equal {
        plan.keys.append((left, right))
      } else if join.isAsof, let operation = isSwapped ? operation.swapped : operation, operation.isInequality {
        guard plan.nearest == nil else {
          throw QueryError(.binding, "an ASOF JOIN has one inequality", at: join.range)
        }
        plan.nearest = (left, operation, right)
      } else {
        rest.append(condition)
      }
    }
    if join.isAsof {
      guard plan.nearest != nil, rest.isEmpty else {
        throw QueryError(.binding, "an ASOF JOIN needs equalities and one of <, <=, >, >=", at: join.range)
      }
    }
    plan.condition = Expression.all(rest)
  }

  /// The sides of a comparison as expressions over the left and over the right table.
  static func sides(_ sides: [Expression], _ width: Int) -> (Expression, Expression, Bool)? {
    func moved(_ expression: Expression) -> Expression {
      expression.replacingColumns { .column($0 - width, $1) }
    }
    let (a, b) = (sides[0].columns, sides[1].columns)
    guard !a.isEmpty, !b.isEmpty else { return nil }
    if a.allSatisfy({ $0 < width }), b.allSatisfy({ $0 >= width }) { return (sides[0], moved(sides[1]), false) }
    if b.allSatisfy({ $0 < width }), a.allSatisfy({ $0 >= width }) { return (sides[1], moved(sides[0]), true) }
    return nil
  }
}

extension Operation {
  /// The comparison with its sides changed.
  var swapped: Operation? {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    case .equal, .notEqual: self
    default: nil
    }
  }

  var isInequality: Bool { [.less, .lessOrEqual, .greater, .greaterOrEqual].contains(self) }
}

extension Expression {
  /// The parts that must all hold.
  var conjuncts: [Expression] {
    if case .call(.and, let parts, _, _) = self { return parts.flatMap(\.conjuncts) }
    return [self]
  }

  /// That all of the conditions hold; `nil` for none.
  static func all(_ conditions: [Expression]) -> Expression? {
    guard let first = conditions.first else { return nil }
    return conditions.count == 1 ? first : .call(.and, conditions, .boolean, at: Place(range: 0..<0))
  }
}
