import CommandSupport
import Dispatch
import Kafka
import Simulator
import Synchronization
import Vitals

/// One run: readings from a source, sent when they are due, and every report awaited.
struct Production {
  var source: any ReadingSource
  let outlet: any Outlet
  let writer: MessageWriter
  let count: Int?

  /// How long messages on their way are awaited after a signal.
  private static let drainSeconds = 10.0

  /// Runs to the end of the source or the count, or until the task is cancelled; says on standard error how it went.
  ///
  /// - Throws: where a message was not delivered.
  func run() async throws {
    let start = ContinuousClock.now
    let sender = Sender(outlet: outlet, writer: writer)
    let skipped = try await withShutdownSignals { [source, count] in
      var source = source
      var left = count ?? Int.max
      while left > 0, !Task.isCancelled, !sender.hasFailed, let batch = try await source.nextBatch() {
        let part = batch.count > left ? Array(batch.prefix(left)) : batch
        left -= part.count
        try await sender.send(part)
      }
      try await sender.drain(seconds: Self.drainSeconds)
      return source.skipped
    }
    try report(sender, skipped: skipped, seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private func report(_ sender: Sender, skipped: Int, seconds: Double) throws {
    let counts = outlet.counts
    let sent = sender.sent
    let rate = Int(Double(sent) / max(seconds, 1e-6))
    let passedOver = skipped == 0 ? "" : ", skipped \(skipped) rows without a vital"
    StandardError.print(
      "vitals-producer: sent \(sent), delivered \(counts.delivered), failed \(sent - counts.delivered)\(passedOver), "
        + "\((seconds * 1000).rounded() / 1000) s, \(rate) records/s")
    guard counts.delivered < sent else { return }
    let words = "\(sent - counts.delivered) of \(sent) messages were not delivered"
    guard let cause = outlet.firstFailure else { throw CommandError(words, exit: .unavailable) }
    throw CommandError("\(words): \(cause)", exit: CommandError(cause).exit)
  }
}

/// Sends batches on a thread of its own, since sending and waiting block.
private final class Sender: Sendable {
  private let outlet: any Outlet
  private let queue = DispatchQueue(label: "vitals-producer.sender")
  private let writer: MessageWriter
  private let start = ContinuousClock.now
  private let count = Atomic(0)
  private let mustStop = Atomic(false)

  init(outlet: any Outlet, writer: MessageWriter) { (self.outlet, self.writer) = (outlet, writer) }

  /// Messages taken by the outlet.
  var sent: Int { count.load(ordering: .acquiring) }

  /// Whether a message was given up, after which the run cannot succeed.
  var hasFailed: Bool { outlet.counts.failed > 0 }

  /// Sends each reading when it is due; returns early, without an error, when the task is cancelled or a message
  /// failed.
  func send(_ batch: [ScheduledReading]) async throws {
    try await onQueue { [self] in
      var (key, value) = ([UInt8](), [UInt8]())
      for scheduled in batch {
        guard try waitUntil(scheduled.dueSeconds) else { return }
        key.removeAll(keepingCapacity: true)
        key.append(contentsOf: scheduled.reading.patientID.utf8)
        value.removeAll(keepingCapacity: true)
        writer.append(scheduled.reading, to: &value)
        while try !outlet.trySend(key: key, value: value) {
          try outlet.wait(seconds: 0.05)
          if mustStop.load(ordering: .relaxed) || hasFailed { return }
        }
        count.add(1, ordering: .relaxed)
      }
    }
  }

  /// Waits for the reports of everything sent; after a signal for no longer than `seconds`.
  func drain(seconds: Double) async throws {
    try await onQueue { [self] in
      var rest = seconds
      while try !outlet.finish(seconds: 0.2) {
        guard mustStop.load(ordering: .relaxed) || hasFailed else { continue }
        rest -= 0.2
        guard rest <= 0 else { continue }
        outlet.abandon()
        return
      }
    }
  }

  /// Whether the time has come; false where the run is to end before it.
  private func waitUntil(_ dueSeconds: Double) throws -> Bool {
    while true {
      if mustStop.load(ordering: .relaxed) { return false }
      guard dueSeconds > 0 else { return true }
      let early = dueSeconds - (ContinuousClock.now - start) / .seconds(1)
      // Within half a millisecond counts as due, so that a fast rate is not slept through message by message.
      if early < 0.0005 { return true }
      if hasFailed { return false }
      try outlet.wait(seconds: min(early, 0.1))
    }
  }

  private func onQueue(_ work: @escaping @Sendable () throws -> Void) async throws {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        queue.async { continuation.resume(with: Result(catching: work)) }
      }
    } onCancel: {
      mustStop.store(true, ordering: .relaxed)
    }
  }
}
