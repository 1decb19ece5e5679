import Kernels

/// The rows of a table as what a tree adds up.
protocol TreeSamples: Sendable {
  associatedtype Sum: SplitSum
  var count: Int { get }
  /// What was taken from all targets, lest a large mean drown their differences.
  var offset: Double { get }
  /// A row that was drawn so often; `nil` where it weighs nothing.
  func sum(_ row: Int, draws: Int) -> Sum?
}

struct CountedSamples: TreeSamples {
  let positives: [Bool]

  var count: Int { positives.count }
  var offset: Double { 0 }

  func sum(_ row: Int, draws: Int) -> CountedSum? { CountedSum(weight: draws, isPositive: positives[row]) }
}

struct WeightedSamples: TreeSamples {
  let targets: [Double]
  let weights: [Double]
  let offset: Double

  init(targets: [Double], weights: [Double], task: ForestSettings.Task) {
    let offset = task == .regression ? targets.reduce(0) { $0 + $1 / Double(targets.count) } : 0
    self.targets = offset == 0 ? targets : targets.map { $0 - offset }
    self.weights = weights
    self.offset = offset
  }

  var count: Int { targets.count }

  func sum(_ row: Int, draws: Int) -> WeightedSum? {
    weights[row] > 0 ? WeightedSum(weight: Double(draws) * weights[row], target: targets[row]) : nil
  }
}

/// Rows of more than two classes.
struct ClassSamples<let blocks: Int>: TreeSamples {
  let classes: [UInt8]
  /// Of rows, with those of their classes.
  let weights: [Double]

  var count: Int { classes.count }
  var offset: Double { 0 }

  func sum(_ row: Int, draws: Int) -> ClassSum<blocks>? {
    weights[row] > 0 ? ClassSum(weight: Double(draws) * weights[row], class: Int(classes[row])) : nil
  }
}
