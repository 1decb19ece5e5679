import Forest

/// What explains a forest's predictions.
enum Explainer: Sendable {
  case paths(TreeExplainer, interactions: InteractionExplainer?)
  case background(InterventionalExplainer)

  var baseValue: Double {
    switch self {
    case .paths(let explainer, interactions: _): explainer.baseValue
    case .background(let explainer): explainer.baseValue
    }
  }

  var hasInteractions: Bool {
    if case .paths(_, interactions: .some) = self { true } else { false }
  }

  /// The Shapley values of rows.
  func values(_ data: FeatureMatrix, threads: Int) async -> [[Double]] {
    switch self {
    case .paths(let explainer, interactions: _): await explainer.values(of: data, threads: threads)
    case .background(let explainer): (0..<data.rowCount).map { explainer.values(of: data.row($0)) }
    }
  }

  /// The interaction values of rows; none where they are not asked for.
  func interactions(_ data: FeatureMatrix) -> [[[Double]]] {
    guard case .paths(_, interactions: let explainer?) = self else { return [] }
    return (0..<data.rowCount).map { explainer.interactions(of: data.row($0)) }
  }
}

/// What is explained of rows.
enum Explaining: Sendable {
  /// What the forest predicts, or the probability of one class.
  case one(Explainer, class: Int?)
  /// The probability of the class that is predicted, by the explainers of all classes.
  case predicted([Explainer])

  var hasInteractions: Bool {
    switch self {
    case .one(let explainer, class: _): explainer.hasInteractions
    case .predicted(let explainers): explainers.allSatisfy(\.hasInteractions)
    }
  }
}

/// The explanations of some rows.
struct Explanations {
  /// By row: the number of the class that is explained, if it is one class, and the prediction of which nothing is
  /// known.
  var classes: [Int?], bases: [Double]
  /// By row, then by column.
  var values: [[Double]]
  /// By row, then by pair of columns; empty where they are not asked for.
  var interactions: [[[Double]]]

  /// Explains rows.
  ///
  /// - Parameter predicted: the class of each row, where there are more than two.
  init(_ explaining: Explaining, _ data: FeatureMatrix, predicted: [Int], threads: Int) async {
    let count = data.rowCount
    switch explaining {
    case .one(let explainer, class: let number):
      classes = [Int?](repeating: number, count: count)
      bases = [Double](repeating: explainer.baseValue, count: count)
      values = await explainer.values(data, threads: threads)
      interactions = explainer.interactions(data)
    case .predicted(let explainers):
      classes = predicted
      bases = predicted.map { explainers[$0].baseValue }
      values = [[Double]](repeating: [], count: count)
      interactions = [[[Double]]](repeating: [], count: explaining.hasInteractions ? count : 0)
      for number in Set(predicted).sorted() {
        let rows = predicted.indices.filter { predicted[$0] == number }
        let own = data.selecting(rows)
        for (row, values) in zip(rows, await explainers[number].values(own, threads: threads)) {
          self.values[row] = values
        }
        for (row, pairs) in zip(rows, explainers[number].interactions(own)) { interactions[row] = pairs }
      }
    }
  }
}
