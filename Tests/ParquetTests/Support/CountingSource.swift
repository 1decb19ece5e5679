import Storage
import Synchronization

/// Bytes in memory that note what is asked of them.
final class CountingSource: RandomAccess {
  private let source: BytesSource
  private let asked = Mutex<[Range<Int64>]>([])

  init(_ bytes: [UInt8], name: String = "memory") { source = BytesSource(bytes, name: name) }

  var name: String { source.name }
  var size: Int64 { source.size }
  /// The ranges asked for since the last ``reset()``.
  var requests: [Range<Int64>] { asked.withLock { $0 } }
  /// Bytes asked for since the last ``reset()``.
  var byteCount: Int { requests.reduce(0) { $0 + $1.count } }

  func reset() { asked.withLock { $0 = [] } }

  func read(_ range: Range<Int64>) async throws(StorageError) -> [UInt8] {
    asked.withLock { $0.append(range) }
    return try await source.read(range)
  }
}
