import Kernels

/// A stretch of deterioration: it sets in, stays for a while, and recovers.
struct Episode {
  /// What the patient's vitals move by at full severity.
  struct Effect {
    var heartRate, spo2, systolicBP, diastolicBP, respiratoryRate, temperature: Double
  }

  var effect: Effect
  /// The height of the plateau, 0 to 1.
  var severity: Double
  /// The corners of the course, in milliseconds since 1970.
  var onset, plateau, recovery, end: Int64

  /// Sepsis, respiratory failure, bleeding, and fever.
  private static let effects = [
    Effect(heartRate: 42, spo2: -7, systolicBP: -38, diastolicBP: -18, respiratoryRate: 10, temperature: 2.1),
    Effect(heartRate: 28, spo2: -12, systolicBP: 14, diastolicBP: 6, respiratoryRate: 13, temperature: 0.5),
    Effect(heartRate: 50, spo2: -4, systolicBP: -45, diastolicBP: -22, respiratoryRate: 8, temperature: -0.4),
    Effect(heartRate: 22, spo2: -2, systolicBP: -8, diastolicBP: -4, respiratoryRate: 4, temperature: 2.4),
  ]

  /// An episode that begins at `onset`.
  init(onset: Int64, _ random: inout SplitMix64) {
    effect = Self.effects[Int(random.next() & 3)]
    severity = random.between(0.35, 1)
    self.onset = onset
    plateau = onset + random.millis(600, 2_400)
    recovery = plateau + random.millis(1_200, 7_200)
    end = recovery + random.millis(1_800, 7_200)
  }

  /// The first episode of a patient: one in five is amid it when the simulation starts.
  static func first(start: Int64, _ random: inout SplitMix64) -> Episode {
    var episode = Episode(onset: start, &random)
    let shift =
      random.unit() < 0.2
      ? -Int64(Double(episode.recovery - start) * random.unit()) : random.millis(60, 8 * 3_600)
    episode.onset += shift
    episode.plateau += shift
    episode.recovery += shift
    episode.end += shift
    return episode
  }

  /// The next one, hours after this one.
  func following(_ random: inout SplitMix64) -> Episode {
    Episode(onset: end + random.millis(2 * 3_600, 14 * 3_600), &random)
  }

  /// How far the patient is from their usual self at a time, 0 to 1.
  func level(at time: Int64) -> Double {
    if time <= onset || time >= end { return 0 }
    if time < plateau { return severity * Self.smooth(Double(time - onset) / Double(plateau - onset)) }
    if time < recovery { return severity }
    return severity * Self.smooth(Double(end - time) / Double(end - recovery))
  }

  /// From 0 to 1 with level ends.
  private static func smooth(_ part: Double) -> Double { part * part * (3 - 2 * part) }
}
