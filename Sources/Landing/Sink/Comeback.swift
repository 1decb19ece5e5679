import Logging
import Synchronization

/// Watches, while batches go to the spool, for the table to answer again, and drains what is spooled so far beside
/// the landing of new batches; the rest is drained under the lander's hand when it returns.
final class Comeback: Sendable {
  /// How long to wait between two looks at the table.
  private static let pause = Duration.seconds(3)

  private final class Flag: Sendable {
    let isSet = Atomic(false)
  }

  private let ready = Flag()
  private let task: Task<Void, Never>

  /// Whether the table answered and took what was spooled until then.
  var isReady: Bool { ready.isSet.load(ordering: .acquiring) }

  init(drainer: SpoolDrainer, spool: SpoolPlace, status: LanderStatus, log: Logger) {
    task = Task { [ready] in
      // The sleep fails when the task is cancelled: nothing may be drained any more.
      while (try? await Task.sleep(for: Self.pause)) != nil {
        if ready.isSet.load(ordering: .acquiring) { continue }
        if await Self.drain(drainer, spool, status, log) { ready.isSet.store(true, ordering: .releasing) }
      }
    }
  }

  deinit { task.cancel() }

  /// The return did not succeed: look again.
  func retry() { ready.isSet.store(false, ordering: .releasing) }

  private static func drain(
    _ drainer: SpoolDrainer, _ spool: SpoolPlace, _ status: LanderStatus, _ log: Logger
  ) async -> Bool {
    do throws(LandingError) {
      let report = try await SpoolLock.holding(spool.directory) { () async throws(LandingError) in
        try await drainer.drain { _ in status.noteDrain(.draining) }
      }
      guard let report else { return false }
      status.noteDrain(report.stopped.isEmpty ? .draining : .spool)
      return report.stopped.isEmpty
    } catch {
      status.noteDrain(.spool)
      log.debug("the table does not answer yet", metadata: ["error": "\(error)"])
      return false
    }
  }
}
