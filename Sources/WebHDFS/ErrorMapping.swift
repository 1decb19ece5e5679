import FoundationEssentials

/// Makes typed errors of what servers answer.
///
/// The class and the text decide, never the status alone: 403 covers everything from a missing permission to a NameNode
/// that is just starting. A DataNode passes on errors of the NameNode as class `RemoteException`, so that only the text
/// is left to go by.
enum ErrorMapping {
  /// The answer `{"RemoteException":{"exception":…,"javaClassName":…,"message":…}}`.
  struct RemoteException: Decodable, Hashable {
    var exception: String?
    var javaClassName: String?
    var message: String?
  }

  private struct Envelope: Decodable {
    var remoteException: RemoteException
    enum CodingKeys: String, CodingKey { case remoteException = "RemoteException" }
  }

  /// The error that an answer outside 200…299 means.
  static func error(
    _ response: HTTPResponse, operation: Operation, path: String, server: String
  ) -> WebHDFSError {
    let remote = try? JSONDecoder().decode(Envelope.self, from: Data(response.body)).remoteException
    let name = remote.flatMap { $0.exception ?? $0.javaClassName.map(lastComponent) }
    var text = line(remote?.message ?? "")
    let kind = kind(status: response.status, exception: name, message: text)
    if kind == .unsupported, isUnknownOperation(text) {
      text = "this server lacks the operation, which came with Hadoop \(operation.since)"
    }
    return WebHDFSError(
      kind, operation: operation.rawValue, path: path, server: server,
      message: text.isEmpty && name == nil ? "HTTP status \(response.status)" : text, exceptionClass: name,
      httpStatus: response.status)
  }

  /// Whether a server says that it does not know the operation: as Hadoop 2 does, as Hadoop 3 does, or as HttpFS does.
  private static func isUnknownOperation(_ message: String) -> Bool {
    message.contains("parameter \"op\"") || message.contains("is not a valid") && message.contains("operation")
      || message.contains("Invalid HTTP") && message.contains("operation")
  }

  /// What went wrong by status, class and text.
  static func kind(status: Int, exception: String?, message: String) -> WebHDFSError.Kind {
    if let exception, let kind = byClass(exception, message) { return kind }
    if let kind = byText(message) { return kind }
    switch status {
    case 400: return .invalidArgument
    case 401: return .authenticationRequired
    case 404: return .notFound
    case 405, 501: return .unsupported
    case 502, 503, 504: return .startingUp
    case 507: return .spaceQuotaExceeded
    case 500...599: return .serverError
    default: return exception == nil && !(400...499).contains(status) ? .unexpectedAnswer : .refused
    }
  }

  private static func byClass(_ exception: String, _ message: String) -> WebHDFSError.Kind? {
    switch exception {
    case "FileNotFoundException":
      return message.hasPrefix("Path is not a file") ? .isADirectory : .notFound
    case "FileAlreadyExistsException":
      return message.contains("already exists as a directory") ? .isADirectory : .alreadyExists
    case "ParentNotDirectoryException": return .notADirectory
    case "PathIsNotDirectoryException": return .notADirectory
    case "PathIsNotEmptyDirectoryException": return .directoryNotEmpty
    case "AccessControlException", "SecurityException", "AuthorizationException": return .permissionDenied
    case "AuthenticationException", "InvalidToken": return .authenticationRequired
    case "NSQuotaExceededException": return .namespaceQuotaExceeded
    case "DSQuotaExceededException", "QuotaByStorageTypeExceededException": return .spaceQuotaExceeded
    case "SafeModeException": return .safeMode
    case "StandbyException", "ObserverRetryOnActiveException": return .standby
    case "RetriableException":
      return message.contains("afe mode") || message.contains("SafeModeException") ? .safeMode : .startingUp
    case "AlreadyBeingCreatedException", "RecoveryInProgressException", "LeaseExpiredException": return .leaseConflict
    case "InvalidPathException": return .invalidPath
    case "UnsupportedOperationException": return .unsupported
    case "QueryParamException" where isUnknownOperation(message): return .unsupported
    case "ConnectException", "ConnectTimeoutException", "NoRouteToHostException", "SocketException",
      "SocketTimeoutException":
      return .connectionLost
    case "IllegalArgumentException", "HadoopIllegalArgumentException", "NumberFormatException":
      if isUnknownOperation(message) { return .unsupported }
      return message.contains("Pathname") || message.contains("Invalid path") ? .invalidPath : .invalidArgument
    default: return nil
    }
  }

  private static func byText(_ message: String) -> WebHDFSError.Kind? {
    let meanings: [(text: String, kind: WebHDFSError.Kind)] = [
      // A DataNode whose own call to the NameNode broke off: what became of the call is unknown.
      ("Failed on local exception", .connectionLost),
      ("failed on connection exception", .connectionLost),
      ("failed on socket timeout exception", .connectionLost),
      ("End of File Exception between local host", .connectionLost),
      ("Name node is in safe mode", .safeMode),
      ("SafeModeException", .safeMode),
      ("is not supported in state standby", .standby),
      ("in startup mode", .startingUp),
      ("Permission denied", .permissionDenied),
      ("Failed to find datanode", .noDataNodes),
      ("No active nodes contain this block", .noDataNodes),
      ("Fail to get block MD5", .noDataNodes),
      ("could only be replicated to 0 nodes", .noDataNodes),
      ("The NameSpace quota", .namespaceQuotaExceeded),
      ("The DiskSpace quota", .spaceQuotaExceeded),
      ("Zero blocklocations", .noDataNodes),
      ("Parent path is not a directory", .notADirectory),
      ("Current inode is not a directory", .notADirectory),
      ("is not a directory", .notADirectory),
      ("already exists as a directory", .isADirectory),
      ("maximum path component name limit", .invalidPath),
      ("Pathname too long", .invalidPath),
      ("Invalid file name", .invalidPath),
      ("for this file is already the current leaseholder", .leaseConflict),
      ("is already being created by", .leaseConflict),
    ]
    return meanings.first { message.contains($0.text) }?.kind
  }

  /// The error of an exchange that brought no answer.
  static func error(
    _ failure: TransportError, operation: Operation, path: String, server: String
  ) -> WebHDFSError {
    let kind: WebHDFSError.Kind =
      switch failure.kind {
      case .notConnected: .notConnected
      case .timedOut: .timedOut
      case .lost: .connectionLost
      case .tls: .tlsFailed
      case .tooLarge: .responseTooLarge
      case .cancelled: .cancelled
      case .misuse: .invalidArgument
      }
    return WebHDFSError(
      kind, operation: operation.rawValue, path: path, server: server, message: line(failure.message))
  }

  /// A server's text as one line: cut where a Java stack begins, without control characters, at most 300 characters.
  static func line(_ text: String) -> String {
    let first = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: true).first ?? ""
    let scalars = first.prefix(while: { $0 != "\t" }).unicodeScalars.filter {
      $0.properties.generalCategory != .control
    }
    return String(String.UnicodeScalarView(scalars.prefix(300)))
  }

  private static func lastComponent(_ name: String) -> String {
    name.split(separator: ".").last.map(String.init) ?? name
  }
}
