internal import Synchronization

/// Counts the bytes that a query keeps between batches, and refuses more than its limit.
final class MemoryBudget: Sendable {
  private let limit: Int
  private let used = Atomic<Int>(0)
  private let highest = Atomic<Int>(0)

  init(limit: Int) { self.limit = limit }

  /// Takes bytes.
  ///
  /// - Throws: ``QueryError`` with ``QueryError/Code/limit`` where there are no more.
  func take(_ bytes: Int) throws(QueryError) {
    let total = used.add(bytes, ordering: .relaxed).newValue
    highest.max(total, ordering: .relaxed)
    if total > limit {
      throw QueryError(
        .limit,
        "the query needs more memory than the limit of \(limit >> 20) MiB – raise the limit, or group or sort less")
    }
  }

  /// The most bytes that were in use at once.
  var peak: Int { highest.load(ordering: .relaxed) }
}
