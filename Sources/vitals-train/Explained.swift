import Forest

/// Shapley values of some rows: of what is predicted, or of the probability of each of more than two classes.
struct Explained {
  /// What is explained, by the names of classes; no name where only one thing is.
  let parts: [(name: String?, dependence: Dependence)]

  /// The mean of absolute Shapley values by column, and of their means over classes.
  var importance: [String: Double] {
    Dictionary(uniqueKeysWithValues: ranking.map { (schema.columns[$0.column].name, $0.importance) })
  }

  /// The columns from the most important one down.
  var ranking: [(column: Int, importance: Double)] {
    var sums = [Double](repeating: 0, count: schema.columns.count)
    for part in parts {
      for (column, importance) in part.dependence.ranking { sums[column] += importance / Double(parts.count) }
    }
    return sums.enumerated().map { (column: $0.offset, importance: $0.element) }
      .sorted { ($1.importance, $0.column) < ($0.importance, $1.column) }
  }

  private var schema: TableSchema { parts[0].dependence.schema }

  /// `shap_dependence.csv`: column, value and Shapley value, behind the class where there are several.
  var csv: String {
    parts.reduce(parts.count > 1 ? "class,column,value,shap\n" : "column,value,shap\n") { text, part in
      text + part.dependence.lines(part.name.map { "\(Dependence.quoted($0))," } ?? "")
    }
  }
}
