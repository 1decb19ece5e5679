/// The types of functions of one row.
enum FunctionBinding {
  static func bind(
    _ written: String, _ arguments: [Expression], _ call: CallSyntax, now: Int64, _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    let name = FunctionAlias.names[written] ?? written
    let typed = zip(arguments, call.arguments).map { ($0, $1.range) }
    switch name {
    case "now", "current_timestamp", "get_current_timestamp": return .constant(.int(now), .timestampUTC)
    case "current_date", "today":
      return .constant(.int(now.floorDivided(by: TimeArithmetic.microsPerDay)), .date)
    case "coalesce":
      guard !arguments.isEmpty else { throw wrongCount(written, range) }
      let type = try ExpressionBinder.commonType(typed)
      var cast: [Expression] = []
      for (argument, place) in typed { cast.append(try Coercion.cast(argument, to: type, at: place)) }
      return .call(.coalesce, cast, type, at: Place(range: range))
    case "if":
      guard arguments.count == 3 else { throw wrongCount(written, range) }
      let type = try ExpressionBinder.commonType(Array(typed.dropFirst()))
      return .call(
        .choice,
        [
          try Coercion.cast(arguments[0], to: .boolean, at: range),
          try Coercion.cast(arguments[1], to: type, at: range),
          try Coercion.cast(arguments[2], to: type, at: range),
        ], type, at: Place(range: range))
    case "make_interval":
      guard (1...7).contains(arguments.count) else { throw wrongCount(written, range) }
      return try interval(of: arguments, [.year, .month, .week, .day, .hour, .minute, .second], range)
    case "to_years", "to_months", "to_weeks", "to_days", "to_hours", "to_minutes", "to_seconds", "to_milliseconds",
      "to_microseconds":
      guard arguments.count == 1, let unit = IntervalUnit(name: String(name.dropFirst(3))) else {
        throw wrongCount(written, range)
      }
      return try interval(of: arguments, [unit], range)
    case "power", "mod":
      guard arguments.count == 2 else { throw wrongCount(written, range) }
      let literals = (call.arguments[0].isNumber, call.arguments[1].isNumber)
      return try Operators.bind(name == "power" ? "^" : "%", arguments[0], arguments[1], literals: literals, range)
    case "year", "month", "day", "hour", "minute", "second", "quarter", "week", "dayofweek", "dayofyear", "isodow",
      "epoch":
      let part = Expression.constant(.bytes(Array(name.utf8)), .text)
      return try parts(.date_part, [part] + arguments, written, range)
    default: break
    }
    return try scalar(name, typed, written, call, range)
  }

  /// The sum of so many of each unit.
  private static func interval(
    of amounts: [Expression], _ units: [IntervalUnit], _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    var sum: Expression?
    for (amount, unit) in zip(amounts, units) {
      guard amount.type.isInteger || amount.type == .null else {
        throw QueryError(.binding, "intervals are made of whole numbers, not of \(amount.type.name)", at: range)
      }
      let part = try Expression.making(
        .multiply, [.constant(.interval(unit.interval), .interval), try Coercion.cast(amount, to: .int64, at: range)],
        .interval, at: range)
      sum = try sum.map { (sum) throws(QueryError) in try .making(.add, [sum, part], .interval, at: range) } ?? part
    }
    return sum ?? .constant(.null, .interval)
  }

