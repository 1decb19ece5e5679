internal import Features

/// All alarms: what patients are like goes in, what calls for somebody comes out. A value without a clock of its own.
struct AlarmBoard: Sendable {
  /// By whom and until when alarms are quiet.
  struct Pause: Hashable, Sendable {
    var until: Int64
    /// A new alarm above this priority ends the pause.
    var priority: AlarmPriority
  }

  private struct Place: Hashable {
    var patient: String
    var kind: AlarmKind
  }

  private var active: [Place: Alarm] = [:]
  /// What is over, the newest last; bounded.
  private(set) var history: [Alarm] = []
  private(set) var pause: Pause?
  private var nextNumber = 1
  /// Grows with every change that is to be kept on disk.
  private(set) var revision = 0
  private var seen = 0

  static let historyLimit = 500

  /// What holds of a patient: what each of its alarms would be about.
  static func conditions(_ patient: PatientState, _ ward: WardState) -> [AlarmKind: (AlarmPriority, String)] {
    var found: [AlarmKind: (AlarmPriority, String)] = [:]
    // Of who is silent nothing is known but that.
    if patient.isStale { return [.stale: (.low, "")] }
    let lost = patient.lostSensors(after: Int64(ward.settings.lostSensorSeconds * 1_000))
    for vital in lost { found[.lostSensor(vital)] = (.low, "") }
    for vital in Vital.allCases {
      let judged = ward.judge(vital, of: patient)
      guard judged.level == .critical else { continue }
      let value = "\(vital.text(patient.current[vital])) \(vital.shownUnit)"
      found[.vital(vital, isHigh: judged.isHigh)] = (.high, value)
    }
    let score = patient.score
    if score.score >= NEWS2.urgent {
      let priority: AlarmPriority = score.score >= NEWS2.emergency ? .high : .medium
      found[.score] = (priority, "\(score.score)\(score.parameters < 7 ? ", partial" : "")")
    }
    return found
  }

  /// Takes in how the patients are who changed since the last time.
  ///
  /// - Returns: Whether any alarm changed.
  @discardableResult
  mutating func update(_ ward: WardState, now: Int64) -> Bool {
    let before = revision
    let known = Dictionary(grouping: active.keys, by: \.patient)
    for patient in ward.patients.values where patient.version > seen {
      let found = Self.conditions(patient, ward)
      for (kind, (priority, value)) in found {
        hold(Place(patient: patient.key, kind: kind), priority, value, now: now)
      }
      for place in known[patient.key] ?? [] where found[place.kind] == nil {
        // A patient who is silent is not known to be well: what was so before stays.
        if patient.isStale, !place.kind.isTechnical { continue }
        end(place, now: now)
      }
    }
    seen = max(seen, ward.version)
    if let pause, pause.until <= now { self.pause = nil }
    return revision != before
  }

  private mutating func hold(_ place: Place, _ priority: AlarmPriority, _ value: String, now: Int64) {
    guard var alarm = active[place] else {
      active[place] = Alarm(
        number: nextNumber, patient: place.patient, kind: place.kind, priority: priority, value: value, since: now)
      nextNumber += 1
      announce(priority)
      return
    }
    let known = alarm
    alarm.value = value
    alarm.ended = nil
    if priority > alarm.priority {
      // What got worse is to be seen anew.
      (alarm.priority, alarm.acknowledged, alarm.by, alarm.sent) = (priority, nil, nil, nil)
      announce(priority)
    } else if priority < alarm.priority, alarm.acknowledged != nil {
      alarm.priority = priority
    }
    active[place] = alarm
    if alarm != known { revision += 1 }
  }

  private mutating func announce(_ priority: AlarmPriority) {
    revision += 1
    if let pause, priority > pause.priority { self.pause = nil }
  }

  private mutating func end(_ place: Place, now: Int64) {
    guard var alarm = active[place] else { return }
    // High priority latches: somebody must have seen it.
    if alarm.priority == .high, alarm.isOpen {
      guard alarm.ended == nil else { return }
      alarm.ended = now
      active[place] = alarm
    } else {
      alarm.ended = alarm.ended ?? now
      retire(place, alarm)
    }
    revision += 1
  }

  private mutating func retire(_ place: Place, _ alarm: Alarm) {
    active[place] = nil
    history.append(alarm)
    if history.count > Self.historyLimit { history.removeFirst(history.count - Self.historyLimit) }
  }

  /// Somebody has seen an alarm.
  ///
  /// - Returns: Whether there is such an alarm that nobody had seen.
  @discardableResult
  mutating func acknowledge(_ number: Int, by who: String, now: Int64) -> Bool {
    guard let (place, found) = active.first(where: { $0.value.number == number }), found.isOpen else { return false }
    var alarm = found
    (alarm.acknowledged, alarm.by) = (now, who)
    revision += 1
    if alarm.ended == nil { active[place] = alarm } else { retire(place, alarm) }
    return true
  }

  /// Makes alarms quiet for a time; one of higher priority than all that are open now breaks through.
  mutating func pause(until: Int64) {
    let highest = active.values.filter(\.isOpen).map(\.priority).max() ?? .low
    pause = Pause(until: until, priority: highest)
    revision += 1
  }

  /// Ends a pause before its time.
  mutating func endPause() {
    pause = nil
    revision += 1
  }

  /// Everybody was forgotten: alarms stay until the patients are known again.
  mutating func startOver() { seen = 0 }

  /// All that is not over, the most urgent first, then the newest.
  var list: [Alarm] {
    active.values.sorted { left, right in
      let (open, other) = (left.isOpen ? 1 : 0, right.isOpen ? 1 : 0)
      return (open, left.priority.rawValue, left.since, left.number)
        > (other, right.priority.rawValue, right.since, right.number)
    }
  }

  /// How many nobody has acknowledged.
  var openCount: Int { active.values.count(where: \.isOpen) }

  /// The most urgent open alarm of a patient.
  func highest(of patient: String) -> AlarmPriority? {
    active.values.filter { $0.patient == patient && $0.isOpen }.map(\.priority).max()
  }

  /// The most urgent open alarm of each patient who has one.
  var highest: [String: AlarmPriority] {
    active.values.filter(\.isOpen).reduce(into: [:]) { $0[$1.patient] = max($0[$1.patient] ?? .low, $1.priority) }
  }

  /// The alarms that are to be sent now: each once, those of high priority again while nobody answers; noted as sent.
  mutating func due(now: Int64, reminderMillis: Int64) -> [Alarm] {
    if pause != nil { return [] }
    var due: [Alarm] = []
    for (place, alarm) in active where alarm.isOpen && !alarm.kind.isTechnical && alarm.ended == nil {
      let isDue = alarm.sent.map { alarm.priority == .high && now - $0 >= reminderMillis } ?? true
      guard isDue else { continue }
      active[place]?.sent = now
      due.append(alarm)
    }
    return due.sorted { ($1.priority, $0.number) < ($0.priority, $1.number) }
  }

  /// Takes over what was kept from an earlier run.
  mutating func restore(_ alarms: [Alarm], history: [Alarm]) {
    for alarm in alarms { active[Place(patient: alarm.patient, kind: alarm.kind)] = alarm }
    self.history = history.suffix(Self.historyLimit)
    nextNumber = ((alarms + history).map(\.number).max() ?? 0) + 1
  }
}

extension NEWS2 {
  /// The score from which an urgent review is due.
  static let urgent = 5
}
