internal import Features

/// How urgent an alarm is (IEC 60601-1-8).
enum AlarmPriority: Int, Comparable, Sendable {
  case low = 1, medium, high

  static func < (left: AlarmPriority, right: AlarmPriority) -> Bool { left.rawValue < right.rawValue }

  var name: String {
    switch self {
    case .low: "low"
    case .medium: "medium"
    case .high: "high"
    }
  }

  /// The second code beside the colour: more marks, more urgent.
  var marks: String { String(repeating: "!", count: rawValue) }
}

/// What an alarm is about.
enum AlarmKind: Hashable, Sendable {
  /// A vital is critically high or low.
  case vital(Vital, isHigh: Bool)
  /// The early-warning score is 5 or more.
  case score
  /// Technical: nothing comes of the patient any more.
  case stale
  /// Technical: a sensor fell off, or broke.
  case lostSensor(Vital)

  /// Whether it is about the measuring rather than the patient.
  var isTechnical: Bool {
    switch self {
    case .stale, .lostSensor: true
    case .vital, .score: false
    }
  }

  /// In words; the score has its number beside it.
  var words: String {
    switch self {
    case .vital(let vital, let isHigh): "\(vital.title) critically \(isHigh ? "high" : "low")"
    case .score: "NEWS2"
    case .stale: "No readings"
    case .lostSensor(let vital): "\(vital.title): no signal"
    }
  }

  /// How it is written in the state file.
  var code: String {
    switch self {
    case .vital(let vital, let isHigh): "vital.\(vital.column).\(isHigh ? "high" : "low")"
    case .score: "score"
    case .stale: "stale"
    case .lostSensor(let vital): "lost.\(vital.column)"
    }
  }

  init?(code: String) {
    let parts = code.split(separator: ".").map(String.init)
    let vital = parts.count > 1 ? Vital.allCases.first { $0.column == parts[1] } : nil
    switch (parts.first, vital) {
    case ("score", _): self = .score
    case ("stale", _): self = .stale
    case ("lost", let vital?): self = .lostSensor(vital)
    case ("vital", let vital?) where parts.count == 3: self = .vital(vital, isHigh: parts[2] == "high")
    default: return nil
    }
  }
}

/// One alarm, from its beginning to its end.
struct Alarm: Hashable, Sendable {
  /// Its number, which grows from alarm to alarm and names it in forms.
  var number: Int
  /// The patient's key.
  var patient: String
  var kind: AlarmKind
  var priority: AlarmPriority
  /// The value or score that it is about, for people; empty where there is none.
  var value = ""
  /// Milliseconds since 1970-01-01 UTC, as all times here.
  var since: Int64
  var acknowledged: Int64?
  /// Who acknowledged it.
  var by: String?
  /// When its cause went away, while it is held for somebody to see.
  var ended: Int64?
  /// When it was sent last.
  var sent: Int64?

  /// Whether somebody must still answer it.
  var isOpen: Bool { acknowledged == nil }

  /// Its state in words.
  var state: String {
    if acknowledged != nil { return "acknowledged" }
    return ended == nil ? "active" : "over, not acknowledged"
  }
}
