/// How a table is compacted.
public struct CompactionOptions: Sendable {
  /// Bytes that a file should have; smaller ones than three quarters of it are rewritten, together, unless a compaction
  /// to this size made them.
  public var targetBytes: Int64 = 128 << 20
  /// In which order the rows are written. Columns that the table lacks are left out unless ``demandsOrder`` is set.
  public var order = RowOrder(["patient_id", "event_time"], slicedBy: "event_time")
  /// How many columns a Z-order may have.
  public static let zOrderColumns = 2...ZCurve.columnLimit
  /// Whether a column of the order that the table lacks is an error.
  public var demandsOrder = false
  /// Files that must come together before they are rewritten.
  public var leastFiles = 2
  /// Whether files are rewritten that are large enough, or stand in the order already.
  public var rewritesAll = false
  /// Bytes of a row group, on average, from which on the row groups of a file are copied without being decoded where
  /// rows keep their order: smaller ones should become fewer.
  public var leastCopied: Int64 = 1 << 20
  /// Bytes of memory for sorting and writing.
  public var memoryLimit = 256 << 20
  /// A local directory with room for what is being rewritten.
  public var scratchDirectory = "/tmp"
  /// How often a partition is tried again when other writers take its files away.
  public var attempts = 5
  /// Program and version, for the log.
  public var engine: String

  /// Makes the defaults for a program.
  public init(engine: String) { self.engine = engine }
}

/// What was done to the files of one partition, or would be.
public struct CompactedGroup: Hashable, Sendable {
  /// The partition, as `date=2026-01-02/hour=7`; empty for a table without partition columns.
  public var partition: String
  /// Files before.
  public var filesBefore: Int
  /// Their bytes.
  public var bytesBefore: Int64
  /// Files afterwards; `nil` as long as it was not done.
  public var filesAfter: Int?
  /// Their bytes.
  public var bytesAfter: Int64?
  /// The rows in them.
  public var rows: Int64?
  /// The version that brought them into the table.
  public var version: Int64?
  /// How often other writers took files away meanwhile.
  public var conflicts = 0
}

/// What became of a compaction.
public struct CompactionReport: Hashable, Sendable {
  /// The partitions in which something was to be done.
  public var groups: [CompactedGroup] = []
  /// Files that were left as they are, and why.
  public var leftAlone: [String] = []
  /// Partitions that other writers changed so often that they were given up for now.
  public var contended: [String] = []
  /// Files that were copied into a new folder as they are.
  public var copied = 0

  /// Makes an empty report.
  public init() {}
}
