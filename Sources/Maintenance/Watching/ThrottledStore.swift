public import Storage
import Synchronization

/// A store of which no more bytes are read and written in a second than it may, whoever asks.
///
/// Each call waits for those before it and is then as fast as the store is: so a large file takes its time in advance
/// of the next call, and nothing is cut into pieces for it.
public struct ThrottledStore: FileStore {
  private let base: any FileStore
  private let budget: RateBudget

  /// Wraps a store.
  public init(_ base: any FileStore, bytesPerSecond: Int) {
    self.base = base
    budget = RateBudget(bytesPerSecond: bytesPerSecond)
  }

  public var root: String { base.root }

  public func list(_ directory: String) async throws(StorageError) -> [FileStatus] { try await base.list(directory) }
  public func status(_ path: String) async throws(StorageError) -> FileStatus? { try await base.status(path) }
  public func delete(_ path: String) async throws(StorageError) { try await base.delete(path) }

  public func read(_ path: String, limit: Int) async throws(StorageError) -> [UInt8] {
    await budget.turn()
    let bytes = try await base.read(path, limit: limit)
    budget.spend(bytes.count)
    return bytes
  }

  public func open(_ path: String) async throws(StorageError) -> any RandomAccess {
    ThrottledFile(base: try await base.open(path), budget: budget)
  }

  public func create(_ path: String, _ content: [UInt8]) async throws(StorageError) -> CreateOutcome {
    await budget.turn()
    budget.spend(content.count)
    return try await base.create(path, content)
  }

  public func create(_ path: String, _ content: ScratchFile) async throws(StorageError) -> CreateOutcome {
    await budget.turn()
    budget.spend(Int(clamping: content.size))
    return try await base.create(path, content)
  }

  public func replace(_ path: String, _ content: [UInt8]) async throws(StorageError) {
    await budget.turn()
    budget.spend(content.count)
    try await base.replace(path, content)
  }

  @discardableResult
  public func removeAbandonedTemporaries(olderThan age: Duration) async throws(StorageError) -> Int {
    try await base.removeAbandonedTemporaries(olderThan: age)
  }
}

private struct ThrottledFile: RandomAccess {
  let base: any RandomAccess
  let budget: RateBudget

  var name: String { base.name }
  var size: Int64 { base.size }

  func read(_ range: Range<Int64>) async throws(StorageError) -> [UInt8] {
    await budget.turn()
    budget.spend(range.count)
    return try await base.read(range)
  }
}

/// What has been spent of so many bytes a second.
final class RateBudget: Sendable {
  private let bytesPerSecond: Int
  /// When what was spent so far is paid for.
  private let paid = Mutex<ContinuousClock.Instant?>(nil)

  init(bytesPerSecond: Int) { self.bytesPerSecond = max(1, bytesPerSecond) }

  func spend(_ bytes: Int, now: ContinuousClock.Instant = .now) {
    paid.withLock { paid in
      paid = max(paid ?? now, now) + .seconds(Double(bytes) / Double(bytesPerSecond))
    }
  }

  /// How long it is until the next call may begin.
  func wait(now: ContinuousClock.Instant = .now) -> Duration {
    paid.withLock { max(.zero, ($0 ?? now) - now) }
  }

  /// Waits for that time, or until the task is cancelled: then the call is the last.
  func turn() async {
    let wait = wait()
    if wait > .zero { try? await Task.sleep(for: wait) }
  }
}
