/// One node of the schema tree as stored (parquet.thrift, `SchemaElement`): a group when it has children.
public struct SchemaElement: Hashable, Sendable {
  /// The name of the field; the root's is free.
  public var name: String
  /// How a leaf's values are stored; `nil` for groups.
  public var physicalType: PhysicalType?
  /// Bytes of a FIXED_LEN_BYTE_ARRAY value.
  public var typeLength: Int32?
  /// `nil` for the root, and for kinds newer than this library.
  public var repetition: Repetition?
  /// How many of the following elements (with all below them) are children; `nil` for leaves.
  public var childCount: Int32?
  /// The deprecated annotation.
  public var convertedType: Int32?
  /// Digits after the point, of the deprecated decimal annotation.
  public var scale: Int32?
  /// Digits in all, of the deprecated decimal annotation.
  public var precision: Int32?
  /// The identity that survives a rename.
  public var fieldID: Int32?
  /// What the values mean.
  public var logicalType: LogicalType?

  /// Makes a node.
  public init(name: String) { self.name = name }
}

/// What values mean (parquet.thrift, `LogicalType`).
public enum LogicalType: Hashable, Sendable {
  case string
  case map
  case list
  case enumeration
  case decimal(precision: Int32, scale: Int32)
  case date
  case time(unit: LogicalTimeUnit, isAdjustedToUTC: Bool)
  case timestamp(unit: LogicalTimeUnit, isAdjustedToUTC: Bool)
  case integer(bits: Int8, isSigned: Bool)
  case null
  case json
  case bson
  case uuid
  case float16
  case variant(version: Int8?)
  case geometry(crs: String?)
  case geography(crs: String?, algorithm: Int32?)
  case vector
  /// Newer than this library: the values are read as their physical type.
  case unknown(Int16)
}

/// The unit of a time or timestamp (parquet.thrift, `TimeUnit`).
public enum LogicalTimeUnit: Int16, Hashable, Sendable {
  case millis = 1
  case micros = 2
  case nanos = 3
}
