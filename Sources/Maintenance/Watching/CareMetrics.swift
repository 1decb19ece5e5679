public import CoreMetrics
import Synchronization

/// What a watching compaction tells of itself: metrics by swift-metrics, and whether it lives and does its work.
public final class CareMetrics: Sendable {
  /// After as long without a sign of life, while it is at work, it counts as stuck.
  static let patience = Duration.seconds(600)

  private struct State {
    var lastSign: ContinuousClock.Instant?
    var isAtWork = false
    var trouble: String?
    var hasFinished = false
  }

  private let state = Mutex(State())
  private let rounds: Counter
  private let failures: Counter
  private let partitions: Counter
  private let conflicts: Counter
  private let rows: Counter
  private let filesRead: Counter
  private let filesWritten: Counter
  private let bytesRead: Counter
  private let bytesWritten: Counter
  private let mergeable: Gauge
  private let lastSuccess: Gauge
  private let seconds: Recorder

  /// - Parameter factory: where the metrics go; by default where swift-metrics was told.
  public init(factory: any MetricsFactory = MetricsSystem.factory) {
    func counter(_ name: String) -> Counter {
      let counter = Counter(label: "vitals_compact_\(name)_total", dimensions: [], factory: factory)
      counter.increment(by: 0)
      return counter
    }
    rounds = counter("rounds")
    failures = counter("failures")
    partitions = counter("partitions")
    conflicts = counter("conflicts")
    rows = counter("rows")
    filesRead = counter("files_read")
    filesWritten = counter("files_written")
    bytesRead = counter("bytes_read")
    bytesWritten = counter("bytes_written")
    mergeable = Gauge(label: "vitals_compact_mergeable_files", factory: factory)
    lastSuccess = Gauge(label: "vitals_compact_last_success_timestamp_seconds", factory: factory)
    seconds = Recorder(label: "vitals_compact_round_seconds", dimensions: [], aggregate: true, factory: factory)
  }

  // MARK: What happens

  /// Work begins, with so many files that will be merged.
  public func begin(mergeableFiles: Int, now: ContinuousClock.Instant = .now) {
    mergeable.record(mergeableFiles)
    state.withLock { ($0.isAtWork, $0.lastSign) = (true, now) }
  }

  /// A sign of life.
  public func progress(now: ContinuousClock.Instant = .now) { state.withLock { $0.lastSign = now } }

  /// A partition was compacted.
  public func count(_ group: CompactedGroup) {
    partitions.increment()
    conflicts.increment(by: group.conflicts)
    rows.increment(by: group.rows ?? 0)
    filesRead.increment(by: group.filesBefore)
    bytesRead.increment(by: group.bytesBefore)
    filesWritten.increment(by: group.filesAfter ?? 0)
    bytesWritten.increment(by: group.bytesAfter ?? 0)
  }

  /// A round is over.
  ///
  /// - Parameters:
  ///   - trouble: why it failed, or what it left undone; `nil` where all is well.
  ///   - unixSeconds: the time of day.
  public func end(trouble: String?, time: Duration, unixSeconds: Double) {
    rounds.increment()
    seconds.record(time / .seconds(1))
    if trouble == nil { lastSuccess.record(unixSeconds) } else { failures.increment() }
    state.withLock {
      ($0.isAtWork, $0.hasFinished, $0.trouble) = (false, true, trouble)
    }
  }

  // MARK: What is asked

  /// Whether there was a sign of life lately; while it waits for its next round there need be none.
  public func isAlive(now: ContinuousClock.Instant = .now) -> Bool {
    state.withLock { state in
      !state.isAtWork || state.lastSign.map { now - $0 < Self.patience } ?? true
    }
  }

  /// What keeps the table from being cared for; `nil` when all is well.
  public func trouble() -> String? {
    state.withLock { $0.hasFinished || $0.isAtWork ? $0.trouble : "no round has begun yet" }
  }
}
