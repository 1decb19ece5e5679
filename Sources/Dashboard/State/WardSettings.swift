internal import Features
internal import FoundationEssentials
internal import JSON

/// What a ward decides for itself, read from a JSON file:
///
///     {
///       "stale_seconds": 10, "lost_sensor_seconds": 60, "pause_seconds": 120, "reminder_seconds": 150,
///       "thresholds": {"heart_rate": {"normal": [51, 90], "warning": [41, 130]}},
///       "wards": [{"name": "ICU", "patients": ["ICU-*"], "thresholds": {…}, "stale_seconds": 30}],
///       "patients": {"P0007": {"thresholds": {…}}},
///       "notify": {"webhook": "https://…", "email": {"server": "smtp://…", "from": "…", "to": ["…"]}}
///     }
///
/// What is said of a patient goes before what is said of a ward, and that before what is said for all.
public struct WardSettings: Hashable, Sendable {
  /// What may differ from ward to ward.
  struct Rules: Hashable, Sendable {
    var thresholds: [Vital: VitalRanges] = [:]
    var staleSeconds: Double?
  }

  /// A ward: patients by the beginning of their ids.
  struct Ward: Hashable, Sendable {
    var name: String
    var patterns: [String]
    var rules: Rules

    func holds(_ id: String) -> Bool {
      patterns.contains { $0.hasSuffix("*") ? id.hasPrefix($0.dropLast()) : id == $0 }
    }
  }

  /// Where alarms are sent.
  struct Notify: Hashable, Sendable {
    var webhook: String?
    var email: Email?
  }

  /// A mail server, and between whom.
  struct Email: Hashable, Sendable {
    var server: String
    var from: String
    var to: [String]
  }

  var all = Rules()
  var wards: [Ward] = []
  var patients: [String: Rules] = [:]
  var notify = Notify()
  /// How long a sensor may be silent while others speak.
  var lostSensorSeconds: Double = 60
  /// How long a pause of alarms lasts.
  var pauseSeconds: Double = 120
  /// After how long an unanswered alarm of high priority is sent again.
  var reminderSeconds: Double = 150

  /// The ranges of the schema; stale after two flushes.
  ///
  /// - Parameter flushSeconds: how often the sink flushes.
  public init(flushSeconds: Double = 5) { all.staleSeconds = flushSeconds * 2 }

  /// The ward that a patient belongs to, by the settings; `nil` for none.
  func ward(of id: String) -> Ward? { wards.first { $0.holds(id) } }

  func ranges(_ vital: Vital, of id: String) -> VitalRanges {
    // Most installations say nothing of single patients, and each value of each reading is asked about.
    let own = patients.isEmpty ? nil : patients[id]?.thresholds[vital]
    let shared = wards.isEmpty ? nil : ward(of: id)?.rules.thresholds[vital]
    let general = all.thresholds.isEmpty ? nil : all.thresholds[vital]
    return own ?? shared ?? general ?? VitalRanges.defaults[vital.rawValue]
  }

  func staleMillis(of id: String) -> Int64 {
    let seconds = patients[id]?.staleSeconds ?? ward(of: id)?.rules.staleSeconds ?? all.staleSeconds ?? 10
    return Int64(seconds * 1_000)
  }
}
