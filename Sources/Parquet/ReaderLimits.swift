/// Bounds on what a file may make the reader allocate or walk through; every declared size is held against them first.
///
/// The defaults admit every sane file and keep a hostile one from exhausting the machine. A size beyond a limit gives
/// ``ParquetError/Code/wouldOverAllocate``.
public struct ReaderLimits: Hashable, Sendable {
  /// Bytes of the footer's metadata.
  public var footerBytes = 256 << 20
  /// Bytes of one column chunk as stored.
  public var chunkBytes = 2 << 30
  /// Bytes of one page, compressed or not.
  public var pageBytes = 512 << 20
  /// How many times larger than its stored form a page may be; pages up to 1 MiB are exempt.
  public var decompressionRatio = 5_000
  /// Values, nulls included, of one page.
  public var valuesPerPage = 1 << 26
  /// Bytes of one index or Bloom filter; a larger one is left alone.
  public var indexBytes = 160 << 20
  /// Pages of one column chunk.
  public var pagesPerChunk = 16 << 20
  /// Bytes that one column of a whole row group may fill once decoded.
  public var decodedChunkBytes = 2 << 30
  /// Bytes that one column of a batch may fill once decoded.
  public var decodedBatchBytes = 256 << 20
  /// Nesting of structures in Thrift metadata.
  public var thriftDepth = 32
  /// Elements of one list in Thrift metadata.
  public var thriftListCount = 4 << 20
  /// Nesting of groups in a schema.
  public var schemaDepth = 100

  /// Makes the default limits.
  public init() {}
}
