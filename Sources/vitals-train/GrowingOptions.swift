public import ArgumentParser
public import Forest

extension ForestSettings.Criterion: ExpressibleByArgument {}
extension Calibration.Method: ExpressibleByArgument {}

/// How the forest is grown.
struct GrowingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The number of trees.", valueName: "number"))
  var trees = 500

  @Option(help: ArgumentHelp("The most levels of a tree (default: no limit).", valueName: "number"))
  var maxDepth: Int?

  @Option(help: ArgumentHelp("The fewest rows of a leaf.", valueName: "number"))
  var minSamplesLeaf = 5

  @Option(help: ArgumentHelp("The fewest rows of a node that is divided.", valueName: "number"))
  var minSamplesSplit = 2

  @Option(
    help: ArgumentHelp(
      "Columns tried at a node: sqrt, log2, all, a number, or a share (default: sqrt; 0.33 for numbers).",
      valueName: "n"))
  var maxFeatures: String?

  @Option(
    help: "What a split is judged by: gini, entropy or log-loss, or squared-error for numbers (default: gini).")
  var criterion: ForestSettings.Criterion?

  @Option(
    help: ArgumentHelp(
      "How classes count: equal, balanced, or a weight for each, such as 1:3.", valueName: "weights"))
  var classWeight = "equal"

  @Flag(help: "Draw splits at random and keep the best (extremely randomised trees).")
  var extraTrees = false

  @Flag(help: "Let each tree learn from all rows, rather than from rows drawn with replacement.")
  var noBootstrap = false

  @Option(help: ArgumentHelp("Rows drawn for a tree, as a share of all.", valueName: "share"))
  var maxSamples = 1.0

  @Option(help: ArgumentHelp("Split between so many bins (default: exactly, up to 50,000 rows).", valueName: "number"))
  var bins: Int?

  @Option(
    help: ArgumentHelp("What a leaf costs in impurity: branches that are not worth it are cut.", valueName: "cost"))
  var ccpAlpha = 0.0

  @Option(help: ArgumentHelp("What all random choices depend on.", valueName: "number"))
  var seed: UInt64 = 0

  /// The settings for a task.
  ///
  /// - Parameter classes: how many classes there are; `nil` where nobody knows yet.
  /// - Throws: `ValidationError` for options that make no sense, or none for the task.
  func settings(_ task: ForestSettings.Task, classes: Int?) throws -> ForestSettings {
    var settings = ForestSettings()
    settings.task = task
    settings.trees = trees
    settings.maxDepth = maxDepth
    settings.minSamplesLeaf = minSamplesLeaf
    settings.minSamplesSplit = minSamplesSplit
    settings.criterion = criterion ?? (task == .regression ? .squaredError : .gini)
    settings.extraTrees = extraTrees
    settings.bootstrap = !noBootstrap
    settings.maxSamples = maxSamples
    settings.seed = seed
    settings.pruning = ccpAlpha
    if let bins { settings.splits = .bins(bins) }
    guard let features = Self.features(maxFeatures ?? (task == .regression ? "0.33" : "sqrt")) else {
      throw ValidationError("--max-features takes sqrt, log2, all, a number, or a share such as 0.5.")
    }
    settings.maxFeatures = features
    guard let weight = Self.weight(classWeight) else {
      throw ValidationError("--class-weight takes equal, balanced, or a weight for each class such as 1:3.")
    }
    guard task == .classification || weight == .equal else {
      throw ValidationError("--class-weight is for classes; numbers have none.")
    }
    settings.classWeight = weight
    settings.classes = task == .regression ? 2 : classes ?? Self.classes(weight)
    // Says what makes no sense before anything is read.
    do { _ = try ForestTrainer(settings) } catch { throw ValidationError("\(error)") }
    return settings
  }

  private static func features(_ text: String) -> ForestSettings.MaxFeatures? {
    switch text {
    case "sqrt": .squareRoot
    case "log2": .log2
    case "all": .all
    default:
      if let count = Int(text) {
        count > 0 ? .count(count) : nil
      } else {
        Double(text).flatMap { $0 > 0 && $0 <= 1 ? .share($0) : nil }
      }
    }
  }

  private static func weight(_ text: String) -> ForestSettings.ClassWeight? {
    if text == "equal" { return .equal }
    if text == "balanced" { return .balanced }
    let numbers = text.split(separator: ":").compactMap { Double($0) }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).count
    guard numbers.count == parts, (2...ForestSettings.mostClasses).contains(parts) else { return nil }
    return parts == 2 ? .weights(negative: numbers[0], positive: numbers[1]) : .each(numbers)
  }

  /// How many classes weights are for.
  private static func classes(_ weight: ForestSettings.ClassWeight) -> Int {
    if case .each(let weights) = weight { weights.count } else { 2 }
  }
}

/// How many rows and trees are worked on at a time.
struct ThreadOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Threads that share the work (default: one for each processor).", valueName: "number"))
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1_024).contains(threads) { throw ValidationError("--threads must be 1 to 1024.") }
  }

  var count: Int { threads ?? processorCount() }
}
