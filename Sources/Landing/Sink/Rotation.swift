/// When a batch is full. Pure; the clock is the caller's and monotonic.
public struct Rotation: Hashable, Sendable {
  /// Rows and dead letters together.
  public var rows = 50_000
  /// Bytes of message values, roughly the memory that the batch takes.
  public var bytes = 64 << 20
  /// The age of the oldest record.
  public var age = Duration.seconds(5)
  /// Row buffers that may be open, one for each pair of Kafka partition and folder; beyond it the one that was left the
  /// longest time ago is closed early.
  public var buffers = 256

  /// The defaults: 50,000 rows, 64 MiB, 5 s.
  public init() {}

  /// Whether a batch of this size and age is to be flushed, where it must be begun to be flushed at the age `limit`.
  func isDue(rows count: Int, bytes size: Int, age elapsed: Duration, limit: Duration) -> Bool {
    count >= rows || size >= bytes || elapsed >= limit
  }
}
