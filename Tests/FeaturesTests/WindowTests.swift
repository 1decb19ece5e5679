import Columnar
import Forest
import Simulator
import Testing
import Vitals

@testable import Features

/// Patients as the simulator makes them: one reading each a minute.
enum Ward {
  static func readings(patients: Int, each: Int, seed: UInt64 = 1) -> [Reading] {
    var simulator = PatientSimulator(
      patients: patients, seed: seed, startMillis: 1_767_225_600_000, intervalMillis: 60_000)
    return (0..<patients * each).map { _ in simulator.next() }
  }

  static func series(_ readings: [Reading]) -> PatientSeries {
    var series = PatientSeries()
    for reading in readings { series.append(reading) }
    return series
  }

  static func batch(_ readings: [Reading]) -> RecordBatch {
    RecordBatch([
      "patient_id": Column(strings: readings.map(\.patientID)),
      "event_time": Column(
        type: .timestamp(unit: .microseconds, isAdjustedToUTC: true),
        values: .int64(readings.map { $0.eventTimeMillis * 1_000 })),
      "heart_rate": Column(doubles: readings.map(\.heartRate)), "spo2": Column(doubles: readings.map(\.spo2)),
      "systolic_bp": Column(doubles: readings.map(\.systolicBP)),
      "diastolic_bp": Column(doubles: readings.map(\.diastolicBP)),
      "respiratory_rate": Column(doubles: readings.map(\.respiratoryRate)),
      "temperature": Column(doubles: readings.map(\.temperature)),
      "consciousness": Column(strings: readings.map { $0.consciousness?.symbol }),
      "supplemental_oxygen": Column(booleans: readings.map(\.supplementalOxygen)),
    ])
  }
}

@Suite struct WindowFeaturesTests {
  private let features = WindowFeatures(windowMillis: 3_600_000)

  @Test func aFewReadingsByHand() throws {
    var series = PatientSeries()
    for (minute, rate) in [(0, 60.0), (50, 70), (90, nil), (100, 90)] {
      var reading = Reading(patientID: "a", eventTimeMillis: Int64(minute) * 60_000)
      reading.heartRate = rate
      reading.spo2 = minute == 90 ? 95 : nil
      reading.supplementalOxygen = minute == 50 ? true : nil
      series.append(reading)
    }
    let row = features.row(series, at: 3)
    let named = Dictionary(uniqueKeysWithValues: zip(WindowFeatures.columns.map(\.name), row))
    // The first reading is older than an hour.
    #expect(named["heart_rate_last"] == 90 && named["heart_rate_mean"] == 80)
    #expect(named["heart_rate_min"] == 70 && named["heart_rate_max"] == 90 && named["heart_rate_deviation"] == 10)
    #expect(abs(try #require(named["heart_rate_slope"]) - 24) < 1e-3 && named["heart_rate_minutes_since"] == 0)
    #expect(named["spo2_last"] == 95 && named["spo2_minutes_since"] == 10)
    #expect(named["spo2_slope"]?.isNaN == true && named["spo2_deviation"]?.isNaN == true)
    #expect(named["temperature_last"]?.isNaN == true && named["not_alert"]?.isNaN == true && named["oxygen"] == 1)
    #expect(named["news2"] == 0 + 1 + 2 && named["news2_highest"] == 2 && named["news2_parameters"] == 3)
    #expect(row[WindowFeatures.scoreColumn] == named["news2"])
  }

  /// Whatever comes after a moment, its row is the same; so is it when readings from before the window are gone.
  @Test func aRowKnowsNothingOfTheFuture() {
    let readings = Ward.readings(patients: 1, each: 400)
    let (whole, early) = (Ward.series(readings), Ward.series(Array(readings[...250])))
    var other = readings
    for index in 251..<400 { (other[index].heartRate, other[index].spo2) = (200, 60) }
    let expected = features.row(early, at: 250).map(\.bitPattern)
    #expect(features.row(whole, at: 250).map(\.bitPattern) == expected)
    #expect(features.row(Ward.series(other), at: 250).map(\.bitPattern) == expected)
    let late = Ward.series(Array(readings[180...250]))
    #expect(features.row(late, at: 70).map(\.bitPattern) == expected)
  }
}

@Suite struct DeteriorationTests {
  private let plan = Deterioration(
    features: WindowFeatures(windowMillis: 3_600_000), horizonMillis: 900_000, everyMillis: 60_000)

  private func patient(_ rates: [Double?]) -> PatientSeries {
    Ward.series(
      rates.enumerated().map { minute, rate in
        var reading = Reading(patientID: "a", eventTimeMillis: Int64(minute) * 60_000)
        reading.heartRate = rate
        reading.spo2 = 97
        return reading
      })
  }

