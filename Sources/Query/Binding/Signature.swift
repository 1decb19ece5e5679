internal import Columnar

/// What a function takes and gives, for those that always take the same.
struct Signature {
  let parameters: [SQLType]
  let result: SQLType
  /// How many of the parameters may be left out.
  var optional = 0

  private static func text(_ others: SQLType..., to result: SQLType = .text, optional: Int = 0) -> Signature {
    Signature(parameters: [.text] + others, result: result, optional: optional)
  }

  private static let number = Signature(parameters: [.double], result: .double)

  static let of: [ScalarFunction: Signature] = [
    .sqrt: number, .exp: number, .ln: number, .log10: number, .log2: number, .log: number, .sin: number, .cos: number,
    .tan: number, .asin: number, .acos: number, .atan: number, .cbrt: number, .degrees: number, .radians: number,
    .even: number,
    .atan2: Signature(parameters: [.double, .double], result: .double), .pi: Signature(parameters: [], result: .double),
    .isnan: Signature(parameters: [.double], result: .boolean),
    .isinf: Signature(parameters: [.double], result: .boolean),
    .isfinite: Signature(parameters: [.double], result: .boolean),
    .gcd: Signature(parameters: [.int64, .int64], result: .int64),
    .length: text(to: .int64), .strlen: text(to: .int64), .upper: text(), .lower: text(), .reverse: text(),
    .trim: text(.text, optional: 1), .ltrim: text(.text, optional: 1), .rtrim: text(.text, optional: 1),
    .substring: text(.int64, .int64, optional: 1), .left: text(.int64), .right: text(.int64),
    .replace: text(.text, .text), .split_part: text(.text, .int64), .lpad: text(.int64, .text),
    .rpad: text(.int64, .text), .repeat: text(.int64), .starts_with: text(.text, to: .boolean),
    .ends_with: text(.text, to: .boolean), .contains: text(.text, to: .boolean), .strpos: text(.text, to: .int64),
    .regexp_matches: text(.text, .text, to: .boolean, optional: 1),
    .regexp_full_match: text(.text, .text, to: .boolean, optional: 1),
    .regexp_extract: text(.text, .int64, .text, optional: 2),
    .regexp_replace: text(.text, .text, .text, optional: 1), .strptime: text(.text, to: .timestamp),
    .try_strptime: text(.text, to: .timestamp),
    .make_timestamp: Signature(
      parameters: [.int64, .int64, .int64, .int64, .int64, .double], result: .timestamp),
    .ascii: text(to: .int32), .md5: text(), .chr: Signature(parameters: [.int64], result: .text),
    .epoch_ms: Signature(parameters: [.timestamp], result: .int64),
    .epoch_us: Signature(parameters: [.timestamp], result: .int64),
    .to_timestamp: Signature(parameters: [.double], result: .timestampUTC),
    .make_date: Signature(parameters: [.int64, .int64, .int64], result: .date),
    .last_day: Signature(parameters: [.timestamp], result: .date),
    .dayname: Signature(parameters: [.timestamp], result: .text),
    .monthname: Signature(parameters: [.timestamp], result: .text),
  ]

  func bind(
    _ function: ScalarFunction, _ arguments: [(Expression, Range<Int>)], _ name: String, _ range: Range<Int>
  ) throws(QueryError) -> Expression {
    guard arguments.count <= parameters.count, arguments.count >= parameters.count - optional else {
      throw FunctionBinding.wrongCount(name, range)
    }
    var bound: [Expression] = []
    for ((argument, place), parameter) in zip(arguments, parameters) {
      guard Self.takes(argument, parameter) else {
        throw QueryError(
          .binding, "\(name) takes \(parameter.name) here, not \(argument.type.name) – cast it", at: place)
      }
      bound.append(try Coercion.cast(argument, to: parameter, at: place))
    }
    if bound.isEmpty { return .constant(.double(.pi), .double) }
    return try .making(.function(function), bound, result, at: range)
  }

  /// Whether an argument is brought to a parameter's type without being asked.
  private static func takes(_ argument: Expression, _ parameter: SQLType) -> Bool {
    let type = argument.type
    if type == parameter || type == .null { return true }
    if type == .text, argument.constant != nil { return true }
    switch parameter {
    case .double: return type.isNumeric
    case .integer: return type.isInteger
    case .timestamp: return type.isTemporal
    default: return false
    }
  }
}

extension DataType {
  /// Whether values are lists or maps.
  var isList: Bool {
    switch self {
    case .list, .map: true
    default: false
    }
  }
}
