internal import Features
internal import Vitals

/// Where a value lies among the ranges that hold for a patient.
///
/// Each level has a colour, and a shape and a word beside it, since colour alone reaches not everybody.
enum VitalLevel: Int, Comparable, Sendable {
  case missing, normal, raised, critical

  static func < (left: VitalLevel, right: VitalLevel) -> Bool { left.rawValue < right.rawValue }

  /// The class of its colour in the style sheet.
  var name: String {
    switch self {
    case .missing: "missing"
    case .normal: "normal"
    case .raised: "raised"
    case .critical: "critical"
    }
  }
}

/// A judged value: how far it is from normal, and on which side.
struct Judgement: Hashable, Sendable {
  var level: VitalLevel
  /// Whether the value is too high rather than too low; means nothing for normal and missing ones.
  var isHigh = false

  /// A shape that says the level without colour: a circle, a triangle towards the side, a filled square with it.
  var shape: String {
    switch level {
    case .missing: "–"
    case .normal: "●"
    case .raised: isHigh ? "▲" : "▼"
    case .critical: isHigh ? "■▲" : "■▼"
    }
  }

  /// The level in words, for those who listen.
  var words: String {
    switch level {
    case .missing: "not measured"
    case .normal: "normal"
    case .raised: isHigh ? "high" : "low"
    case .critical: isHigh ? "critically high" : "critically low"
    }
  }
}

/// The ranges of one vital.
struct VitalRanges: Hashable, Sendable {
  /// Values that need no look.
  var normal: ClosedRange<Double>
  /// Values that are not critical; holds the normal ones.
  var warning: ClosedRange<Double>

  /// The ranges of the schema that the product ships with.
  static let bundled: [Vital: VitalRanges] = Dictionary(
    uniqueKeysWithValues: Vital.allCases.compactMap { vital in
      guard let field = vital.field, let normal = field.normal, let warning = field.warning else { return nil }
      return (vital, VitalRanges(normal: normal, warning: warning))
    })

  /// The same in the order of the cases; a vital without ranges is never out of them.
  static let defaults: [VitalRanges] = Vital.allCases.map {
    bundled[$0]
      ?? VitalRanges(normal: -.greatestFiniteMagnitude...(.greatestFiniteMagnitude), warning: -1e308...1e308)
  }

  /// Judges a value; NaN is missing.
  func judge(_ value: Float) -> Judgement {
    if value.isNaN { return Judgement(level: .missing) }
    // As it is shown: a value that reads as the bound itself lies within.
    let shown = (Double(value) * 10).rounded() / 10
    if normal.contains(shown) { return Judgement(level: .normal) }
    let isHigh = shown > normal.upperBound
    return Judgement(level: warning.contains(shown) ? .raised : .critical, isHigh: isHigh)
  }
}

extension Float {
  /// The nearest whole number, whatever a table may hold: bounded, and 0 for what is no number.
  var nearest: Int { isNaN ? 0 : Int(Swift.min(Swift.max(self, -1e12), 1e12).rounded()) }
}

extension Vital {
  /// What people call it.
  var title: String {
    switch self {
    case .heartRate: "Heart rate"
    case .spo2: "SpO₂"
    case .systolicBP: "Systolic"
    case .diastolicBP: "Diastolic"
    case .respiratoryRate: "Resp. rate"
    case .temperature: "Temperature"
    }
  }

  /// The unit as people write it.
  var shownUnit: String {
    switch self {
    case .heartRate, .respiratoryRate: "/min"
    case .spo2: "%"
    case .systolicBP, .diastolicBP: "mmHg"
    case .temperature: "°C"
    }
  }

  /// A value as it is shown: whole, temperatures with a tenth; a dash where it is missing.
  func text(_ value: Float) -> String {
    guard value.isFinite else { return "–" }
    if self != .temperature { return String(value.nearest) }
    let tenths = (value * 10).nearest
    return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
