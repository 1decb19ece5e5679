/// Numbers and types as they are written.
enum Literals {
  /// A number: a whole one takes the smallest of the types INTEGER, BIGINT and HUGEINT, one with a point is a decimal,
  /// one with an exponent a double.
  static func number(_ text: String, _ range: Range<Int>) throws(QueryError) -> Expression {
    let isFloating = text.contains { $0 == "e" || $0 == "E" }
    if !isFloating, !text.contains(".") {
      if let value = Int32(text) { return .constant(.int(Int64(value)), .int32) }
      if let value = Int64(text) { return .constant(.int(value), .int64) }
      if let value = Int128(text) { return .constant(.wide(value), .hugeint) }
    } else if !isFloating, let (unscaled, scale) = NumberText.decimal(text) {
      let digits = "\(unscaled.magnitude)".count
      let precision = max(digits, scale + (unscaled.magnitude < Maths.tenTo(scale).magnitude ? 1 : 0))
      if precision <= 38 {
        return .constant(.wide(unscaled), .decimal(precision: precision, scale: scale))
      }
    }
    guard let value = Double(text), value.isFinite else {
      throw QueryError(.syntax, "a number that is too large", at: range)
    }
    return .constant(.double(value), .double)
  }

  private static let names: [String: SQLType] = [
    "BOOLEAN": .boolean, "BOOL": .boolean, "LOGICAL": .boolean,
    "TINYINT": .integer(bits: 8, isSigned: true), "INT1": .integer(bits: 8, isSigned: true),
    "SMALLINT": .integer(bits: 16, isSigned: true), "INT2": .integer(bits: 16, isSigned: true),
    "INTEGER": .int32, "INT": .int32, "INT4": .int32, "BIGINT": .int64, "INT8": .int64, "LONG": .int64,
    "HUGEINT": .hugeint, "UTINYINT": .integer(bits: 8, isSigned: false),
    "USMALLINT": .integer(bits: 16, isSigned: false), "UINTEGER": .integer(bits: 32, isSigned: false),
    "UBIGINT": .integer(bits: 64, isSigned: false),
    "FLOAT": .float, "REAL": .float, "FLOAT4": .float, "DOUBLE": .double, "FLOAT8": .double,
    "VARCHAR": .text, "TEXT": .text, "STRING": .text, "CHAR": .text, "BPCHAR": .text,
    "BLOB": .blob, "BYTEA": .blob, "VARBINARY": .blob, "BINARY": .blob,
    "DATE": .date, "TIME": .time, "TIMESTAMP": .timestamp, "DATETIME": .timestamp, "TIMESTAMPTZ": .timestampUTC,
    "TIMESTAMP_NS": .timestamp(isUTC: false, isNanos: true), "TIMESTAMP_US": .timestamp, "INTERVAL": .interval,
  ]

  static func type(_ syntax: TypeSyntax) throws(QueryError) -> SQLType {
    guard syntax.listDepth == 0 else { throw QueryError(.notSupported, "casts to lists", at: syntax.range) }
    if syntax.name == "DECIMAL" || syntax.name == "NUMERIC" {
      let precision = syntax.arguments.first ?? 18
      let scale = syntax.arguments.count > 1 ? syntax.arguments[1] : syntax.arguments.isEmpty ? 3 : 0
      guard (1...38).contains(precision), (0...precision).contains(scale) else {
        throw QueryError(
          .binding, "a decimal has 1 to 38 digits, at most all of them behind the point", at: syntax.range)
      }
      return .decimal(precision: precision, scale: scale)
    }
    guard let type = names[syntax.name] else {
      let near = Suggestion.text(for: syntax.name, among: Array(names.keys).sorted())
      let known = ["UUID", "JSON", "TIMETZ", "TIMESTAMP_S", "TIMESTAMP_MS", "UHUGEINT", "BIT"]
      if known.contains(syntax.name) { throw QueryError(.notSupported, "the type \(syntax.name)", at: syntax.range) }
      throw QueryError(.binding, "there is no type \(syntax.name)\(near)", at: syntax.range)
    }
    return type
  }
}

extension ExpressionSyntax {
  /// Whether it is a number written out, which follows the type of what it is combined with.
  var isNumber: Bool {
    switch kind {
    case .number: true
    case .unary("-", let operand): if case .number = operand.kind { true } else { false }
    default: false
    }
  }

  /// What a column of results is called where no alias is given.
  var columnName: String {
    switch kind {
    case .column(let path): path.last?.text ?? ""
    case .field(_, let name): name.text
    case .call(let call): call.hasStar ? "count_star()" : call.name.text
    case .cast(let value, _, _): value.columnName
    case .number(let text), .text(let text): text
    default: "expression"
    }
  }

  /// Whether an aggregate is called in it, windows left aside.
  var hasAggregate: Bool {
    switch kind {
    case .call(let call):
      if call.window != nil { return false }
      if AggregateCall.names[call.name.text.lowercased()] != nil { return true }
      return call.arguments.contains(where: \.hasAggregate)
    case .unary(_, let operand), .not(let operand), .isNull(let operand, _), .isBoolean(let operand, _, _),
      .cast(let operand, _, _), .field(let operand, _), .inQuery(let operand, _, _), .interval(let operand, _):
      return operand.hasAggregate
    case .binary(_, let a, let b), .isDistinct(let a, let b, _), .element(let a, let b), .like(let a, let b, _, _, _):
      return a.hasAggregate || b.hasAggregate
    case .and(let parts), .or(let parts), .list(let parts): return parts.contains(where: \.hasAggregate)
    case .slice(let value, let low, let high):
      return value.hasAggregate || low?.hasAggregate ?? false || high?.hasAggregate ?? false
    case .atTimeZone(let value, _): return value.hasAggregate
    case .structure(let fields): return fields.contains { $0.1.hasAggregate }
    case .between(let a, let b, let c, _): return a.hasAggregate || b.hasAggregate || c.hasAggregate
    case .inList(let value, let items, _): return value.hasAggregate || items.contains(where: \.hasAggregate)
    case .choice(let operand, let branches, let otherwise):
      return operand?.hasAggregate ?? false || otherwise?.hasAggregate ?? false
        || branches.contains { $0.0.hasAggregate || $0.1.hasAggregate }
    default: return false
    }
  }
}
