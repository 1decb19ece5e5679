internal import Forest
internal import JSON

/// What pushed a prediction up or down: Shapley values in probability, the largest first.
///
/// `base_value` and all `shap` add up to `forest_probability`, which is `probability` where the model is not
/// calibrated.
struct Explanation: Sendable {
  let prediction: Prediction
  let forestProbability: Double
  /// The standard deviation of what the trees say: how far they agree.
  let spread: Double
  let baseValue: Double
  let shap: [Double]

  init(_ row: PatientRow, _ model: ServedModel, _ explainer: TreeExplainer) {
    (forestProbability, spread) = model.saved.forest.predictionAndSpread(of: row.values)
    prediction = Prediction(forest: forestProbability, model)
    baseValue = explainer.baseValue
    shap = explainer.values(of: row.values)
  }

  /// Writes its members.
  func write(_ row: PatientRow, _ model: ServedModel, to text: inout JSONText) {
    prediction.write(row, model, to: &text)
    text.raw("forest_probability", forestProbability.description)
    text.raw("spread", spread.description)
    text.raw("base_value", baseValue.description)
    text.open("shap", "[")
    let order = shap.indices.sorted { (abs(shap[$1]), $0) < (abs(shap[$0]), $1) }
    for place in order {
      text.open()
      text.member("feature", model.saved.schema.columns[place].name)
      text.raw("value", row.values[place].isNaN ? "null" : row.values[place].description)
      text.raw("shap", shap[place].description)
      text.close()
    }
    text.close("]")
  }
}
