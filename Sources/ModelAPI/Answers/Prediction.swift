internal import Forest
internal import JSON

/// What a model says of a patient.
struct Prediction: Hashable, Sendable {
  var probability: Double
  var level: RiskLevel
  /// Whether what is predicted is likelier than not.
  var isPositive: Bool

  init(_ row: PatientRow, _ model: ServedModel) {
    self.init(forest: model.saved.forest.prediction(of: row.values), model)
  }

  /// What follows from the mean of the trees.
  init(forest: Double, _ model: ServedModel) {
    probability = model.saved.probability(forest: forest)
    level = RiskLevel(probability)
    isPositive = probability >= 0.5
  }

  /// Writes its members.
  func write(_ row: PatientRow, _ model: ServedModel, to text: inout JSONText) {
    text.member("prediction", isPositive ? 1 : 0)
    text.raw("probability", probability.description)
    text.member("risk_level", level.rawValue)
    text.member("message", message(model))
    row.writeMissing(model, to: &text)
  }

  private func message(_ model: ServedModel) -> String {
    let name = model.saved.schema.name
    return switch level {
    case .low: "Low \(name) risk"
    case .moderate: "Moderate \(name) risk: the model does not decide"
    case .high: "High \(name) risk detected"
    }
  }
}

extension PatientRow {
  /// The values as the model saw them.
  func json(_ model: ServedModel) -> String {
    var text = JSONText()
    text.open()
    for (column, value) in zip(model.saved.schema.columns, values) {
      text.raw(column.name, value.isNaN ? "null" : value.description)
    }
    text.close()
    return text.string
  }

  /// Writes which columns have no value, where any is without.
  func writeMissing(_ model: ServedModel, to text: inout JSONText) {
    if !missing.isEmpty { text.member("missing", missing.map { model.saved.schema.columns[$0].name }) }
  }
}
