internal import Columnar
internal import Features

/// Everybody who is watched, as far as the table has told: a value that is fed batches and clocks, without I/O.
struct WardState: Sendable {
  /// Patients by key.
  private(set) var patients: [String: PatientState] = [:]
  private var keysByID: [String: String] = [:]
  /// Grows with every change, so that a listener asks for what is newer than what it has.
  private(set) var version = 0
  /// The version at which everybody was forgotten last.
  private(set) var forgottenAt = 0
  /// The newest event time of all, where there is any.
  private(set) var newestEvent: Int64?
  /// Rows without a patient or a time, and patients who were let go because there are too many.
  private(set) var incomplete = 0, dropped = 0
  /// Patients whose clock is ahead of ours by more than ``skewMillis``.
  private(set) var clocksAhead = 0

  /// How far back readings are kept for a model of what is to come; `nil` without one.
  private var windowMillis: Int64?
  private let keys: PatientKeys
  let settings: WardSettings

  /// How many patients are watched at most; who has been silent longest is let go.
  static let patientLimit = 5_000
  /// How far ahead of ours the clock of who measures may be before it is said.
  static let skewMillis: Int64 = 60_000

  init(keys: PatientKeys, settings: WardSettings) {
    self.keys = keys
    self.settings = settings
  }

  /// Takes rows in.
  ///
  /// - Parameters:
  ///   - arrival: when they came, in milliseconds since 1970-01-01 UTC by our clock.
  ///   - now: what our clock says.
  mutating func take(_ batches: [RecordBatch], arrival: Int64, now: Int64) throws(ReadingStore.Refusal) {
    var store = ReadingStore()
    for batch in batches { try store.append(batch) }
    guard store.count > 0 || store.incomplete > 0 else { return }
    version += 1
    incomplete += store.incomplete
    let groups = store.patients()
    var newest = Int64.min
    for number in 0..<groups.count {
      let series = store.series(of: number, groups)
      let key = key(of: store.name(of: number))
      guard let place = patients.index(forKey: key), let last = series.times.last else { continue }
      patients.values[place].take(series, arrival: arrival, now: now)
      patients.values[place].version = version
      newest = max(newest, min(last, now))
    }
    if newest > .min { newestEvent = max(newestEvent ?? .min, newest) }
    clocksAhead = patients.values.count { $0.skew > Self.skewMillis }
    dropSilent()
  }

  /// Looks at the clock: who has been silent for too long turns stale, who speaks again does not.
  ///
  /// - Returns: Whether anybody changed.
  @discardableResult
  mutating func tick(now: Int64) -> Bool {
    let next = version + 1
    var changed = false
    for place in patients.values.indices {
      let isStale = now - patients.values[place].arrival > settings.staleMillis(of: patients.values[place].id)
      guard isStale != patients.values[place].isStale else { continue }
      patients.values[place].isStale = isStale
      patients.values[place].version = next
      changed = true
    }
    if changed { version = next }
    return changed
  }

  /// Notes a change that is nobody's.
  mutating func advance() { version += 1 }

  /// Notes a change beside the readings that shows on a patient's tile.
  mutating func touch(_ key: String) {
    version += 1
    patients[key]?.version = version
  }

  /// Keeps readings for a model that looks so far back, or no longer.
  mutating func remember(windowMillis: Int64?) {
    self.windowMillis = windowMillis
    for key in patients.keys { patients[key]?.remember(windowMillis: windowMillis) }
  }

  /// Notes what a model says of a patient.
  mutating func note(_ forecast: EarlyWarningModel.Forecast, of key: String, at time: Int64) {
    patients[key]?.note(forecast, at: time)
  }

  /// Forgets everybody, as after rows were erased; who comes again is met anew.
  mutating func forget() {
    let before = version
    let window = windowMillis
    self = WardState(keys: keys, settings: settings)
    windowMillis = window
    version = before + 1
    forgottenAt = version
  }

  private mutating func key(of id: String) -> String {
    if let known = keysByID[id] { return known }
    let key = keys.key(of: id.utf8)
    keysByID[id] = key
    var patient = PatientState(id: id, key: key)
    patient.firstVersion = version
    patient.remember(windowMillis: windowMillis)
    patients[key] = patient
    return key
  }

  private mutating func dropSilent() {
    let excess = patients.count - Self.patientLimit
    guard excess > 0 else { return }
    for patient in patients.values.sorted(by: { ($0.arrival, $0.id) < ($1.arrival, $1.id) }).prefix(excess) {
      patients[patient.key] = nil
      keysByID[patient.id] = nil
    }
    dropped += excess
  }

  /// Everybody, the most urgent first: by alarm of the vitals, score, and then by name, so that tiles stand still.
  var byUrgency: [PatientState] {
    patients.values.map { (urgency($0), $0) }
      .sorted { ($1.0, $0.1.id) < ($0.0, $1.1.id) }.map(\.1)
  }

  /// How urgent a patient is: the larger the sooner.
  func urgency(_ patient: PatientState) -> Int {
    let score = patient.score
    let critical = Vital.allCases.count { judge($0, of: patient).level == .critical }
    return min(score.score, 20) * 10 + critical * 15 + (score.highest >= 3 ? 20 : 0) + (patient.isStale ? 5 : 0)
  }

  /// Where a vital of a patient lies among the ranges that hold for the patient.
  func judge(_ vital: Vital, of patient: PatientState) -> Judgement {
    settings.ranges(vital, of: patient.id).judge(patient.current[vital])
  }
}
