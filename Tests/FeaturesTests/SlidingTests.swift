import Testing
import Vitals

@testable import Features

@Suite("Sliding series")
struct SlidingTests {
  private let readings = Ward.readings(patients: 1, each: 80)

  /// Whatever the order in which readings come, rows are those of training.
  @Test func readingsInAnyOrderMakeTheSameRows() {
    let expected = Ward.series(readings)
    var series = PatientSeries()
    for index in [Array(40..<80), Array(0..<40).reversed(), [7, 7, 79]].joined() {
      series.take(expected[index], at: expected.times[index])
    }
    #expect(series.times == expected.times && series.states == expected.states)
    let features = WindowFeatures(windowMillis: 3_600_000)
    for index in 0..<80 {
      let (row, other) = (features.row(series, at: index), features.row(expected, at: index))
      #expect(row.map(\.bitPattern) == other.map(\.bitPattern))
    }
  }

  @Test func theLaterOfTwoReadingsOfOneMomentHolds() {
    var series = PatientSeries()
    var said = CurrentVitals()
    for rate in [Float(60), 70] {
      said[.heartRate] = rate
      series.take(said, at: 5)
    }
    series.take(said, at: .max)
    #expect(series.times == [5] && series[0][.heartRate] == 70)
  }

  @Test func whatIsKept() {
    var series = Ward.series(readings)
    let all = series
    series.keep(stride(from: 1, to: 80, by: 2).map { $0 })
    #expect(series.count == 40 && series.times[0] == all.times[1] && series.times[39] == all.times[79])
    #expect(series[39][.spo2].bitPattern == all[79][.spo2].bitPattern)
  }
}
