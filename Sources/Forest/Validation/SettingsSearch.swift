import Kernels

/// Looks for good settings of a forest among some drawn at random. What each is worth is asked of folds of the rows
/// that it is given; inside a fold of a validation those are rows that the validation lets the model know.
public struct SettingsSearch: Hashable, Sendable {
  /// How many settings are tried, the given ones among them.
  public var count: Int
  /// The number of folds of the search.
  static let folds = 3
  /// The most trees of a forest that is only tried.
  static let triedTrees = 100

  /// Plans a search.
  public init(count: Int) { self.count = max(count, 1) }

  /// The settings that are tried: the given ones, and others of the same task, number of trees and seed.
  public func candidates(_ settings: ForestSettings) -> [ForestSettings] {
    // Not the seed itself, by which the trees draw.
    var random = SplitMix64(seed: settings.seed ^ 0x5EA2_C400)
    var all = [settings]
    for _ in 1..<max(count, 1) {
      var other = settings
      other.minSamplesLeaf = [1, 2, 3, 5, 8, 12, 20, 30].randomElement(using: &random) ?? 5
      other.maxFeatures =
        [.squareRoot, .share(0.25), .share(0.5), .share(0.75), .all].randomElement(using: &random)
        ?? .squareRoot
      other.maxDepth = [nil, 4, 6, 10].randomElement(using: &random) ?? nil
      other.extraTrees = Bool.random(using: &random)
      other.maxSamples = [0.5, 0.75, 1].randomElement(using: &random) ?? 1
      if other.task == .classification { other.criterion = Bool.random(using: &random) ? .gini : .entropy }
      if !all.contains(other) { all.append(other) }
    }
    return all
  }

  /// The settings with the lowest logarithmic loss (squared error for regression) over folds of these rows.
  ///
  /// - Throws: ``ForestError``, or `CancellationError`.
  public func best(
    _ settings: ForestSettings, _ data: FeatureMatrix, targets: [Double], groups: [Int]? = nil,
    weights: [Double]? = nil, threads: Int = 1
  ) async throws -> ForestSettings {
    var best = (settings: settings, loss: Double.infinity)
    for candidate in candidates(settings) {
      var tried = candidate
      tried.trees = min(candidate.trees, Self.triedTrees)
      let predictions = try await Self.innerPredictions(
        tried, data, targets: targets, groups: groups, weights: weights, threads: threads)
      let width = settings.width
      // Of several classes what counts is the probability of the one that it was.
      let loss = targets.enumerated().reduce(0) { sum, row in
        width == 1
          ? sum + Self.loss(predictions[row.offset], row.element, candidate.task)
          : sum + Self.loss(predictions[row.offset * width + Int(row.element)], 1, candidate.task)
      }
      if loss < best.loss { best = (candidate, loss) }
    }
    return best.settings
  }

  private static func loss(_ prediction: Double, _ target: Double, _ task: ForestSettings.Task) -> Double {
    if task == .regression { return (prediction - target) * (prediction - target) }
    // A leaf of one row is certain; its loss is that of one in a thousand.
    return -naturalLogarithm(min(max(target > 0.5 ? prediction : 1 - prediction, 1e-3), 1))
  }

  /// What forests say of rows in folds that they did not learn from.
  static func innerPredictions(
    _ settings: ForestSettings, _ data: FeatureMatrix, targets: [Double], groups: [Int]?, weights: [Double]?,
    threads: Int
  ) async throws -> [Double] {
    let foldOf = Folds.of(targets, task: settings.task, groups: groups, count: folds, seed: settings.seed)
    let (width, constant) = (settings.width, settings.constant(targets))
    var predictions = targets.flatMap { _ in constant }
    for fold in 0..<folds {
      let (inside, held) = (foldOf.indices.filter { foldOf[$0] != fold }, foldOf.indices.filter { foldOf[$0] == fold })
      // Few groups may leave a fold empty.
      if inside.isEmpty || held.isEmpty { continue }
      let fit = try await ForestTrainer(settings)
        .fit(
          data.selecting(inside), targets: inside.map { targets[$0] },
          weights: weights.map { weights in inside.map { weights[$0] } }, threads: threads)
      let said = await fit.forest.said(for: fit.order.apply(data.selecting(held)))
      for (place, row) in held.enumerated() {
        predictions.replaceSubrange(row * width..<(row + 1) * width, with: said[place * width..<(place + 1) * width])
      }
    }
    return predictions
  }
}
