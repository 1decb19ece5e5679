public import Columnar
public import Storage

/// Finds the files of tables by the locations that queries name.
public protocol TableCatalog: Sendable {
  /// The files of a location: a path or glob, a directory, a Delta table, a URL.
  ///
  /// - Throws: what says, in one line, why there is no such table.
  func table(at location: String) async throws -> TableSource

  /// Begins the file that `COPY … TO` a location writes.
  ///
  /// - Parameter replaces: whether a file that is there may be replaced.
  /// - Throws: what says, in one line, why there can be no such file.
  func newFile(at location: String, replaces: Bool) async throws -> any ResultFile
}

extension TableCatalog {
  /// No files are written.
  public func newFile(at location: String, replaces: Bool) async throws -> any ResultFile {
    throw QueryError(.notSupported, "COPY to this place")
  }
}

/// A file that has its name only when it is whole.
public protocol ResultFile: Sendable {
  /// Adds bytes.
  func write(_ bytes: [UInt8]) async throws
  /// Gives the file its name.
  func finish() async throws
  /// Removes what was written.
  func discard() async
}

/// The files of a table.
public struct TableSource: Sendable {
  /// The files in the order of their rows.
  public var files: [TableFile]
  /// The columns that a table's log declares; `nil` for files that nothing binds together: then the first file says.
  public var schema: Schema?
  /// Columns whose values are those of ``TableFile/partitions`` and not in the files.
  public var partitionColumns: Set<String>

  /// Makes a table of files.
  public init(files: [TableFile], schema: Schema? = nil, partitionColumns: Set<String> = []) {
    self.files = files
    self.schema = schema
    self.partitionColumns = partitionColumns
  }
}

/// One Parquet file of a table.
///
/// A catalog that gives out the same value for several queries vouches that the file stays the same: it is then opened
/// once for all of them.
public struct TableFile: Sendable {
  /// The name for messages and the column `filename`.
  public var name: String
  /// The values of partition columns as text; `nil` for null.
  public var partitions: [(column: String, text: String?)]
  /// What a Delta log says of its values: the protocol's per-file statistics. A file that cannot hold what is asked for
  /// is not opened.
  public var statistics: String?
  let open: @Sendable () async throws -> any RandomAccess
  let kept = KeptFile()

  /// Makes a file that is opened when it is first read.
  public init(
    name: String, partitions: [(column: String, text: String?)] = [], statistics: String? = nil,
    open: @escaping @Sendable () async throws -> any RandomAccess
  ) {
    self.name = name
    self.partitions = partitions
    self.statistics = statistics
    self.open = open
  }
}
