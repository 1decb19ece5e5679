public import Delta
import Parquet
public import Storage

/// Why landing cannot go on.
public struct LandingError: StoreFailure, Hashable, Sendable {
  /// The kinds of failure that callers tell apart.
  public enum Code: Hashable, Sendable {
    /// The table or the spool failed; the code says how.
    case table(DeltaError.Code)
    /// A batch could not be written as Parquet, or a file could not be read back: a fault of ours or of the disk.
    case file
    /// The broker or the client failed for good.
    case kafka
    /// Nothing could be landed before the deadline of a shutdown; Kafka still has the records.
    case gaveUp
    /// Partitions were stopped because landing on would lose or repeat records.
    case stopped
    /// Another process drains this spool.
    case locked
  }

  /// The kind of failure.
  public var code: Code
  /// One line: what happened, where, and what to do.
  public var message: String
  /// Whether the same call may succeed later without anybody changing anything.
  public var isRetriable: Bool

  /// Makes an error.
  public init(_ code: Code, _ message: String, isRetriable: Bool = false) {
    self.code = code
    self.message = message
    self.isRetriable = isRetriable
  }

  /// Wraps a failure of a table.
  public init(_ error: DeltaError) {
    self.init(.table(error.code), error.description, isRetriable: error.isRetriable)
  }

  /// Wraps a failure to read or write a file, or of the store beneath, which may answer again.
  init(_ error: ParquetError) {
    guard let cause = error.cause else {
      self.init(.file, error.description)
      return
    }
    self.init(.table(.storage(cause.code)), error.description, isRetriable: DeltaError(cause).isRetriable)
  }

  /// What the file store said, where it was the store that failed.
  public var storageCode: StorageError.Code? {
    if case .table(.storage(let code)) = code { code } else { nil }
  }

  public var description: String { message }
}
