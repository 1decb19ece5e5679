/// What a path asks for.
enum DashboardRoute: Hashable, Sendable {
  case ward, alarms, alarmPart, risk, login, events
  case patient(String), patientPart(String), readings(String)
  case acknowledge, pause, resume, testAlarm, logout
  case explain, whatIf
  case asset(String)
  case health, readiness, metrics

  init?(path: some StringProtocol) {
    let parts = path.split(separator: "/").map { String($0) }
    switch parts {
    case []: self = .ward
    case ["alarms"]: self = .alarms
    case ["alarms", "part"]: self = .alarmPart
    case ["alarms", "acknowledge"]: self = .acknowledge
    case ["alarms", "pause"]: self = .pause
    case ["alarms", "resume"]: self = .resume
    case ["alarms", "test"]: self = .testAlarm
    case ["risk"]: self = .risk
    case ["risk", "explain"]: self = .explain
    case ["risk", "what-if"]: self = .whatIf
    case ["login"]: self = .login
    case ["logout"]: self = .logout
    case ["events"]: self = .events
    case ["healthz"]: self = .health
    case ["readyz"]: self = .readiness
    case ["metrics"]: self = .metrics
    default:
      switch (parts.first, parts.count) {
      case ("patients", 2): self = .patient(parts[1])
      case ("patients", 3) where parts[2] == "part": self = .patientPart(parts[1])
      case ("patients", 3) where parts[2] == "readings.csv": self = .readings(parts[1])
      case ("assets", 2): self = .asset(parts[1])
      default: return nil
      }
    }
  }

  /// Whether it takes POST.
  var isPost: Bool {
    switch self {
    case .acknowledge, .pause, .resume, .testAlarm, .logout, .explain, .whatIf: true
    default: false
    }
  }

  /// Whether anybody may ask: what tells nothing of patients.
  var isOpen: Bool {
    switch self {
    case .login, .asset, .health, .readiness: true
    default: false
    }
  }

  /// How it is called in metrics, where no key has a place.
  var label: String {
    switch self {
    case .ward: "/"
    case .alarms: "/alarms"
    case .alarmPart: "/alarms/part"
    case .acknowledge: "/alarms/acknowledge"
    case .pause: "/alarms/pause"
    case .resume: "/alarms/resume"
    case .testAlarm: "/alarms/test"
    case .risk: "/risk"
    case .explain: "/risk/explain"
    case .whatIf: "/risk/what-if"
    case .login: "/login"
    case .logout: "/logout"
    case .events: "/events"
    case .patient: "/patients"
    case .patientPart: "/patients/part"
    case .readings: "/patients/readings.csv"
    case .asset: "/assets"
    case .health: "/healthz"
    case .readiness: "/readyz"
    case .metrics: "/metrics"
    }
  }

  /// The patient whose readings the answer shows, for the log of who looked at whom.
  var viewed: (key: String, view: String)? {
    switch self {
    case .patient(let key): (key, "page")
    case .readings(let key): (key, "csv")
    default: nil
    }
  }
}
