import Kernels

/// A figure and where it lies with a confidence of 95 %.
public struct Interval: Hashable, Sendable, Codable {
  /// The mean over repeats, and the ends of the interval; `nil` where the figure is not defined.
  public var mean, low, high: Double?
}

/// Draws patients anew, with replacement, again and again (bootstrap).
enum Bootstrap {
  /// The mean of each figure over repeats of a validation, with an interval: each draw takes one of the repeats, so
  /// that it holds both what other patients and what other folds would do. Rows of one group are drawn together.
  ///
  /// - Parameter figures: those of a repeat, with a weight for each row, or `nil` where all count alike.
  static func intervals<Name: Hashable & CaseIterable>(
    repeats: Int, rows: Int, groups: [Int]?, draws: Int, seed: UInt64, figures: (Int, [Double]?) -> [Name: Double]
  ) -> [Name: Interval] {
    let each = (0..<repeats).map { figures($0, nil) }
    var random = SplitMix64(seed: seed)
    var drawn: [[Name: Double]] = []
    // Groups by numbers without gaps.
    var numbers: [Int: Int] = [:]
    let groups = groups.map { groups in
      groups.map { group in
        let number = numbers[group] ?? numbers.count
        numbers[group] = number
        return number
      }
    }
    let units = groups == nil ? rows : numbers.count
    for draw in 0..<draws {
      var counts = [Double](repeating: 0, count: units)
      for _ in 0..<units { counts[Int.random(in: 0..<units, using: &random)] += 1 }
      let weights = groups.map { groups in groups.map { counts[$0] } } ?? counts
      drawn.append(figures(draw % repeats, weights))
    }
    var intervals: [Name: Interval] = [:]
    for name in Name.allCases {
      let sorted = drawn.compactMap { $0[name] }.filter(\.isFinite).sorted()
      let mean = each.reduce(0) { $0 + ($1[name] ?? .nan) } / Double(each.count)
      func at(_ share: Double) -> Double? {
        sorted.isEmpty ? nil : sorted[Int((share * Double(sorted.count - 1)).rounded())]
      }
      intervals[name] = Interval(mean: mean.isFinite ? mean : nil, low: at(0.025), high: at(0.975))
    }
    return intervals
  }
}

extension Metrics {
  /// The mean of each figure over repeats of a validation, with an interval by drawing patients anew. Rows of one group
  /// are drawn together.
  public static func intervals(
    _ repeats: [[Double]], targets: [Double], groups: [Int]? = nil, draws: Int = 1_000, seed: UInt64 = 0
  ) -> [Name: Interval] {
    let ranked = repeats.map { RankedPredictions(probabilities: $0, targets: targets) }
    return Bootstrap.intervals(
      repeats: repeats.count, rows: targets.count, groups: groups, draws: draws, seed: seed
    ) { Metrics(ranked[$0], weights: $1).values }
  }
}

extension RegressionMetrics {
  /// The mean of each figure over repeats of a validation, with an interval by drawing patients anew. Rows of one group
  /// are drawn together.
  public static func intervals(
    _ repeats: [[Double]], targets: [Double], groups: [Int]? = nil, draws: Int = 1_000, seed: UInt64 = 0
  ) -> [Name: Interval] {
    Bootstrap.intervals(repeats: repeats.count, rows: targets.count, groups: groups, draws: draws, seed: seed) {
      RegressionMetrics(predictions: repeats[$0], targets: targets, weights: $1).values
    }
  }
}
