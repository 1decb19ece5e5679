import Kernels

/// Repeated cross-validation: every row is predicted by models that know nothing of it. Whatever is learned, bins,
/// trees, calibration and the baselines' medians and scales, is learned from the other folds alone.
public struct CrossValidation: Sendable {
  /// How the forest is grown.
  public var settings: ForestSettings
  /// The number of folds.
  public var folds: Int
  /// How often all is done anew with other folds.
  public var repeats: Int
  /// How the forest's probabilities are calibrated, by what its trees say of rows that they did not learn from.
  public var calibration = Calibration.Method.none

  /// Plans a validation.
  public init(_ settings: ForestSettings, folds: Int = 10, repeats: Int = 10) {
    self.settings = settings
    self.folds = folds
    self.repeats = repeats
  }

  /// A model's probabilities: a list for each repeat, each with every row.
  public struct Result: Sendable {
    /// The forest's.
    public var forest: [[Double]] = []
    /// Those of the share of positive targets.
    public var majority: [[Double]] = []
    /// Those of a logistic regression.
    public var logistic: [[Double]] = []
  }

  /// Validates.
  ///
  /// - Parameters:
  ///   - groups: for each row a number; rows of one number are in one fold.
  ///   - foldDone: is told of each fold that is done.
  /// - Throws: ``ForestError``, or `CancellationError`.
  public func run(
    _ data: FeatureMatrix, targets: [Double], groups: [Int]? = nil, threads: Int = 1, foldDone: () -> Void = {}
  ) async throws -> Result {
    guard settings.task == .classification else {
      throw ForestError(.notSupported, "validation is for classification")
    }
    let fewest = min(targets.count { $0 == 1 }, targets.count { $0 == 0 })
    guard (2...max(fewest, 2)).contains(folds), fewest >= 2, repeats >= 1 else {
      throw ForestError(.invalidParameter, "there are 2 folds or more, and at most as many as rows of either target")
    }
    var result = Result()
    for number in 0..<repeats {
      let seed = settings.seed &+ UInt64(number) &* 0x9E37_79B9
      let foldOf =
        groups.map { Folds.grouped($0, targets: targets, count: folds, seed: seed) }
        ?? Folds.stratified(targets, count: folds, seed: seed)
      let empty = [Double](repeating: .nan, count: data.rowCount)
      result.forest.append(empty)
      result.majority.append(empty)
      result.logistic.append(empty)
      for fold in 0..<folds {
        let inside = data.selecting(foldOf.indices.filter { foldOf[$0] != fold })
        let insideTargets = foldOf.indices.filter { foldOf[$0] != fold }.map { targets[$0] }
        let held = foldOf.indices.filter { foldOf[$0] == fold }
        let outside = data.selecting(held)
        let forest = try await forestPredictions(inside, insideTargets, outside, seed: seed &+ UInt64(fold), threads)
        let regression = LogisticRegression(inside, targets: insideTargets)
        let share = insideTargets.reduce(0, +) / Double(insideTargets.count)
        for (place, row) in held.enumerated() {
          result.forest[number][row] = forest[place]
          result.logistic[number][row] = regression.prediction(of: outside.row(place))
          result.majority[number][row] = share
        }
        foldDone()
      }
    }
    return result
  }

  private func forestPredictions(
    _ inside: FeatureMatrix, _ targets: [Double], _ outside: FeatureMatrix, seed: UInt64, _ threads: Int
  ) async throws -> [Double] {
    var settings = settings
    settings.seed = seed
    let fit = try await ForestTrainer(settings).fit(inside, targets: targets, threads: threads)
    let raw = await fit.forest.predictions(for: outside)
    let scaling = Calibration(calibration, probabilities: fit.outOfBag, targets: targets)
    return scaling.map { scaling in raw.map { scaling($0) } } ?? raw
  }
}

/// A figure and where it lies with a confidence of 95 %.
public struct Interval: Hashable, Sendable, Codable {
  /// The mean over repeats, and the ends of the interval; `nil` where the figure is not defined.
  public var mean, low, high: Double?
}

extension Metrics {
  /// The mean of each figure over repeats of a validation, with an interval by drawing patients anew (bootstrap): each
  /// draw takes one of the repeats, so that the interval holds both what other patients and what other folds would do.
  public static func intervals(
    _ repeats: [[Double]], targets: [Double], draws: Int = 1_000, seed: UInt64 = 0
  ) -> [Name: Interval] {
    let ranked = repeats.map { RankedPredictions(probabilities: $0, targets: targets) }
    let each = ranked.map { Metrics($0, weights: nil) }
    var random = SplitMix64(seed: seed)
    var drawn: [Metrics] = []
    for draw in 0..<draws {
      var weights = [Double](repeating: 0, count: targets.count)
      for _ in targets.indices { weights[Int.random(in: 0..<targets.count, using: &random)] += 1 }
      drawn.append(Metrics(ranked[draw % ranked.count], weights: weights))
    }
    return Dictionary(
      uniqueKeysWithValues: Name.allCases.map { name in
        let sorted = drawn.map { $0[name] }.filter(\.isFinite).sorted()
        let mean = each.reduce(0) { $0 + $1[name] } / Double(each.count)
        func at(_ share: Double) -> Double? {
          sorted.isEmpty ? nil : sorted[Int((share * Double(sorted.count - 1)).rounded())]
        }
        let interval = Interval(mean: mean.isFinite ? mean : nil, low: at(0.025), high: at(0.975))
        return (name, interval)
      })
  }
}
