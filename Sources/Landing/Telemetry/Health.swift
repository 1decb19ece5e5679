import Synchronization

/// Whether the process lives and whether it does its work, for `/healthz` and `/readyz`.
public final class Health: Sendable {
  private struct State {
    var lastLook: ContinuousClock.Instant?
    var modes: [PartitionMode: Int] = [:]
    var hasAssignment = false
  }

  /// After as long without a sign of life the consumer's thread counts as stuck.
  static let patience = Duration.seconds(60)

  private let state = Mutex([String: State]())

  /// Makes the health of a process whose sinks have not begun.
  public init() {}

  /// Notes a sign of life of the sink of a topic, and what its partitions do.
  func note(topic: String, modes: [PartitionMode], hasAssignment: Bool, now: ContinuousClock.Instant = .now) {
    state.withLock { all in
      all[topic] = State(
        lastLook: now, modes: Dictionary(modes.map { ($0, 1) }, uniquingKeysWith: +), hasAssignment: hasAssignment)
    }
  }

  /// Whether every sink gave a sign of life lately; a process that has only begun is alive.
  public func isAlive(now: ContinuousClock.Instant = .now) -> Bool {
    state.withLock { all in
      all.values.allSatisfy { $0.lastLook.map { now - $0 < Self.patience } ?? true }
    }
  }

  /// What keeps the process from landing in its tables, one line each; empty when all is well.
  public func troubles() -> [String] {
    state.withLock { all in
      if all.isEmpty { return ["nothing has begun yet"] }
      return all.sorted { $0.key < $1.key }.flatMap { topic, state in
        if !state.hasAssignment { return ["\(topic): no partitions are assigned"] }
        return PartitionMode.allCases.compactMap { mode in
          guard mode != .normal, let count = state.modes[mode] else { return nil }
          return "\(topic): \(count) partitions are \(mode.rawValue)"
        }
      }
    }
  }
}
