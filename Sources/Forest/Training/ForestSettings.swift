/// How a forest is grown.
public struct ForestSettings: Hashable, Sendable {
  /// What is predicted.
  public enum Task: String, Hashable, Sendable, CaseIterable, Codable {
    /// The probability that the target is 1 rather than 0, or that of each class where there are more than two.
    case classification
    /// The target's mean.
    case regression
  }

  /// What a split is judged by.
  public enum Criterion: String, Hashable, Sendable, CaseIterable {
    case gini, entropy
    case logLoss = "log-loss"
    case squaredError = "squared-error"
  }

  /// How many columns are tried at a node.
  public enum MaxFeatures: Hashable, Sendable {
    case squareRoot, log2, all
    case count(Int)
    case share(Double)

    /// The number for a table.
    func count(of columns: Int) -> Int {
      let wanted =
        switch self {
        case .squareRoot: Int(Double(columns).squareRoot())
        case .log2: Int.bitWidth - 1 - max(columns, 1).leadingZeroBitCount
        case .all: columns
        case .count(let count): count
        case .share(let share): Int(share * Double(columns))
        }
      return min(max(wanted, 1), columns)
    }
  }

  /// How much a class counts.
  public enum ClassWeight: Hashable, Sendable {
    case equal
    /// So that all classes have the same weight in all.
    case balanced
    case weights(negative: Double, positive: Double)
    /// A weight for each of more than two classes.
    case each([Double])
  }

  /// Where splits may be.
  public enum Splits: Hashable, Sendable {
    /// Exact up to 50,000 rows, else between 255 bins.
    case automatic
    /// Between any two values (of at most 65,535 different ones in a column, else between so many bins).
    case exact
    /// Between bins of about equally many rows.
    case bins(Int)

    func codes(rows: Int) -> Int {
      switch self {
      case .automatic: rows <= 50_000 ? CodedTable.codeLimit : 255
      case .exact: CodedTable.codeLimit
      case .bins(let bins): bins
      }
    }
  }

  /// The most classes that a forest tells apart.
  public static let mostClasses = 64

  /// What is predicted.
  public var task = Task.classification
  /// The number of classes, for a classification; targets are the numbers of classes, from 0.
  public var classes = 2
  /// The number of trees.
  public var trees = 500
  /// What a split is judged by.
  public var criterion = Criterion.gini
  /// The most levels below the root; `nil` for no limit.
  public var maxDepth: Int?
  /// The fewest rows of a node that is divided.
  public var minSamplesSplit = 2
  /// The fewest rows of a leaf.
  public var minSamplesLeaf = 1
  /// How many columns are tried at a node.
  public var maxFeatures = MaxFeatures.squareRoot
  /// Whether each tree learns from rows drawn with replacement, rather than from all.
  public var bootstrap = true
  /// How many rows are drawn for a tree, as a share of all.
  public var maxSamples = 1.0
  /// Whether splits are drawn at random, the best of one a column (extremely randomised trees).
  public var extraTrees = false
  /// How much a class counts.
  public var classWeight = ClassWeight.equal
  /// Where splits may be.
  public var splits = Splits.automatic
  /// For each column 1 where predictions must not fall as it rises, -1 where they must not rise, else 0; empty where no
  /// column has a trend.
  public var monotone: [Int] = []
  /// The columns that hold the numbers of categories, which have no order of their own: see ``CategoryOrder``.
  public var categorical: [Int] = []
  /// What a leaf costs in impurity (cost-complexity pruning); branches not worth their leaves are cut. 0 cuts none.
  public var pruning = 0.0
  /// What all random choices depend on.
  public var seed: UInt64 = 0

  /// Makes settings of the defaults.
  public init() {}

  /// Settings for the prediction of a number.
  public static var regression: ForestSettings {
    var settings = ForestSettings()
    settings.task = .regression
    settings.criterion = .squaredError
    settings.maxFeatures = .all
    return settings
  }

  /// Throws where settings make no sense.
  func check() throws(ForestError) {
    func require(_ holds: Bool, _ message: String) throws(ForestError) {
      if !holds { throw ForestError(.invalidParameter, message) }
    }
    try require((1...1_000_000).contains(trees), "a forest has 1 to 1,000,000 trees")
    try require(maxDepth ?? 1 >= 1, "the depth is limited to 1 or more")
    try require(minSamplesLeaf >= 1, "a leaf has at least 1 row")
    try require(minSamplesSplit >= 2, "a node that is divided has at least 2 rows")
    try require(maxSamples > 0 && maxSamples <= 1, "the share of rows that are drawn is above 0 and at most 1")
    try require(
      (criterion == .squaredError) == (task == .regression), "squared error is for regression, the others are not")
    try checkClasses(require)
    if case .weights(let negative, let positive) = classWeight {
      try require(
        negative > 0 && positive > 0 && negative.isFinite && positive.isFinite, "weights of classes are above 0")
    }
    try require(monotone.allSatisfy { (-1...1).contains($0) }, "the trend of a column is -1, 0 or 1")
    try require(
      categorical.allSatisfy { $0 >= 0 && (monotone.isEmpty || $0 < monotone.count && monotone[$0] == 0) },
      "a column of categories is one of the columns and has no trend")
    try require(pruning >= 0 && pruning.isFinite, "what a leaf costs is a number from 0")
    if case .bins(let bins) = splits {
      try require((2...CodedTable.codeLimit).contains(bins), "there are 2 to \(CodedTable.codeLimit) bins")
    }
  }

  /// Whether a target is the number of a class.
  func isClass(_ target: Double) -> Bool { target >= 0 && target < Double(classes) && target == target.rounded() }

  private func checkClasses(_ require: (Bool, String) throws(ForestError) -> Void) throws(ForestError) {
    if task == .regression { return try require(classes == 2, "numbers have no classes") }
    try require((2...Self.mostClasses).contains(classes), "there are 2 to \(Self.mostClasses) classes")
    switch classWeight {
    case .weights: try require(classes == 2, "a weight for each of the \(classes) classes")
    case .each(let weights):
      try require(classes > 2 && weights.count == classes, "a weight for each of the \(classes) classes")
      try require(weights.allSatisfy { $0 > 0 && $0.isFinite }, "weights of classes are above 0")
    case .equal, .balanced: break
    }
    if classes > 2 {
      try require(
        monotone.allSatisfy { $0 == 0 },
        "a prediction rises or falls with a column where there are two classes, and not among \(classes)")
    }
  }
}
