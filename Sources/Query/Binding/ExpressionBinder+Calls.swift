extension ExpressionBinder {
  /// A call: of an aggregate, a window function, or a function of one row.
  mutating func bindCall(
    _ call: CallSyntax, _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    let name = call.name.text.lowercased()
    if let window = call.window { return try bindWindow(call, name, window, range, &binder) }
    if call.name.isUnnest { return try unnest(call, range, &binder) }
    if let function = AggregateCall.names[name] { return try bindAggregate(call, function, range, &binder) }
    if WindowCall.names[name] != nil {
      throw QueryError(.binding, "\(name) needs OVER (…)", at: call.name.range)
    }
    guard !call.hasStar, !call.isDistinct, call.order.isEmpty, call.filter == nil, !call.ignoresNulls else {
      throw QueryError(.binding, "\(name) is no aggregate: it takes plain arguments", at: call.name.range)
    }
    var arguments: [Expression] = []
    for argument in call.arguments { arguments.append(try bind(argument, &binder)) }
    return try FunctionBinding.bind(name, arguments, call, now: binder.now, range)
  }

  private mutating func bindAggregate(
    _ call: CallSyntax, _ function: AggregateCall.Function, _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    if let refusal { throw QueryError(.binding, "no aggregate is allowed \(refusal)", at: range) }
    let bound = try aggregate(call, function, range, &binder)
    let index = calls.firstIndex(of: bound) ?? calls.count
    if index == calls.count { calls.append(bound) }
    return .column(Lift.callBase + index, bound.type)
  }

  /// The aggregate with its arguments, which hold no other aggregate.
  private mutating func aggregate(
    _ call: CallSyntax, _ function: AggregateCall.Function, _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> AggregateCall {
    let saved = refusal
    refusal = "within another"
    defer { refusal = saved }
    var arguments: [Expression] = []
    for argument in call.arguments { arguments.append(try bind(argument, &binder)) }
    var bound = try AggregateBinding.bind(function, call, arguments, range)
    bound.isDistinct = call.isDistinct && !bound.function.ignoresRepeats
    if let filter = call.filter {
      let condition = try bind(filter, &binder)
      bound.filter = try Coercion.cast(condition, to: .boolean, at: filter.range)
    }
    for order in call.order { bound.order.append(SortKey(order, try bind(order.expression, &binder))) }
    if !bound.order.isEmpty, !bound.function.dependsOnOrder { bound.order = [] }
    return bound
  }

  private mutating func bindWindow(
    _ call: CallSyntax, _ name: String, _ written: WindowSyntax, _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    if refusal != nil || !collectsCalls {
      throw QueryError(.binding, "no window function is allowed here – use QUALIFY or a query around", at: range)
    }
    let window = try whole(written)
    let isAggregate = AggregateCall.names[name] != nil
    guard call.order.isEmpty, isAggregate || (call.filter == nil && !call.isDistinct) else {
      throw QueryError(.notSupported, "DISTINCT, ORDER BY and FILTER within \(name) over a window", at: range)
    }
    var arguments: [Expression] = []
    for argument in call.arguments { arguments.append(try bind(argument, &binder)) }
    var bound = try WindowBinding.bind(name, call, arguments, range)
    for item in window.partition { bound.partition.append(try bind(item, &binder)) }
    for item in window.order { bound.order.append(SortKey(item, try bind(item.expression, &binder))) }
    if let filter = call.filter {
      bound.filter = try Coercion.cast(try bind(filter, &binder), to: .boolean, at: filter.range)
    }
    if call.ignoresNulls {
      switch bound.function {
      case .lag, .lead, .firstValue, .lastValue, .nthValue: bound.ignoresNulls = true
      default: throw QueryError(.binding, "\(name) knows no IGNORE NULLS", at: range)
      }
    }
    if let frame = window.frame {
      bound.frame = try Frame(frame, bound.order) { (distance) throws(QueryError) in try bind(distance, &binder) }
    } else {
      bound.frame = Frame(
        mode: .range, start: .unboundedPreceding, end: bound.order.isEmpty ? .unboundedFollowing : .currentRow)
    }
    if case .aggregate = bound.function {
    } else if bound.filter != nil || bound.frame.exclusion != .none {
      throw QueryError(.notSupported, "FILTER and EXCLUDE for \(name)", at: range)
    }
    windows.append((bound, range))
    return .column(Lift.windowBase + windows.count - 1, bound.type)
  }

  /// A window with what it takes over from the named one that it goes on from.
  private func whole(_ window: WindowSyntax, depth: Int = 0) throws(QueryError) -> WindowSyntax {
    guard let base = window.base else { return window }
    let lower = base.text.lowercased()
    guard let found = namedWindows.first(where: { $0.name.text.lowercased() == lower }), depth < 16 else {
      let names = namedWindows.map(\.name.text)
      throw QueryError(
        .binding, "no window is called \"\(base.text)\"\(Suggestion.text(for: base.text, among: names))", at: base.range
      )
    }
    var result = try whole(found.window, depth: depth + 1)
    let isAlone = window.partition.isEmpty && window.order.isEmpty && window.frame == nil
    guard isAlone || (window.partition.isEmpty && result.frame == nil && (result.order.isEmpty || window.order.isEmpty))
    else {
      throw QueryError(
        .binding, "a window that goes on from \"\(base.text)\" changes what that one says", at: window.range)
    }
    if !window.order.isEmpty { result.order = window.order }
    result.frame = window.frame ?? result.frame
    return result
  }
}
