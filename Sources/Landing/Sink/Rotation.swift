/// When a batch is full. Pure; the clock is the caller's and monotonic.
public struct Rotation: Hashable, Sendable {
  /// Rows and dead letters together.
  public var rows = 50_000
  /// Bytes of message values, roughly the memory that the batch takes.
  public var bytes = 64 << 20
  /// The age of the oldest record.
  public var age = Duration.seconds(5)
  /// Open row buffers: one for each pair of Kafka partition and day.
  public var buffers = 512

  /// The defaults: 50,000 rows, 64 MiB, 5 s.
  public init() {}

  /// Whether a batch of this size and age is to be flushed.
  func isDue(rows count: Int, bytes size: Int, buffers open: Int, age elapsed: Duration) -> Bool {
    count >= rows || size >= bytes || open >= buffers || elapsed >= age
  }
}
