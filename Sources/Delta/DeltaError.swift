public import Storage

/// What went wrong with a Delta table, where, and whether trying again makes sense.
public struct DeltaError: StoreFailure, Hashable, Sendable {
  /// The kinds of failure that callers tell apart.
  public enum Code: Hashable, Sendable {
    /// There is no Delta table at this place.
    case notATable
    /// The log breaks the protocol: a hole, a malformed line, a missing action.
    case malformedLog
    /// The table asks for a feature that this version does not implement.
    case notSupported
    /// Another writer won so often that the commit gave up.
    case contention
    /// Another writer took away what the commit builds on; do the work again on the newest version.
    case conflict
    /// The table forbids the change: it is append-only, or its schema does not fit.
    case forbidden
    /// The version or time asked for is not in the log, or no longer.
    case noSuchVersion
    /// The file store failed; the code says how.
    case storage(StorageError.Code)
  }

  /// The kind of failure.
  public var code: Code
  /// The table's root or the file concerned.
  public var path: String
  /// One line: what happened and, where it helps, what to do.
  public var message: String

  /// Makes an error.
  public init(_ code: Code, path: String, message: String) {
    self.code = code
    self.path = path
    self.message = message
  }

  /// Wraps a failure of the file store.
  public init(_ error: StorageError) {
    self.init(.storage(error.code), path: error.path, message: error.message)
  }

  /// Whether the same call may succeed later without anybody changing anything.
  public var isRetriable: Bool {
    switch code {
    case .storage(let code): code == .unavailable || code == .outcomeUnknown || code == .outOfSpace
    case .contention: true
    default: false
    }
  }

  /// What the file store said, where it was the store that failed.
  public var storageCode: StorageError.Code? {
    if case .storage(let code) = code { code } else { nil }
  }

  public var description: String { "\(path): \(message)" }
}
