/// The linear baseline of any task: of more than two classes a logistic regression for each class against all others,
/// whose probabilities are brought to a sum of 1.
struct LinearClasses: Sendable {
  private let models: [LinearModel]

  init(_ settings: ForestSettings, _ data: FeatureMatrix, targets: [Double]) {
    guard settings.classes > 2 else {
      models = [LinearModel(settings.task, data, targets: targets)]
      return
    }
    models = (0..<settings.classes).map { number in
      LinearModel(.classification, data, targets: targets.map { $0 == Double(number) ? 1 : 0 })
    }
  }

  /// The probability of target 1 or the number; of more than two classes the probability of each.
  func predictions(of row: [Float]) -> [Double] {
    let own = models.map { $0.prediction(of: row) }
    if own.count == 1 { return own }
    let sum = own.reduce(0, +)
    // Where no class is thought of at all, one is as probable as the other.
    return sum > 0 ? own.map { $0 / sum } : own.map { _ in 1 / Double(own.count) }
  }
}

extension ForestSettings {
  /// How many numbers a row's prediction has: the probabilities of more than two classes, else one.
  var width: Int { classes > 2 ? classes : 1 }

  /// What is predicted of a row of which nothing is known: the mean of targets, or the share of each class.
  func constant(_ targets: [Double]) -> [Double] {
    guard classes > 2 else { return [targets.reduce(0, +) / Double(targets.count)] }
    var counts = [Double](repeating: 0, count: classes)
    for target in targets { counts[Int(target)] += 1 }
    return counts.map { $0 / Double(targets.count) }
  }
}

extension RandomForest {
  /// Predictions as a validation holds them: the probabilities of more than two classes row after row, else one number
  /// for each row.
  func said(for data: FeatureMatrix, threads: Int = 1) async -> [Double] {
    classCount > 2
      ? await probabilities(for: data, threads: threads) : await predictions(for: data, threads: threads)
  }
}
