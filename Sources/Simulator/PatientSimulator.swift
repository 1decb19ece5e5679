public import Vitals

/// A ward of patients who behave like patients: levels of their own, a daily rhythm, noise with memory, stretches of
/// deterioration in which vitals move together, and sensors that fall off.
///
/// Patients are read in turn, each once per interval. The same arguments give the same readings, on every platform.
/// A reading costs about a quarter of a microsecond.
public struct PatientSimulator: Sendable {
  private var patients: [Patient]
  private let noise: NoiseModel
  private let startMillis: Int64
  private let intervalMillis: Double
  private var count = 0
  private var turn = 0

  /// Admits the patients.
  ///
  /// - Parameters:
  ///   - patients: how many, at least one; they are `P00001` and so on.
  ///   - startMillis: the time of the first reading, in milliseconds since 1970 UTC.
  ///   - intervalMillis: the time from one reading of a patient to that patient's next, more than 0.
  public init(patients: Int, seed: UInt64, startMillis: Int64, intervalMillis: Double) {
    precondition(patients > 0 && intervalMillis > 0, "a ward has patients, and time passes")
    self.patients = (0..<patients).map { Patient(index: $0, seed: seed, start: startMillis) }
    self.startMillis = startMillis
    self.intervalMillis = intervalMillis
    noise = NoiseModel(interval: intervalMillis / 1000)
  }

  /// The time of the next reading, in milliseconds since 1970 UTC.
  public var nextTimeMillis: Int64 {
    startMillis + Int64(Double(count) * intervalMillis / Double(patients.count))
  }

  /// The next patient's reading. At least one vital is there, and the diastolic pressure is below the systolic.
  public mutating func next() -> Reading {
    let time = nextTimeMillis
    let reading = patients[turn].read(at: time, circadian: Self.circadian(at: time), noise: noise)
    count += 1
    turn += 1
    if turn == patients.count { turn = 0 }
    return reading
  }

  /// The daily rhythm, -1 at four in the morning (UTC) and 1 at four in the afternoon: two parabolas, near a sine.
  static func circadian(at time: Int64) -> Double {
    let day: Int64 = 86_400_000
    let sinceTen = ((time - 10 * 3_600_000) % day + day) % day  // rises through 0 at ten in the morning
    let phase = Double(sinceTen) / Double(day / 2)  // 0 to 2
    return phase < 1 ? 4 * phase * (1 - phase) : -4 * (phase - 1) * (2 - phase)
  }
}
