import ArgumentParser
import CommandSupport
import FoundationEssentials
import Simulator

/// How the ward is simulated, and how many readings there are.
struct WardOptions: ParsableArguments {
  @Option(help: "How many patients. (default: 10)")
  var patients: Int?

  @Option(
    help: ArgumentHelp(
      "Readings a second, all patients together; 0: as fast as it goes. (default: one a patient)",
      valueName: "per-second"))
  var rate: Double?

  @Option(
    help: ArgumentHelp(
      "Seconds from one reading of a patient to the next. (default: as the rate has it; at rate 0: 1)",
      valueName: "seconds"))
  var interval: Double?

  @Option(help: "Stop after this many readings.")
  var count: Int?

  @Option(help: "Equal seeds give equal readings.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      """
      The time of the first reading: ISO 8601, milliseconds since 1970, or 'recorded' to keep a recording's own. \
      (default: such that no reading lies ahead of the clock)
      """,
      valueName: "time"), transform: StartTime.init)
  var startTime: StartTime?

  func validate() throws {
    guard (1...1_000_000).contains(patients ?? 1) else { throw ValidationError("--patients is 1 to 1000000") }
    guard (0...1e9).contains(rate ?? 0) else { throw ValidationError("--rate is 0 or more") }
    guard (0.001...86_400).contains(interval ?? 1) else { throw ValidationError("--interval is 0.001 to 86400") }
    guard count ?? 0 >= 0 else { throw ValidationError("--count is 0 or more") }
  }

  /// The simulated patients as a source of readings.
  func source() -> any ReadingSource {
    let patients = patients ?? 10
    let rate = rate ?? Double(patients)
    let interval = (interval ?? (rate > 0 ? Double(patients) / rate : 1)) * 1000
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    var start = now
    if case .millis(let millis) = startTime {
      start = millis
    } else if rate == 0, let count {
      start = now - Int64(min(Double(count) * interval / Double(patients), 1e15))
    }
    return SimulatedSource(
      PatientSimulator(patients: patients, seed: seed, startMillis: start, intervalMillis: interval), rate: rate,
      isBoundByClock: startTime == nil)
  }
}

/// When the first reading was taken.
enum StartTime: Sendable, Equatable {
  case millis(Int64)
  case recorded

  init(_ argument: String) throws {
    if argument == "recorded" {
      self = .recorded
    } else if let millis = Int64(argument), abs(millis) < 1_000_000_000_000_000 {
      self = .millis(millis)
    } else if let millis = RecordedTimeUnit.instant(iso: argument) {
      self = .millis(millis)
    } else {
      throw ValidationError("'\(argument)' is no time: give 2026-01-31T12:00:00Z, milliseconds since 1970, or recorded")
    }
  }
}
