internal import Columnar

/// The types of functions of lists.
enum ListBinding {
  /// A call of a function whose first argument is a list, or that makes one of a text; `nil` for other functions.
  static func bind(
    _ name: String, _ typed: [(Expression, Range<Int>)], _ written: String, _ call: CallSyntax, _ range: Range<Int>
  ) throws(QueryError) -> Expression? {
    if name == "string_split" {
      return try fixed(.string_split, [.text, .text], .other(.list(Field("element", .string))), typed, written, range)
    }
    if name == "list_aggregate" {
      guard typed.count == 2, case .bytes(let bytes)? = typed[1].0.constant else {
        throw QueryError(.notSupported, "\(written) without a constant name of an aggregate", at: range)
      }
      return try aggregate(String(decoding: bytes, as: UTF8.self), typed[0], call, range)
    }
    if name.hasPrefix("list_"), AggregateCall.names[String(name.dropFirst(5))] != nil, typed.count == 1 {
      return try aggregate(String(name.dropFirst(5)), typed[0], call, range)
    }
    guard let function = ScalarFunction(rawValue: name == "list_element" ? "list_slice" : name), isOfLists(function)
    else { return nil }
    guard let (list, place) = typed.first else { throw FunctionBinding.wrongCount(written, range) }
    if name == "list_slice", list.type == .text {
      return try fixed(.list_slice, [.text, .int64, .int64], .text, typed, written, range)
    }
    guard case .other(.list(let field)) = list.type else {
      throw QueryError(.notSupported, "\(written) of a value of type \(list.type.name)", at: place)
    }
    let item = SQLType(field.type)
    switch name {
    case "list_element":
      return try fixed(nil, [list.type, .int64], item, typed, written, range)
    case "list_slice": return try fixed(function, [list.type, .int64, .int64], list.type, typed, written, range)
    case "list_contains", "list_position":
      guard typed.count == 2 else { throw FunctionBinding.wrongCount(written, range) }
      let value = try Coercion.cast(typed[1].0, to: item, at: typed[1].1)
      guard item.layout != .other, Coercion.common(item, typed[1].0.type) == item || typed[1].0.constant != nil else {
        throw QueryError(.notSupported, "\(written) of \(typed[1].0.type.name) in \(list.type.name)", at: range)
      }
      let isPosition = name == "list_position"
      return .call(
        .function(function), [list, value], isPosition ? .int32 : .boolean, at: Place(range: range))
    case "list_concat":
      guard typed.count == 2, typed[1].0.type == list.type else {
        throw QueryError(.notSupported, "\(written) of anything but two lists of one type", at: range)
      }
      return .call(.function(function), typed.map(\.0), list.type, at: Place(range: range))
    case "array_to_string":
      guard item == .text else { throw QueryError(.notSupported, "\(written) of \(list.type.name)", at: range) }
      return try fixed(function, [list.type, .text], .text, typed, written, range)
    default:
      guard typed.count == 1 else { throw QueryError(.notSupported, "\(written) with options", at: range) }
      guard item.layout != .other else {
        throw QueryError(.notSupported, "\(written) of \(list.type.name)", at: range)
      }
      return .call(.function(function), [list], list.type, at: Place(range: range))
    }
  }

  private static func isOfLists(_ function: ScalarFunction) -> Bool {
    switch function {
    case .list_contains, .list_position, .list_slice, .list_sort, .list_reverse_sort, .list_reverse, .list_distinct,
      .list_concat, .array_to_string:
      true
    default: false
    }
  }

  /// A call with arguments of these types; of the item at a place where there is no function.
  private static func fixed(
    _ function: ScalarFunction?, _ types: [SQLType], _ result: SQLType, _ typed: [(Expression, Range<Int>)],
    _ name: String, _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    guard typed.count == types.count else { throw FunctionBinding.wrongCount(name, range) }
    var arguments: [Expression] = []
    for ((argument, place), type) in zip(typed, types) {
      guard argument.type == type || argument.type == .null || (type.isInteger && argument.type.isInteger) else {
        throw QueryError(.binding, "\(name) takes \(type.name) here, not \(argument.type.name)", at: place)
      }
      arguments.append(try Coercion.cast(argument, to: type, at: place))
    }
    return .call(function.map { Operation.function($0) } ?? .element, arguments, result, at: Place(range: range))
  }