  /// A patient whose pulse turns critical after 40 minutes, stays so for 5, and is watched for 20 more.
  @Test func whatIsForetold() {
    var rates = [Double?](repeating: 70, count: 66)
    for minute in 40..<45 { rates[minute] = 140 }
    let moments = plan.moments(patient(rates))
    let targets = Dictionary(uniqueKeysWithValues: moments.map { ($0.index, $0.target) })
    for minute in 0..<25 { #expect(targets[minute] == 0, "\(minute)") }
    // Fifteen minutes ahead, the end among them.
    for minute in 25..<40 { #expect(targets[minute] == 1, "\(minute)") }
    for minute in 40..<45 { #expect(targets[minute] == nil, "in the state already: \(minute)") }
    for minute in 45...50 { #expect(targets[minute] == 0, "\(minute)") }
    for minute in 51..<66 { #expect(targets[minute] == nil, "nobody knows what came: \(minute)") }
  }

  @Test func whatWasMeasuredLastCountsOnForAnHour() {
    var rates = [Double?](repeating: nil, count: 130)
    rates[0] = 140
    let moments = plan.moments(patient(rates)).map(\.index)
    #expect(moments.first == 60)
  }

  /// The targets look ahead only: other harmless readings before a moment change none.
  @Test func targetsKnowNothingOfThePast() {
    var rates = [Double?](repeating: 70, count: 80)
    rates[50] = 140
    let before = plan.moments(patient(rates)).filter { $0.index > 30 }
    for minute in 0..<30 { rates[minute] = 110 }
    let after = plan.moments(patient(rates)).filter { $0.index > 30 }
    #expect(before.map(\.index) == after.map(\.index) && before.map(\.target) == after.map(\.target))
  }

  @Test func examplesOfAWard() throws {
    let readings = Ward.readings(patients: 12, each: 300)
    var store = ReadingStore()
    // In any order, in several batches.
    try store.append(Ward.batch(readings[1_000...].reversed()))
    try store.append(Ward.batch(Array(readings[..<1_000])))
    #expect(store.count == 3_600 && store.patientCount == 12)
    let examples = plan.examples(store)
    let rows = examples.table.features.rowCount
    #expect(rows > 1_000 && examples.times.count == rows && examples.score.count == rows)
    let groups = try #require(examples.table.groups)
    #expect(Set(groups).count == 12)
    // The same as patient by patient, without a store.
    let own = Ward.series(readings.filter { $0.patientID == readings[3_599].patientID })
    let moments = plan.moments(own)
    let place = try #require(groups.firstIndex(of: 0))
    #expect(groups.count { $0 == 0 } == moments.count)
    #expect(
      examples.table.features.row(place).map(\.bitPattern)
        == plan.features.row(own, at: moments[0].index).map(\.bitPattern))
    let few = plan.examples(store, limit: 300)
    #expect((50...400).contains(few.table.features.rowCount))
  }
}

@Suite struct ReadingStoreTests {
  private let readings = Ward.readings(patients: 3, each: 20)

  @Test func readingsComeBackInTheirOrder() throws {
    var store = ReadingStore()
    try store.append(Ward.batch(readings.reversed()))
    let patients = store.patients()
    #expect(patients.count == 3)
    for number in 0..<patients.count {
      let series = store.series(of: number, patients)
      #expect(zip(series.times, series.times.dropFirst()).allSatisfy { $0 < $1 })
      let own = Ward.series(readings.filter { $0.patientID == readings[59 - number].patientID })
      #expect(store.name(of: number) == readings[59 - number].patientID)
      #expect(series.times == own.times && series.states == own.states)
      for vital in Vital.allCases {
        #expect(series.vitals[vital.rawValue].map(\.bitPattern) == own.vitals[vital.rawValue].map(\.bitPattern))
      }
    }
  }

  @Test func whatIsNoTableOfVitals() {
    var store = ReadingStore()
    let ids = Column(strings: ["a"])
    #expect(throws: ReadingStore.Refusal.column("event_time")) { try store.append(RecordBatch(["patient_id": ids])) }
    #expect(throws: ReadingStore.Refusal.column("event_time")) {
      try store.append(RecordBatch(["patient_id": ids, "event_time": Column(integers: [1])]))
    }
    #expect(throws: ReadingStore.Refusal.column("patient_id")) {
      try store.append(RecordBatch(["event_time": Column(integers: [1])]))
    }
    var small = ReadingStore(limit: 59)
    #expect(throws: ReadingStore.Refusal.tooMany(limit: 59)) { try small.append(Ward.batch(readings)) }
  }

  /// Times at the ends of what 64 bits can say are left aside, rather than added to.
  @Test func impossibleTimesAndMissingPatients() throws {
    var store = ReadingStore()
    let times = Column(
      type: .timestamp(unit: .milliseconds, isAdjustedToUTC: true),
      values: .int64([.max, .min, 1_000, 2_000]))
    try store.append(RecordBatch(["patient_id": Column(strings: ["a", "a", nil, "a"]), "event_time": times]))
    #expect(store.count == 1 && store.incomplete == 3)
    let examples = Deterioration(features: WindowFeatures(windowMillis: .max), horizonMillis: .max).examples(store)
    #expect(examples.table.features.rowCount == 0)
  }
}
