/// How a file is to be written. The defaults need no change: encodings are chosen from the data, column chunk by column
/// chunk, and compression is kept only where it pays.
public struct ParquetWriterOptions: Sendable {
  /// How pages are compressed; a chunk that compression hardly shrinks is stored as it is.
  public var compression: ParquetCompression = .snappy
  /// The codec's level; `nil` takes its default (zstd 1, gzip 6, brotli 5).
  public var compressionLevel: Int?
  /// Whether chunks are compressed even where it does not pay.
  public var compressesAlways = false
  /// Rows of a full row group.
  public var rowGroupRows = 1 << 20
  /// Encoded bytes at which a row group is ended, approximately; this bounds the writer's memory.
  public var rowGroupBytes = 64 << 20
  /// The version of data pages.
  public var dataPageVersion = DataPageVersion.v1
  /// Bytes of a page before compression, approximately.
  public var pageBytes = 1 << 20
  /// Rows of a page at most.
  public var pageRows = 1 << 16
  /// Whether repeating values may be stored once each and referred to by codes.
  public var usesDictionary = true
  /// Bytes that a dictionary may grow to before the rest of its column chunk is stored without one.
  public var dictionaryBytes = 1 << 20
  /// Whether BYTE_STREAM_SPLIT is among the encodings that floating-point columns try. It often makes them smaller, but
  /// the vectorised reader of Apache Spark 4.1 refuses it.
  public var triesByteStreamSplit = false
  /// Whether each page carries a CRC-32.
  public var writesChecksums = true
  /// Whether the file has a page index: where each page lies, and the bounds of its values.
  public var writesPageIndex = true
  /// Bytes after which minimum and maximum of byte strings are cut.
  public var statisticsBytes = 64
  /// The order in which the caller has sorted the rows of each row group; noted, not checked.
  public var sortingColumns: [SortingColumn] = []
  /// The writer's own notes; one without a value is written with an empty one.
  public var keyValueMetadata: [(key: String, value: String?)] = []
  /// Settings of single leaf columns by their dotted path, such as `vitals.list.element.pulse`.
  public var columns: [String: ColumnWriterOptions] = [:]
  /// Application and version, in the form that other readers parse.
  public var createdBy = "vitals-lake version 0.1.0 (build 0)"

  /// Makes the default options.
  public init() {}
}

/// The version of data pages (parquet.thrift, `PageType`).
public enum DataPageVersion: Hashable, Sendable {
  /// Levels and values compressed together; every reader knows it.
  case v1
  /// Levels apart and never compressed; the header tells nulls and rows.
  case v2
}

/// Settings of one leaf column; what is `nil` is decided by the file's options or from the data.
public struct ColumnWriterOptions: Sendable {
  /// The encoding: `rleDictionary` as long as its dictionary fits, or one of those that the column's physical type
  /// allows.
  public var encoding: ParquetEncoding?
  /// How pages are compressed.
  public var compression: ParquetCompression?
  /// The codec's level.
  public var compressionLevel: Int?
  /// Whether a dictionary may be used.
  public var usesDictionary: Bool?
  /// The share of absent values that the column's Bloom filter may take for present; without it there is no filter.
  public var bloomFilterFalsePositives: Double?
  /// Notes on each chunk of the column.
  public var keyValueMetadata: [(key: String, value: String?)] = []

  /// Makes settings that decide nothing.
  public init() {}
}
