/// Rewrites a plan so that it reads less. Pure: a plan in, a plan out that gives the same rows.
enum Optimizer {
  static func optimized(_ plan: Plan) -> Plan {
    let pushed = pushFilters(plan)
    let all = Set(pushed.types.indices)
    return valuesOnly(bounded(pruned(pushed, needed: all).plan))
  }

  // MARK: Filters to the tables

  private static func pushFilters(_ plan: Plan) -> Plan {
    switch plan {
    case .scan, .values, .range: return plan
    case .filter(let input, let condition):
      return filtered(pushFilters(input), condition.conjuncts)
    case .project(let input, let expressions): return .project(pushFilters(input), expressions)
    case .aggregate(let input, let keys, let calls): return .aggregate(pushFilters(input), keys: keys, calls: calls)
    case .sort(let input, let keys, let limit): return .sort(pushFilters(input), keys, limit: limit)
    case .limit(let input, let count, let offset): return .limit(pushFilters(input), count: count, offset: offset)
    case .union(let a, let b): return .union(pushFilters(a), pushFilters(b))
    case .join(let a, let b, let join): return narrowed(pushFilters(a), pushFilters(b), join)
    case .window(let input, let calls): return .window(pushFilters(input), calls)
    case .unnest(let input, let list, let type): return .unnest(pushFilters(input), list, type)
    }
  }

  /// A filter as near to the tables as it may stand.
  static func filtered(_ plan: Plan, _ conditions: [Expression]) -> Plan {
    switch plan {
    case .scan(var scan):
      scan.filters += conditions
      return .scan(scan)
    case .filter(let input, let condition): return filtered(input, condition.conjuncts + conditions)
    case .project(let input, let expressions):
      // Through columns that are only passed on; what is computed is not computed twice.
      let (movable, rest) = split(conditions) { condition in
        condition.columns.allSatisfy { expressions[$0].isPlainColumn }
      }
      if movable.isEmpty { break }
      let moved = movable.map { condition in condition.replacingColumns { index, _ in expressions[index] } }
      return wrap(.project(filtered(input, moved), expressions), rest)
    case .join(let left, let right, let join): return filtered(left, right, join, by: conditions)
    case .union(let a, let b): return .union(filtered(a, conditions), filtered(b, conditions))
    default: break
    }
    return wrap(plan, conditions)
  }

  static func split(
    _ conditions: [Expression], _ isMovable: (Expression) -> Bool
  ) -> (movable: [Expression], rest: [Expression]) {
    (conditions.filter(isMovable), conditions.filter { !isMovable($0) })
  }

  static func wrap(_ plan: Plan, _ conditions: [Expression]) -> Plan {
    Expression.all(conditions).map { .filter(plan, $0) } ?? plan
  }

  // MARK: Columns that nobody needs

  /// The plan without columns that are not needed, and where each of the needed ones is now.
  static func pruned(_ plan: Plan, needed: Set<Int>) -> (plan: Plan, places: [Int: Int]) {
    func map(_ kept: [Int]) -> [Int: Int] {
      Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    }
    func moved(_ expression: Expression, _ places: [Int: Int]) -> Expression {
      expression.replacingColumns { .column(places[$0] ?? 0, $1) }
    }
    func columns(_ expressions: [Expression]) -> Set<Int> {
      expressions.reduce(into: []) { $0.formUnion($1.columns) }
    }
    switch plan {
    case .scan(var scan):
      let kept = needed.union(columns(scan.filters)).sorted()
      let places = map(kept)
      scan.columns = kept.map { scan.columns[$0] }
      scan.filters = scan.filters.map { moved($0, places) }
      return (.scan(scan), places)
    case .filter(let input, let condition):
      let (inner, places) = pruned(input, needed: needed.union(condition.columns))
      return (.filter(inner, moved(condition, places)), places)
    case .project(let input, let expressions):
      let kept = needed.sorted()
      let wanted = kept.map { expressions[$0] }
      let (inner, places) = pruned(input, needed: columns(wanted))
      return (.project(inner, wanted.map { moved($0, places) }), map(kept))
    case .aggregate(let input, let keys, let calls):
      // Keys all stay: they make the groups.
      let keptCalls = calls.indices.filter { needed.contains(keys.count + $0) }
      var chosen = keptCalls.map { calls[$0] }
      let used = chosen.reduce(into: columns(keys)) { $0.formUnion($1.columns) }
      let (inner, places) = pruned(input, needed: used)
      for index in chosen.indices { chosen[index].replaceColumns { moved($0, places) } }
      var own = Dictionary(uniqueKeysWithValues: keys.indices.map { ($0, $0) })
      for (index, call) in keptCalls.enumerated() { own[keys.count + call] = keys.count + index }
      return (.aggregate(inner, keys: keys.map { moved($0, places) }, calls: chosen), own)
    case .sort(let input, var keys, let limit):
      let (inner, places) = pruned(input, needed: needed.union(columns(keys.map(\.expression))))
      for index in keys.indices { keys[index].expression = moved(keys[index].expression, places) }
      return (.sort(inner, keys, limit: limit), places)
    case .limit(let input, let count, let offset):
      let (inner, places) = pruned(input, needed: needed)
      return (.limit(inner, count: count, offset: offset), places)
    case .join(let left, let right, let join): return pruned(left, right, join, needed: needed)
    case .window(let input, let calls): return pruned(input, calls, needed: needed)
    case .unnest(let input, let list, let type):
      let width = input.types.count
      let (inner, places) = pruned(input, needed: needed.filter { $0 < width }.union(list.columns))
      return (
        .unnest(inner, moved(list, places), type), places.merging([width: inner.types.count]) { first, _ in first }
      )
    case .union, .values, .range: return prunedWhole(plan)
    }
  }

