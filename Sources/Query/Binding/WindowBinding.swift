/// The types of window functions.
enum WindowBinding {
  static func bind(
    _ name: String, _ call: CallSyntax, _ arguments: [Expression], _ range: Range<Int>
  ) throws(QueryError) -> WindowCall {
    func made(_ function: WindowCall.Function, _ arguments: [Expression], _ type: SQLType) -> WindowCall {
      WindowCall(function: function, arguments: arguments, type: type)
    }
    if let function = AggregateCall.names[name] {
      if function == .first { return made(.firstValue, arguments, arguments.first?.type ?? .null) }
      if function == .last { return made(.lastValue, arguments, arguments.first?.type ?? .null) }
      var aggregate = try AggregateBinding.bind(function, call, arguments, range)
      aggregate.isDistinct = call.isDistinct && !aggregate.function.ignoresRepeats
      return made(.aggregate(aggregate), aggregate.arguments, aggregate.type)
    }
    guard let function = WindowCall.names[name] else {
      throw QueryError(.binding, "\(name) is no window function", at: call.name.range)
    }
    let counts: ClosedRange<Int>
    switch function {
    case .lag, .lead: counts = 1...3
    case .firstValue, .lastValue, .ntile: counts = 1...1
    case .nthValue: counts = 2...2
    default: counts = 0...0
    }
    guard counts.contains(arguments.count) else {
      throw QueryError(.binding, "\(name) takes another number of arguments", at: range)
    }
    switch function {
    case .percentRank, .cumeDist: return made(function, [], .double)
    case .ntile: return made(function, [try Coercion.cast(arguments[0], to: .int64, at: range)], .int64)
    case .firstValue, .lastValue: return made(function, arguments, arguments[0].type)
    case .nthValue:
      return made(function, [arguments[0], try Coercion.cast(arguments[1], to: .int64, at: range)], arguments[0].type)
    case .lag, .lead:
      var bound = arguments
      if bound.count > 1 { bound[1] = try Coercion.cast(bound[1], to: .int64, at: range) }
      if bound.count > 2 { bound[2] = try Coercion.cast(bound[2], to: arguments[0].type, at: range) }
      return made(function, bound, arguments[0].type)
    default: return made(function, [], .int64)
    }
  }
}

extension Frame {
  /// The frame of a window over an order.
  ///
  /// - Parameter offset: binds a distance.
  init(
    _ syntax: FrameSyntax, _ order: [SortKey], offset: (ExpressionSyntax) throws(QueryError) -> Expression
  ) throws(QueryError) {
    self.init(mode: syntax.mode, start: .currentRow, end: .currentRow, exclusion: syntax.exclusion)
    let isByValue = syntax.mode == .range && (syntax.start.distance != nil || syntax.end.distance != nil)
    guard !isByValue || order.count == 1 else {
      throw QueryError(.binding, "a distance of RANGE needs one key of ORDER BY", at: syntax.range)
    }
    start = try Self.bound(syntax.start, syntax.mode, order, offset)
    end = try Self.bound(syntax.end, syntax.mode, order, offset)
    guard isByValue else { return }
    var type = order[0].expression.type
    for case .value(let edge) in [start, end] {
      guard let common = Coercion.common(type, edge.type) else {
        throw QueryError(.binding, "a distance of RANGE that does not fit \(type.name)", at: syntax.range)
      }
      type = common
    }
    key = try Coercion.cast(order[0].expression, to: type, at: syntax.range)
    if case .value(let edge) = start { start = .value(try Coercion.cast(edge, to: type, at: syntax.range)) }
    if case .value(let edge) = end { end = .value(try Coercion.cast(edge, to: type, at: syntax.range)) }
  }

  private static func bound(
    _ syntax: FrameSyntax.Bound, _ mode: Mode, _ order: [SortKey],
    _ offset: (ExpressionSyntax) throws(QueryError) -> Expression
  ) throws(QueryError) -> Bound {
    let isPreceding: Bool
    let written: ExpressionSyntax
    switch syntax {
    case .unboundedPreceding: return .unboundedPreceding
    case .currentRow: return .currentRow
    case .unboundedFollowing: return .unboundedFollowing
    case .preceding(let distance): (isPreceding, written) = (true, distance)
    case .following(let distance): (isPreceding, written) = (false, distance)
    }
    let distance = try offset(written)
    guard let value = distance.constant else {
      throw QueryError(.notSupported, "distances of frames that are no constants", at: written.range)
    }
    if mode != .range {
      guard distance.type.isInteger,
        case .int(let number)? = try Coercion.cast(
          distance, to: .int64, at: written.range
        ).constant
      else { throw QueryError(.binding, "a frame of rows or groups takes a whole number", at: written.range) }
      guard number >= 0 else { throw QueryError(.notSupported, "negative distances of frames", at: written.range) }
      let count = Int(min(number, 1 << 40))
      return isPreceding ? .preceding(count) : .following(count)
    }
    guard !value.isNegative, value != .null else {
      throw QueryError(.notSupported, "negative distances of frames, and none", at: written.range)
    }
    let key = order[0]
    guard key.expression.type.isNumeric || key.expression.type.isTemporal else {
      throw QueryError(
        .notSupported, "a distance of RANGE over \(key.expression.type.name)", at: written.range)
    }
    // What precedes in a descending order is greater.
    let symbol = isPreceding != key.isDescending ? "-" : "+"
    return .value(
      try Operators.bind(symbol, key.expression, distance, literals: (false, written.isNumber), written.range))
  }
}

extension FrameSyntax.Bound {
  /// How far away it is.
  var distance: ExpressionSyntax? {
    switch self {
    case .preceding(let distance), .following(let distance): distance
    default: nil
    }
  }
}

extension Value {
  /// Whether it is a number or a span of time below zero.
  fileprivate var isNegative: Bool {
    switch self {
    case .int(let number): number < 0
    case .wide(let number): number < 0
    case .double(let number): number < 0
    case .interval(let span): span.approximateMicros < 0
    default: false
    }
  }
}
