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
    guard !call.hasStar, !call.isDistinct, call.order.isEmpty, call.filter == nil else {
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
    _ call: CallSyntax, _ name: String, _ window: WindowSyntax, _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    if refusal != nil || !collectsCalls {
      throw QueryError(.binding, "no window function is allowed here – use QUALIFY or a query around", at: range)
    }
    guard call.filter == nil, call.order.isEmpty, !call.isDistinct else {
      throw QueryError(.notSupported, "DISTINCT, ORDER BY and FILTER within a window function", at: range)
    }
    var arguments: [Expression] = []
    for argument in call.arguments { arguments.append(try bind(argument, &binder)) }
    var partition: [Expression] = []
    for item in window.partition { partition.append(try bind(item, &binder)) }
    var order: [SortKey] = []
    for item in window.order { order.append(SortKey(item, try bind(item.expression, &binder))) }
    var bound = try WindowBinding.bind(name, call, arguments, range)
    bound.partition = partition
    bound.order = order
    if let frame = window.frame {
      if !frame.isRows, frame.start.isCounted || frame.end.isCounted {
        throw QueryError(.notSupported, "frames of RANGE with a number", at: frame.range)
      }
      bound.frame = frame
    } else {
      let end: FrameSyntax.Bound = order.isEmpty ? .unboundedFollowing : .currentRow
      bound.frame = FrameSyntax(isRows: false, start: .unboundedPreceding, end: end, range: window.range)
    }
    windows.append((bound, range))
    return .column(Lift.windowBase + windows.count - 1, bound.type)
  }
}

extension FrameSyntax.Bound {
  var isCounted: Bool {
    switch self {
    case .preceding, .following: true
    default: false
    }
  }
}
