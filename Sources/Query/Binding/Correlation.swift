/// How a query in place of a value depends on the row of the query around it: by conditions of its `WHERE` that name
/// columns of both. Such a query is computed once for all rows, and its result joined to them by these conditions.
struct Correlation {
  /// Columns of the query around stand in conditions as columns beyond all others.
  static let outerBase = 1 << 24

  /// What must be equal: a value of the query's own rows, and one of the row around.
  var keys: [(inner: Expression, outer: Expression)] = []
  /// Conditions of other kinds over the columns of both.
  var rest: [Expression] = []
  /// The one value over no rows at all, for a query that aggregates without `GROUP BY`.
  var whenEmpty: Expression?

  var isEmpty: Bool { keys.isEmpty && rest.isEmpty }

  /// Takes what names columns of the query around out of the conditions.
  init(takingFrom conditions: inout [Expression]) {
    var own: [Expression] = []
    for condition in conditions {
      if !condition.columns.contains(where: { $0 >= Self.outerBase }) {
        own.append(condition)
      } else if case .call(.equal, let sides, _, _) = condition, let key = Self.key(sides[0], sides[1]) {
        keys.append(key)
      } else if case .call(.equal, let sides, _, _) = condition, let key = Self.key(sides[1], sides[0]) {
        keys.append(key)
      } else {
        rest.append(condition)
      }
    }
    conditions = own
  }

  private static func key(_ inner: Expression, _ outer: Expression) -> (inner: Expression, outer: Expression)? {
    let (own, other) = (inner.columns, outer.columns)
    guard !own.isEmpty, own.allSatisfy({ $0 < outerBase }), !other.isEmpty, other.allSatisfy({ $0 >= outerBase })
    else { return nil }
    return (inner, outer.replacingColumns { .column($0 - outerBase, $1) })
  }

  /// The query's own columns that the conditions beyond equality read.
  private var restColumns: [Expression] {
    var columns: [Int: SQLType] = [:]
    for condition in rest {
      condition.visit { if case .column(let index, let type) = $0, index < Self.outerBase { columns[index] = type } }
    }
    return columns.sorted { $0.key < $1.key }.map { .column($0.key, $0.value) }
  }

  /// What the query must give besides its own columns.
  var carried: [Expression] { keys.map(\.inner) + restColumns }

  /// The same with ``carried`` read from the query's result, where they begin at a column.
  func placed(at start: Int) -> Correlation {
    var result = self
    for index in keys.indices { result.keys[index].inner = .column(start + index, keys[index].inner.type) }
    let columns = restColumns
    result.rest = rest.map { condition in
      condition.replacingColumns { index, type in
        guard index < Self.outerBase else { return .column(index, type) }
        return .column(start + keys.count + (columns.firstIndex(of: .column(index, type)) ?? 0), type)
      }
    }
    return result
  }

  /// A join of the rows around, of so many columns, with the query's result.
  func join(_ kind: JoinPlan.Kind, width: Int) -> JoinPlan {
    JoinPlan(kind: kind, keys: keys.map { ($0.outer, $0.inner) }, condition: condition(width: width))
  }

  /// The conditions beyond equality, over the columns of both.
  func condition(width: Int) -> Expression? {
    Expression.all(
      rest.map { condition in
        condition.replacingColumns { index, type in
          .column(index >= Self.outerBase ? index - Self.outerBase : width + index, type)
        }
      })
  }
}

extension Binder {
  /// The scope of a query around the one at hand.
  struct Outer {
    var scope: Scope
    /// Whether the query at hand can be joined to its rows.
    var isReachable: Bool
  }

  /// A query in place of a value.
  struct Subquery {
    var plan: Plan
    /// The types of the columns that it asked for; those of ``Correlation/carried`` follow.
    var types: [SQLType]
    var correlation: Correlation?
  }

  /// Binds a query in place of a value, which may name columns of the scope around it.
  mutating func bindSubquery(_ query: QuerySyntax, in scope: Scope, isReachable: Bool) throws(QueryError) -> Subquery {
    let saved = correlation
    correlation = nil
    outers.append(Outer(scope: scope, isReachable: isReachable))
    defer {
      outers.removeLast()
      correlation = saved
    }
    let relation = try bindQuery(query)
    return Subquery(plan: relation.plan, types: relation.scope.columns.map(\.type), correlation: correlation)
  }

  /// Binds what is computed for itself, whatever row of the query around is at hand.
  mutating func sealed<T>(_ body: (inout Binder) throws(QueryError) -> T) throws(QueryError) -> T {
    let saved = outers
    for index in outers.indices { outers[index].isReachable = false }
    defer { outers = saved }
    return try body(&self)
  }

  /// Limits the rows for each row of the query around.
  func limitEach(
    _ relation: inout Relation, _ correlation: Correlation, count: Int?, offset: Int, _ range: Range<Int>
  ) throws(QueryError) {
    guard correlation.rest.isEmpty, count != 0 else {
      throw QueryError(
        .notSupported, "LIMIT in a query that depends on the row around by more than equality", at: range)
    }
    let types = relation.plan.types
    let number = Expression.column(types.count, .int64)
    let place = Place(range: range)
    var conditions = [Expression.call(.greater, [number, .constant(.int(Int64(offset)), .int64)], .boolean, at: place)]
    if let count {
      let (last, overflow) = offset.addingReportingOverflow(count)
      let end = Expression.constant(.int(Int64(overflow ? .max : last)), .int64)
      conditions.append(.call(.lessOrEqual, [number, end], .boolean, at: place))
    }
    let numbered = Plan.window(relation.plan, [.rowNumber(by: correlation.keys.map(\.inner))])
    relation.plan = dropped(.filter(numbered, Expression.all(conditions) ?? number), to: types)
  }
}

