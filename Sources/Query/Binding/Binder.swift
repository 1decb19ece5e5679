/// Turns the tree of a query into a plan: finds what names mean and settles types. Pure, but for the time of day, which
/// is given.
///
/// Tables that it meets and does not know are noted in ``missing``; the caller fetches them and binds again.
struct Binder {
  /// A table as a query names it: a location, or a function with its arguments.
  struct TableKey: Hashable, Sendable {
    var function: String
    var location: String
    /// Further locations whose files come behind those of the first.
    var others: [String] = []
    /// Whether the columns of all files are put together by their names; else the first file has them all.
    var unionsByName = false
    /// Whether names of directories become columns.
    var readsPartitions = true
    /// How its files are read where they are CSV.
    var csv: CSVOptions?
  }

  /// The tables fetched so far.
  var tables: [TableKey: BoundTable]
  var views: [String: QuerySyntax]
  /// Microseconds since 1970, for `now()`.
  var now: Int64
  var missing: (key: TableKey, range: Range<Int>)?
  var subqueries: [Plan] = []
  /// `WITH` in effect, the innermost last.
  var withs: [(name: String, table: CommonTable)] = []
  /// The scopes of the queries around the one at hand, the innermost last.
  var outers: [Outer] = []
  /// How the query bound last depends on the one around it.
  var correlation: Correlation?
  private var depth = 0

  init(tables: [TableKey: BoundTable], views: [String: QuerySyntax], now: Int64) {
    self.tables = tables
    self.views = views
    self.now = now
  }

  /// Binds a whole query.
  mutating func bind(_ query: QuerySyntax) throws(QueryError) -> BoundQuery {
    let result = try bindQuery(query)
    let visible = result.scope.columns
    return BoundQuery(plan: result.plan, names: visible.map(\.name), subqueries: subqueries)
  }

  /// A plan and what its columns are called.
  struct Relation {
    var plan: Plan
    var scope: Scope
  }

  mutating func bindQuery(_ query: QuerySyntax) throws(QueryError) -> Relation {
    guard depth < 48 else { throw QueryError(.binding, "queries nested too deeply", at: query.range) }
    depth += 1
    let outer = withs
    withs += query.withs.map { ($0.name.text.lowercased(), $0) }
    defer {
      withs = outer
      depth -= 1
    }
    var relation: Relation
    switch query.body {
    case .select(let select):
      relation = try bindSelect(select, order: query.order, orderAll: query.orderAll)
    default:
      relation = try sealed { (binder) throws(QueryError) in try binder.bindBody(query.body) }
      try sort(&relation, query)
    }
    try limit(&relation, query)
    return relation
  }

  mutating func bindBody(_ body: QueryBody) throws(QueryError) -> Relation {
    switch body {
    case .select(let select): return try bindSelect(select, order: [], orderAll: nil)
    case .nested(let query): return try bindQuery(query)
    case .values(let rows): return try bindValues(rows)
    case .combined(let operation, let left, let right, let all, let range):
      return try bindCombined(operation, left, right, all: all, range)
    }
  }

  /// The same rows under other types.
  func cast(_ plan: Plan, to types: [SQLType], _ range: Range<Int>) throws(QueryError) -> Plan {
    let own = plan.types
    if own == types { return plan }
    var expressions: [Expression] = []
    for (index, type) in types.enumerated() {
      expressions.append(try Coercion.cast(.column(index, own[index]), to: type, at: range))
    }
    return .project(plan, expressions)
  }

  func distinct(_ plan: Plan) -> Plan {
    .aggregate(plan, keys: plan.types.enumerated().map { .column($0, $1) }, calls: [])
  }

