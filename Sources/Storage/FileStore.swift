/// What a store tells about a file or directory.
public struct FileStatus: Hashable, Sendable {
  /// The path relative to the store's root, without a leading slash.
  public var path: String
  /// Length in bytes; 0 for directories.
  public var size: Int64
  /// Whether this is a directory.
  public var isDirectory: Bool
  /// Milliseconds since 1970-01-01 UTC, by the store's clock.
  public var modificationTime: Int64

  /// Makes a status.
  public init(path: String, size: Int64, isDirectory: Bool, modificationTime: Int64) {
    self.path = path
    self.size = size
    self.isDirectory = isDirectory
    self.modificationTime = modificationTime
  }
}

/// How a put-if-absent ended; failures throw instead.
public enum CreateOutcome: Hashable, Sendable {
  /// The file is there, complete and durable, and it is ours.
  case created
  /// Another file holds the name; nothing was changed.
  case alreadyExists
}

/// A tree of files under one root, on a local disk, in memory, or on HDFS: what the table needs and no more.
///
/// Paths are relative to the root, separated by `/`, without `.` and `..`. Calls may be made concurrently.
public protocol FileStore: Sendable {
  /// The root as a person would write it, for messages: `/data/table` or `webhdfs://host:9870/data/table`.
  var root: String { get }

  /// The entries directly in a directory, sorted by name; a missing directory is an empty one.
  func list(_ directory: String) async throws(StorageError) -> [FileStatus]

  /// What is known of a path, or `nil` where there is nothing.
  func status(_ path: String) async throws(StorageError) -> FileStatus?

  /// A whole file, refused when it is longer than `limit` bytes.
  func read(_ path: String, limit: Int) async throws(StorageError) -> [UInt8]

  /// A file for ranged reads.
  func open(_ path: String) async throws(StorageError) -> any RandomAccess

  /// Puts a complete file at a path that must be free, parents included.
  ///
  /// Atomic: readers see nothing or all of it. Durable when it returns. Exactly one of several racing callers gets
  /// ``CreateOutcome/created``. A retry after ``StorageError/Code/outcomeUnknown`` is safe only when the content itself
  /// tells whose it is.
  func create(_ path: String, _ content: [UInt8]) async throws(StorageError) -> CreateOutcome

  /// The same with content that need not fit into memory.
  func create(_ path: String, _ content: ScratchFile) async throws(StorageError) -> CreateOutcome

  /// Puts a complete file at a path, in place of the one that may be there, parents included.
  ///
  /// Atomic: readers see the old file or the new one, never a part and never none. Durable when it returns. Of several
  /// racing callers the last one stays. Safe to repeat.
  func replace(_ path: String, _ content: [UInt8]) async throws(StorageError)

  /// Removes a file, or a directory with all it holds; a missing path is no error.
  func delete(_ path: String) async throws(StorageError)

  /// Removes temporary files whose writers are gone, and those of this process; for a time when this process has no
  /// ``create(_:_:)`` under way in the store: at its start, and after an outage.
  ///
  /// - Parameter age: How old a file becomes before it counts as left behind by whomever.
  /// - Returns: How many files were removed.
  @discardableResult
  func removeAbandonedTemporaries(olderThan age: Duration) async throws(StorageError) -> Int
}

extension FileStore {
  /// Puts a file by way of memory, in stores that know no other.
  public func create(_ path: String, _ content: ScratchFile) async throws(StorageError) -> CreateOutcome {
    try await create(path, try await content.read(0..<content.size))
  }

  /// Nothing to remove in a store that makes no temporary files.
  @discardableResult
  public func removeAbandonedTemporaries(olderThan age: Duration) async throws(StorageError) -> Int { 0 }

  /// The same, with the day that no upload can last.
  @discardableResult
  public func removeAbandonedTemporaries() async throws(StorageError) -> Int {
    try await removeAbandonedTemporaries(olderThan: .seconds(86_400))
  }
}
