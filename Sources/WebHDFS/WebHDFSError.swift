public import Storage

/// A failed WebHDFS operation: what, where, as told by whom.
public struct WebHDFSError: StoreFailure, Hashable, Sendable {
  /// The kinds of failure that callers tell apart.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    // Answers of a server.
    case notFound, alreadyExists, notADirectory, isADirectory, directoryNotEmpty
    case permissionDenied, authenticationRequired
    case namespaceQuotaExceeded, spaceQuotaExceeded
    case safeMode, standby, startingUp, noDataNodes, leaseConflict
    case invalidPath, invalidArgument, unsupported
    case serverError, refused
    // What happened on the way.
    case notConnected, timedOut, connectionLost, tlsFailed, cancelled
    // Answers that cannot be believed.
    case truncated, responseTooLarge, unexpectedAnswer
    case incomplete, checksumMismatch
  }

  /// The kind of failure.
  public var kind: Kind
  /// The operation by its WebHDFS name, such as `RENAME`.
  public var operation: String
  /// The absolute HDFS path.
  public var path: String
  /// Who failed: `NameNode host:port` or `DataNode host:port`; empty when nothing was sent.
  public var server: String
  /// One line of reason, without secrets.
  public var message: String
  /// The Java exception class in the answer, without its package.
  public var exceptionClass: String?
  /// The HTTP status, when an answer came.
  public var httpStatus: Int?

  /// Makes an error.
  public init(
    _ kind: Kind, operation: String, path: String, server: String = "", message: String,
    exceptionClass: String? = nil, httpStatus: Int? = nil
  ) {
    self.kind = kind
    self.operation = operation
    self.path = StorePath.printable(path)
    self.server = server
    self.message = message
    self.exceptionClass = exceptionClass
    self.httpStatus = httpStatus
  }

  /// One line: what failed, on which path, at which server, and why.
  public var description: String {
    "\(path): \(reason)"
  }

  /// What failed, at which server, and why, without the path.
  var reason: String {
    let cause = exceptionClass.map { message.isEmpty ? $0 : "\($0): \(message)" } ?? message
    return "\(operation) failed\(server.isEmpty ? "" : " at \(server)"): \(cause)"
  }
}

extension WebHDFSError.Kind {
  /// Whether the same request may succeed later without anybody changing anything.
  public var isTransient: Bool {
    switch self {
    case .safeMode, .standby, .startingUp, .noDataNodes, .leaseConflict, .notConnected, .timedOut, .connectionLost,
      .truncated, .incomplete:
      true
    default: false
    }
  }

  /// Whether it is certain that the server did not carry out the operation.
  public var wasNotCarriedOut: Bool {
    switch self {
    case .timedOut, .connectionLost, .cancelled, .serverError, .truncated, .responseTooLarge, .unexpectedAnswer: false
    default: true
    }
  }

  /// Whether another NameNode may answer better.
  var pointsToAnotherNameNode: Bool {
    switch self {
    case .standby, .startingUp, .notConnected, .timedOut, .connectionLost: true
    default: false
    }
  }
}

extension WebHDFSError {
  /// The kind in the terms of all stores.
  public var storageCode: StorageError.Code? { StorageError(self, isChange: false).code }
  /// Whether the same call may succeed later without anybody changing anything.
  public var isRetriable: Bool { kind.isTransient }
}

extension StorageError {
  /// The same failure as the floors above tell it.
  ///
  /// - Parameter isChange: Whether the operation changes something, so that a lost answer leaves the outcome unknown.
  public init(_ error: WebHDFSError, isChange: Bool) {
    let code: Code =
      switch error.kind {
      case .notFound: .notFound
      case .alreadyExists: .alreadyExists
      case .notADirectory, .isADirectory, .directoryNotEmpty: .wrongKind
      case .permissionDenied, .authenticationRequired: .permissionDenied
      case .namespaceQuotaExceeded, .spaceQuotaExceeded: .outOfSpace
      case .safeMode, .standby, .startingUp, .noDataNodes, .leaseConflict, .notConnected, .incomplete, .truncated:
        .unavailable
      case .timedOut, .connectionLost: isChange ? .outcomeUnknown : .unavailable
      case .invalidPath: .invalidPath
      case .unsupported: .unsupported
      case .checksumMismatch: .corrupt
      case .invalidArgument, .serverError, .refused, .tlsFailed, .cancelled, .responseTooLarge, .unexpectedAnswer:
        .failed
      }
    self.init(code, path: error.path, message: error.reason)
  }
}
