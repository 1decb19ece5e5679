/// What went wrong in a file store, where, and whether trying again makes sense.
public struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of failure that callers tell apart.
  public enum Code: String, Hashable, Sendable {
    /// No such file or directory.
    case notFound
    /// The name is taken; nothing was changed.
    case alreadyExists
    /// A directory stands where a file was asked for, or the other way round, or a directory is not empty.
    case wrongKind
    /// The store refuses this user.
    case permissionDenied
    /// A quota, or the disk, is full.
    case outOfSpace
    /// The path cannot be used in this store.
    case invalidPath
    /// The store does not answer, or says that it cannot serve now: try again later.
    case unavailable
    /// The change was sent and its outcome is not known: ask before repeating it.
    case outcomeUnknown
    /// Fewer bytes than promised.
    case truncated
    /// Stored bytes differ from those sent.
    case corrupt
    /// The store lacks the operation.
    case unsupported
    /// Any other refusal.
    case failed
  }

  /// The kind of failure.
  public var code: Code
  /// The path or URL concerned.
  public var path: String
  /// One line: what happened and, where it helps, what to do.
  public var message: String

  /// Makes an error.
  public init(_ code: Code, path: String, message: String) {
    self.code = code
    self.path = path
    self.message = message
  }

  /// Whether the same call may succeed later without anybody changing anything.
  public var isRetriable: Bool { code == .unavailable || code == .outcomeUnknown }

  public var description: String { "\(path): \(message)" }
}
