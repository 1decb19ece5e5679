/// An expression whose columns are positions and whose types are settled.
indirect enum Expression: Hashable, Sendable {
  case column(Int, SQLType)
  case constant(Value, SQLType)
  case call(Operation, [Expression], SQLType, at: Place)
  /// The one value of a query, by its position in ``BoundQuery/subqueries``; filled in before the plan runs.
  case scalarQuery(Int, SQLType)
  /// Whether the value is among those of a query.
  case inQuery(Expression, Int, negated: Bool)
  /// Whether a query has rows.
  case exists(Int)

  var type: SQLType {
    switch self {
    case .column(_, let type), .constant(_, let type), .call(_, _, let type, _), .scalarQuery(_, let type): type
    case .inQuery, .exists: .boolean
    }
  }

  /// The positions of the columns in it.
  var columns: Set<Int> {
    switch self {
    case .column(let index, _): [index]
    case .call(_, let arguments, _, _): arguments.reduce(into: []) { $0.formUnion($1.columns) }
    case .inQuery(let value, _, _): value.columns
    case .constant, .scalarQuery, .exists: []
    }
  }

  /// The same with other expressions in place of columns.
  func replacingColumns(_ replacement: (Int, SQLType) -> Expression) -> Expression {
    switch self {
    case .column(let index, let type): replacement(index, type)
    case .call(let operation, let arguments, let type, let range):
      .call(operation, arguments.map { $0.replacingColumns(replacement) }, type, at: range)
    case .inQuery(let value, let index, let negated):
      .inQuery(value.replacingColumns(replacement), index, negated: negated)
    case .constant, .scalarQuery, .exists: self
    }
  }

  /// Whether it gives another value each time, or may be wrong for rows that are not asked for.
  var isPlainColumn: Bool { if case .column = self { true } else { false } }
}

/// A range of the SQL text. All places are equal, so that two expressions are equal where they compute the same.
struct Place: Hashable, Sendable {
  var range: Range<Int>
  static func == (_: Place, _: Place) -> Bool { true }
  func hash(into _: inout Hasher) {}
}

/// What a call computes.
enum Operation: Hashable, Sendable {
  case add, subtract, multiply, divide, divideWhole, modulo, power, negate
  case bitAnd, bitOr, shiftLeft, shiftRight, bitNot
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  case isDistinct, isNotDistinct
  case and, or, not
  case isNull, isNotNull
  case cast(isTry: Bool)
  /// Condition, value, condition, value, …, and the value for all others.
  case choice
  case coalesce
  /// The first argument is among the others.
  case isAny
  case like(ignoringCase: Bool)
  case field(Int)
  case element
  case function(ScalarFunction)
  /// An aggregate of a list's items.
  case listAggregate(AggregateCall)
}

/// The functions of one row that are called by name.
enum ScalarFunction: String, Hashable, Sendable, CaseIterable {
  // Numbers.
  case abs, sign, round, floor, ceil, trunc, sqrt, exp, ln, log10, log2, log, sin, cos, tan, asin, acos, atan, atan2, pi
  case cbrt, degrees, radians, isnan, isinf, isfinite, greatest, least, nullif, gcd, even
  // Texts.
  case length, strlen, upper, lower, trim, ltrim, rtrim, substring, left, right, replace, concat, concat_ws
  case starts_with, ends_with, contains, strpos, reverse, lpad, rpad, split_part, `repeat`, ascii, chr, md5, hash
  case regexp_matches, regexp_full_match, regexp_extract, regexp_replace, string_split
  // Times.
  case date_trunc, date_part, date_diff, date_add, time_bucket, epoch_ms, epoch_us, to_timestamp, make_date, last_day
  case dayname, monthname, strftime, strptime, try_strptime, make_timestamp
  // Nested values.
  case len, list_value, struct_pack, list_contains, list_position, list_slice, list_sort, list_reverse_sort
  case list_reverse, list_distinct, list_concat, array_to_string
  case typeof
}

/// Another name of a function.
enum FunctionAlias {
  static let names: [String: String] = [
    "ceiling": "ceil", "pow": "power", "power": "power", "mod": "mod", "char_length": "length",
    "character_length": "length", "ucase": "upper", "lcase": "lower", "substr": "substring", "instr": "strpos",
    "prefix": "starts_with", "suffix": "ends_with", "datetrunc": "date_trunc", "datepart": "date_part",
    "datediff": "date_diff", "array_length": "len", "list_pack": "list_value", "truncate": "trunc",
    "ifnull": "coalesce", "list_has": "list_contains", "array_contains": "list_contains",
    "array_has": "list_contains", "list_indexof": "list_position", "array_position": "list_position",
    "array_indexof": "list_position", "array_slice": "list_slice", "array_sort": "list_sort",
    "array_reverse_sort": "list_reverse_sort", "array_reverse": "list_reverse", "array_distinct": "list_distinct",
    "list_cat": "list_concat", "array_concat": "list_concat", "array_cat": "list_concat",
    "list_extract": "list_element", "list_element": "list_element", "array_extract": "list_element",
    "str_split": "string_split", "string_to_array": "string_split", "split": "string_split",
    "list_aggr": "list_aggregate", "array_aggregate": "list_aggregate", "array_aggr": "list_aggregate",
  ]
}
