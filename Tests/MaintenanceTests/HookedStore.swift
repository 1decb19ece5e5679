import Storage
import Synchronization

/// A store in memory in which something happens just before or after a file is put, or before one is deleted.
final class HookedStore: FileStore {
  typealias Hook = @Sendable (_ path: String) async throws -> Void

  let base = MemoryFileStore()
  private let hooks = Mutex((before: Hook?.none, after: Hook?.none, deleting: Hook?.none))

  var root: String { base.root }

  /// Sets what happens around each file that is put or deleted from now on; a hook sees no file that it puts itself.
  func hook(before: Hook? = nil, after: Hook? = nil, deleting: Hook? = nil) {
    hooks.withLock { $0 = (before, after, deleting) }
  }

  func list(_ directory: String) async throws(StorageError) -> [FileStatus] { try await base.list(directory) }
  func status(_ path: String) async throws(StorageError) -> FileStatus? { try await base.status(path) }
  func open(_ path: String) async throws(StorageError) -> any RandomAccess { try await base.open(path) }

  func delete(_ path: String) async throws(StorageError) {
    try await run(hooks.withLock { $0.deleting }, path)
    try await base.delete(path)
  }

  func read(_ path: String, limit: Int) async throws(StorageError) -> [UInt8] {
    try await base.read(path, limit: limit)
  }

  func replace(_ path: String, _ content: [UInt8]) async throws(StorageError) {
    try await base.replace(path, content)
  }

  func create(_ path: String, _ content: [UInt8]) async throws(StorageError) -> CreateOutcome {
    try await run(hooks.withLock { $0.before }, path)
    let outcome = try await base.create(path, content)
    try await run(hooks.withLock { $0.after }, path)
    return outcome
  }

  private func run(_ hook: Hook?, _ path: String) async throws(StorageError) {
    do { try await hook?(path) } catch {
      throw error as? StorageError ?? StorageError(.failed, path: path, message: "\(error)")
    }
  }
}
