internal import Synchronization

/// Counts the bytes that a query keeps between batches, and refuses more than its limit.
final class MemoryBudget: Sendable {
  private let limit: Int
  private let used = Atomic<Int>(0)
  private let highest = Atomic<Int>(0)
  private let refused = Atomic<Bool>(false)

  init(limit: Int) { self.limit = limit }

  /// Takes bytes.
  ///
  /// - Throws: ``QueryError`` with ``QueryError/Code/limit`` where there are no more.
  func take(_ bytes: Int) throws(QueryError) {
    if tryTake(bytes) { return }
    refused.store(true, ordering: .relaxed)
    throw QueryError(
      .limit,
      "the query needs more memory than the limit of \(limit >> 20) MiB – raise the limit, or group or sort less")
  }

  /// Takes bytes, if there are so many.
  func tryTake(_ bytes: Int) -> Bool {
    let total = used.add(bytes, ordering: .relaxed).newValue
    guard total <= limit else {
      used.subtract(bytes, ordering: .relaxed)
      return false
    }
    highest.max(total, ordering: .relaxed)
    return true
  }

  /// Gives bytes back.
  func give(_ bytes: Int) { used.subtract(bytes, ordering: .relaxed) }

  /// What is in use now.
  var mark: Int { used.load(ordering: .relaxed) }

  /// Whether bytes were refused since the last ``rewind(to:)``: what failed may be done with less memory.
  var isExceeded: Bool { refused.load(ordering: .relaxed) }

  /// Forgets all that was taken since a mark, of what has been let go.
  func rewind(to mark: Int) {
    used.store(mark, ordering: .relaxed)
    refused.store(false, ordering: .relaxed)
  }

  /// The most bytes that were in use at once.
  var peak: Int { highest.load(ordering: .relaxed) }
}
