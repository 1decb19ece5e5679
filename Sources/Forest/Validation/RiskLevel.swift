/// How high a probability is, in a word.
public enum RiskLevel: String, Hashable, Sendable, CaseIterable {
  /// Below 0.40.
  case low = "Low"
  /// From 0.40 to below 0.70: the model does not decide.
  case moderate = "Moderate"
  /// From 0.70.
  case high = "High"

  /// Where Moderate begins.
  public static let moderateFrom = 0.40
  /// Where High begins.
  public static let highFrom = 0.70

  /// The level of a probability.
  public init(_ probability: Double) {
    self = probability < Self.moderateFrom ? .low : probability < Self.highFrom ? .moderate : .high
  }
}
