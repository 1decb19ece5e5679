import Kernels

/// Whether one model is better than another, or by chance: where both are alike, it does not matter whose prediction a
/// row gets, so the two are swapped at random, patient by patient, many times over.
public struct PermutationTest: Hashable, Sendable, Codable {
  /// By how much the area under the curve is larger, or the mean squared error of numbers smaller.
  public var difference: Double
  /// How probable a difference as large is, were both models alike.
  public var probability: Double

  enum CodingKeys: String, CodingKey {
    case difference
    case probability = "p"
  }

  /// Compares how two models order rows, by the mean of their repeats.
  ///
  /// - Parameters:
  ///   - groups: for each row a number; rows of one number are swapped together.
  ///   - swaps: how often.
  /// - Precondition: each repeat has a prediction for each row.
  public init(
    _ model: [[Double]], over baseline: [[Double]], targets: [Double], groups: [Int]? = nil, swaps: Int = 1_000,
    seed: UInt64 = 0
  ) {
    // Ranks, since numbers of two models are on different scales.
    let own = Self.ranks(Self.means(model, count: targets.count))
    let other = Self.ranks(Self.means(baseline, count: targets.count))
    let positives = targets.indices.filter { targets[$0] > 0.5 }
    let negatives = targets.indices.filter { targets[$0] <= 0.5 }
    func difference(_ isSwapped: (Int) -> Bool) -> Double {
      let first = targets.indices.map { isSwapped($0) ? other[$0] : own[$0] }
      let second = targets.indices.map { isSwapped($0) ? own[$0] : other[$0] }
      return Self.area(first, positives, negatives) - Self.area(second, positives, negatives)
    }
    let found = difference { _ in false }
    self.difference = found
    probability = Self.probability(rows: targets.count, groups: groups, swaps: swaps, seed: seed) { isSwapped in
      difference { isSwapped[$0] } >= found - 1e-12
    }
  }

  /// Compares the squared errors of two models, by the mean of their repeats.
  ///
  /// - Parameters:
  ///   - groups: for each row a number; rows of one number are swapped together.
  ///   - swaps: how often.
  /// - Precondition: each repeat has a prediction for each row.
  public init(
    errorsOf model: [[Double]], under baseline: [[Double]], targets: [Double], groups: [Int]? = nil,
    swaps: Int = 1_000, seed: UInt64 = 0
  ) {
    let (own, other) = (Self.means(model, count: targets.count), Self.means(baseline, count: targets.count))
    let gains = targets.indices.map { row in
      (other[row] - targets[row]) * (other[row] - targets[row]) - (own[row] - targets[row]) * (own[row] - targets[row])
    }
    let found = gains.reduce(0, +)
    difference = found / Double(max(targets.count, 1))
    let margin = 1e-12 * gains.reduce(0) { $0 + $1.magnitude }
    probability = Self.probability(rows: targets.count, groups: groups, swaps: swaps, seed: seed) { isSwapped in
      gains.indices.reduce(0) { $0 + (isSwapped[$1] ? -gains[$1] : gains[$1]) } >= found - margin
    }
  }

  /// Compares the squared errors of the probabilities of several classes: by how much ``ClassMetrics/Name/brier`` is
  /// smaller.
  ///
  /// - Precondition: each repeat has a probability of each class for each row, row after row.
  public init(
    classErrorsOf model: [[Double]], under baseline: [[Double]], targets: [Double], classes: Int,
    groups: [Int]? = nil, swaps: Int = 1_000, seed: UInt64 = 0
  ) {
    // All probabilities of a row are swapped together.
    let truth: [Double] = targets.flatMap { target in (0..<classes).map { Double($0) == target ? 1.0 : 0.0 } }
    let rows = targets.indices.flatMap { row in (0..<classes).map { _ in groups?[row] ?? row } }
    self.init(errorsOf: model, under: baseline, targets: truth, groups: rows, swaps: swaps, seed: seed)
    difference *= Double(classes)
  }

  /// How often a difference is as large as the one that was found.
  private static func probability(
    rows: Int, groups: [Int]?, swaps: Int, seed: UInt64, isAsLarge: ([Bool]) -> Bool
  ) -> Double {
    var random = SplitMix64(seed: seed)
    var asLarge = 0
    for _ in 0..<swaps {
      var sides: [Int: Bool] = [:]
      let isSwapped = (0..<rows).map { row in
        guard let group = groups?[row] else { return Bool.random(using: &random) }
        if let side = sides[group] { return side }
        let side = Bool.random(using: &random)
        sides[group] = side
        return side
      }
      if isAsLarge(isSwapped) { asLarge += 1 }
    }
    return Double(asLarge + 1) / Double(swaps + 1)
  }

  private static func means(_ repeats: [[Double]], count: Int) -> [Double] {
    (0..<count).map { row in repeats.reduce(0) { $0 + $1[row] } / Double(max(repeats.count, 1)) }
  }

  /// The rank of each number, equal ones sharing theirs.
  private static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = values
    var start = 0
    while start < order.count {
      var end = start
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for index in start..<end { ranks[order[index]] = Double(start + end - 1) / 2 }
      start = end
    }
    return ranks
  }

  /// The area under the curve; a half where all targets are the same.
  private static func area(_ values: [Double], _ positives: [Int], _ negatives: [Int]) -> Double {
    guard !positives.isEmpty, !negatives.isEmpty else { return 0.5 }
    let ranks = ranks(values)
    let (count, sum) = (Double(positives.count), positives.reduce(0) { $0 + ranks[$1] + 1 })
    return (sum - count * (count + 1) / 2) / (count * Double(negatives.count))
  }
}
