import CommandSupport
import FoundationEssentials
import Landing

/// One run of `hdfs-sync`.
struct Sync: Sendable {
  let place: SpoolPlace
  let drainer: SpoolDrainer
  let isWatching: Bool
  let interval: Duration
  let isDryRun: Bool
  let isJSON: Bool

  func run() async throws {
    if isDryRun {
      let waiting = try await drainer.waiting()
      return try report(Outcome(files: 0, bytes: 0, alreadyLanded: 0, remaining: waiting.files, stopped: []))
    }
    guard isWatching else {
      let outcome = try await drainOnce()
      try report(outcome)
      if outcome.remaining > 0 || !outcome.stopped.isEmpty {
        throw CommandError("\(outcome.remaining) files are left in the spool", exit: .partlyDone)
      }
      return
    }
    try await watch()
  }

  /// Drains again and again until it is cancelled; failures are told once and tried again.
  private func watch() async throws {
    var told = ""
    while true {
      do {
        let outcome = try await drainOnce()
        told = ""
        if outcome.files > 0 || outcome.alreadyLanded > 0 || !outcome.stopped.isEmpty { try report(outcome) }
      } catch let error as LandingError where error.isRetriable {
        if error.message != told { StandardError.print("hdfs-sync: \(error.message); trying again") }
        told = error.message
      }
      try await Task.sleep(for: interval)
    }
  }

  private func drainOnce() async throws -> Outcome {
    // Without a folder there is no spool, and no lock to be taken in it.
    guard FileManager.default.fileExists(atPath: place.directory) else {
      return Outcome(files: 0, bytes: 0, alreadyLanded: 0, remaining: 0, stopped: [])
    }
    let report = try await SpoolLock.holding(place.directory) { () async throws(LandingError) in
      try await drainer.drain { Progress.show($0) }
    }
    guard let report else {
      throw CommandError("\(place.directory): another process drains this spool; try again later", exit: .partlyDone)
    }
    return Outcome(
      files: report.files, bytes: report.bytes, alreadyLanded: report.alreadyLanded, remaining: report.remaining,
      stopped: report.stopped)
  }

  private func report(_ outcome: Outcome) throws {
    if isJSON {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      try StandardOutput.write(Array(try encoder.encode(outcome)) + [UInt8(ascii: "\n")])
    } else {
      try StandardOutput.write(Array((outcome.text + "\n").utf8))
    }
  }
}

/// The report of a run, as `--json` prints it.
struct Outcome: Sendable, Encodable {
  /// Files brought home.
  var files: Int
  /// Their bytes.
  var bytes: Int64
  /// Files whose rows the table already had.
  var alreadyLanded: Int
  /// Files left in the spool.
  var remaining: Int
  /// Why partitions were left alone.
  var stopped: [String]

  var text: String {
    if files == 0, alreadyLanded == 0, remaining == 0, stopped.isEmpty { return "nothing to do: the spool is empty" }
    var parts = ["brought home \(files) files (\(bytes) bytes)"]
    if alreadyLanded > 0 { parts.append("\(alreadyLanded) had landed before") }
    if remaining > 0 { parts.append("\(remaining) wait in the spool") }
    return (parts + stopped).joined(separator: "; ")
  }
}

/// One line on a terminal that tells how far a drain has come; nothing elsewhere.
enum Progress {
  static func show(_ report: DrainReport) {
    guard StandardError.isTerminal else { return }
    StandardError.write(Array("\r\u{1B}[Kbrought home \(report.files) files, \(report.bytes / 1_000_000) MB".utf8))
  }
}
