public import Columnar

/// Where one column of one row group lies, how it is stored, and what is known of its values.
public struct ColumnChunkMetadata: Sendable {
  /// How the bits of a value are stored.
  public var physicalType: PhysicalType
  /// Names from the root of the schema down to the leaf; may be missing in a file.
  public var path: [String]
  /// All encodings that occur in the chunk, levels included.
  public var encodings: [ParquetEncoding]
  /// Pages by type and encoding, where declared.
  public var encodingStats: [PageEncodingStats]
  /// How the pages are compressed.
  public var codec: ParquetCompression
  /// How many values, nulls included.
  public var valueCount: Int64
  /// Bytes of the pages before compression, headers included.
  public var totalUncompressedSize: Int64
  /// Bytes of the pages as stored, headers included.
  public var totalCompressedSize: Int64
  /// Where the first data page begins.
  public var dataPageOffset: Int64
  /// Where the dictionary page begins, where declared.
  public var dictionaryPageOffset: Int64?
  /// Minimum, maximum and counts as stored, before interpretation.
  public var storedStatistics: StoredStatistics?
  /// Minimum, maximum and counts as typed values; fields are `nil` where unknown or not to be trusted.
  public var statistics: ColumnStatistics
  /// Sizes and level histograms, where declared.
  public var sizeStatistics: SizeStatistics?
  /// The writer's notes on this chunk.
  public var keyValueMetadata: [(key: String, value: String?)]
  /// Where the Bloom filter lies.
  public var bloomFilter: FileSection?
  /// Where the page locations lie.
  public var offsetIndex: FileSection?
  /// Where the page statistics lie.
  public var columnIndex: FileSection?
  /// The file that holds the chunk, when it is another one.
  public var filePath: String?
  /// Whether the chunk, or only its metadata, is encrypted.
  public var isEncrypted: Bool
}

/// A place in the file that the footer points to.
public struct FileSection: Hashable, Sendable {
  /// Where it begins.
  public var offset: Int64
  /// How many bytes, where declared.
  public var length: Int32?
}

/// How many pages of one type use one encoding.
public struct PageEncodingStats: Hashable, Sendable {
  /// The type of the pages.
  public var pageType: PageType
  /// How their values are encoded.
  public var encoding: ParquetEncoding
  /// How many there are.
  public var count: Int32
}

/// Statistics as the file stores them (parquet.thrift, `Statistics`): values in PLAIN encoding without length prefix.
public struct StoredStatistics: Hashable, Sendable {
  /// Deprecated maximum, compared as signed.
  public var max: [UInt8]?
  /// Deprecated minimum, compared as signed.
  public var min: [UInt8]?
  /// Values that are null.
  public var nullCount: Int64?
  /// Different values.
  public var distinctCount: Int64?
  /// Upper bound by the column's order.
  public var maxValue: [UInt8]?
  /// Lower bound by the column's order.
  public var minValue: [UInt8]?
  /// Whether the upper bound occurs.
  public var isMaxValueExact: Bool?
  /// Whether the lower bound occurs.
  public var isMinValueExact: Bool?
  /// Values that are NaN.
  public var nanCount: Int64?

  /// Makes statistics that say nothing.
  public init() {}
}

/// Sizes that help to plan memory (parquet.thrift, `SizeStatistics`).
public struct SizeStatistics: Hashable, Sendable {
  /// Bytes of BYTE_ARRAY values without any encoding.
  public var unencodedByteArrayBytes: Int64?
  /// How often each repetition level occurs.
  public var repetitionLevelHistogram: [Int64]
  /// How often each definition level occurs.
  public var definitionLevelHistogram: [Int64]
}

/// What is known of the values of a column: typed, trustworthy bounds and counts.
public struct ColumnStatistics: Hashable, Sendable {
  /// No value is smaller; NaN and null are not counted.
  public var min: Scalar?
  /// No value is larger; NaN and null are not counted.
  public var max: Scalar?
  /// Whether ``min`` occurs; `nil` when the writer did not say.
  public var isMinExact: Bool?
  /// Whether ``max`` occurs; `nil` when the writer did not say.
  public var isMaxExact: Bool?
  /// Values that are null.
  public var nullCount: Int64?
  /// Different values.
  public var distinctCount: Int64?
  /// Values that are NaN; `nil` when unknown or not a floating-point column.
  public var nanCount: Int64?

  /// Makes statistics that say nothing.
  public init() {}
}
