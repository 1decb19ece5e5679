import Kernels

/// How good probabilities are.
public struct Metrics: Hashable, Sendable {
  /// The figures that are kept, by the names that `metrics.json` has for them.
  public enum Name: String, CaseIterable, Hashable, Sendable {
    case rocAUC = "roc_auc"
    case prAUC = "pr_auc"
    case accuracy
    case balancedAccuracy = "balanced_accuracy"
    case brier
    case logLoss = "log_loss"
    case calibrationSlope = "calibration_slope"
    case calibrationError = "calibration_error"
    case decidedAccuracy = "decided_accuracy"
    case decidedShare = "decided_share"
  }

  /// The figures; NaN where one is not defined, as the area under a curve where all targets are the same.
  public private(set) var values: [Name: Double] = [:]
  /// Rows by target and prediction.
  public private(set) var confusion = Confusion()

  /// How many rows, by weight, were predicted as what; 1 is predicted from a probability of 0.5.
  public struct Confusion: Hashable, Sendable, Codable {
    /// The counts.
    public var trueNegatives = 0.0, falsePositives = 0.0, falseNegatives = 0.0, truePositives = 0.0

    enum CodingKeys: String, CodingKey {
      case trueNegatives = "true_negatives"
      case falsePositives = "false_positives"
      case falseNegatives = "false_negatives"
      case truePositives = "true_positives"
    }
  }

  /// A figure.
  public subscript(name: Name) -> Double { values[name] ?? .nan }

  /// Judges probabilities of target 1.
  public init(probabilities: [Double], targets: [Double]) {
    self.init(RankedPredictions(probabilities: probabilities, targets: targets), weights: nil)
  }

  /// Judges with a weight for each row, such as how often it was drawn.
  init(_ predictions: RankedPredictions, weights: [Double]?) {
    let (probabilities, targets) = (predictions.probabilities, predictions.targets)
    var (total, brier, loss) = (0.0, 0.0, 0.0)
    var (decided, rightlyDecided) = (0.0, 0.0)
    for row in probabilities.indices {
      let weight = weights?[row] ?? 1
      let (probability, isPositive) = (probabilities[row], targets[row] > 0.5)
      total += weight
      brier += weight * (probability - targets[row]) * (probability - targets[row])
      // As scikit-learn has it: nothing is more certain than the precision of a double.
      let likelihood = min(max(isPositive ? probability : 1 - probability, Double.ulpOfOne), 1)
      loss -= weight * naturalLogarithm(likelihood)
      switch (probability >= 0.5, isPositive) {
      case (true, true): confusion.truePositives += weight
      case (true, false): confusion.falsePositives += weight
      case (false, true): confusion.falseNegatives += weight
      case (false, false): confusion.trueNegatives += weight
      }
      let level = RiskLevel(probability)
      if level != .moderate {
        decided += weight
        if (level == .high) == isPositive { rightlyDecided += weight }
      }
    }
    let positives = confusion.truePositives + confusion.falseNegatives
    let negatives = total - positives
    values[.brier] = brier / total
    values[.logLoss] = loss / total
    values[.accuracy] = (confusion.truePositives + confusion.trueNegatives) / total
    values[.balancedAccuracy] = (confusion.truePositives / positives + confusion.trueNegatives / negatives) / 2
    values[.decidedAccuracy] = rightlyDecided / decided
    values[.decidedShare] = decided / total
    let (rocAUC, prAUC) = predictions.areas(weights)
    values[.rocAUC] = rocAUC
    values[.prAUC] = prAUC
    values[.calibrationError] = predictions.calibrationError(weights, total: total)
    values[.calibrationSlope] = predictions.calibrationSlope(weights)
  }
}

/// Probabilities and targets together with the order of probabilities, which is found once for many weightings.
struct RankedPredictions: Sendable {
  let probabilities: [Double]
  let targets: [Double]
  /// Rows from the highest probability to the lowest.
  let order: [Int]

  init(probabilities: [Double], targets: [Double]) {
    precondition(probabilities.count == targets.count, "a target for each probability")
    self.probabilities = probabilities
    self.targets = targets
    order = probabilities.indices.sorted { probabilities[$0] > probabilities[$1] }
  }

  /// The areas under the curve of the receiver's characteristic, equal probabilities counting half, and of precision
  /// over recall (average precision).
  func areas(_ weights: [Double]?) -> (roc: Double, precisionRecall: Double) {
    var (positives, negatives) = (0.0, 0.0)
    var (pairs, precisions) = (0.0, 0.0)
    var index = 0
    while index < order.count {
      let probability = probabilities[order[index]]
      var (tiedPositives, tiedNegatives) = (0.0, 0.0)
      while index < order.count, probabilities[order[index]] == probability {
        let row = order[index]
        let weight = weights?[row] ?? 1
        if targets[row] > 0.5 { tiedPositives += weight } else { tiedNegatives += weight }
        index += 1
      }
      pairs += tiedNegatives * (positives + tiedPositives / 2)
      positives += tiedPositives
      negatives += tiedNegatives
      if tiedPositives > 0 { precisions += tiedPositives * positives / (positives + negatives) }
    }
    return (pairs / (positives * negatives), precisions / positives)
  }

  /// The mean distance between what is predicted and what happens, over ten groups of about equally many rows.
  func calibrationError(_ weights: [Double]?, total: Double) -> Double {
    var (sum, seen) = (0.0, 0.0)
    var (weight, predicted, happened) = (0.0, 0.0, 0.0)
    var group = 1.0
    for row in order {
      let own = weights?[row] ?? 1
      weight += own
      seen += own
      predicted += own * probabilities[row]
      happened += own * targets[row]
      if seen >= group * total / 10 {
        sum += abs(predicted - happened)
        (weight, predicted, happened) = (0, 0, 0)
        group = (seen * 10 / total).rounded(.down) + 1
      }
    }
    return (sum + abs(predicted - happened)) / total
  }

  /// The slope of a logistic regression of targets on the logits of probabilities: 1 where they are as spread out as
  /// they should be, below 1 where they are too bold.
  func calibrationSlope(_ weights: [Double]?) -> Double {
    PlattScaling(probabilities: probabilities, targets: targets, weights: weights).map { $0.slope } ?? .nan
  }
}