  /// Nodes that keep all their columns; what is below them is looked at for itself.
  private static func prunedWhole(_ plan: Plan) -> (plan: Plan, places: [Int: Int]) {
    func whole(_ plan: Plan) -> Plan {
      let types = plan.types
      let (inner, places) = pruned(plan, needed: Set(types.indices))
      if inner.types.count == types.count, types.indices.allSatisfy({ places[$0] == $0 }) { return inner }
      return .project(inner, types.enumerated().map { .column(places[$0] ?? 0, $1) })
    }
    let result: Plan
    switch plan {
    case .union(let a, let b): result = .union(whole(a), whole(b))
    default: result = plan
    }
    return (result, Dictionary(uniqueKeysWithValues: result.types.indices.map { ($0, $0) }))
  }

  // MARK: The first few rows

  /// Lets scans below a sort with a limit know what rows must reach.
  private static func bounded(_ plan: Plan) -> Plan {
    switch plan {
    case .sort(let input, let keys, let limit?) where limit > 0:
      guard let first = keys.first, !first.nullsFirst, case .column(let index, let type) = first.expression,
        type.layout == .int || type.layout == .double
      else { return plan }
      return .sort(marked(input, index, first.isDescending) ?? bounded(input), keys, limit: limit)
    case .project(let input, let expressions): return .project(bounded(input), expressions)
    case .limit(let input, let count, let offset): return .limit(bounded(input), count: count, offset: offset)
    case .filter(let input, let condition): return .filter(bounded(input), condition)
    case .aggregate(let input, let keys, let calls): return .aggregate(bounded(input), keys: keys, calls: calls)
    default: return plan
    }
  }

  private static func marked(_ plan: Plan, _ column: Int, _ isDescending: Bool) -> Plan? {
    switch plan {
    case .scan(var scan):
      guard scan.table.columns[scan.columns[column]].kind == .file else { return nil }
      scan.bound = RunningBound(column: column, isDescending: isDescending)
      return .scan(scan)
    case .project(let input, let expressions):
      guard case .column(let inner, _) = expressions[column] else { return nil }
      return marked(input, inner, isDescending).map { .project($0, expressions) }
    case .filter(let input, let condition):
      return marked(input, column, isDescending).map { .filter($0, condition) }
    default: return nil
    }
  }
}

extension Optimizer {
  /// Lets scans below aggregates to which it is all one how often a row occurs know of it.
  private static func valuesOnly(_ plan: Plan) -> Plan {
    switch plan {
    case .aggregate(let input, let keys, let calls):
      let inner = calls.allSatisfy(\.ignoresRepetition) ? markedValuesOnly(input) : nil
      return .aggregate(inner ?? valuesOnly(input), keys: keys, calls: calls)
    case .project(let input, let expressions): return .project(valuesOnly(input), expressions)
    case .filter(let input, let condition): return .filter(valuesOnly(input), condition)
    case .sort(let input, let keys, let limit): return .sort(valuesOnly(input), keys, limit: limit)
    case .limit(let input, let count, let offset): return .limit(valuesOnly(input), count: count, offset: offset)
    default: return plan
    }
  }

  private static func markedValuesOnly(_ plan: Plan) -> Plan? {
    switch plan {
    case .scan(var scan):
      scan.wantsValuesOnly = true
      return .scan(scan)
    case .project(let input, let expressions): return markedValuesOnly(input).map { .project($0, expressions) }
    case .filter(let input, let condition): return markedValuesOnly(input).map { .filter($0, condition) }
    default: return nil
    }
  }
}

extension AggregateCall {
  /// Whether the result stays the same where rows occur more often.
  var ignoresRepetition: Bool {
    if !order.isEmpty || function.dependsOnOrder { return false }
    switch function {
    case .min, .max, .boolAnd, .boolOr, .bitAnd, .bitOr, .approxCountDistinct: return true
    default: return isDistinct
    }
  }

  /// The input's columns that the call reads.
  var columns: Set<Int> {
    (arguments + order.map(\.expression) + [filter].compactMap(\.self)).reduce(into: []) { $0.formUnion($1.columns) }
  }

  mutating func replaceColumns(_ replacement: (Expression) -> Expression) {
    arguments = arguments.map(replacement)
    filter = filter.map(replacement)
    for index in order.indices { order[index].expression = replacement(order[index].expression) }
  }
}

extension Plan {
  /// The bound that scans below know of.
  var bound: RunningBound? {
    switch self {
    case .scan(let scan): scan.bound
    case .project(let input, _), .filter(let input, _): input.bound
    default: nil
    }
  }
}
