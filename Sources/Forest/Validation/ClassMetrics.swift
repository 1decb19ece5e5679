import Kernels

/// How good the probabilities of more than two classes are.
public struct ClassMetrics: Hashable, Sendable {
  /// The figures that are kept, by the names that `metrics.json` has for them.
  public enum Name: String, CaseIterable, Hashable, Sendable {
    /// The mean, over classes, of the area under the curve of each class against all others.
    case rocAUC = "roc_auc"
    case accuracy
    /// The mean, over classes, of the share of its rows that are called by its name.
    case balancedAccuracy = "balanced_accuracy"
    /// The mean over rows of the squared distances of all their probabilities from what happened, 1 for the class of
    /// the row and 0 for all others: from 0 to 2 (Brier, "Verification of forecasts", 1950). For two classes it would
    /// be twice that of ``Metrics``, which has the probability of one class alone.
    case brier
    case logLoss = "log_loss"
  }

  /// The figures; NaN where one is not defined. A class without rows counts in none of them.
  public private(set) var values: [Name: Double] = [:]
  /// How many rows, by weight, of each class were predicted as which: by class, then by prediction, which is the most
  /// probable class.
  public private(set) var confusion: [[Double]]

  /// A figure.
  public subscript(name: Name) -> Double { values[name] ?? .nan }

  /// Judges probabilities.
  ///
  /// - Parameters:
  ///   - probabilities: that of each class for each row, row after row.
  ///   - targets: the number of each row's class.
  public init(probabilities: [Double], targets: [Double], classes: Int) {
    self.init(RankedClasses(probabilities: probabilities, targets: targets, classes: classes), weights: nil)
  }

  /// Judges with a weight for each row, such as how often it was drawn.
  init(_ predictions: RankedClasses, weights: [Double]?) {
    let classes = predictions.byClass.count
    confusion = [[Double]](repeating: [Double](repeating: 0, count: classes), count: classes)
    var (total, brier, loss) = (0.0, 0.0, 0.0)
    for row in predictions.targets.indices {
      let weight = weights?[row] ?? 1
      if weight == 0 { continue }
      let own = predictions.targets[row]
      total += weight
      brier += weight * predictions.squares[row]
      loss += weight * predictions.losses[row]
      confusion[own][predictions.predicted[row]] += weight
    }
    let sizes = confusion.map { $0.reduce(0, +) }
    let present = sizes.indices.filter { sizes[$0] > 0 }
    func mean(_ figures: [Double]) -> Double { figures.reduce(0, +) / Double(figures.count) }
    values[.accuracy] = present.reduce(0) { $0 + confusion[$1][$1] } / total
    values[.balancedAccuracy] = mean(present.map { confusion[$0][$0] / sizes[$0] })
    values[.brier] = brier / total
    values[.logLoss] = loss / total
    values[.rocAUC] = mean(present.filter { sizes[$0] < total }.map { predictions.byClass[$0].areas(weights).roc })
  }

  /// The mean of each figure over repeats of a validation, with an interval by drawing patients anew. Rows of one group
  /// are drawn together.
  public static func intervals(
    _ repeats: [[Double]], targets: [Double], classes: Int, groups: [Int]? = nil, draws: Int = 1_000, seed: UInt64 = 0
  ) -> [Name: Interval] {
    let ranked = repeats.map { RankedClasses(probabilities: $0, targets: targets, classes: classes) }
    return Bootstrap.intervals(
      repeats: repeats.count, rows: targets.count, groups: groups, draws: draws, seed: seed
    ) { ClassMetrics(ranked[$0], weights: $1).values }
  }
}

/// Probabilities of several classes with all that does not depend on the weights of rows.
struct RankedClasses: Sendable {
  /// Each class against all others.
  let byClass: [RankedPredictions]
  /// The class of each row, and the most probable one.
  let targets, predicted: [Int]
  /// The squared distance and the logarithmic loss of each row.
  let squares, losses: [Double]

  init(probabilities: [Double], targets: [Double], classes: Int) {
    precondition(probabilities.count == targets.count * classes, "a probability of each class for each row")
    let rows = targets.indices
    byClass = (0..<classes).map { number in
      RankedPredictions(
        probabilities: rows.map { probabilities[$0 * classes + number] },
        targets: targets.map { $0 == Double(number) ? 1 : 0 })
    }
    let own = targets.map { Int($0) }
    self.targets = own
    predicted = rows.map { RandomForest.mostProbable(probabilities[$0 * classes..<($0 + 1) * classes]) }
    squares = rows.map { row in
      (0..<classes).reduce(0) { sum, number in
        let miss = probabilities[row * classes + number] - (number == own[row] ? 1 : 0)
        return sum + miss * miss
      }
    }
    // As scikit-learn has it: nothing is more certain than the precision of a double.
    losses = rows.map { -naturalLogarithm(min(max(probabilities[$0 * classes + own[$0]], Double.ulpOfOne), 1)) }
  }
}
