internal import Columnar

/// The types of aggregates.
enum AggregateBinding {
  static func bind(
    _ function: AggregateCall.Function, _ call: CallSyntax, _ arguments: [Expression], _ range: Range<Int>
  ) throws(QueryError) -> AggregateCall {
    if function == .count, call.hasStar || arguments.isEmpty {
      return AggregateCall(function: .countAll, arguments: [], type: .int64)
    }
    let wanted: ClosedRange<Int>
    switch function {
    case .corr, .covarSamp, .covarPop, .argMin, .argMax, .quantileCont, .quantileDisc: wanted = 2...2
    case .stringAgg: wanted = 1...2
    default: wanted = 1...1
    }
    guard wanted.contains(arguments.count), !call.hasStar else {
      throw QueryError(
        .binding, "\(call.name.text) takes \(wanted.count == 1 ? "\(wanted.lowerBound)" : "1 or 2") arguments",
        at: range)
    }
    let type = arguments[0].type
    func cast(_ type: SQLType) throws(QueryError) -> [Expression] {
      var result: [Expression] = []
      for (argument, syntax) in zip(arguments, call.arguments) {
        guard argument.type.isNumeric || argument.type == .boolean || argument.type == .null else {
          throw mismatch(call, argument.type, syntax.range)
        }
        result.append(try Coercion.cast(argument, to: type, at: syntax.range))
      }
      return result
    }
    switch function {
    case .countAll, .count, .approxCountDistinct: return made(function, arguments, .int64)
    case .countIf: return made(function, [try Coercion.cast(arguments[0], to: .boolean, at: range)], .hugeint)
    case .sum:
      switch type {
      case .boolean, .null: return made(function, [try Coercion.cast(arguments[0], to: .int32, at: range)], .hugeint)
      case .integer: return made(function, arguments, .hugeint)
      case .decimal(_, let scale): return made(function, arguments, .decimal(precision: 38, scale: scale))
      case .float: return made(function, try cast(.double), .double)
      case .double: return made(function, arguments, .double)
      case .interval: throw QueryError(.notSupported, "sum of intervals", at: range)
      default: throw mismatch(call, type, range)
      }
    case .avg:
      if type.isTemporal || type == .interval || type == .time {
        throw QueryError(.notSupported, "avg of times", at: range)
      }
      if type.isInteger || type.isDecimal { return made(function, arguments, .double) }
      return made(function, try cast(.double), .double)
    case .product, .stddevSamp, .stddevPop, .varSamp, .varPop, .corr, .covarSamp, .covarPop:
      return made(function, try cast(.double), .double)
    case .median: return try quantile(.quantileCont, [arguments[0]], 0.5, call, range)
    case .quantileCont, .quantileDisc:
      guard let parameter = try Coercion.cast(arguments[1], to: .double, at: range).constant,
        case .double(let fraction) = parameter, (0...1).contains(fraction)
      else { throw QueryError(.binding, "a quantile is a constant from 0 to 1", at: range) }
      return try quantile(function, [arguments[0]], fraction, call, range)
    default: return try values(function, call, arguments, range)
    }
  }

  private static func made(
    _ function: AggregateCall.Function, _ arguments: [Expression], _ type: SQLType, _ parameter: Value = .null
  ) -> AggregateCall {
    AggregateCall(function: function, arguments: arguments, type: type, parameter: parameter)
  }

  /// Aggregates of other values than numbers.
  private static func values(
    _ function: AggregateCall.Function, _ call: CallSyntax, _ arguments: [Expression], _ range: Range<Int>
  ) throws(QueryError) -> AggregateCall {
    let type = arguments[0].type
    switch function {
    case .stringAgg:
      var separator = Value.bytes(Array(",".utf8))
      if arguments.count == 2 {
        guard let value = arguments[1].constant, case .bytes = value else {
          throw QueryError(.notSupported, "a separator that is no constant text", at: range)
        }
        separator = value
      }
      return made(function, [try Coercion.cast(arguments[0], to: .text, at: range)], .text, separator)
    case .list:
      if type == .interval { throw QueryError(.notSupported, "lists of intervals", at: range) }
      if call.isDistinct { throw QueryError(.notSupported, "DISTINCT in \(call.name.text)", at: range) }
      return made(function, arguments, .other(.list(Field("element", type.dataType))))
    case .boolAnd, .boolOr: return made(function, [try Coercion.cast(arguments[0], to: .boolean, at: range)], .boolean)
    case .bitAnd, .bitOr, .bitXor:
      guard type.isInteger, type.layout == .int else { throw mismatch(call, type, range) }
      return made(function, arguments, type)
    case .min, .max:
      if case .other = type { throw QueryError(.notSupported, "\(call.name.text) of \(type.name)", at: range) }
      return made(function, arguments, type)
    case .argMin, .argMax:
      if case .other = arguments[1].type {
        throw QueryError(.notSupported, "\(call.name.text) by \(arguments[1].type.name)", at: range)
      }
      return made(function, arguments, type)
    default: return made(function, arguments, type)
    }
  }

  private static func quantile(
    _ function: AggregateCall.Function, _ arguments: [Expression], _ fraction: Double, _ call: CallSyntax,
    _ range: Range<Int>
  ) throws(QueryError) -> AggregateCall {
    var arguments = arguments
    var type = arguments[0].type
    if function == .quantileCont {
      switch type {
      case .decimal: break
      case .float: break
      case .integer, .double, .null, .boolean:
        type = .double
        arguments = [try Coercion.cast(arguments[0], to: .double, at: range)]
      case .date:
        type = .timestamp
        arguments = [try Coercion.cast(arguments[0], to: .timestamp, at: range)]
      case .timestamp, .time: break
      default: throw QueryError(.notSupported, "\(call.name.text) of \(type.name)", at: range)
      }
    } else if case .other = type {
      throw QueryError(.notSupported, "\(call.name.text) of \(type.name)", at: range)
    }
    return AggregateCall(function: function, arguments: arguments, type: type, parameter: .double(fraction))
  }

  private static func mismatch(_ call: CallSyntax, _ type: SQLType, _ range: Range<Int>) -> QueryError {
    QueryError(.binding, "\(call.name.text) does not take \(type.name)", at: range)
  }
}

extension AggregateCall.Function {
  /// Whether a value that occurs again changes nothing.
  var ignoresRepeats: Bool { [.min, .max, .boolAnd, .boolOr, .approxCountDistinct, .bitAnd, .bitOr].contains(self) }
  /// Whether the order of the rows matters.
  var dependsOnOrder: Bool {
    [.first, .last, .anyValue, .stringAgg, .list, .argMin, .argMax, .mode, .approxQuantile].contains(self)
  }
}
