public import Delta
public import Parquet
public import Storage

/// Why the care of a table cannot go on.
public struct MaintenanceError: StoreFailure, Hashable, Sendable {
  /// The kinds of failure that callers tell apart.
  public enum Code: Hashable, Sendable {
    /// The table failed; the code says how.
    case table(DeltaError.Code)
    /// A file of the table is damaged, missing, or of another form than the table.
    case file
    /// What was asked for does not fit the table: a column that is not there, a table that is a spool.
    case refused
    /// Rows would have been lost or repeated; nothing was committed. A fault of ours or of the memory.
    case rowsDiffer
  }

  /// The kind of failure.
  public var code: Code
  /// One line: what happened, where, and what to do. Holds no values of the data.
  public var message: String
  /// Whether the same call may succeed later without anybody changing anything.
  public var isRetriable: Bool

  /// Makes an error.
  public init(_ code: Code, _ message: String, isRetriable: Bool = false) {
    self.code = code
    self.message = message
    self.isRetriable = isRetriable
  }

  /// Wraps a failure of the table.
  public init(_ error: DeltaError) {
    self.init(.table(error.code), error.description, isRetriable: error.isRetriable)
  }

  /// Wraps a failure of the file store.
  public init(_ error: StorageError) { self.init(DeltaError(error)) }

  /// Wraps a failure of a file.
  public init(_ error: ParquetError) {
    if let cause = error.cause {
      self.init(cause)
    } else {
      self.init(.file, error.description)
    }
  }

  /// Wraps any failure.
  init(any error: any Error) {
    switch error {
    case let error as MaintenanceError: self = error
    case let error as DeltaError: self.init(error)
    case let error as StorageError: self.init(error)
    case let error as ParquetError: self.init(error)
    default: self.init(.file, "\(error)")
    }
  }

  /// What the file store said, where it was the store that failed.
  public var storageCode: StorageError.Code? {
    if case .table(.storage(let code)) = code { code } else { nil }
  }

  public var description: String { message }
}
