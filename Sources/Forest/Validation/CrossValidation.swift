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
  /// Settings that are tried inside each fold, the best of which count; `nil` for those of ``settings``.
  public var search: SettingsSearch?

  /// Plans a validation.
  public init(_ settings: ForestSettings, folds: Int = 10, repeats: Int = 10) {
    self.settings = settings
    self.folds = folds
    self.repeats = repeats
  }

  /// What models predict, probabilities or numbers: a list for each repeat, each with every row. Of more than two
  /// classes a row has a probability for each of them, one after the other.
  public struct Result: Sendable {
    /// The forest's.
    public var forest: [[Double]] = []
    /// The mean of targets, which is the share of positive ones; the share of each of more than two classes.
    public var constant: [[Double]] = []
    /// Those of a linear model: logistic regression, of each class against all others where there are more than two, or
    /// linear regression of numbers.
    public var linear: [[Double]] = []
    /// Those of a logistic regression on the score alone; empty where there is none.
    public var score: [[Double]] = []
    /// By how much the area under the curve (the mean of those of more than two classes) falls, or the root mean
    /// squared error of numbers rises, in the mean of all folds, when a column's values are dealt out among the rows of
    /// the fold at random: what the forest loses without the column. NaN where no fold has two different targets.
    public var importance: [Double] = []
  }

  /// Validates.
  ///
  /// - Parameters:
  ///   - groups: for each row a number; rows of one number are in one fold.
  ///   - weights: how much each row counts in learning; all count alike when predictions are judged.
  ///   - score: what is in use today, a number for each row such as a warning score: a baseline on the same folds.
  ///   - foldDone: is told of each fold that is done.
  /// - Throws: ``ForestError``, or `CancellationError`.
  public func run(
    _ data: FeatureMatrix, targets: [Double], groups: [Int]? = nil, weights: [Double]? = nil, score: [Float]? = nil,
    threads: Int = 1, foldDone: () -> Void = {}
  ) async throws -> Result {
    try check(targets, groups)
    var result = Result()
    var (losses, judged) = ([Double](repeating: 0, count: data.columnCount), 0)
    for number in 0..<repeats {
      let seed = settings.seed &+ UInt64(number) &* 0x9E37_79B9
      let foldOf = Folds.of(targets, task: settings.task, groups: groups, count: folds, seed: seed)
      let width = settings.width
      let empty = [Double](repeating: .nan, count: data.rowCount * width)
      /// Where the predictions of a row stand.
      func places(_ row: Int) -> Range<Int> { row * width..<(row + 1) * width }
      result.forest.append(empty)
      result.constant.append(empty)
      result.linear.append(empty)
      if score != nil { result.score.append(empty) }
      for fold in 0..<folds {
        let (inside, held) = (
          foldOf.indices.filter { foldOf[$0] != fold }, foldOf.indices.filter { foldOf[$0] == fold }
        )
        let part = Part(data, targets, groups, weights, rows: inside)
        let (forest, fit) = try await forestPredictions(
          part, data.selecting(held), seed: seed &+ UInt64(fold), threads)
        let outside = fit.order.apply(data.selecting(held))
        let regression = LinearClasses(settings, fit.order.apply(part.data), targets: part.targets)
        let constant = settings.constant(part.targets)
        let scored = score.map { score in
          LinearClasses(settings, FeatureMatrix(columns: [inside.map { score[$0] }]), targets: part.targets)
        }
        for (place, row) in held.enumerated() {
          result.forest[number].replaceSubrange(places(row), with: forest[places(place)])
          result.linear[number].replaceSubrange(places(row), with: regression.predictions(of: outside.row(place)))
          result.constant[number].replaceSubrange(places(row), with: constant)
          if let scored, let score {
            result.score[number].replaceSubrange(places(row), with: scored.predictions(of: [score[row]]))
          }
        }
        let own = held.map { targets[$0] }
        if settings.task == .regression || Set(own).count > 1 {
          let fallen = await Self.losses(fit.forest, outside, own, seed: seed &+ UInt64(fold), threads)
          for (column, loss) in fallen.enumerated() { losses[column] += loss }
          judged += 1
        }
        foldDone()
      }
    }
    result.importance = losses.map { $0 / Double(judged) }
    return result
  }

  /// What the area under the curve, or the error, loses when one column after the other is shuffled.
  private static func losses(
    _ forest: RandomForest, _ data: FeatureMatrix, _ targets: [Double], seed: UInt64, _ threads: Int
  ) async -> [Double] {
    func worth(_ data: FeatureMatrix) async -> Double {
      let predictions = await forest.said(for: data, threads: threads)
      if forest.classCount > 2 {
        return ClassMetrics(probabilities: predictions, targets: targets, classes: forest.classCount)[.rocAUC]
      }
      if forest.task == .regression { return -RegressionMetrics(predictions: predictions, targets: targets)[.rmse] }
      return RankedPredictions(probabilities: predictions, targets: targets).areas(nil).roc
    }
    var random = SplitMix64(seed: seed ^ 0x1397_07A4)
    let whole = await worth(data)
    var losses: [Double] = []
    for column in data.columns.indices {
      var columns = data.columns
      columns[column].shuffle(using: &random)
      losses.append(whole - (await worth(FeatureMatrix(columns: columns))))
    }
    return losses
  }

  private func check(_ targets: [Double], _ groups: [Int]?) throws(ForestError) {
    guard repeats >= 1 else { throw ForestError(.invalidParameter, "there is 1 repeat or more") }
    if settings.task == .regression { return try checkNumbers(targets, groups) }
    if settings.classes > 2 { return try checkClasses(targets, groups) }
    let fewest = min(targets.count { $0 == 1 }, targets.count { $0 == 0 })
    guard (2...max(fewest, 2)).contains(folds), fewest >= 2 else {
      throw ForestError(.invalidParameter, "there are 2 folds or more, and at most as many as rows of either target")
    }
    if let groups {
      // A fold without one of the targets would leave the others nothing to learn of it.
      let withPositives = Set(groups.indices.filter { targets[$0] == 1 }.map { groups[$0] }).count
      guard Set(groups).count >= folds, withPositives >= 2 else {
        throw ForestError(.badData, "fewer groups than folds, or fewer than 2 groups with a positive row")
      }
    }
  }

  private func checkClasses(_ targets: [Double], _ groups: [Int]?) throws(ForestError) {
    guard targets.allSatisfy(settings.isClass) else {
      throw ForestError(.badData, "a target is the number of a class, from 0 to \(settings.classes - 1)")
    }
    guard calibration == .none else {
      throw ForestError(.invalidParameter, "calibration is for two classes, and there are \(settings.classes)")
    }
    let fewest = (0..<settings.classes).map { number in targets.count { $0 == Double(number) } }.min() ?? 0
    guard (2...max(fewest, 2)).contains(folds), fewest >= 2 else {
      throw ForestError(
        .invalidParameter,
        "there are 2 folds or more, and at most as many as rows of the rarest class, of which there are \(fewest)")
    }
    guard let groups else { return }
    let fewestGroups = (0..<settings.classes).map { number in
      Set(groups.indices.filter { targets[$0] == Double(number) }.map { groups[$0] }).count
    }
    guard Set(groups).count >= folds, fewestGroups.allSatisfy({ $0 >= 2 }) else {
      throw ForestError(.badData, "fewer groups than folds, or fewer than 2 groups with a row of some class")
    }
  }

  private func checkNumbers(_ targets: [Double], _ groups: [Int]?) throws(ForestError) {
    guard (2...max(targets.count, 2)).contains(folds), targets.count >= 2 else {
      throw ForestError(.invalidParameter, "there are 2 folds or more, and at most as many as rows")
    }
    guard calibration == .none else {
      throw ForestError(.invalidParameter, "probabilities are calibrated, numbers are not")
    }
    if let groups, Set(groups).count < folds { throw ForestError(.badData, "fewer groups than folds") }
  }

  /// Rows that a model may learn from.
  struct Part {
    var data: FeatureMatrix
    var targets: [Double]
    var groups: [Int]?
    var weights: [Double]?

    init(_ data: FeatureMatrix, _ targets: [Double], _ groups: [Int]?, _ weights: [Double]?, rows: [Int]) {
      self.data = data.selecting(rows)
      self.targets = rows.map { targets[$0] }
      self.groups = groups.map { groups in rows.map { groups[$0] } }
      self.weights = weights.map { weights in rows.map { weights[$0] } }
    }
  }

  private func forestPredictions(
    _ part: Part, _ outside: FeatureMatrix, seed: UInt64, _ threads: Int
  ) async throws -> (predictions: [Double], fit: ForestTrainer.Fit) {
    var settings = settings
    settings.seed = seed
    if let search {
      settings = try await search.best(
        settings, part.data, targets: part.targets, groups: part.groups, weights: part.weights, threads: threads)
    }
    let fit = try await ForestTrainer(settings)
      .fit(part.data, targets: part.targets, weights: part.weights, threads: threads)
    let raw = await fit.forest.said(for: fit.order.apply(outside))
    let scaling = try await calibrated(fit, settings, part, threads)
    return (scaling.map { scaling in raw.map { scaling($0) } } ?? raw, fit)
  }

  /// The calibration of a forest that learned from these rows.
  ///
  /// - Parameter fit: what came of them.
  public func calibration(
    of fit: ForestTrainer.Fit, settings: ForestSettings, _ data: FeatureMatrix, targets: [Double], groups: [Int]?,
    weights: [Double]? = nil, threads: Int = 1
  ) async throws -> Calibration? {
    try await calibrated(fit, settings, Part(data, targets, groups, weights, rows: Array(targets.indices)), threads)
  }

  /// Where rows come in groups, trees that did not learn from a row have learned from its like; so folds of groups take
  /// the place of what the trees left out.
  private func calibrated(
    _ fit: ForestTrainer.Fit, _ settings: ForestSettings, _ part: Part, _ threads: Int
  ) async throws -> Calibration? {
    if calibration == .none { return nil }
    let honest =
      part.groups == nil
      ? fit.outOfBag
      : try await SettingsSearch.innerPredictions(
        settings, part.data, targets: part.targets, groups: part.groups, weights: part.weights, threads: threads)
    return Calibration(calibration, probabilities: honest, targets: part.targets)
  }
}
