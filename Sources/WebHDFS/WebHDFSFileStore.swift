import FoundationEssentials
public import Storage
import Synchronization

/// A ``FileStore`` in a directory of HDFS, over WebHDFS.
public final class WebHDFSFileStore: FileStore {
  public let root: String
  /// The client behind the store.
  public let client: WebHDFSClient
  /// The root as an absolute HDFS path.
  public let rootPath: String
  /// The directory of this writer's temporary files, relative to the root.
  public let landing: String
  /// Unix permission bits of new files; nobody outside the owner's group reads them.
  public let filePermission: Int
  /// Unix permission bits of new directories.
  public let directoryPermission: Int
  /// Directories known to exist, so that each is made once.
  private let knownDirectories = Mutex<Set<String>>([])

  /// Takes an absolute HDFS path as root; it is made by the first ``create(_:_:)`` when it is missing.
  ///
  /// - Parameter writer: A name for this writer's temporary files, the host's name by default; letters, digits, dash
  ///   and underscore.
  public init(
    client: WebHDFSClient, root: String, writer: String = LocalFileStore.hostName, filePermission: Int = 0o640,
    directoryPermission: Int = 0o750
  ) {
    self.client = client
    rootPath = WebHDFSLocation(nameNodes: [], path: root).path
    self.root = client.address + rootPath
    landing = "_landing/\(writer)"
    self.filePermission = filePermission
    self.directoryPermission = directoryPermission
  }

  public func list(_ directory: String) async throws(StorageError) -> [FileStatus] {
    try StorePath.check(directory, allowRoot: true)
    let entries: [HDFSFileStatus]
    do throws(WebHDFSError) {
      entries = try await client.list(absolute(directory))
    } catch {
      if error.kind == .notFound { return [] }
      throw StorageError(error, isChange: false)
    }
    if let only = entries.first, entries.count == 1, only.name.isEmpty, !only.isDirectory {
      throw StorageError(.wrongKind, path: absolute(directory), message: "not a directory")
    }
    return entries.map { Self.status($0, at: StorePath.join(directory, $0.name)) }
      .sorted { StorePath.precedes($0.path, $1.path) }
  }

  public func status(_ path: String) async throws(StorageError) -> FileStatus? {
    try StorePath.check(path, allowRoot: true)
    return try await storage { (client) throws(WebHDFSError) in
      try await client.statusIfPresent(absolute(path)).map { Self.status($0, at: path) }
    }
  }

  public func read(_ path: String, limit: Int) async throws(StorageError) -> [UInt8] {
    try StorePath.check(path)
    return try await storage { (client) throws(WebHDFSError) in
      try await client.read(absolute(path), limit: limit)
    }
  }

  public func open(_ path: String) async throws(StorageError) -> any RandomAccess {
    try StorePath.check(path)
    let status = try await storage { (client) throws(WebHDFSError) in try await client.status(absolute(path)) }
    if status.isDirectory { throw StorageError(.wrongKind, path: absolute(path), message: "a directory, not a file") }
    return WebHDFSFile(client: client, path: absolute(path), size: status.length)
  }

  public func create(_ path: String, _ content: [UInt8]) async throws(StorageError) -> CreateOutcome {
    try await create(path, from: BytesUpload(content))
  }

  public func create(_ path: String, _ content: ScratchFile) async throws(StorageError) -> CreateOutcome {
    try await create(path, from: ScratchUpload(content))
  }

  public func replace(_ path: String, _ content: [UInt8]) async throws(StorageError) {
    _ = try await create(path, from: BytesUpload(content), overwrite: true)
  }

  public func delete(_ path: String) async throws(StorageError) {
    try StorePath.check(path)
    knownDirectories.withLock { $0.removeAll() }
    do throws(WebHDFSError) {
      try await client.delete(absolute(path), recursive: true)
    } catch {
      throw StorageError(error, isChange: true)
    }
  }

  /// A path of the store as HDFS knows it.
  public func absolute(_ path: String) -> String {
    path.isEmpty ? rootPath : rootPath == "/" ? "/\(path)" : "\(rootPath)/\(path)"
  }

  private static func status(_ status: HDFSFileStatus, at path: String) -> FileStatus {
    FileStatus(
      path: path, size: status.length, isDirectory: status.isDirectory, modificationTime: status.modificationTime)
  }

  /// Runs a reading call and translates its errors.
  private func storage<T>(
    _ body: (WebHDFSClient) async throws(WebHDFSError) -> T
  ) async throws(StorageError) -> T {
    do throws(WebHDFSError) {
      return try await body(client)
    } catch {
      throw StorageError(error, isChange: false)
    }
  }
}

// MARK: - Creating

extension WebHDFSFileStore {
  /// Puts a complete file of any size at a path, parents included, as ``create(_:_:)`` does.
  ///
  /// - Parameter overwrite: Whether a file that holds the name is replaced, in one atomic step.
  public func create(
    _ path: String, from content: any UploadSource, overwrite: Bool = false
  ) async throws(StorageError) -> CreateOutcome {
    try StorePath.check(path)
    // Most losers of a race learn it here, before they send anything.
    if !overwrite, try await status(path) != nil { return .alreadyExists }
    try await makeDirectory(landing)
    let upload = SafeUpload(
      client: client, content: content,
      temporaryPrefix: absolute(landing) + "/" + WriterIdentity.current.prefix, target: absolute(path),
      filePermission: filePermission, overwrite: overwrite)
    let parent = StorePath.parent(of: path)
    return try await upload.run { (isDoubtful) throws(StorageError) in
      if isDoubtful { forgetDirectory(parent) }
      try await makeDirectory(parent)
    }
  }

  private func makeDirectory(_ directory: String) async throws(StorageError) {
    if directory.isEmpty || knownDirectories.withLock({ $0.contains(directory) }) { return }
    do throws(WebHDFSError) {
      try await client.makeDirectories(absolute(directory), permission: directoryPermission)
    } catch {
      // Making a directory twice does no harm: a lost answer leaves nothing to settle.
      let kind: WebHDFSError.Kind = error.kind == .alreadyExists ? .notADirectory : error.kind
      var failure = error
      failure.kind = kind
      throw StorageError(failure, isChange: false)
    }
    _ = knownDirectories.withLock { $0.insert(directory) }
  }

  private func forgetDirectory(_ directory: String) {
    _ = knownDirectories.withLock { $0.remove(directory) }
  }

  /// Removes the temporary files of this host's ended processes and of this process itself at once, and those of all
  /// other writers by age.
  @discardableResult
  public func removeAbandonedTemporaries(olderThan age: Duration) async throws(StorageError) -> Int {
    let now = Int64(Date().timeIntervalSince1970 * 1_000)
    let limit = Int64(clamping: age.wholeMilliseconds)
    var removed = 0
    for writer in try await list(StorePath.parent(of: landing)) where writer.isDirectory {
      for entry in try await list(writer.path) where !entry.isDirectory {
        let name = entry.path.split(separator: "/").last ?? ""
        guard
          TemporaryVerdict.isLeftover(
            name, ageMillis: now - entry.modificationTime, limitMillis: limit, isOwnIdle: true)
        else { continue }
        try await delete(entry.path)
        removed += 1
      }
    }
    return removed
  }
}
