extension Optimizer {
  /// Filters over a join, each at the side it is about; what compares the sides of an inner join becomes part of it.
  static func filtered(_ left: Plan, _ right: Plan, _ join: JoinPlan, by conditions: [Expression]) -> Plan {
    let width = left.types.count
    let isInner = (join.kind == .inner || join.kind == .cross) && join.nearest == nil
    var join = join
    var (toLeft, toRight, within, above): ([Expression], [Expression], [Expression], [Expression]) = ([], [], [], [])
    for condition in conditions {
      let columns = condition.columns
      if columns.isEmpty {
        above.append(condition)
      } else if columns.allSatisfy({ $0 < width }) {
        if join.kind == .full { above.append(condition) } else { toLeft.append(condition) }
      } else if !isInner {
        above.append(condition)
      } else if columns.allSatisfy({ $0 >= width }) {
        toRight.append(condition.replacingColumns { .column($0 - width, $1) })
      } else if case .call(.equal, let sides, _, _) = condition, let (a, b, _) = Binder.sides(sides, width) {
        join.keys.append((a, b))
      } else {
        within.append(condition)
      }
    }
    if isInner, !join.keys.isEmpty || !within.isEmpty { join.kind = .inner }
    if !within.isEmpty { join.condition = Expression.all((join.condition.map { [$0] } ?? []) + within) }
    return wrap(.join(filtered(left, toLeft), filtered(right, toRight), join), above)
  }

  /// A join whose condition has lost what is about its right side alone, which is asked there.
  static func narrowed(_ left: Plan, _ right: Plan, _ join: JoinPlan) -> Plan {
    guard let condition = join.condition, ![.mark, .full].contains(join.kind) else { return .join(left, right, join) }
    let width = left.types.count
    let (movable, rest) = split(condition.conjuncts) { part in
      !part.columns.isEmpty && part.columns.allSatisfy { $0 >= width }
    }
    var join = join
    join.condition = Expression.all(rest)
    let moved = movable.map { part in part.replacingColumns { .column($0 - width, $1) } }
    return .join(left, filtered(right, moved), join)
  }

  /// A join without the columns of its sides that nobody needs.
  static func pruned(
    _ left: Plan, _ right: Plan, _ join: JoinPlan, needed: Set<Int>
  ) -> (plan: Plan, places: [Int: Int]) {
    let width = left.types.count
    let givesRight = ![.semi, .anti, .mark].contains(join.kind)
    let used = needed.filter { $0 < width || givesRight }.union(join.condition?.columns ?? [])
    var (own, other) = (used.filter { $0 < width }, Set(used.filter { $0 >= width }.map { $0 - width }))
    for (a, b) in join.keys + (join.nearest.map { [(left: $0.left, right: $0.right)] } ?? []) {
      own.formUnion(a.columns)
      other.formUnion(b.columns)
    }
    let (first, places) = pruned(left, needed: own)
    let (second, otherPlaces) = pruned(right, needed: other)
    let newWidth = first.types.count
    func onLeft(_ expression: Expression) -> Expression {
      expression.replacingColumns { .column(places[$0] ?? 0, $1) }
    }
    func onRight(_ expression: Expression) -> Expression {
      expression.replacingColumns { .column(otherPlaces[$0] ?? 0, $1) }
    }
    var join = join
    join.keys = join.keys.map { (onLeft($0.left), onRight($0.right)) }
    join.nearest = join.nearest.map { (onLeft($0.left), $0.operation, onRight($0.right)) }
    join.condition = join.condition?.replacingColumns { index, type in
      .column(index < width ? places[index] ?? 0 : newWidth + (otherPlaces[index - width] ?? 0), type)
    }
    var all = places
    if givesRight { for (index, place) in otherPlaces { all[width + index] = newWidth + place } }
    if join.kind == .mark { all[width] = newWidth }
    return (.join(first, second, join), all)
  }

  /// Windows without the columns and calls that nobody needs.
  static func pruned(_ input: Plan, _ calls: [WindowCall], needed: Set<Int>) -> (plan: Plan, places: [Int: Int]) {
    let width = input.types.count
    let kept = calls.indices.filter { needed.contains(width + $0) }
    var chosen = kept.map { calls[$0] }
    let used = chosen.reduce(into: needed.filter { $0 < width }) { $0.formUnion($1.columns) }
    let (inner, places) = pruned(input, needed: used)
    if kept.isEmpty { return (inner, places) }
    for index in chosen.indices {
      chosen[index].changeExpressions { $0.replacingColumns { .column(places[$0] ?? 0, $1) } }
    }
    var all = places
    for (index, call) in kept.enumerated() { all[width + call] = inner.types.count + index }
    return (.window(inner, chosen), all)
  }
}
