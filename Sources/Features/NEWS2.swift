public import Vitals

/// The National Early Warning Score 2 (Royal College of Physicians, 2017), scale 1 of oxygen saturation. Parameters
/// that are not there score nothing and are not imputed; how many of the seven are there says how partial the score is.
public struct NEWS2: Hashable, Sendable {
  /// The sum of all parameters.
  public private(set) var score = 0
  /// The highest single parameter: 3 in one of them calls for a review of its own.
  public private(set) var highest = 0
  /// How many of the seven parameters are known.
  public private(set) var parameters = 0

  /// The score from which the guideline speaks of an emergency.
  public static let emergency = 7

  /// Scores vitals; NaN where a value is missing.
  public init(_ values: CurrentVitals) {
    add(values[.respiratoryRate].rounded(), [(8, 3), (11, 1), (20, 0), (24, 2)], above: 3)
    add(values[.spo2].rounded(), [(91, 3), (93, 2), (95, 1)], above: 0)
    add(values[.systolicBP].rounded(), [(90, 3), (100, 2), (110, 1), (219, 0)], above: 3)
    add(values[.heartRate].rounded(), [(40, 3), (50, 1), (90, 0), (110, 1), (130, 2)], above: 3)
    // In tenths of a degree.
    add((values[.temperature] * 10).rounded(), [(350, 3), (360, 1), (380, 0), (390, 1)], above: 2)
    if let isAlert = values.isAlert { add(isAlert ? 0 : 3) }
    if let hasOxygen = values.hasOxygen { add(hasOxygen ? 2 : 0) }
  }

  private mutating func add(_ points: Int) {
    score += points
    highest = max(highest, points)
    parameters += 1
  }

  /// The points of the first bound that the value does not exceed.
  private mutating func add(_ value: Float, _ bounds: [(upTo: Float, points: Int)], above: Int) {
    if value.isNaN { return }
    for bound in bounds where value <= bound.upTo { return add(bound.points) }
    add(above)
  }
}

/// A measured vital, by its column.
public enum Vital: Int, CaseIterable, Hashable, Sendable {
  case heartRate, spo2, systolicBP, diastolicBP, respiratoryRate, temperature

  /// The column of the vitals' table.
  public var column: String {
    switch self {
    case .heartRate: "heart_rate"
    case .spo2: "spo2"
    case .systolicBP: "systolic_bp"
    case .diastolicBP: "diastolic_bp"
    case .respiratoryRate: "respiratory_rate"
    case .temperature: "temperature"
    }
  }

  /// What is known of the vital: its unit, and the range outside which a value is critical.
  public var field: RecordField? { VitalsSchema.bundled.index(of: column).map { VitalsSchema.bundled.fields[$0] } }

  /// The ranges outside which values are critical, in the order of the cases.
  static let warnings: [ClosedRange<Float>] = allCases.map { vital in
    guard let range = vital.field?.warning else { return -Float.infinity...Float.infinity }
    return Float(range.lowerBound)...Float(range.upperBound)
  }
}

/// What is known of a patient at a moment.
public struct CurrentVitals: Hashable, Sendable {
  /// The vitals in the order of the cases of ``Vital``; NaN where one is not known. Two places are not used.
  var values = SIMD8<Float>(repeating: .nan)
  /// Whether the patient is alert, where that is known.
  public var isAlert: Bool?
  /// Whether the patient breathes oxygen rather than air, where that is known.
  public var hasOxygen: Bool?

  /// Knows nothing.
  public init() {}

  /// A vital; NaN where it is not known.
  public subscript(vital: Vital) -> Float {
    get { values[vital.rawValue] }
    set { values[vital.rawValue] = newValue }
  }

  /// Whether a vital is outside its range of warning.
  public var isCritical: Bool {
    Vital.allCases.contains { vital in
      let value = self[vital]
      return !value.isNaN && !Vital.warnings[vital.rawValue].contains(value)
    }
  }

  /// Whether the patient is in the state that a model of deterioration foretells.
  public var isDeteriorated: Bool { isCritical || NEWS2(self).score >= NEWS2.emergency }
}
