import FoundationEssentials
import Simulator
import Vitals

/// A reading and when it is to be sent, in seconds from the start of the run.
struct ScheduledReading: Sendable {
  var reading: Reading
  var dueSeconds: Double
}

/// Where readings come from, a batch at a time.
protocol ReadingSource: Sendable {
  /// The next readings, in order; nil at the end.
  mutating func nextBatch() async throws -> [ScheduledReading]?
  /// Rows of a recording that held no vital.
  var skipped: Int { get }
}

/// The simulated ward, without end.
struct SimulatedSource: ReadingSource {
  private var ward: PatientSimulator
  private let rate: Double
  private let isBoundByClock: Bool
  private var count = 0
  let skipped = 0

  /// - Parameters:
  ///   - rate: readings a second; 0 for as fast as it goes.
  ///   - isBoundByClock: keeps event times from running ahead of the clock, which a sink would take for a wrong clock.
  init(_ ward: PatientSimulator, rate: Double, isBoundByClock: Bool) {
    (self.ward, self.rate, self.isBoundByClock) = (ward, rate, isBoundByClock)
  }

  mutating func nextBatch() -> [ScheduledReading]? {
    // No more than a second's worth, so that a slow ward is not simulated hours ahead.
    let size = rate > 0 ? max(1, min(1_024, Int(rate))) : 1_024
    let latest = isBoundByClock && rate == 0 ? Int64(Date().timeIntervalSince1970 * 1000) : Int64.max
    return (0..<size).map { _ in
      var reading = ward.next()
      reading.eventTimeMillis = min(reading.eventTimeMillis, latest)
      defer { count += 1 }
      return ScheduledReading(reading: reading, dueSeconds: rate > 0 ? Double(count) / rate : 0)
    }
  }
}
