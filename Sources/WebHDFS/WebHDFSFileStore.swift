public import Storage

/// A ``FileStore`` in a directory of HDFS.
public final class WebHDFSFileStore: FileStore {
  public let root: String
  private let client: WebHDFSClient

  /// Takes an absolute HDFS path as root; it is made by the first ``create(_:_:)`` when it is missing.
  public init(client: WebHDFSClient, root: String) {
    self.client = client
    self.root = root
  }

  public func list(_ directory: String) async throws(StorageError) -> [FileStatus] { throw unsupported(directory) }
  public func status(_ path: String) async throws(StorageError) -> FileStatus? { throw unsupported(path) }
  public func read(_ path: String, limit: Int) async throws(StorageError) -> [UInt8] { throw unsupported(path) }
  public func open(_ path: String) async throws(StorageError) -> any RandomAccess { throw unsupported(path) }
  public func create(_ path: String, _ content: [UInt8]) async throws(StorageError) -> CreateOutcome {
    throw unsupported(path)
  }
  public func delete(_ path: String) async throws(StorageError) { throw unsupported(path) }

  private func unsupported(_ path: String) -> StorageError {
    StorageError(.unsupported, path: path, message: "not supported")
  }
}
