import Columnar
import Testing

@testable import Dashboard
@testable import Features

@Suite("Ward state")
struct WardStateTests {
  @Test("the newest reading of each patient holds, whatever the order in which rows come")
  func newest() throws {
    var ward = Samples.ward()
    try ward.take([.init("a", 3, [.heartRate: 80]), .init("b", 1), .init("a", 1, [.heartRate: 60, .spo2: 97])])
    let patient = try #require(ward.patient("a"))
    #expect(ward.patients.count == 2)
    #expect(patient.readings.map(\.time) == [Samples.time(1), Samples.time(3)])
    #expect(patient.current[.heartRate] == 80)
    // What the newest reading lacks is known from the one before.
    #expect(patient.current[.spo2] == 97)
    #expect(patient.current[.temperature].isNaN)
  }

  @Test("late readings fill gaps and change nothing that is known better")
  func late() throws {
    var ward = Samples.ward()
    try ward.take([.init("a", 100, [.heartRate: 80])])
    try ward.take([.init("a", 50, [.heartRate: 120, .spo2: 91])])
    let patient = try #require(ward.patient("a"))
    #expect(patient.current[.heartRate] == 80)
    #expect(patient.current[.spo2] == 91)
    #expect(patient.newest == Samples.time(100))
  }

  /// Rows of a spool are seen there, and again when they have come home into the table.
  @Test("a reading that comes twice counts once")
  func twice() throws {
    var ward = Samples.ward()
    let rows = [Samples.Row("a", 1), .init("a", 2), .init("a", 3)]
    try ward.take(rows)
    try ward.take(rows)
    let patient = try #require(ward.patient("a"))
    #expect(patient.readings.count == 3)
    #expect(patient.minutes.count == 1)
  }

  @Test("memory is bounded however long a patient is watched")
  func bounded() throws {
    var ward = Samples.ward()
    for part in 0..<60 {
      try ward.take((0..<1_000).map { Samples.Row("a", Int64(part * 1_000 + $0) * 2) })
    }
    let patient = try #require(ward.patient("a"))
    #expect(patient.readings.count <= PatientState.readingLimit * 5 / 4)
    #expect(patient.minutes.count <= PatientState.minuteLimit + 60)
    #expect(patient.sparks.count == PatientState.sparkLimit)
    #expect(patient.newest == Samples.time(59_999 * 2))
  }

  @Test("beyond the most patients who was silent longest is let go, and it is said")
  func tooMany() throws {
    var ward = Samples.ward()
    try ward.take([.init("first", 0)])
    try ward.take((0..<WardState.patientLimit).map { Samples.Row("p\($0)", 10) })
    #expect(ward.patients.count == WardState.patientLimit)
    #expect(ward.patient("first") == nil && ward.dropped == 1)
    // Who comes again is met anew.
    try ward.take([.init("first", 20)])
    #expect(ward.patient("first") != nil)
  }

  @Test("who is silent for two flushes turns stale, and recovers")
  func stale() throws {
    var ward = Samples.ward(WardSettings(flushSeconds: 5))
    try ward.take([.init("a", 0)])
    let changed1 = ward.tick(now: Samples.time(10))
    #expect(!changed1)
    let changed2 = ward.tick(now: Samples.time(11))
    #expect(changed2)
    #expect(ward.patient("a")?.isStale == true && ward.patient("a")?.version == ward.version)
    let changed3 = ward.tick(now: Samples.time(12))
    #expect(!changed3)
    try ward.take([.init("a", 13)])
    let changed4 = ward.tick(now: Samples.time(13))
    #expect(changed4)
    #expect(ward.patient("a")?.isStale == false)
  }

  @Test("a clock that is ahead is told, and hides nobody's silence")
  func skew() throws {
    var ward = Samples.ward()
    try ward.take([Samples.batch([.init("a", 7_200)])], arrival: Samples.time(0), now: Samples.time(0))
    #expect(ward.clocksAhead == 1 && ward.patient("a")?.skew == 7_200_000)
    ward.tick(now: Samples.time(60))
    #expect(ward.patient("a")?.isStale == true)
    // It must not pass for the newest until its time has come.
    try ward.take([Samples.batch([.init("a", 61, [.heartRate: 99])])], arrival: Samples.time(61), now: Samples.time(61))
    #expect(ward.patient("a")?.current[.heartRate] == 99 && ward.clocksAhead == 0)
    #expect(ward.newestEvent == Samples.time(61))
    let old = [Samples.batch([.init("b", -86_400)])]
    try ward.take(old, arrival: Samples.time(62), now: Samples.time(62))
    #expect(ward.patient("b")?.skew == -86_462_000 && ward.newestEvent == Samples.time(61))
  }

