public import Columnar

/// What a file's footer says: the schema, where each column chunk lies, and what is known of its values.
public struct ParquetMetadata: Sendable {
  /// The version of the format that the writer declares; 1 and 2 are read alike.
  public var version: Int32
  /// How many rows the file holds.
  public var rowCount: Int64
  /// The columns below the root in file order, lists, structures and maps included.
  public var schema: Schema
  /// The leaf columns as the format describes them, in file order.
  ///
  /// Position `i` here is column `i` of every row group and of ``statistics(ofColumn:)``.
  public var columns: [LeafColumn]
  /// The schema tree, depth first, exactly as stored.
  public var schemaElements: [SchemaElement]
  /// Row groups in file order.
  public var rowGroups: [RowGroupMetadata]
  /// Application and version that wrote the file.
  public var createdBy: String?
  /// The writer's own notes, in file order.
  public var keyValueMetadata: [(key: String, value: String?)]
  /// How each column's minimum and maximum were found; empty when the writer did not say.
  public var columnOrders: [ColumnOrder]
  /// Bytes of the serialised metadata, without length and magic.
  public var footerBytes: Int
  /// The schema as columns are made of it, parallel to ``schema``.
  var nodes: [SchemaNode] = []

  /// How many rows come before a row group.
  public func firstRow(ofRowGroup index: Int) -> Int64 {
    rowGroups[..<index].reduce(0) { $0 &+ $1.rowCount }
  }

  /// The first note of this name.
  public func note(_ key: String) -> String? {
    keyValueMetadata.first { $0.key == key }.flatMap(\.value)
  }
}

/// Horizontal slice of the file: all columns of consecutive rows.
public struct RowGroupMetadata: Sendable {
  /// One chunk for each leaf column, in schema order.
  public var columns: [ColumnChunkMetadata]
  /// How many rows the group holds.
  public var rowCount: Int64
  /// Bytes of all pages before compression, headers included.
  public var totalByteSize: Int64
  /// Bytes of all pages as stored, where declared.
  public var totalCompressedSize: Int64?
  /// Where the first page begins, where declared.
  public var fileOffset: Int64?
  /// Position in the file, where declared.
  public var ordinal: Int16?
  /// The order in which rows are sorted; empty when none is declared.
  public var sortingColumns: [SortingColumn]
}

/// One column of a declared sort order.
public struct SortingColumn: Hashable, Sendable {
  /// Position of the column in the row group.
  public var column: Int32
  /// Whether values fall.
  public var isDescending: Bool
  /// Whether rows without a value come first.
  public var nullsFirst: Bool

  /// Makes one column of a sort order.
  public init(column: Int32, isDescending: Bool, nullsFirst: Bool) {
    self.column = column
    self.isDescending = isDescending
    self.nullsFirst = nullsFirst
  }
}

/// The order in which a column's minimum and maximum were found (parquet.thrift, `ColumnOrder`).
public enum ColumnOrder: Hashable, Sendable {
  /// That of the logical or physical type.
  case typeDefined
  /// IEEE 754 total order.
  case ieee754TotalOrder
  /// Chronological, for INT96.
  case int96Timestamp
  /// Newer than this library: minimum and maximum are not usable.
  case unknown
}