  private mutating func bindValues(_ rows: [[ExpressionSyntax]]) throws(QueryError) -> Relation {
    var bound: [[Expression]] = []
    var types: [SQLType] = []
    for row in rows {
      var expressions: [Expression] = []
      for item in row { expressions.append(try ExpressionBinder.bind(item, Scope(), &self)) }
      guard let first = row.first, bound.isEmpty || expressions.count == types.count else {
        throw QueryError(.binding, "rows of VALUES with different numbers of columns", at: row.first?.range)
      }
      for (index, expression) in expressions.enumerated() {
        if bound.isEmpty {
          types.append(expression.type)
        } else if let type = Coercion.common(types[index], expression.type) {
          types[index] = type
        } else {
          throw QueryError(
            .binding, "VALUES of \(types[index].name) and \(expression.type.name) in one column", at: first.range)
        }
      }
      bound.append(expressions)
    }
    for row in bound.indices {
      for (index, type) in types.enumerated() {
        bound[row][index] = try Coercion.cast(bound[row][index], to: type, at: rows[row][index].range)
      }
    }
    let columns = types.enumerated().map { Scope.Column(name: "col\($0)", type: $1) }
    return Relation(plan: .values(bound, types), scope: Scope(columns: columns))
  }

  /// `ORDER BY` over the columns of a union or of `VALUES`.
  private mutating func sort(_ relation: inout Relation, _ query: QuerySyntax) throws(QueryError) {
    var keys: [SortKey] = []
    if let all = query.orderAll { keys = sortAll(relation.plan.types, all) }
    for order in query.order {
      let expression: Expression
      if case .number(let text) = order.expression.kind, let position = Int(text) {
        expression = try column(at: position, relation.plan.types, order.expression.range)
      } else {
        expression = try ExpressionBinder.bind(order.expression, relation.scope, &self)
      }
      keys.append(SortKey(order, expression))
    }
    if !keys.isEmpty { relation.plan = .sort(relation.plan, keys, limit: nil) }
  }

  func sortAll(_ types: [SQLType], _ direction: (isDescending: Bool, nullsFirst: Bool?)) -> [SortKey] {
    types.enumerated().map {
      SortKey(
        expression: .column($0, $1), isDescending: direction.isDescending, nullsFirst: direction.nullsFirst ?? false)
    }
  }

  /// A column by its position, counted from 1.
  func column(at position: Int, _ types: [SQLType], _ range: Range<Int>) throws(QueryError) -> Expression {
    guard position >= 1, position <= types.count else {
      throw QueryError(.binding, "there is no column \(position); the query has \(types.count)", at: range)
    }
    return .column(position - 1, types[position - 1])
  }

  private mutating func limit(_ relation: inout Relation, _ query: QuerySyntax) throws(QueryError) {
    guard query.limit != nil || query.offset != nil else { return }
    let count = try count(query.limit)
    let offset = try self.count(query.offset) ?? 0
    if let correlation {
      try limitEach(&relation, correlation, count: count, offset: offset, query.range)
      return
    }
    let (sum, overflow) = offset.addingReportingOverflow(count ?? 0)
    if let count, !overflow {
      if case .sort(let input, let keys, nil) = relation.plan {
        relation.plan = .sort(input, keys, limit: sum)
      } else if case .project(.sort(let input, let keys, nil), let expressions) = relation.plan {
        relation.plan = .project(.sort(input, keys, limit: sum), expressions)
      }
      relation.plan = .limit(relation.plan, count: count, offset: offset)
    } else {
      relation.plan = .limit(relation.plan, count: count, offset: offset)
    }
  }

  private mutating func count(_ syntax: ExpressionSyntax?) throws(QueryError) -> Int? {
    guard let syntax else { return nil }
    let bound = try ExpressionBinder.bind(syntax, Scope(), &self)
    if bound.constant == .null { return nil }
    guard bound.type.isInteger, let number = try Coercion.cast(bound, to: .int64, at: syntax.range).constant,
      case .int(let value) = number, value >= 0
    else { throw QueryError(.binding, "LIMIT and OFFSET take a whole number that is not negative", at: syntax.range) }
    return Int(value)
  }
}

extension SortKey {
  init(_ order: OrderSyntax, _ expression: Expression) {
    self.init(
      expression: expression, isDescending: order.isDescending, nullsFirst: order.nullsFirst ?? false)
  }
}