  /// A function of ``ScalarFunction``.
  private static func scalar(
    _ name: String, _ typed: [(Expression, Range<Int>)], _ written: String, _ call: CallSyntax, _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    let arguments = typed.map(\.0)
    if let bound = try ListBinding.bind(name, typed, written, call, range) { return bound }
    guard let function = ScalarFunction(rawValue: name) else {
      let known =
        ScalarFunction.allCases.map(\.rawValue) + Array(AggregateCall.names.keys) + Array(WindowCall.names.keys)
      let near = Suggestion.text(for: written, among: known.sorted())
      throw QueryError(.notSupported, "the function \"\(written)\"\(near)", at: call.name.range)
    }
    switch function {
    case .date_trunc, .date_part, .date_diff, .time_bucket, .date_add:
      return try parts(function, arguments, written, range)
    case .strftime:
      guard arguments.count == 2, arguments[0].type.isTemporal || arguments[0].type == .null,
        arguments[1].type == .text || arguments[1].type == .null
      else { throw QueryError(.binding, "\(written) takes a time and a format", at: range) }
      let time =
        arguments[0].type == .timestampUTC ? arguments[0] : try Coercion.cast(arguments[0], to: .timestamp, at: range)
      return try .making(
        .function(.strftime), [time, try Coercion.cast(arguments[1], to: .text, at: range)], .text, at: range)
    case .hash:
      guard !arguments.isEmpty else { throw wrongCount(written, range) }
      for argument in arguments where argument.type.layout == .other {
        throw QueryError(.notSupported, "\(written) of \(argument.type.name)", at: range)
      }
      return .call(.function(.hash), arguments, .integer(bits: 64, isSigned: false), at: Place(range: range))
    case .list_value: return try ExpressionBinder.list(typed, range)
    case .greatest, .least, .nullif: return try alike(function, typed, written, range)
    case .typeof:
      guard arguments.count == 1 else { throw wrongCount(written, range) }
      let type = arguments[0].type == .null ? "\"NULL\"" : arguments[0].type.name
      return .constant(.bytes(Array(type.utf8)), .text)
    case .len where arguments.count == 1 && arguments[0].type != .text:
      guard case .other(let type) = arguments[0].type, type.isList else {
        throw QueryError(.binding, "\(written) does not take \(arguments[0].type.name)", at: range)
      }
      return .call(.function(.len), arguments, .int64, at: Place(range: range))
    case .length where arguments.count == 1 && arguments[0].type.isListType:
      return .call(.function(.len), arguments, .int64, at: Place(range: range))
    case .abs, .sign, .round, .floor, .ceil, .trunc: return try rounding(function, arguments, written, range)
    case .concat, .concat_ws:
      var texts: [Expression] = []
      for (argument, place) in typed {
        if argument.type.isListType { throw QueryError(.notSupported, "\(written) of lists", at: place) }
        texts.append(try Coercion.cast(argument, to: .text, at: place))
      }
      guard !texts.isEmpty else { throw wrongCount(written, range) }
      return try .making(.function(function), texts, .text, at: range)
    default:
      let function = function == .len ? ScalarFunction.length : function
      guard let signature = Signature.of[function] else {
        throw QueryError(.notSupported, "the function \"\(written)\"", at: call.name.range)
      }
      return try signature.bind(function, typed, written, range)
    }
  }

  static func wrongCount(_ name: String, _ range: Range<Int>) -> QueryError {
    QueryError(.binding, "\(name) takes another number of arguments", at: range)
  }

  /// Functions whose arguments have one type, which is that of the result.
  private static func alike(
    _ function: ScalarFunction, _ typed: [(Expression, Range<Int>)], _ name: String, _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    guard !typed.isEmpty, function != .nullif || typed.count == 2 else { throw wrongCount(name, range) }
    let type = try ExpressionBinder.commonType(typed)
    if case .other = type { throw QueryError(.notSupported, "\(name) of \(type.name)", at: range) }
    // nullif compares by the common type and gives the first argument as it was.
    var cast: [Expression] = []
    for (argument, place) in typed { cast.append(try Coercion.cast(argument, to: type, at: place)) }
    if function == .nullif, typed[0].0.type != type, typed[0].0.type != .null {
      return .call(
        .choice,
        [
          .call(.equal, cast, .boolean, at: Place(range: range)), .constant(.null, typed[0].0.type), typed[0].0,
        ], typed[0].0.type, at: Place(range: range))
    }
    return try .making(.function(function), cast, type, at: range)
  }