  @Test("rows without patient or time are counted, and other columns refused")
  func refused() throws {
    var ward = Samples.ward()
    let times = Column(type: .timestamp(unit: .milliseconds, isAdjustedToUTC: true), values: .int64([1]))
    let texts = Schema([Field("patient_id", .int(bits: 64)), Field("event_time", times.type)])
    let numbers = Column(type: .int(bits: 64), values: .int64([1]))
    #expect(throws: ReadingStore.Refusal.column("patient_id")) {
      try ward.take([RecordBatch(schema: texts, columns: [numbers, times])], arrival: 0, now: 0)
    }
    #expect(ward.patients.isEmpty)
  }

  @Test("the most urgent stand first")
  func urgency() throws {
    var ward = Samples.ward()
    var fast = Samples.healthy
    fast[.heartRate] = 95
    try ward.take([.init("c", 1), .init("b", 1, Samples.shocked), .init("a", 1), .init("d", 1, fast)])
    #expect(ward.byUrgency.map(\.id) == ["b", "d", "a", "c"])
  }

  @Test("forgetting makes listeners begin anew")
  func forget() throws {
    var ward = Samples.ward()
    try ward.take([.init("a", 1)])
    let before = ward.version
    ward.forget()
    #expect(ward.patients.isEmpty && ward.version > before && ward.forgottenAt > before)
  }

  @Test("keys hide ids, stay the same, and differ from one installation to another")
  func keys() {
    let keys = PatientKeys(secret: Samples.secret)
    let key = keys.key(of: "P0001".utf8)
    #expect(key == keys.key(of: "P0001".utf8) && key != keys.key(of: "P0002".utf8))
    #expect(key != PatientKeys(secret: PatientKeys.makeSecret()).key(of: "P0001".utf8))
    #expect(key.count == 26 && key.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz234567".utf8.contains($0) })
  }

  @Test("a session is ours, until it is over")
  func sessions() {
    let keys = PatientKeys(secret: Samples.secret)
    let session = keys.session(of: "0a1b", until: 1_000)
    #expect(keys.holder(of: session, now: 999) == "0a1b")
    #expect(keys.holder(of: session, now: 1_000) == nil)
    #expect(keys.holder(of: session.replacing("1000", with: "9000"), now: 999) == nil)
    #expect(keys.holder(of: "x", now: 0) == nil)
  }
}

@Suite("Levels")
struct VitalLevelTests {
  @Test(
    "values are judged by the ranges of the schema",
    arguments: [
      (Vital.heartRate, 72, "normal", "●"), (.heartRate, 90, "normal", "●"), (.heartRate, 91, "raised", "▲"),
      (.heartRate, 131, "critical", "■▲"), (.heartRate, 45, "raised", "▼"), (.heartRate, 40, "critical", "■▼"),
      (.spo2, 100, "normal", "●"), (.spo2, 94, "raised", "▼"), (.spo2, 91, "critical", "■▼"),
      (.temperature, 38.04, "normal", "●"), (.temperature, 38.1, "raised", "▲"), (.temperature, 35, "critical", "■▼"),
      (.heartRate, .nan, "missing", "–"),
    ] as [(Vital, Float, String, String)])
  func judged(vital: Vital, value: Float, level: String, shape: String) throws {
    let judged = try #require(VitalRanges.bundled[vital]).judge(value)
    #expect(judged.level.name == level && judged.shape == shape)
  }

  @Test("every level has a shape and words of its own beside its colour")
  func shapes() {
    let all = [VitalLevel.missing, .normal, .raised, .critical].flatMap { level in
      [true, false].map { Judgement(level: level, isHigh: $0) }
    }
    #expect(Set(all.map(\.shape)).count == 6 && Set(all.map(\.words)).count == 6)
  }

  @Test("values show as people write them")
  func texts() {
    #expect(Vital.heartRate.text(71.6) == "72" && Vital.temperature.text(36.84) == "36.8")
    #expect(Vital.temperature.text(.nan) == "–" && Vital.temperature.text(-0.4) == "-0.4")
  }
}
