import Kernels
import Testing

@testable import Forest

@Suite struct PruningTests {
  private let data = SampleData.matrix(rows: 300, columns: 5, missing: 0.1)

  private func tree(_ alpha: Double, _ criterion: ForestSettings.Criterion = .gini) async throws -> TreeNodes {
    try await SampleData.forest(data, trees: 1) {
      $0.pruning = alpha
      $0.criterion = criterion
      $0.bootstrap = false
    }.nodes
  }

  /// What a tree costs by the definition, cut or not.
  private func cost(_ nodes: TreeNodes, _ alpha: Double) -> Double {
    nodes.feature.indices.filter { nodes.feature[$0] < 0 }
      .reduce(0) { sum, leaf in
        let value = nodes.value[leaf]
        return sum + nodes.cover[leaf] / nodes.cover[0] * 2 * value * (1 - value) + alpha
      }
  }

  @Test func leavesThatCostMoreAreFewer() async throws {
    // Two rows of different targets cost a third of a hundredth.
    let counts = try await [0, 0.0035, 0.006, 1].asyncMap { try await tree($0).count }
    #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 >= $1 }, "\(counts)")
    #expect(counts[1] < counts[0] && counts[3] == 1, "\(counts)")
    #expect(try await tree(0.007, .entropy).count < tree(0, .entropy).count)
  }

  /// No other pruning is cheaper, nor as cheap with fewer leaves: all of them are tried, on a small tree.
  @Test(arguments: [0.0005, 0.002, 0.005, 0.01, 0.02, 0.05])
  func nothingIsCheaper(alpha: Double) async throws {
    let full = try await SampleData.forest(data, trees: 1) {
      $0.maxDepth = 4
      $0.bootstrap = false
    }.nodes
    let pruned = full.pruned(alpha: alpha, criterion: .gini)
    /// The cost and the leaves of every pruning of a branch.
    func prunings(_ node: Int) -> [(cost: Double, leaves: Int)] {
      let value = full.value[node]
      let own = (full.cover[node] / full.cover[0] * 2 * value * (1 - value) + alpha, 1)
      if full.feature[node] < 0 { return [own] }
      let left = Int(full.left[node])
      let (lefts, rights) = (prunings(left), prunings(left + 1))
      return [own] + lefts.flatMap { first in rights.map { (first.cost + $0.cost, first.leaves + $0.leaves) } }
    }
    let all = prunings(0)
    let least = all.map(\.cost).min() ?? 0
    #expect(abs(cost(pruned, alpha) - least) < 1e-12)
    let leaves = pruned.feature.count { $0 < 0 }
    #expect(leaves == all.filter { $0.cost < least + 1e-12 }.map(\.leaves).min())
  }

  /// A mean of a thousand million once drowned what the splits explain, in doubles: nothing was learned at all.
  @Test func regressionIsPrunedByItsSquares() async throws {
    let targets = (0..<data.rowCount).map { 1e9 + (data.columns[0][$0] > 0.5 ? 10.0 : 0) + Double($0 % 3) * 0.001 }
    var settings = ForestSettings.regression
    settings.trees = 1
    settings.bootstrap = false
    settings.pruning = 0.1
    let nodes = try await ForestTrainer(settings).fit(data, targets: targets).forest.nodes
    #expect(nodes.feature[0] == 0 && (3...5).contains(nodes.count), "\(nodes.count) nodes")
    #expect(abs(nodes.value[0] - targets.reduce(0, +) / 300) < 1e-3)
  }
}

@Suite struct MonotoneTests {
  private let data = SampleData.matrix(rows: 500, columns: 4, missing: 0.1)

  private func forest(_ trends: [Int], extraTrees: Bool) async throws -> RandomForest {
    try await SampleData.forest(data, trees: 20) {
      $0.monotone = trends
      $0.extraTrees = extraTrees
      $0.minSamplesLeaf = 3
    }
  }

  /// How often the prediction falls as a column rises (or rises, where the sign is -1), all else being equal.
  private func falls(_ forest: RandomForest, column: Int, sign: Double = 1) -> Int {
    var count = 0
    for row in 0..<100 {
      var values = data.row(row)
      let steps = stride(from: Float(-0.1), through: 1.1, by: 0.01).map { step in
        values[column] = step
        return forest.prediction(of: values)
      }
      count += zip(steps, steps.dropFirst()).count { sign * ($0 - $1) > 1e-12 }
    }
    return count
  }

  @Test(arguments: [false, true])
  func predictionsKeepToTheTrend(extraTrees: Bool) async throws {
    let free = try await forest([], extraTrees: extraTrees)
    #expect(falls(free, column: 0) > 0 && falls(free, column: 2) > 0)
    let rising = try await forest([1, 0, 1, 0], extraTrees: extraTrees)
    #expect(falls(rising, column: 0) == 0 && falls(rising, column: 2) == 0)
    #expect(falls(rising, column: 3) > 0)
    let falling = try await forest([-1, 0, 0, 0], extraTrees: extraTrees)
    #expect(falls(falling, column: 0, sign: -1) == 0 && falls(falling, column: 1) > 0)
  }

  /// The search that knows trends finds what the fast one finds, where there are none.
  @Test func withoutTrendsBothSearchesAgree() async throws {
    let fast = try await forest([], extraTrees: false)
    let slow = try await forest([0, 0, 0, 0], extraTrees: false)
    #expect(fast.nodes == slow.nodes)
  }

  @Test func trendsThatMakeNoSense() async throws {
    await #expect(throws: ForestError.self) { try await forest([1, 0], extraTrees: false) }
    await #expect(throws: ForestError.self) { try await forest([2, 0, 0, 0], extraTrees: false) }
  }
}

@Suite struct WarmStartTests {
  private let data = SampleData.matrix(rows: 200, columns: 4, missing: 0.1)

  @Test func addedTreesAreThoseOfALargerForest() async throws {
    var settings = ForestSettings()
    settings.trees = 30
    let targets = SampleData.targets(data)
    let all = try await ForestTrainer(settings).fit(data, targets: targets)
    settings.trees = 12
    let some = try await ForestTrainer(settings).fit(data, targets: targets)
    settings.trees = 30
    let more = try await ForestTrainer(settings).fit(data, targets: targets, addingTo: some.forest, threads: 3)
    #expect(more.forest.nodes == all.forest.nodes)
    #expect(more.outOfBag.map(\.bitPattern) == all.outOfBag.map(\.bitPattern))
    settings.trees = 10
    let trainer = try ForestTrainer(settings)
    await #expect(throws: ForestError.self) {
      try await trainer.fit(data, targets: targets, addingTo: some.forest)
    }
  }
}

extension Sequence {
  fileprivate func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
