/// What is known of a model's worth, and how it was found: `metrics.json`.
public struct TrainingReport: Sendable, Encodable {
  /// What is predicted.
  public var task: ForestSettings.Task
  /// The model's figures by their names in `metrics.json`, and those of its baselines: the mean of targets, and a
  /// linear model.
  public var forest, constant, linear: [String: Interval]
  /// The figures of a score that is in use today, with its name; `nil` where there is none.
  public var score: (name: String, figures: [String: Interval])?
  /// Whether the forest is better than each baseline, by the baseline's name.
  public var comparisons: [String: PermutationTest]
  /// What roc_auc loses, or what rmse gains, without a column, by its name: see ``CrossValidation/Result/importance``.
  public var importance: [String: Double]
  /// Mean absolute Shapley values of some rows, by column; empty where none were found.
  public var shapImportance: [String: Double] = [:]
  /// Rows by target and prediction, the mean over repeats; `nil` for numbers and for more than two classes.
  public var confusion: Metrics.Confusion?
  /// Rows by class and then by prediction, the mean over repeats; `nil` where there are no more than two classes.
  public var classConfusion: [[Double]]?
  /// The names of the classes; empty for numbers.
  public var classes: [String]
  /// How all rows were validated.
  public var folds, repeats: Int
  /// How the forest was grown.
  public var settings: ForestSettings
  /// How many settings were tried inside each fold; 1 for those that were given.
  public var search: Int
  /// How its probabilities are calibrated.
  public var calibration: Calibration.Method
  /// What stood out in the data.
  public var data: DataCheck
  /// The data's fingerprint (XXH64 of the file), which says whether two runs learned from the same.
  public var fingerprint: String
  /// Version of the program.
  public var version: String

  /// Judges the predictions of a validation.
  ///
  /// - Parameter classes: the names of the classes; their numbers where there are none.
  public init(
    _ result: CrossValidation.Result, targets: [Double], classes: [String] = [], groups: [Int]? = nil,
    scoreName: String = "score",
    validation: CrossValidation, data: DataCheck, fingerprint: String, version: String
  ) {
    let seed = validation.settings.seed
    let task = validation.settings.task
    // Large tables have narrow intervals, which fewer draws find as well.
    let draws = targets.count > 10_000 ? 200 : 1_000
    func figures(_ repeats: [[Double]]) -> [String: Interval] {
      Self.figures(validation.settings, repeats, targets: targets, groups: groups, draws: draws, seed: seed)
    }
    let classCount = validation.settings.classes
    func test(_ baseline: [[Double]]) -> PermutationTest {
      if classCount > 2 {
        return PermutationTest(
          classErrorsOf: result.forest, under: baseline, targets: targets, classes: classCount, groups: groups,
          swaps: draws, seed: seed)
      }
      return task == .regression
        ? PermutationTest(
          errorsOf: result.forest, under: baseline, targets: targets, groups: groups, swaps: draws, seed: seed)
        : PermutationTest(result.forest, over: baseline, targets: targets, groups: groups, swaps: draws, seed: seed)
    }
    self.task = task
    forest = figures(result.forest)
    constant = figures(result.constant)
    linear = figures(result.linear)
    comparisons = [Self.linearName(task): test(result.linear)]
    if !result.score.isEmpty {
      score = (scoreName, figures(result.score))
      comparisons[scoreName] = test(result.score)
    }
    self.classes =
      task == .regression ? [] : classes.count == classCount ? classes : (0..<classCount).map { "\($0)" }
    if classCount > 2 {
      classConfusion = Self.confusion(result.forest, targets: targets, classes: classCount)
    } else if task == .classification {
      confusion = Self.confusion(result.forest, targets: targets)
    }
    importance = [:]
    for (column, loss) in zip(data.columns, result.importance) where loss.isFinite { importance[column.name] = loss }
    folds = validation.folds
    repeats = validation.repeats
    settings = validation.settings
    search = validation.search?.count ?? 1
    calibration = validation.calibration
    self.data = data
    self.fingerprint = fingerprint
    self.version = version
  }

  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// The names of the figures, in order.
  public var figureNames: [String] {
    if classes.count > 2 { return ClassMetrics.Name.allCases.map(\.rawValue) }
    return task == .regression
      ? RegressionMetrics.Name.allCases.map(\.rawValue) : Metrics.Name.allCases.map(\.rawValue)
  }

  /// What the mean of targets is called as a baseline.
  public var constantName: String { task == .regression ? "mean_of_targets" : "majority" }

  /// What the linear model is called.
  public var linearName: String { Self.linearName(task) }

  private static func linearName(_ task: ForestSettings.Task) -> String {
    task == .regression ? "linear_regression" : "logistic_regression"
  }

