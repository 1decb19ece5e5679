/// Points of the curves by which probabilities are judged by eye.
public struct Curves: Sendable {
  /// A point of a curve.
  public struct Point: Hashable, Sendable {
    /// Where it is, from 0 to 1.
    public var x, y: Double

    /// Makes a point.
    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// The share of negatives against that of positives which a threshold calls positive, from the highest threshold on.
  public private(set) var receiver: [Point] = [Point(x: 0, y: 0)]
  /// Recall against precision.
  public private(set) var precisionRecall: [Point] = []
  /// What is predicted against what happens, in ten groups of about equally many rows.
  public private(set) var calibration: [Point] = []

  /// Draws the curves.
  public init(probabilities: [Double], targets: [Double]) {
    let order = RankedPredictions(probabilities: probabilities, targets: targets).order
    let positives = targets.reduce(0, +)
    let negatives = Double(targets.count) - positives
    var (truePositives, falsePositives) = (0.0, 0.0)
    for (place, row) in order.enumerated() {
      truePositives += targets[row]
      falsePositives += 1 - targets[row]
      // Rows of one probability are called alike.
      if place + 1 < order.count, probabilities[order[place + 1]] == probabilities[row] { continue }
      receiver.append(Point(x: falsePositives / negatives, y: truePositives / positives))
      precisionRecall.append(Point(x: truePositives / positives, y: truePositives / (truePositives + falsePositives)))
    }
    for group in 0..<10 {
      let rows = order[order.count * group / 10..<order.count * (group + 1) / 10]
      if rows.isEmpty { continue }
      let mean = rows.reduce(0) { $0 + probabilities[$1] } / Double(rows.count)
      calibration.append(Point(x: mean, y: rows.reduce(0) { $0 + targets[$1] } / Double(rows.count)))
    }
    calibration.reverse()
  }
}
