import Kernels
import Testing
import Vitals

@testable import Simulator

@Suite struct PatientSimulatorTests {
  private static let start: Int64 = 1_760_000_000_000

  private func ward(_ patients: Int = 20, seed: UInt64 = 1, interval: Double = 60_000) -> PatientSimulator {
    PatientSimulator(patients: patients, seed: seed, startMillis: Self.start, intervalMillis: interval)
  }

  private func lines(_ count: Int, of ward: PatientSimulator) -> [UInt8] {
    var (ward, out) = (ward, [UInt8]())
    let json = ReadingJSON()
    for _ in 0..<count {
      json.append(ward.next(), to: &out)
      out.append(0x0a)
    }
    return out
  }

  /// The promise that a seed means the same bytes for ever: a change here changes everybody's test data.
  @Test func aSeedGivesTheSameBytesForEver() {
    let text = lines(10_000, of: ward(7, seed: 42, interval: 5_000))
    let first = String(decoding: text.prefix { $0 != 0x0a }, as: UTF8.self)
    #expect(
      first == """
        {"patient_id":"P00001","event_time":1760000000000,"heart_rate":76.1,"spo2":96.8,"systolic_bp":109.8,\
        "diastolic_bp":61.3,"respiratory_rate":14.6,"temperature":36.5,"consciousness":"A",\
        "supplemental_oxygen":false,"device_id":"MON-00001"}
        """)
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    #expect(String(hash, radix: 16) == "71dffaf18cf9c2a")
    #expect(text.count == 1_437_076)
  }

  @Test func seedsAndPatientsDiffer() {
    #expect(lines(100, of: ward(seed: 1)) != lines(100, of: ward(seed: 2)))
    var ward = ward(1_000)
    let firsts = (0..<1_000).map { _ in ward.next() }
    #expect(Set(firsts.map(\.patientID)).count == 1_000)
    #expect(Set(firsts.compactMap(\.heartRate)).count > 150)
    #expect(firsts[0].patientID == "P00001" && firsts[999].patientID == "P01000")
  }

  @Test func aPatientDoesNotDependOnTheSizeOfTheWard() {
    var (small, large) = (ward(2), ward(50))
    let first = small.next()
    #expect(large.next() == first)
  }

  @Test func everyReadingKeepsTheRanges() {
    var ward = ward(50)
    for _ in 0..<200_000 {
      let reading = ward.next()
      #expect(reading.hasVital)
      for (value, range) in [
        (reading.heartRate, 50...140), (reading.spo2, 85...100), (reading.systolicBP, 90...180),
        (reading.diastolicBP, 60...110), (reading.respiratoryRate, 10...30), (reading.temperature, 35...41),
      ] as [(Double?, ClosedRange<Double>)] {
        guard let value else { continue }
        if !range.contains(value) || (value * 10).rounded() / 10 != value {
          Issue.record("\(value) is not in \(range)")
        }
      }
      #expect((reading.systolicBP == nil) == (reading.diastolicBP == nil))
      if let systolic = reading.systolicBP, let diastolic = reading.diastolicBP { #expect(diastolic < systolic) }
    }
  }

  @Test func timesAdvanceAndAreSharedOut() {
    var ward = ward(4, interval: 1_000)
    let times = (0..<9).map { _ in ward.next().eventTimeMillis - Self.start }
    #expect(times == [0, 250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000])
  }

  @Test func eachVitalHasAnAvailabilityOfItsOwn() {
    var ward = ward(200)
    var present = [0, 0, 0, 0]
    let count = 200 * 24 * 60
    for _ in 0..<count {
      let reading = ward.next()
      if reading.heartRate != nil { present[0] += 1 }
      if reading.spo2 != nil { present[1] += 1 }
      if reading.systolicBP != nil { present[2] += 1 }
      if reading.temperature != nil { present[3] += 1 }
    }
    let shares = present.map { Double($0) / Double(count) }
    #expect(shares[0] > 0.98 && shares[0] < 1)
    #expect(shares[1] > 0.95 && shares[1] < 0.995)
    #expect(shares[2] > 0.2 && shares[2] < 0.5)
    #expect(shares[3] > 0.1 && shares[3] < 0.3)
  }

  @Test func theDailyRhythmIsLowestAtFourInTheMorning() {
    let hour: Int64 = 3_600_000
    #expect(PatientSimulator.circadian(at: 4 * hour) == -1)
    #expect(PatientSimulator.circadian(at: 16 * hour) == 1)
    #expect(PatientSimulator.circadian(at: 10 * hour) == 0)
    #expect(PatientSimulator.circadian(at: -20 * hour) == -1)  // before 1970
  }

  @Test func vitalsMoveTogetherInAnEpisode() {
    var random = SplitMix64(seed: 3)
    let episode = Episode(onset: 0, &random)
    #expect(episode.level(at: 0) == 0)
    #expect(episode.level(at: episode.plateau) == episode.severity)
    #expect(episode.level(at: episode.end) == 0)
    let rising = (0...10).map { episode.level(at: episode.plateau * $0 / 10) }
    #expect(rising == rising.sorted())
    // Over days, a fast heart goes with little oxygen and fast breathing.
    var ward = ward(50)
    var (ill, well) = (Average(), Average())
    for _ in 0..<500_000 {
      let reading = ward.next()
      guard let rate = reading.heartRate, let spo2 = reading.spo2, let breaths = reading.respiratoryRate else {
        continue
      }
      if rate > 115 { ill.add(spo2, breaths) } else if rate < 90 { well.add(spo2, breaths) }
    }
    #expect(ill.count > 1_000 && well.count > 100_000)
    #expect(ill.spo2 < well.spo2 - 1.5)
    #expect(ill.breaths > well.breaths + 4)
  }

  @Test func noiseHasMemory() {
    var random = SplitMix64(seed: 9)
    let noise = Noise(deviation: 3, memory: 60, interval: 5)
    var (value, sum, product) = (0.0, 0.0, 0.0)
    for _ in 0..<200_000 {
      let before = value
      noise.advance(&value, &random)
      sum += value * value
      product += before * value
    }
    #expect(abs((sum / 200_000).squareRoot() - 3) < 0.15)
    #expect(abs(product / sum - 60.0 / 65) < 0.02)
  }

  private struct Average {
    var count = 0.0
    var sums = (spo2: 0.0, breaths: 0.0)
    var spo2: Double { sums.spo2 / count }
    var breaths: Double { sums.breaths / count }
    mutating func add(_ spo2: Double, _ breaths: Double) {
      count += 1
      sums.spo2 += spo2
      sums.breaths += breaths
    }
  }
}
