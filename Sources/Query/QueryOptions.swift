/// How a query is run.
public struct QueryOptions: Sendable {
  /// How many threads share the work.
  public var threads: Int
  /// Bytes that a query may keep between batches: groups, rows to sort, the right sides of joins.
  public var memoryLimit = 4 << 30
  /// How long a query may take; `nil` sets no limit.
  public var timeout: Duration?
  /// Called now and then, on any thread, with the bytes read of the table at hand.
  public var progress: (@Sendable (Int64) -> Void)?

  /// Makes options for a number of threads.
  public init(threads: Int = 4) {
    self.threads = max(1, threads)
  }
}