  /// `date_trunc('hour', t)` and its like: a unit, then times.
  private static func parts(
    _ function: ScalarFunction, _ arguments: [Expression], _ name: String, _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    guard arguments.count == (function == .date_diff ? 3 : 2) else { throw wrongCount(name, range) }
    var times = Array(arguments.dropFirst())
    for index in times.indices where times[index].type == .text || times[index].type == .null {
      times[index] = try Coercion.cast(times[index], to: .timestamp, at: range)
    }
    if function == .date_add {
      return try Operators.bind("+", arguments[0], arguments[1], literals: (false, false), range)
    }
    let isPart = function == .date_part
    guard times.allSatisfy({ $0.type.isTemporal || (isPart && $0.type == .interval) }) else {
      throw QueryError(.binding, "\(name) does not take \(times[0].type.name)", at: range)
    }
    if function == .time_bucket {
      guard arguments[0].type == .interval, arguments[0].constant != nil else {
        throw QueryError(.notSupported, "\(name) with a width that is no constant interval", at: range)
      }
      if case .timestamp(_, true) = times[0].type { times[0] = try Coercion.cast(times[0], to: .timestamp, at: range) }
      return .call(.function(function), [arguments[0]] + times, times[0].type, at: Place(range: range))
    }
    guard case .bytes(let unit)? = arguments[0].constant else {
      throw QueryError(.notSupported, "\(name) with a unit that is no constant", at: range)
    }
    let text = String(decoding: unit, as: UTF8.self)
    guard isPart ? DatePart(name: text) != nil : IntervalUnit(name: text) != nil else {
      let units = DatePart.allCases.map(\.rawValue)
      throw QueryError(
        .binding, "there is no unit of time \"\(text)\"\(Suggestion.text(for: text, among: units))", at: range)
    }
    var type = SQLType.int64
    if isPart, DatePart(name: text) == .epoch { type = .double }
    if isPart, DatePart(name: text) == .epoch, times[0].type == .interval {
      throw QueryError(.notSupported, "the epoch of an interval", at: range)
    }
    if function == .date_trunc { type = times[0].type == .timestampUTC ? .timestampUTC : .timestamp }
    if function == .date_diff, let common = Coercion.common(times[0].type, times[1].type) {
      for index in times.indices { times[index] = try Coercion.cast(times[index], to: common, at: range) }
    }
    return try .making(.function(function), [arguments[0]] + times, type, at: range)
  }

  /// What keeps the type of its number, but for the digits behind a decimal's point.
  private static func rounding(
    _ function: ScalarFunction, _ arguments: [Expression], _ name: String, _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    guard arguments.count == 1 || (function == .round && arguments.count == 2) else { throw wrongCount(name, range) }
    var bound = arguments
    if bound[0].type == .null { bound[0] = try Coercion.cast(bound[0], to: .double, at: range) }
    var type = bound[0].type
    guard type.isNumeric else { throw QueryError(.binding, "\(name) does not take \(type.name)", at: range) }
    if bound.count == 2 {
      guard bound[1].type.isInteger else {
        throw QueryError(.binding, "\(name) takes a whole number of digits", at: range)
      }
      bound[1] = try Coercion.cast(bound[1], to: .int64, at: range)
    }
    switch (function, type) {
    case (.sign, _): type = .integer(bits: 8, isSigned: true)
    case (.abs, _): break
    case (.round, .decimal(let precision, let scale)):
      var digits = 0
      if bound.count == 2 {
        guard case .int(let value)? = bound[1].constant else {
          throw QueryError(.notSupported, "round of a decimal to a varying number of digits", at: range)
        }
        guard value >= 0 else { throw QueryError(.notSupported, "round of a decimal before its point", at: range) }
        digits = min(Int(value), scale)
        type = .decimal(precision: precision, scale: digits)
      } else {
        type = .decimal(precision: precision, scale: 0)
      }
      bound = [bound[0]]
    case (_, .decimal(let precision, _)): type = .decimal(precision: precision, scale: 0)
    case (.floor, .integer), (.ceil, .integer):
      type = .double
      bound[0] = try Coercion.cast(bound[0], to: .double, at: range)
    default: break
    }
    return try .making(.function(function), bound, type, at: range)
  }
}

extension SQLType {
  /// Whether values are lists or maps.
  var isListType: Bool {
    if case .other(let type) = self { return type.isList }
    return false
  }
}