extension ExpressionBinder {
  /// The place of the first column of a plan that is joined to the rows at hand.
  private mutating func attach(_ plan: Plan, width: Int, _ join: JoinPlan) -> Int {
    let base = self.width
    attachments.append((plan, join))
    attachedWidth += width
    return base
  }

  /// How many columns there are: those of the scope and those joined to them.
  private var width: Int { scope.columns.count + attachedWidth }

  /// The plan with all joined to it that expressions bound so far need.
  mutating func attaching(to plan: Plan) -> Plan {
    let result = attachments.reduce(plan) { .join($0, $1.plan, $1.join) }
    attachments = []
    return result
  }

  /// A column of the query around; `nil` where none has this name.
  func outerColumn(_ path: [Name], _ range: Range<Int>, _ binder: Binder) throws(QueryError) -> Expression? {
    for (level, outer) in binder.outers.reversed().enumerated() {
      guard let (index, used) = Self.place(of: path, in: outer.scope) else { continue }
      guard level == 0, outer.isReachable, looksOut else {
        throw QueryError(
          .notSupported, "a column of a query around this one, but in WHERE of a query in place of a value", at: range)
      }
      var result = Expression.column(Correlation.outerBase + index, outer.scope.columns[index].type)
      for name in path[used...] { result = try Self.field(name, of: result) }
      return result
    }
    return nil
  }

  /// Where a path of names leads in a scope, and how many of them name the column.
  static func place(of path: [Name], in scope: Scope) -> (index: Int, used: Int)? {
    if path.count > 1, case .column(let index) = scope.find(path[1].text, table: path[0].text) { return (index, 2) }
    if case .column(let index) = scope.find(path[0].text) { return (index, 1) }
    return nil
  }

  /// `EXISTS (…)`.
  mutating func exists(_ query: QuerySyntax, _ binder: inout Binder) throws(QueryError) -> Expression {
    let inner = try binder.bindSubquery(query, in: scope, isReachable: attaches)
    guard let correlation = inner.correlation else {
      binder.subqueries.append(.limit(inner.plan, count: 1, offset: 0))
      return .exists(binder.subqueries.count - 1)
    }
    guard correlation.whenEmpty == nil else {
      throw QueryError(.notSupported, "EXISTS of aggregates, which is always true", at: query.range)
    }
    var join = correlation.join(.mark, width: width)
    // What is unknown does not hold.
    join.condition = join.condition.map {
      .call(.isNotDistinct, [$0, .constant(.flag(true), .boolean)], .boolean, at: Place(range: query.range))
    }
    return .column(attach(inner.plan, width: 1, join), .boolean)
  }

  /// A query in place of a value.
  mutating func scalarQuery(_ query: QuerySyntax, _ binder: inout Binder) throws(QueryError) -> Expression {
    let inner = try binder.bindSubquery(query, in: scope, isReachable: attaches)
    guard let type = inner.types.only else {
      throw QueryError(.binding, "a query in place of a value has one column", at: query.range)
    }
    guard let correlation = inner.correlation else {
      binder.subqueries.append(inner.plan)
      return .scalarQuery(binder.subqueries.count - 1, type)
    }
    return value(of: inner, correlation, type, query.range)
  }

  private mutating func value(
    of inner: Binder.Subquery, _ correlation: Correlation, _ type: SQLType, _ range: Range<Int>
  ) -> Expression {
    guard let whenEmpty = correlation.whenEmpty else {
      let join = correlation.join(.single, width: width)
      return .column(attach(inner.plan, width: inner.plan.types.count, join), type)
    }
    // Beside the columns one that tells rows of the result from those that have none.
    let types = inner.plan.types
    let marked = Plan.project(
      inner.plan, types.enumerated().map { .column($0, $1) } + [.constant(.flag(true), .boolean)])
    let base = attach(marked, width: types.count + 1, correlation.join(.left, width: width))
    let isThere = Expression.column(base + types.count, .boolean)
    return .call(.choice, [isThere, .column(base, type), whenEmpty], type, at: Place(range: range))
  }

  /// `value IN (SELECT …)`.
  mutating func inQuery(
    _ value: ExpressionSyntax, _ query: QuerySyntax, _ negated: Bool, _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    var inner = try binder.bindSubquery(query, in: scope, isReachable: attaches)
    guard let innerType = inner.types.only else {
      throw QueryError(.binding, "IN takes a query of one column", at: query.range)
    }
    let bound = try bind(value, &binder)
    guard let type = Coercion.common(bound.type, innerType) else {
      throw QueryError(.binding, "IN compares \(bound.type.name) with \(innerType.name)", at: range)
    }
    let cast = try Coercion.cast(bound, to: type, at: range)
    guard let correlation = inner.correlation else {
      inner.plan = try binder.cast(inner.plan, to: [type], query.range)
      binder.subqueries.append(inner.plan)
      return .inQuery(cast, binder.subqueries.count - 1, negated: negated)
    }
    let place = Place(range: range)
    let found: Expression
    if correlation.whenEmpty != nil {
      let one = self.value(of: inner, correlation, innerType, query.range)
      found = .call(.equal, [cast, try Coercion.cast(one, to: type, at: range)], .boolean, at: place)
    } else {
      var join = correlation.join(.mark, width: width)
      let item = try Coercion.cast(.column(width, innerType), to: type, at: range)
      let equal = Expression.call(.equal, [cast, item], .boolean, at: place)
      join.condition =
        join.condition.map {
          .call(.choice, [$0, equal, .constant(.flag(false), .boolean)], .boolean, at: place)
        } ?? equal
      found = .column(attach(inner.plan, width: 1, join), .boolean)
    }
    return negated ? .call(.not, [found], .boolean, at: place) : found
  }
}
