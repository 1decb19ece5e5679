/// When a request is sent again: a plain value, without clock or chance of its own.
public struct RetryPolicy: Hashable, Sendable {
  /// How often a request is sent in all, at least once.
  public var attempts = 4
  /// The wait before the second attempt; it doubles from attempt to attempt.
  public var firstDelay: Duration = .milliseconds(100)
  /// The longest wait between attempts.
  public var longestDelay: Duration = .seconds(2)
  /// No attempt begins later than this after the first one began.
  public var patience: Duration = .seconds(10)

  /// Four attempts within ten seconds.
  public init() {}

  /// What to do after a failed attempt.
  public enum Step: Hashable, Sendable {
    /// Report the failure.
    case giveUp
    /// Send again after a wait; with `failOver`, to the next NameNode.
    case again(after: Duration, failOver: Bool)
  }

  /// Decides after attempt number `attempt` (from 1) failed.
  ///
  /// - Parameters:
  ///   - failure: How it failed.
  ///   - isReplaySafe: Whether the operation may be repeated after it may have been carried out.
  ///   - nameNodes: How many NameNodes there are. The first round through them is taken without waiting.
  ///   - elapsed: The time since the first attempt began.
  ///   - chance: A random number in 0..<1 that spreads the waits of many clients.
  public func step(
    after failure: WebHDFSError, attempt: Int, isReplaySafe: Bool, nameNodes: Int, elapsed: Duration, chance: Double
  ) -> Step {
    guard failure.kind.isTransient, isReplaySafe || failure.kind.wasNotCarriedOut else { return .giveUp }
    let rounds = max(nameNodes, 1)
    guard attempt < attempts * rounds else { return .giveUp }
    let failOver = rounds > 1 && failure.kind.pointsToAnotherNameNode
    if failOver && attempt % rounds != 0 {
      // The first round ends when all were asked: a NameNode that hung longer than our patience hides no healthy one.
      return attempt < rounds || elapsed < patience ? .again(after: .zero, failOver: true) : .giveUp
    }
    let doublings = min((attempt - 1) / rounds, 20)
    let full = min(firstDelay * (1 << doublings), longestDelay)
    // Between half and all of it.
    let delay = full * (0.5 + 0.5 * min(max(chance, 0), 1))
    return elapsed + delay < patience ? .again(after: delay, failOver: failOver) : .giveUp
  }
}
