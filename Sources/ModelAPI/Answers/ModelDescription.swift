internal import Forest
internal import JSON

extension ServedModel {
  /// Writes what the model is: its schema, how good it is, its card.
  func write(to text: inout JSONText) {
    let schema = saved.schema
    text.open()
    text.member("name", name)
    text.member("version", version)
    text.member("predicts", schema.label)
    text.member("description", schema.description)
    text.member("trees", saved.forest.treeCount)
    text.member("is_calibrated", saved.calibration != nil)
    text.member("is_explainable", explainer != nil)
    text.open("risk_levels", "[")
    for (level, from) in [(RiskLevel.low, 0), (.moderate, RiskLevel.moderateFrom), (.high, RiskLevel.highFrom)] {
      text.open()
      text.member("risk_level", level.rawValue)
      text.raw("from", from.shortText)
      text.close()
    }
    text.close("]")
    text.open("columns", "[")
    for column in schema.columns { column.write(to: &text) }
    text.close("]")
    if let metrics { text.raw("metrics", metrics.json) }
    text.member("card", card)
    text.close()
  }
}

extension TableSchema.Column {
  fileprivate func write(to text: inout JSONText) {
    text.open()
    text.member("name", name)
    text.member("unit", unit)
    text.member("description", description)
    text.member("may_be_missing", missing != nil)
    text.numbers("missing_codes", missing)
    text.numbers("limits", limits)
    text.close()
  }
}

extension JSONText {
  /// Numbers in order.
  mutating func numbers(_ name: String, _ values: [Double]?) {
    guard let values else { return }
    open(name, "[")
    for value in values { raw(nil, value.shortText) }
    close("]")
  }
}
