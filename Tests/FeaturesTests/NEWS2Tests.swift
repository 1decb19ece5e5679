import Features
import Testing

@Suite struct NEWS2Tests {
  private func score(_ vital: Vital, _ value: Float) -> Int {
    var vitals = CurrentVitals()
    vitals[vital] = value
    return NEWS2(vitals).score
  }

  /// The chart of the Royal College of Physicians, at both ends of each box.
  @Test(
    arguments: [
      (Vital.respiratoryRate, [(8, 3), (9, 1), (11, 1), (12, 0), (20, 0), (21, 2), (24, 2), (25, 3), (60, 3)]),
      (.spo2, [(70, 3), (91, 3), (92, 2), (93, 2), (94, 1), (95, 1), (96, 0), (100, 0)]),
      (.systolicBP, [(90, 3), (91, 2), (100, 2), (101, 1), (110, 1), (111, 0), (219, 0), (220, 3)]),
      (.heartRate, [(40, 3), (41, 1), (50, 1), (51, 0), (90, 0), (91, 1), (110, 1), (111, 2), (130, 2), (131, 3)]),
      (
        .temperature,
        [(35.0, 3), (35.1, 1), (36.0, 1), (36.1, 0), (38.0, 0), (38.1, 1), (39.0, 1), (39.1, 2), (42, 2)]
      ),
      (.diastolicBP, [(20, 0), (140, 0)]),
    ] as [(Vital, [(Float, Int)])])
  func theChart(vital: Vital, cases: [(Float, Int)]) {
    for (value, points) in cases { #expect(score(vital, value) == points, "\(vital) \(value)") }
  }

  @Test func missingParametersAreNotMadeUp() {
    var vitals = CurrentVitals()
    #expect(NEWS2(vitals).score == 0 && NEWS2(vitals).parameters == 0 && !vitals.isDeteriorated)
    vitals[.heartRate] = 131
    vitals.isAlert = false
    vitals.hasOxygen = true
    let score = NEWS2(vitals)
    #expect(score.score == 8 && score.highest == 3 && score.parameters == 3)
    #expect(vitals.isDeteriorated)
  }

  @Test func aCriticalVitalIsEnough() {
    var vitals = CurrentVitals()
    vitals[.spo2] = 91
    #expect(NEWS2(vitals).score == 3 && vitals.isCritical && vitals.isDeteriorated)
    vitals[.spo2] = 92
    #expect(!vitals.isCritical && !vitals.isDeteriorated)
  }
}
