/// What a path asks for.
enum ModelRoute: Hashable, Sendable {
  case health, readiness, metrics, document, docs, models
  case model(String?)
  case predict(String?)
  case batch(String?)
  case explain(String?)
  case whatIf(String?)

  /// Finds what stands at a path; `nil` where nothing does. A query is left aside.
  init?(path: String) {
    // What is asked most is not taken apart.
    if path == "/predict" {
      self = .predict(nil)
      return
    }
    let parts = path.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: true)
    switch parts.count {
    case 1:
      switch parts[0] {
      case "health": self = .health
      case "readyz": self = .readiness
      case "metrics": self = .metrics
      case "openapi.json": self = .document
      case "docs": self = .docs
      case "models": self = .models
      default: self.init(action: parts[...], nil)
      }
    case 2 where parts[0] == "models": self = .model(String(parts[1]))
    case 3... where parts[0] == "models": self.init(action: parts[2...], String(parts[1]))
    default: self.init(action: parts[...], nil)
    }
  }

  private init?(action: ArraySlice<some StringProtocol>, _ name: String?) {
    switch action.joined(separator: "/") {
    case "model" where name == nil: self = .model(nil)
    case "predict": self = .predict(name)
    case "predict/batch": self = .batch(name)
    case "explain": self = .explain(name)
    case "explain/what-if": self = .whatIf(name)
    default: return nil
    }
  }

  /// Whether it takes a body.
  var isPost: Bool {
    switch self {
    case .predict, .batch, .explain, .whatIf: true
    default: false
    }
  }

  /// Whether anybody may ask: what tells no more than whether the server lives.
  var isOpen: Bool { self == .health || self == .readiness }

  /// How it is called in metrics and logs, where the name of a model has no place.
  var label: String {
    switch self {
    case .health: "/health"
    case .readiness: "/readyz"
    case .metrics: "/metrics"
    case .document: "/openapi.json"
    case .docs: "/docs"
    case .models: "/models"
    case .model: "/model"
    case .predict: "/predict"
    case .batch: "/predict/batch"
    case .explain: "/explain"
    case .whatIf: "/explain/what-if"
    }
  }
}
