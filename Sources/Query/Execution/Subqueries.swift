internal import Columnar

/// Runs the queries that stand in place of values, and puts their results into the plan.
enum Subqueries {
  /// The most values of `IN (SELECT …)`.
  private static let mostValues = 1 << 20

  static func filled(_ query: BoundQuery, _ executor: Executor) async throws -> Plan {
    if query.subqueries.isEmpty { return query.plan }
    var results: [[Value]] = []
    for subquery in query.subqueries {
      let plan = fill(subquery, results)
      var values: [Value] = []
      for batch in try await executor.batches(Optimizer.optimized(plan)) {
        guard values.count + batch.count <= mostValues else {
          throw QueryError(.limit, "a query in place of a value has more than \(mostValues) rows")
        }
        for row in 0..<batch.count { values.append(batch.columns.first?.value(at: row) ?? .null) }
      }
      results.append(values)
    }
    try checkScalars(query.plan, results)
    return fill(query.plan, results)
  }

  private static func checkScalars(_ plan: Plan, _ results: [[Value]]) throws(QueryError) {
    var failed = false
    _ = plan.mappingExpressions { expression in
      expression.visit { if case .scalarQuery(let index, _) = $0, results[index].count > 1 { failed = true } }
      return expression
    }
    if failed { throw QueryError(.value, "a query in place of a value has more than one row – add LIMIT 1") }
  }

  private static func fill(_ plan: Plan, _ results: [[Value]]) -> Plan {
    plan.mappingExpressions { fill($0, results) }
  }

  private static func fill(_ expression: Expression, _ results: [[Value]]) -> Expression {
    switch expression {
    case .scalarQuery(let index, let type): return .constant(results[index].first ?? .null, type)
    case .exists(let index): return .constant(.flag(!results[index].isEmpty), .boolean)
    case .inQuery(let value, let index, let negated):
      let filled = fill(value, results)
      let items = results[index].map { Expression.constant($0, filled.type) }
      if items.isEmpty { return .constant(.flag(negated), .boolean) }
      let place = Place(range: 0..<0)
      let any = Expression.call(.isAny, [filled] + items, .boolean, at: place)
      return negated ? .call(.not, [any], .boolean, at: place) : any
    case .call(let operation, let arguments, let type, let place):
      return .call(operation, arguments.map { fill($0, results) }, type, at: place)
    case .column, .constant: return expression
    }
  }
}

extension Expression {
  /// Shows each expression within, and itself.
  func visit(_ body: (Expression) -> Void) {
    body(self)
    switch self {
    case .call(_, let arguments, _, _): for argument in arguments { argument.visit(body) }
    case .inQuery(let value, _, _): value.visit(body)
    default: break
    }
  }
}

extension Plan {
  /// The same plan with each expression replaced.
  func mappingExpressions(_ body: (Expression) -> Expression) -> Plan {
    func keys(_ list: [SortKey]) -> [SortKey] {
      list.map { SortKey(expression: body($0.expression), isDescending: $0.isDescending, nullsFirst: $0.nullsFirst) }
    }
    switch self {
    case .scan(var scan):
      scan.filters = scan.filters.map(body)
      return .scan(scan)
    case .values(let rows, let types): return .values(rows.map { $0.map(body) }, types)
    case .range: return self
    case .filter(let input, let condition): return .filter(input.mappingExpressions(body), body(condition))
    case .project(let input, let list): return .project(input.mappingExpressions(body), list.map(body))
    case .aggregate(let input, let list, var calls):
      for index in calls.indices { calls[index].replaceColumns(body) }
      return .aggregate(input.mappingExpressions(body), keys: list.map(body), calls: calls)
    case .sort(let input, let list, let limit): return .sort(input.mappingExpressions(body), keys(list), limit: limit)
    case .limit(let input, let count, let offset):
      return .limit(input.mappingExpressions(body), count: count, offset: offset)
    case .union(let a, let b): return .union(a.mappingExpressions(body), b.mappingExpressions(body))
    case .join(let a, let b, var join):
      join.keys = join.keys.map { (body($0.left), body($0.right)) }
      join.nearest = join.nearest.map { (body($0.left), $0.operation, body($0.right)) }
      join.condition = join.condition.map(body)
      return .join(a.mappingExpressions(body), b.mappingExpressions(body), join)
    case .window(let input, var calls):
      for index in calls.indices { calls[index].changeExpressions(body) }
      return .window(input.mappingExpressions(body), calls)
    case .unnest(let input, let list, let type): return .unnest(input.mappingExpressions(body), body(list), type)
    }
  }

  /// The tables that are read.
  var tables: [BoundTable] {
    switch self {
    case .scan(let scan): [scan.table]
    case .values, .range: []
    case .filter(let input, _), .project(let input, _), .aggregate(let input, _, _), .sort(let input, _, _),
      .limit(let input, _, _), .window(let input, _), .unnest(let input, _, _):
      input.tables
    case .union(let a, let b), .join(let a, let b, _): a.tables + b.tables
    }
  }
}
