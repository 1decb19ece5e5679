/// How a file is to be written.
public struct ParquetWriterOptions: Sendable {
  /// How pages are compressed.
  public var compression: ParquetCompression = .snappy
  /// The codec's level; `nil` takes its default (zstd 3, gzip 6, brotli 5).
  public var compressionLevel: Int?
  /// Rows of a full row group.
  public var rowGroupRows = 1 << 20
  /// Bytes of a page before compression, approximately.
  public var pageBytes = 1 << 20
  /// Rows of a page at most.
  public var pageRows = 1 << 16
  /// Whether repeating values are stored once each and referred to by codes; a column where this does not pay is
  /// stored plainly in any case.
  public var usesDictionary = true
  /// Bytes that a dictionary may grow to before the rest of its column chunk is stored plainly.
  public var dictionaryBytes = 1 << 20
  /// Whether each page carries a CRC-32.
  public var writesChecksums = true
  /// Bytes after which minimum and maximum of byte strings are cut.
  public var statisticsBytes = 64
  /// The writer's own notes.
  public var keyValueMetadata: [(key: String, value: String?)] = []
  /// Application and version, in the form that other readers parse.
  public var createdBy = "vitals-lake version 0.1.0 (build 0)"

  /// Makes the default options.
  public init() {}
}
