/// How a query is run.
public struct QueryOptions: Sendable {
  /// How many threads share the work.
  public var threads: Int
  /// Bytes that a query may keep between batches: groups, rows to sort, the right sides of joins. What needs more is
  /// laid aside on disk.
  public var memoryLimit = 4 << 30
  /// Where rows are laid aside, in files that only this process can read and that are gone with it.
  public var temporaryDirectory = "/tmp"
  /// How long a query may take; `nil` sets no limit.
  public var timeout: Duration?
  /// Called now and then, on any thread, with the bytes read of the table at hand.
  public var progress: (@Sendable (Int64) -> Void)?

  /// Makes options for a number of threads.
  public init(threads: Int = 4) {
    self.threads = max(1, threads)
  }
}