  /// An aggregate of the items.
  private static func aggregate(
    _ name: String, _ list: (Expression, Range<Int>), _ call: CallSyntax, _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    guard case .other(.list(let field)) = list.0.type else {
      throw QueryError(.notSupported, "\(call.name.text) of a value of type \(list.0.type.name)", at: list.1)
    }
    guard let function = AggregateCall.names[name.lowercased()] else {
      throw QueryError(.notSupported, "the aggregate \"\(name)\" of lists", at: range)
    }
    let item = Expression.column(0, SQLType(field.type))
    let bound = try AggregateBinding.bind(
      function, CallSyntax(name: call.name, arguments: [call.arguments[0]]), [item], range)
    return .call(.listAggregate(bound), [list.0], bound.type, at: Place(range: range))
  }
}

extension ExpressionBinder {
  /// `list[2:4]` and `text[2:4]`.
  mutating func slice(
    _ value: ExpressionSyntax, _ low: ExpressionSyntax?, _ high: ExpressionSyntax?, _ range: Range<Int>,
    _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    let bound = try bind(value, &binder)
    guard bound.type == .text || bound.type.isSliceable else {
      throw QueryError(.notSupported, "a slice of a value of type \(bound.type.name)", at: range)
    }
    var ends: [Expression] = []
    for (syntax, otherwise) in [(low, Int64(1)), (high, Int64(-1))] {
      if let syntax {
        ends.append(try Coercion.cast(try bind(syntax, &binder), to: .int64, at: syntax.range))
      } else {
        ends.append(.constant(.int(otherwise), .int64))
      }
    }
    return .call(.function(.list_slice), [bound] + ends, bound.type, at: Place(range: range))
  }

  /// `time AT TIME ZONE 'UTC'`: a time by a clock on some wall becomes one by UTC, and the other way round.
  mutating func atTimeZone(
    _ value: ExpressionSyntax, _ zone: ExpressionSyntax, _ range: Range<Int>, _ binder: inout Binder
  ) throws(QueryError) -> Expression {
    guard case .text(let name) = zone.kind, let hours = Self.hours(ofZone: name) else {
      throw QueryError(.notSupported, "time zones but 'UTC' and 'Etc/GMT+5' and its like", at: zone.range)
    }
    var time = try bind(value, &binder)
    if time.type == .date || time.type == .text || time.type == .null {
      time = try Coercion.cast(time, to: .timestamp, at: value.range)
    }
    guard case .timestamp(let isUTC, let isNanos) = time.type, !isNanos else {
      throw QueryError(.binding, "AT TIME ZONE of a value of type \(time.type.name)", at: range)
    }
    let moved = try Expression.making(
      isUTC ? .add : .subtract,
      [time, .constant(.interval(Interval(micros: Int64(hours) * 3_600_000_000)), .interval)], time.type, at: range)
    return try Coercion.cast(hours == 0 ? time : moved, to: isUTC ? .timestamp : .timestampUTC, at: range)
  }

  /// How many hours a zone without summer time is ahead of UTC; the names of the Etc zones have the other sign.
  private static func hours(ofZone name: String) -> Int? {
    let lower = name.lowercased()
    if ["utc", "gmt", "etc/utc", "etc/gmt", "zulu", "etc/zulu", "uct", "etc/uct"].contains(lower) { return 0 }
    guard lower.hasPrefix("etc/gmt"), let hours = Int(lower.dropFirst(7)), (-14...12).contains(hours) else {
      return nil
    }
    return -hours
  }
}

extension SQLType {
  /// Whether values are lists, maps left aside.
  fileprivate var isSliceable: Bool {
    if case .other(.list) = self { true } else { false }
  }
}
