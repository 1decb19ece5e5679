import CommandSupport
import FoundationEssentials
import Landing

/// One run of `hdfs-sync`.
struct Sync: Sendable {
  /// What is brought to where.
  enum Work: Sendable {
    case spool(SpoolPlace, SpoolDrainer)
    case files(FilesPush)
  }

  let work: Work
  let isWatching: Bool
  let interval: Duration
  let isDryRun: Bool
  let isJSON: Bool

  func run() async throws {
    if isWatching { return try await watch() }
    let start = ContinuousClock.now
    var outcome = try await once()
    outcome.dryRun = isDryRun
    outcome.seconds = Outcome.seconds(.now - start)
    try report(outcome)
    if !isDryRun, outcome.remaining > 0 || !outcome.stopped.isEmpty {
      throw CommandError("\(outcome.remaining) files are left", exit: .partlyDone)
    }
  }

  /// Goes on until it is cancelled; failures are told once and tried again, less and less often.
  private func watch() async throws {
    var told = ""
    var failures = 0
    while true {
      do {
        let start = ContinuousClock.now
        var outcome = try await once()
        outcome.seconds = Outcome.seconds(.now - start)
        told = ""
        failures = 0
        if outcome.hadWork { try report(outcome) }
      } catch {
        let failure = CommandError(describing: error)
        let isTemporary = failure.exit == .unavailable || failure.exit == .partlyDone
        guard isTemporary, !(error is CancellationError) else { throw error }
        if failure.message != told { StandardError.print("hdfs-sync: \(failure.message); trying again") }
        told = failure.message
        failures += 1
      }
      try await Task.sleep(for: WatchPause.after(failures, interval: interval, chance: .random(in: 0..<1)))
    }
  }

  private func once() async throws -> Outcome {
    switch work {
    case .files(let push): try await push.run()
    case .spool(let place, let drainer): isDryRun ? try await waiting(drainer) : try await drain(place, drainer)
    }
  }

  private func waiting(_ drainer: SpoolDrainer) async throws -> Outcome {
    let waiting = try await drainer.waiting()
    var outcome = Outcome()
    outcome.remaining = waiting.files
    outcome.remainingBytes = waiting.bytes
    return outcome
  }

  private func drain(_ place: SpoolPlace, _ drainer: SpoolDrainer) async throws -> Outcome {
    // Without a folder there is no spool, and no lock to be taken in it.
    guard FileManager.default.fileExists(atPath: place.directory) else { return Outcome() }
    let bar = ProgressBar(total: StandardError.isTerminal ? try await drainer.waiting().bytes : nil)
    defer { bar.finish() }
    let report = try await SpoolLock.holding(place.directory) { () async throws(LandingError) in
      try await drainer.drain { bar.set($0.arrivedBytes) }
    }
    guard let report else {
      throw CommandError("\(place.directory): another process drains this spool; try again later", exit: .partlyDone)
    }
    var outcome = Outcome()
    outcome.files = report.files
    outcome.bytes = report.bytes
    outcome.tableFiles = report.tableFiles
    outcome.alreadyLanded = report.alreadyLanded
    outcome.remaining = report.remaining
    outcome.stopped = report.stopped
    return outcome
  }

  private func report(_ outcome: Outcome) throws {
    if isJSON {
      try StandardOutput.printJSON(outcome)
    } else {
      try StandardOutput.print(outcome.text)
    }
  }
}
