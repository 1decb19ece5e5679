import Synchronization

/// Takes the bytes of a file as they come from HDFS.
///
/// Called on the thread that runs all transfers of a client: what it does must be quick, such as a write to a file.
public protocol DownloadSink: Sendable {
  /// Takes the next bytes, in order.
  ///
  /// - Returns: Whether they were taken; otherwise the transfer ends with an error of kind `invalidArgument`.
  func take(_ bytes: UnsafeRawBufferPointer) -> Bool
}

/// Counts what passes, and refuses more than was asked for.
final class CountingSink: DownloadSink {
  private let sink: any DownloadSink
  private let limit: Int64
  private let passed = Atomic<Int64>(0)

  init(_ sink: any DownloadSink, limit: Int64) {
    self.sink = sink
    self.limit = limit
  }

  /// Bytes that were taken.
  var count: Int64 { passed.load(ordering: .acquiring) }

  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard Int64(bytes.count) <= limit - count, sink.take(bytes) else { return false }
    passed.add(Int64(bytes.count), ordering: .releasing)
    return true
  }
}
