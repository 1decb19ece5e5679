/// Byte strings of varying length in Arrow's binary layout: value `i` is `bytes[offsets[i]..<offsets[i + 1]]`.
public struct ByteStrings: Hashable, Sendable {
  /// One more offset than values; starts at 0 and never falls.
  public var offsets: [Int32]
  /// All values, one behind the other.
  public var bytes: [UInt8]

  /// Makes an empty sequence, or takes over a complete layout.
  public init(offsets: [Int32] = [0], bytes: [UInt8] = []) {
    self.offsets = offsets
    self.bytes = bytes
  }

  /// How many values there are.
  @inlinable
  public var count: Int { offsets.count - 1 }

  /// The bytes of one value, without a copy.
  @inlinable
  public subscript(index: Int) -> ArraySlice<UInt8> {
    bytes[Int(offsets[index])..<Int(offsets[index + 1])]
  }

  /// Adds one value; amortised constant in the number of values.
  ///
  /// - Precondition: all values together stay below 2 GiB.
  @inlinable
  public mutating func append(_ value: some Sequence<UInt8>) {
    bytes.append(contentsOf: value)
    offsets.append(Int32(bytes.count))
  }
}

/// The values of a column in memory; a null row holds an arbitrary (by habit zero or empty) value in its place.
public enum ColumnValues: Hashable, Sendable {
  /// Packed bits.
  case boolean(Bitmap)
  /// 32-bit integers; unsigned ones by their bit pattern.
  case int32([Int32])
  /// 64-bit integers; unsigned ones by their bit pattern.
  case int64([Int64])
  /// Single precision.
  case float([Float])
  /// Double precision.
  case double([Double])
  /// Byte strings of varying length.
  case bytes(ByteStrings)
  /// Byte strings of one length, one behind the other.
  case fixed(width: Int, [UInt8])
  /// Codes into a list of distinct values; a null row holds code 0.
  indirect case dictionary(codes: [Int32], values: ColumnValues)
  /// Lists or maps in Arrow's layout: row `i` is `items[offsets[i]..<offsets[i + 1]]`. There is one more offset than
  /// rows; offsets never fall and the last is at most the number of items. The items of a map are a `structure` column
  /// of key and value.
  indirect case list(offsets: [Int32], items: Column)
  /// Structures: one column of `count` rows for each field.
  case structure([Column], count: Int)

  /// How many rows the layout holds.
  public var count: Int {
    switch self {
    case .boolean(let bits): bits.count
    case .int32(let values): values.count
    case .int64(let values): values.count
    case .float(let values): values.count
    case .double(let values): values.count
    case .bytes(let values): values.count
    case .fixed(let width, let values): width == 0 ? 0 : values.count / width
    case .dictionary(let codes, _): codes.count
    case .list(let offsets, _): offsets.count - 1
    case .structure(_, let count): count
    }
  }
}

/// One column of a batch: values, and which of them are there.
public struct Column: Hashable, Sendable {
  /// What the values mean.
  public var type: DataType
  /// The values, one a row.
  public var values: ColumnValues
  /// Bit `i` is set where row `i` has a value; `nil` where all rows have one.
  public var validity: Bitmap?

  /// Makes a column.
  ///
  /// - Precondition: `validity`, if given, has one bit a row.
  public init(type: DataType, values: ColumnValues, validity: Bitmap? = nil) {
    precondition(validity.map { $0.count == values.count } ?? true, "validity and values differ in length")
    self.type = type
    self.values = values
    self.validity = validity
  }

  /// How many rows there are.
  public var count: Int { values.count }

  /// Whether row `index` has a value.
  public func isValid(_ index: Int) -> Bool { validity?[index] ?? true }

  /// How many rows have no value; linear in the bitmap's words.
  public var nullCount: Int { validity.map { $0.count - $0.setCount } ?? 0 }
}

/// Columns of equal length under a schema: what is read, written, queried and printed.
public struct RecordBatch: Hashable, Sendable {
  /// Names and types of the columns.
  public var schema: Schema
  /// One column for each field of the schema.
  public var columns: [Column]
  /// How many rows each column has; kept apart for batches without columns.
  public var rowCount: Int

  /// Makes a batch.
  ///
  /// - Precondition: one column for each field, all of `rowCount` rows (by default that of the first column).
  public init(schema: Schema, columns: [Column], rowCount: Int? = nil) {
    self.schema = schema
    self.columns = columns
    self.rowCount = rowCount ?? columns.first?.count ?? 0
    precondition(schema.fields.count == columns.count, "one column for each field")
    precondition(columns.allSatisfy { $0.count == self.rowCount }, "columns of one length")
  }

  /// The first column of this name.
  public func column(_ name: String) -> Column? {
    schema.index(of: name).map { columns[$0] }
  }
}