  private static func figures(
    _ settings: ForestSettings, _ repeats: [[Double]], targets: [Double], groups: [Int]?, draws: Int, seed: UInt64
  ) -> [String: Interval] {
    func byName<Name: RawRepresentable<String>>(_ figures: [Name: Interval]) -> [String: Interval] {
      Dictionary(uniqueKeysWithValues: figures.map { ($0.key.rawValue, $0.value) })
    }
    switch settings.task {
    case .classification where settings.classes > 2:
      return byName(
        ClassMetrics.intervals(
          repeats, targets: targets, classes: settings.classes, groups: groups, draws: draws, seed: seed))
    case .classification:
      return byName(Metrics.intervals(repeats, targets: targets, groups: groups, draws: draws, seed: seed))
    case .regression:
      return byName(RegressionMetrics.intervals(repeats, targets: targets, groups: groups, draws: draws, seed: seed))
    }
  }

  private static func confusion(_ repeats: [[Double]], targets: [Double]) -> Metrics.Confusion {
    var sum = Metrics.Confusion()
    let share = 1 / Double(repeats.count)
    for probabilities in repeats {
      let own = Metrics(probabilities: probabilities, targets: targets).confusion
      sum.trueNegatives += own.trueNegatives * share
      sum.falsePositives += own.falsePositives * share
      sum.falseNegatives += own.falseNegatives * share
      sum.truePositives += own.truePositives * share
    }
    return sum
  }

  private static func confusion(_ repeats: [[Double]], targets: [Double], classes: Int) -> [[Double]] {
    var sum = [[Double]](repeating: [Double](repeating: 0, count: classes), count: classes)
    for probabilities in repeats {
      let own = ClassMetrics(probabilities: probabilities, targets: targets, classes: classes).confusion
      for (row, counts) in own.enumerated() {
        for (place, count) in counts.enumerated() { sum[row][place] += count / Double(repeats.count) }
      }
    }
    return sum
  }

  /// Writes each figure under its name, as mean, low and high, and beside them how they were found.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for (name, figure) in forest { try container.encode(figure, forKey: Key(stringValue: name)) }
    try container.encodeIfPresent(confusion, forKey: Key(stringValue: "confusion"))
    if let classConfusion {
      var byName: [String: [String: Double]] = [:]
      for (name, counts) in zip(classes, classConfusion) {
        byName[name] = Dictionary(uniqueKeysWithValues: zip(classes, counts))
      }
      try container.encode(byName, forKey: Key(stringValue: "confusion"))
    }
    try container.encode(folds, forKey: Key(stringValue: "folds"))
    try container.encode(repeats, forKey: Key(stringValue: "repeats"))
    try container.encode(settings.seed, forKey: Key(stringValue: "seed"))
    try container.encode(settings.described, forKey: Key(stringValue: "settings"))
    try container.encode(calibration.rawValue, forKey: Key(stringValue: "calibration"))
    try container.encode(data, forKey: Key(stringValue: "data"))
    try container.encode(fingerprint, forKey: Key(stringValue: "data_xxh64"))
    try container.encode(version, forKey: Key(stringValue: "version"))
    var baselines = [constantName: constant, linearName: linear]
    if let score { baselines[score.name] = score.figures }
    try container.encode(comparisons, forKey: Key(stringValue: "better_than"))
    try container.encode(importance, forKey: Key(stringValue: "permutation_importance"))
    try container.encode(shapImportance, forKey: Key(stringValue: "shap_importance"))
    try container.encode(search, forKey: Key(stringValue: "searched_settings"))
    try container.encode(baselines, forKey: Key(stringValue: "baselines"))
  }
}

extension ForestSettings {
  /// The settings by the names of the command's options.
  public var described: [String: String] {
    let features =
      switch maxFeatures {
      case .squareRoot: "sqrt"
      case .log2: "log2"
      case .all: "all"
      case .count(let count): "\(count)"
      case .share(let share): "\(share)"
      }
    let weight =
      switch classWeight {
      case .equal: "equal"
      case .balanced: "balanced"
      case .weights(let negative, let positive): "\(negative):\(positive)"
      case .each(let weights): weights.map { "\($0)" }.joined(separator: ":")
      }
    let splits =
      switch splits {
      case .automatic: "automatic"
      case .exact: "exact"
      case .bins(let bins): "\(bins) bins"
      }
    var described = [
      "task": task.rawValue, "trees": "\(trees)", "criterion": criterion.rawValue,
      "max_depth": maxDepth.map { "\($0)" } ?? "none", "min_samples_split": "\(minSamplesSplit)",
      "min_samples_leaf": "\(minSamplesLeaf)", "max_features": features, "bootstrap": "\(bootstrap)",
      "max_samples": "\(maxSamples)", "extra_trees": "\(extraTrees)", "class_weight": weight, "splits": splits,
      "ccp_alpha": "\(pruning)",
      "categorical": categorical.isEmpty ? "none" : categorical.map { "\($0)" }.joined(separator: ","),
      "monotone": monotone.isEmpty ? "none" : monotone.map { "\($0)" }.joined(separator: ","),
    ]
    if classes > 2 { described["classes"] = "\(classes)" }
    return described
  }
}
