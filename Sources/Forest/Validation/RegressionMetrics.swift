/// How good predictions of numbers are.
public struct RegressionMetrics: Hashable, Sendable {
  /// The figures that are kept, by the names that `metrics.json` has for them.
  public enum Name: String, CaseIterable, Hashable, Sendable {
    /// The root of the mean squared error, in the unit of the target.
    case rmse
    /// The mean absolute error, in the unit of the target.
    case mae
    /// The share of the targets' variance that the predictions explain; below 0 where the targets' mean does better.
    case r2
  }

  /// The figures; NaN where one is not defined, as the share of a variance of 0.
  public private(set) var values: [Name: Double] = [:]

  /// A figure.
  public subscript(name: Name) -> Double { values[name] ?? .nan }

  /// Judges predictions, with a weight for each row such as how often it was drawn.
  ///
  /// - Precondition: there is a target for each prediction.
  public init(predictions: [Double], targets: [Double], weights: [Double]? = nil) {
    precondition(predictions.count == targets.count, "a target for each prediction")
    var (total, sum, squares, distances) = (0.0, 0.0, 0.0, 0.0)
    for row in targets.indices {
      let weight = weights?[row] ?? 1
      let miss = predictions[row] - targets[row]
      total += weight
      sum += weight * targets[row]
      squares += weight * miss * miss
      distances += weight * miss.magnitude
    }
    let mean = sum / total
    var spread = 0.0
    for row in targets.indices {
      spread += (weights?[row] ?? 1) * (targets[row] - mean) * (targets[row] - mean)
    }
    values[.rmse] = (squares / total).squareRoot()
    values[.mae] = distances / total
    values[.r2] = spread > 0 ? 1 - squares / spread : .nan
  }
}
