/// The unit in which a time of day or a timestamp counts.
public enum TimeUnit: Hashable, Sendable {
  case milliseconds
  case microseconds
  case nanoseconds

  /// How many of this unit make one second.
  public var perSecond: Int64 {
    switch self {
    case .milliseconds: 1_000
    case .microseconds: 1_000_000
    case .nanoseconds: 1_000_000_000
    }
  }
}

/// What the values of a column mean, whatever memory they are laid out in.
///
/// The cases follow the logical types of Parquet (apache/parquet-format, LogicalTypes.md). Which memory layout
/// (``ColumnValues``) a type uses is said beside each case; integers narrower than 32 bits are kept in 32.
public enum DataType: Hashable, Sendable {
  /// No value at all: every row is null. Layout: `int32`.
  case null
  /// True or false. Layout: `boolean`.
  case boolean
  /// A signed integer of 8, 16 or 32 bits (layout `int32`) or 64 bits (layout `int64`).
  case int(bits: Int)
  /// An unsigned integer of 8, 16, 32 or 64 bits, kept as the same bit pattern in `int32` or `int64`.
  case unsigned(bits: Int)
  /// IEEE 754 half precision. Layout: `fixed` of width 2, little-endian.
  case float16
  /// IEEE 754 single precision. Layout: `float`.
  case float
  /// IEEE 754 double precision. Layout: `double`.
  case double
  /// An exact number, `unscaled × 10^-scale`. Layout: `int32`, `int64`, or big-endian two's complement in `bytes` or
  /// `fixed`.
  case decimal(precision: Int, scale: Int)
  /// Days since 1970-01-01. Layout: `int32`.
  case date
  /// Time of day since midnight. Layout: `int32` for milliseconds, else `int64`.
  case time(unit: TimeUnit, isAdjustedToUTC: Bool)
  /// Time since 1970-01-01T00:00:00. Layout: `int64`.
  case timestamp(unit: TimeUnit, isAdjustedToUTC: Bool)
  /// The deprecated 12-byte timestamp: nanoseconds of the day, then Julian day. Layout: `fixed` of width 12.
  case int96
  /// Months, days and milliseconds as three little-endian UInt32. Layout: `fixed` of width 12.
  case interval
  /// UTF-8 text. Layout: `bytes`.
  case string
  /// UTF-8 text out of a fixed set. Layout: `bytes`.
  case enumeration
  /// A JSON document in UTF-8. Layout: `bytes`.
  case json
  /// A BSON document. Layout: `bytes`.
  case bson
  /// Bytes of any length. Layout: `bytes`.
  case binary
  /// Bytes of one length. Layout: `fixed`.
  case fixedBinary(width: Int)
  /// A UUID, big-endian. Layout: `fixed` of width 16.
  case uuid
  /// Any number of values in order, each of which is the field. Layout: `list`.
  indirect case list(Field)
  /// One value for each field. Layout: `structure`.
  case structure([Field])
  /// Pairs in order; a key may occur more than once, and then the last counts. Layout: `list` of a `structure` column
  /// of key and value.
  indirect case map(key: Field, value: Field)
}

extension DataType {
  /// Whether values hold other values.
  public var isNested: Bool {
    switch self {
    case .list, .structure, .map: true
    default: false
    }
  }
}
