/// Operations on names and their properties: the NameNode alone answers.
extension WebHDFSClient {
  /// The entries of a directory in the order of their names' bytes; of a file one entry with an empty name.
  public func list(_ path: String) async throws(WebHDFSError) -> [HDFSFileStatus] {
    try await answer(.listStatus, path, [], Answer.list)
  }

  /// What is known of a path.
  ///
  /// - Throws: ``WebHDFSError`` of kind `notFound` where there is nothing.
  public func status(_ path: String) async throws(WebHDFSError) -> HDFSFileStatus {
    try await answer(.getFileStatus, path, [], Answer.status)
  }

  /// What is known of a path, or `nil` where there is nothing.
  public func statusIfPresent(_ path: String) async throws(WebHDFSError) -> HDFSFileStatus? {
    do throws(WebHDFSError) {
      return try await status(path)
    } catch {
      if error.kind == .notFound { return nil }
      throw error
    }
  }

  /// Counts, lengths and quotas of a tree.
  public func contentSummary(_ path: String) async throws(WebHDFSError) -> HDFSContentSummary {
    try await answer(.getContentSummary, path, [], Answer.contentSummary)
  }

  /// How far a file has been written, and whether its writer is done.
  public func writeState(_ path: String) async throws(WebHDFSError) -> HDFSWriteState {
    try await answer(.getBlockLocations, path, [], Answer.writeState)
  }

  /// Makes a directory and its parents; one that exists is no error and keeps its permissions.
  ///
  /// - Parameter permission: Unix permission bits; the server gives 755 when it is `nil`.
  public func makeDirectories(_ path: String, permission: Int? = nil) async throws(WebHDFSError) {
    let done = try await answer(.mkdirs, path, permissionParameter(permission), Answer.boolean)
    guard done else { throw refused(.mkdirs, path, "the server made no directory and gives no reason") }
  }

  /// Removes a file, or a directory; with `recursive` all that it holds.
  ///
  /// - Returns: Whether anything was there.
  @discardableResult
  public func delete(_ path: String, recursive: Bool = false) async throws(WebHDFSError) -> Bool {
    try await answer(.delete, path, [("recursive", recursive ? "true" : "false")], Answer.boolean)
  }

  /// Moves a file or directory to a name whose parent exists.
  ///
  /// Atomic. Sent once only: after a failure of kind `timedOut` or `connectionLost` it may have happened or not; the
  /// `fileID` of both names tells.
  /// - Parameter overwrite: Whether a file at the destination is replaced; otherwise it is an error of kind
  ///   `alreadyExists`.
  public func rename(_ path: String, to destination: String, overwrite: Bool = false) async throws(WebHDFSError) {
    let source = try HDFSPath(path, for: .rename)
    let target = try HDFSPath(destination, for: .rename)
    // Without renameoptions the server tells failures as a plain "false", or moves into a directory.
    let parameters = [("destination", target.text), ("renameoptions", overwrite ? "OVERWRITE" : "NONE")]
    let answer = try await ask(.rename, source, parameters)
    guard answer.response.status == 200, answer.response.body.isEmpty else {
      throw WebHDFSError(
        .unexpectedAnswer, operation: Operation.rename.rawValue, path: source.text, server: answer.server,
        message: "HTTP status \(answer.response.status) with \(answer.response.body.count) bytes where none belong")
    }
  }

  /// Sets Unix permission bits, 0 to 0o1777.
  public func setPermission(_ path: String, _ permission: Int) async throws(WebHDFSError) {
    _ = try await ask(.setPermission, HDFSPath(path, for: .setPermission), permissionParameter(permission))
  }

  /// Sets owner, group, or both.
  public func setOwner(_ path: String, owner: String? = nil, group: String? = nil) async throws(WebHDFSError) {
    var parameters: [(name: String, value: String)] = []
    if let owner { parameters.append(("owner", owner)) }
    if let group { parameters.append(("group", group)) }
    _ = try await ask(.setOwner, HDFSPath(path, for: .setOwner), parameters)
  }

  /// Permission bits as the server wants them, in octal.
  func permissionParameter(_ permission: Int?) -> [(name: String, value: String)] {
    permission.map { [("permission", String($0, radix: 8))] } ?? []
  }

  private func answer<T>(
    _ operation: Operation, _ path: String, _ parameters: [(name: String, value: String)], _ parse: ([UInt8]) -> T?
  ) async throws(WebHDFSError) -> T {
    let answer = try await ask(operation, HDFSPath(path, for: operation), parameters)
    guard answer.response.status == 200, let value = parse(answer.response.body) else {
      throw WebHDFSError(
        .unexpectedAnswer, operation: operation.rawValue, path: path, server: answer.server,
        message: "HTTP status \(answer.response.status) with an answer that is not WebHDFS's; is this a NameNode?",
        httpStatus: answer.response.status)
    }
    return value
  }

  private func refused(_ operation: Operation, _ path: String, _ message: String) -> WebHDFSError {
    WebHDFSError(.refused, operation: operation.rawValue, path: path, message: message)
  }
}
