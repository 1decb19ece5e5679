extension Binder {
  /// Binds `UNION`, `INTERSECT` and `EXCEPT`: both sides under common types, then put together.
  mutating func bindCombined(
    _ operation: SetOperation, _ left: QueryBody, _ right: QueryBody, all: Bool, _ range: Range<Int>
  ) throws(QueryError) -> Relation {
    var first = try bindBody(left)
    let second = try bindBody(right)
    let (count, otherCount) = (first.scope.columns.count, second.scope.columns.count)
    guard count == otherCount else {
      throw QueryError(
        .binding, "\(operation.rawValue) of \(count) and \(otherCount) columns – both need as many", at: range)
    }
    for index in first.scope.columns.indices {
      let (a, b) = (first.scope.columns[index].type, second.scope.columns[index].type)
      guard let type = Coercion.common(a, b) ?? (a == .text || b == .text ? .text : nil) else {
        throw QueryError(
          .binding, "\(operation.rawValue) of \(a.name) and \(b.name) in column \(index + 1)", at: range)
      }
      first.scope.columns[index].type = type
      first.scope.columns[index].table = nil
    }
    let types = first.scope.columns.map(\.type)
    let (mine, theirs) = (try cast(first.plan, to: types, range), try cast(second.plan, to: types, range))
    switch operation {
    case .union: first.plan = all ? .union(mine, theirs) : distinct(.union(mine, theirs))
    case .intersect, .except:
      first.plan =
        all
        ? dropped(common(numbered(mine, types), numbered(theirs, types), operation, range), to: types)
        : common(mine, theirs, operation, range)
    }
    return first
  }

  /// The rows, each once, that both sides have, or that the left one alone has. Nulls are equal here.
  private func common(_ left: Plan, _ right: Plan, _ operation: SetOperation, _ range: Range<Int>) -> Plan {
    let types = left.types
    let columns = types.enumerated().map { Expression.column($0, $1) }
    func marked(_ plan: Plan, isLeft: Bool) -> Plan {
      .project(
        plan, columns + [.constant(.flag(isLeft), .boolean), .constant(.flag(!isLeft), .boolean)])
    }
    let calls = [types.count, types.count + 1].map {
      AggregateCall(function: .boolOr, arguments: [.column($0, .boolean)], type: .boolean)
    }
    let grouped = Plan.aggregate(
      .union(marked(left, isLeft: true), marked(right, isLeft: false)), keys: columns, calls: calls)
    let isRight = Expression.column(types.count + 1, .boolean)
    let place = Place(range: range)
    let condition = Expression.call(
      .and,
      [
        .column(types.count, .boolean),
        operation == .intersect ? isRight : .call(.not, [isRight], .boolean, at: place),
      ], .boolean, at: place)
    return dropped(.filter(grouped, condition), to: types)
  }

  /// The rows with a number among their equals, so that each of them is told from the others.
  private func numbered(_ plan: Plan, _ types: [SQLType]) -> Plan {
    .window(plan, [WindowCall.rowNumber(by: types.enumerated().map { .column($0, $1) })])
  }

  /// The first columns alone.
  func dropped(_ plan: Plan, to types: [SQLType]) -> Plan {
    .project(plan, types.enumerated().map { .column($0, $1) })
  }
}

extension WindowCall {
  /// `row_number() over (partition by … order by …)`.
  static func rowNumber(by partition: [Expression], order: [SortKey] = []) -> WindowCall {
    WindowCall(function: .rowNumber, arguments: [], partition: partition, order: order, type: .int64)
  }
}
