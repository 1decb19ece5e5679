internal import Columnar

/// The type of a value in a query.
indirect enum SQLType: Hashable, Sendable {
  /// The type of `NULL` alone, which fits all.
  case null
  case boolean
  /// A whole number of 8, 16, 32, 64 or 128 bits.
  case integer(bits: Int, isSigned: Bool)
  case decimal(precision: Int, scale: Int)
  case float
  case double
  case text
  case blob
  case date
  /// Microseconds since midnight.
  case time
  /// Microseconds since 1970, or nanoseconds; by UTC or by a clock on some wall.
  case timestamp(isUTC: Bool, isNanos: Bool)
  case interval
  /// Lists, structures and maps: read, passed on, taken apart and printed.
  case other(DataType)
}

extension SQLType {
  static let int32 = SQLType.integer(bits: 32, isSigned: true)
  static let int64 = SQLType.integer(bits: 64, isSigned: true)
  static let hugeint = SQLType.integer(bits: 128, isSigned: true)
  static let timestamp = SQLType.timestamp(isUTC: false, isNanos: false)
  static let timestampUTC = SQLType.timestamp(isUTC: true, isNanos: false)

  /// The type of a table's column.
  init(_ type: DataType) {
    switch type {
    case .null: self = .null
    case .boolean: self = .boolean
    case .int(let bits): self = .integer(bits: bits, isSigned: true)
    case .unsigned(let bits): self = .integer(bits: bits, isSigned: false)
    case .float: self = .float
    case .double: self = .double
    case .decimal(let precision, let scale):
      self =
        precision <= 38 && scale >= 0 && scale <= precision
        ? .decimal(precision: precision, scale: scale) : .other(type)
    case .date: self = .date
    case .time: self = .time
    case .timestamp(let unit, let isUTC):
      self = .timestamp(isUTC: isUTC, isNanos: unit == .nanoseconds && !isUTC)
    // A UUID is computed with, and printed, as its text.
    case .string, .enumeration, .json, .uuid: self = .text
    case .binary, .bson, .fixedBinary: self = .blob
    case .float16: self = .float
    case .int96: self = .timestamp
    case .interval: self = .interval
    case .list, .structure, .map: self = .other(type)
    }
  }

  /// The type of a column of results.
  var dataType: DataType {
    switch self {
    case .null: .null
    case .boolean: .boolean
    case .integer(128, _): .decimal(precision: 38, scale: 0)
    case .integer(let bits, true): .int(bits: bits)
    case .integer(let bits, false): .unsigned(bits: bits)
    case .decimal(let precision, let scale): .decimal(precision: precision, scale: scale)
    case .float: .float
    case .double: .double
    case .text: .string
    case .blob: .binary
    case .date: .date
    case .time: .time(unit: .microseconds, isAdjustedToUTC: false)
    case .timestamp(let isUTC, let isNanos):
      .timestamp(unit: isNanos ? .nanoseconds : .microseconds, isAdjustedToUTC: isUTC)
    case .interval: .string
    case .other(let type): type
    }
  }

  /// How values lie in memory.
  enum Layout { case flag, int, wide, double, bytes, interval, other }

  var layout: Layout {
    switch self {
    case .null, .boolean: .flag
    case .integer(128, _), .integer(64, false), .decimal: .wide
    case .integer, .date, .time, .timestamp: .int
    case .float, .double: .double
    case .text, .blob: .bytes
    case .interval: .interval
    case .other: .other
    }
  }

  var isInteger: Bool { if case .integer = self { true } else { false } }
  var isDecimal: Bool { if case .decimal = self { true } else { false } }
  var isFloating: Bool { self == .float || self == .double }
  var isNumeric: Bool { isInteger || isDecimal || isFloating }
  var isTimestamp: Bool { if case .timestamp = self { true } else { false } }
  var isTemporal: Bool { isTimestamp || self == .date }

  /// Digits before and behind the point that hold every value of a whole number or decimal.
  var digits: (precision: Int, scale: Int)? {
    switch self {
    case .decimal(let precision, let scale): (precision, scale)
    case .integer(8, _): (3, 0)
    case .integer(16, _): (5, 0)
    case .integer(32, _): (10, 0)
    case .integer(64, true): (19, 0)
    case .integer(64, false): (20, 0)
    case .integer: (38, 0)
    default: nil
    }
  }

  /// The name as SQL has it.
  var name: String {
    switch self {
    case .null: "NULL"
    case .boolean: "BOOLEAN"
    case .integer(let bits, let isSigned):
      (isSigned ? "" : "U") + ([8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT"][bits] ?? "HUGEINT")
    case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
    case .float: "FLOAT"
    case .double: "DOUBLE"
    case .text: "VARCHAR"
    case .blob: "BLOB"
    case .date: "DATE"
    case .time: "TIME"
    case .timestamp(true, _): "TIMESTAMP WITH TIME ZONE"
    case .timestamp(false, let isNanos): isNanos ? "TIMESTAMP_NS" : "TIMESTAMP"
    case .interval: "INTERVAL"
    case .other(let type): type.sqlName
    }
  }
}

extension DataType {
  fileprivate var sqlName: String {
    switch self {
    case .list(let item): SQLType(item.type).name + "[]"
    case .structure(let fields):
      "STRUCT(" + fields.map { "\"\($0.name)\" \(SQLType($0.type).name)" }.joined(separator: ", ") + ")"
    case .map(let key, let value): "MAP(\(SQLType(key.type).name), \(SQLType(value.type).name))"
    case .uuid: "UUID"
    case .json: "JSON"
    case .interval: "INTERVAL"
    case .int96: "TIMESTAMP_NS"
    case .float16: "FLOAT"
    case .time: "TIME"
    case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
    default: "BLOB"
    }
  }
}
