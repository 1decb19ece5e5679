/// Operations on names: the NameNode alone answers.
extension WebHDFSClient {
  /// The entries of a directory in the order of their names' bytes; of a file one entry with an empty name.
  ///
  /// All come in one answer: see ``pages(of:)`` for directories that may be huge. LISTSTATUS, since Hadoop 0.20.205.
  public func list(_ path: String) async throws(WebHDFSError) -> [HDFSFileStatus] {
    try await answer(.listStatus, path, [], Answer.list)
  }

  /// One page of a directory: the entries behind the name `startAfter`, as many as the server likes to send.
  ///
  /// LISTSTATUS_BATCH, since Hadoop 2.9.
  /// - Throws: ``WebHDFSError`` of kind `unsupported` where the server lacks it.
  public func listPage(
    _ path: String, startAfter: String? = nil
  ) async throws(WebHDFSError) -> HDFSListingPage {
    try await answer(.listStatusBatch, path, startAfter.map { [("startAfter", $0)] } ?? [], Answer.page)
  }

  /// What is known of a path. GETFILESTATUS, since Hadoop 0.20.205.
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

  /// What is known of a symbolic link itself. GETFILELINKSTATUS, since Hadoop 3.4.
  public func linkStatus(_ path: String) async throws(WebHDFSError) -> HDFSFileStatus {
    try await answer(.getFileLinkStatus, path, [], Answer.status)
  }

  /// Where a symbolic link leads. GETLINKTARGET, since Hadoop 3.4.
  public func linkTarget(_ path: String) async throws(WebHDFSError) -> String {
    try await answer(.getLinkTarget, path, [], Answer.path)
  }

  /// Makes a symbolic link; nearly all clusters refuse it with kind `unsupported`. CREATESYMLINK, since Hadoop 0.23.1.
  ///
  /// Sent once only, as ``rename(_:to:overwrite:)`` is.
  public func createSymlink(
    _ path: String, to destination: String, createParents: Bool = false
  ) async throws(WebHDFSError) {
    let target = try HDFSPath(destination, for: .createSymlink)
    let parameters = [("destination", target.text), ("createparent", createParents ? "true" : "false")]
    try await order(.createSymlink, path, parameters)
  }

  /// Makes a directory and its parents; one that exists is no error and keeps its permissions. MKDIRS, since Hadoop
  /// 0.20.205.
  ///
  /// - Parameters:
  ///   - permission: Unix permission bits; the server gives 755 when it is `nil`.
  ///   - unmaskedPermission: The bits before the creator's umask, which count where the parent has default access
  ///     control entries; servers before 3.0 leave it alone.
  public func makeDirectories(
    _ path: String, permission: Int? = nil, unmaskedPermission: Int? = nil
  ) async throws(WebHDFSError) {
    var parameters = permissionParameter(permission)
    if let unmaskedPermission { parameters.append(("unmaskedpermission", String(unmaskedPermission, radix: 8))) }
    let done = try await answer(.mkdirs, path, parameters, Answer.boolean)
    guard done else {
      throw WebHDFSError(
        .refused, operation: Operation.mkdirs.rawValue, path: path,
        message: "the server made no directory and gives no reason")
    }
  }

  /// Removes a file, or a directory; with `recursive` all that it holds. DELETE, since Hadoop 0.20.205.
  ///
  /// - Returns: Whether anything was there; also false when an earlier try removed it and its answer was lost.
  @discardableResult
  public func delete(_ path: String, recursive: Bool = false) async throws(WebHDFSError) -> Bool {
    try await answer(.delete, path, [("recursive", recursive ? "true" : "false")], Answer.boolean)
  }

  /// Moves a file or directory to a name whose parent exists. RENAME, since Hadoop 0.20.205.
  ///
  /// Atomic. Sent once only: after a failure of kind `timedOut` or `connectionLost` it may have happened or not; the
  /// `fileID` of both names tells.
  /// - Parameter overwrite: Whether a file at the destination is replaced; otherwise it is an error of kind
  ///   `alreadyExists`.
  public func rename(_ path: String, to destination: String, overwrite: Bool = false) async throws(WebHDFSError) {
    let target = try HDFSPath(destination, for: .rename)
    // Without renameoptions the server tells failures as a plain "false", or moves into a directory.
    let parameters = [("destination", target.text), ("renameoptions", overwrite ? "OVERWRITE" : "NONE")]
    try await order(.rename, path, parameters)
  }

  /// The user's home directory; it need not exist. GETHOMEDIRECTORY, since Hadoop 1.0.
  ///
  /// A standby NameNode answers it too: it is of no use as a test of health.
  public func homeDirectory() async throws(WebHDFSError) -> String {
    try await answer(.getHomeDirectory, "/", [], Answer.path)
  }

  /// Where removed files of a path would be kept. GETTRASHROOT, since Hadoop 2.9.
  public func trashRoot(of path: String) async throws(WebHDFSError) -> String {
    try await answer(.getTrashRoot, path, [], Answer.path)
  }

  /// The trash directories of this user, or of all users. GETTRASHROOTS, since Hadoop 3.4.
  public func trashRoots(allUsers: Bool = false) async throws(WebHDFSError) -> [HDFSFileStatus] {
    try await answer(.getTrashRoots, "/", [("allusers", allUsers ? "true" : "false")]) {
      Answer.value([HDFSFileStatus].self, "Paths", $0)
    }
  }
}
