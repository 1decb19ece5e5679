import Forest

/// What columns did to the predictions of some rows: Shapley values beside the values that they belong to.
struct Dependence {
  let schema: TableSchema
  let rows: FeatureMatrix
  /// By row, then by column.
  let values: [[Double]]

  /// The columns from the most important one down, with the mean of their absolute values.
  var ranking: [(column: Int, importance: Double)] {
    schema.columns.indices.map { column in
      (column, values.reduce(0) { $0 + abs($1[column]) } / Double(max(values.count, 1)))
    }.sorted { ($1.importance, $0.column) < ($0.importance, $1.column) }
  }

  /// A column's values, each with its Shapley value, in the order of values, missing ones first: the row that a value
  /// was in cannot be told, and so no patient.
  func pairs(_ column: Int) -> [(value: Float, shap: Double)] {
    let all = zip(rows.columns[column], values).map { (value: $0, shap: $1[column]) }
    func key(_ value: Float) -> Float { value.isNaN ? -.infinity : value }
    return all.sorted { (key($0.value), $0.shap) < (key($1.value), $1.shap) }
  }

  /// Rows of comma-separated values: what stands before them, column, value (a word where the column has categories,
  /// empty where it is missing), and Shapley value.
  func lines(_ before: String) -> String {
    var text = ""
    for (column, described) in schema.columns.enumerated() {
      for (value, shap) in pairs(column) {
        text += "\(before)\(Self.quoted(described.name)),\(cell(value, described)),\(shap)\n"
      }
    }
    return text
  }

  private func cell(_ value: Float, _ column: TableSchema.Column) -> String {
    if value.isNaN { return "" }
    guard let words = column.categories else { return "\(value)" }
    return Int(value) < words.count ? Self.quoted(words[Int(value)]) : ""
  }

  static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { $0 != 0x2C && $0 != 0x22 && $0 != 0x0A && $0 != 0x0D }
    return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
  }

  /// Shapley value over value, for the most important columns.
  func plots(_ count: Int) -> [(title: String, svg: String)] {
    ranking.prefix(count).filter { $0.importance > 0 }.map { column, _ in
      let described = schema.columns[column]
      let pairs = pairs(column).filter { !$0.value.isNaN }
      let range = (Double(pairs.first?.value ?? 0), Double(pairs.last?.value ?? 1))
      let largest = max(pairs.reduce(0) { max($0, abs($1.shap)) }, 1e-12)
      let unit = described.unit.map { " (\($0))" } ?? ""
      var plot = Plot.square(
        x: described.name + unit, y: "Shapley value", xTicks: range, yTicks: (-largest, largest))
      plot.line([Curves.Point(x: 0, y: 0.5), Curves.Point(x: 1, y: 0.5)], class: "chance")
      for pair in pairs {
        let across = range.1 > range.0 ? (Double(pair.value) - range.0) / (range.1 - range.0) : 0.5
        plot.point(x: across, y: (pair.shap / largest + 1) / 2)
      }
      return ("\(described.name): Shapley value over value", plot.svg("Dependence on \(described.name)"))
    }
  }
}
