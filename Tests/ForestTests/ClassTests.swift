import Kernels
import Testing

@testable import Forest

/// Forests of more than two classes.
@Suite struct ClassTests {
  private let data = SampleData.matrix(rows: 400, columns: 6, missing: 0.1)
  private var targets: [Double] { SampleData.classes(data, count: 4) }

  private func settings(_ change: (inout ForestSettings) -> Void = { _ in }) -> ForestSettings {
    var settings = ForestSettings()
    settings.classes = 4
    settings.trees = 20
    change(&settings)
    return settings
  }

  private func fit(
    weights: [Double]? = nil, threads: Int = 1, _ change: (inout ForestSettings) -> Void = { _ in }
  ) async throws -> ForestTrainer.Fit {
    try await ForestTrainer(settings(change)).fit(data, targets: targets, weights: weights, threads: threads)
  }

  @Test(arguments: [false, true], [ForestSettings.Criterion.gini, .entropy, .logLoss])
  func aForestDoesNotDependOnThreads(extraTrees: Bool, criterion: ForestSettings.Criterion) async throws {
    func grown(_ threads: Int, seed: UInt64) async throws -> ForestTrainer.Fit {
      try await fit(threads: threads) {
        $0.extraTrees = extraTrees
        $0.criterion = criterion
        $0.seed = seed
      }
    }
    let (one, many) = (try await grown(1, seed: 7), try await grown(5, seed: 7))
    #expect(one.forest.nodes == many.forest.nodes)
    #expect(one.outOfBag.map(\.bitPattern) == many.outOfBag.map(\.bitPattern))
    let probabilities = await one.forest.probabilities(for: data)
    #expect(await many.forest.probabilities(for: data, threads: 3) == probabilities)
    #expect((0..<data.rowCount).flatMap { one.forest.probabilities(of: data.row($0)) } == probabilities)
    #expect(try await grown(1, seed: 8).forest.nodes != one.forest.nodes)
  }

  /// With trees that do not draw rows, each row is learned by heart.
  @Test(arguments: [3, 4, 5, 9, 17, 33, 64]) func aTreeLearnsItsRowsByHeart(classes: Int) async throws {
    let targets = (0..<data.rowCount).map { Double($0 * 7 % classes) }
    let settings = settings {
      $0.classes = classes
      $0.trees = 1
      $0.bootstrap = false
      $0.maxFeatures = .all
    }
    let fit = try await ForestTrainer(settings).fit(data, targets: targets)
    #expect(fit.forest.classCount == classes && fit.outOfBag.allSatisfy { $0.isNaN })
    #expect(await fit.forest.predictions(for: data) == targets)
    #expect(await fit.forest.probabilities(for: data).allSatisfy { $0 == 0 || $0 == 1 })
  }

  /// What the trees learned holds for rows that they did not see, whichever way they were grown.
  @Test(
    arguments: [
      { _ in }, { $0.extraTrees = true }, { $0.splits = .bins(16) }, { $0.criterion = .entropy },
      { $0.classWeight = .balanced }, { $0.pruning = 0.002 },
    ] as [@Sendable (inout ForestSettings) -> Void])
  func whatIsLearnedHoldsElsewhere(change: @Sendable (inout ForestSettings) -> Void) async throws {
    let fit = try await fit { settings in
      settings.trees = 60
      settings.minSamplesLeaf = 3
      change(&settings)
    }
    let right = targets.indices.count { row in
      RandomForest.mostProbable(fit.outOfBag[row * 4..<row * 4 + 4]) == Int(targets[row])
    }
    // By chance it would be a quarter.
    #expect(Double(right) / 400 > 0.6, "\(right) of 400")
    let sums = targets.indices.map { fit.outOfBag[$0 * 4..<$0 * 4 + 4].reduce(0, +) }
    #expect(sums.allSatisfy { abs($0 - 1) < 1e-12 })
  }

  @Test func eachClassIsAForestOfTwo() async throws {
    let forest = try await fit().forest
    let probabilities = await forest.probabilities(for: data)
    for number in 0..<4 {
      let one = try forest.oneClass(number)
      let own = data.columns[0].indices.map { probabilities[$0 * 4 + number] }
      #expect(await one.predictions(for: data) == own)
      let explainer = try TreeExplainer(one)
      let pairs = try InteractionExplainer(one)
      let other = try InterventionalExplainer(one, background: data.selecting(Array(0..<20)))
      for row in 0..<10 {
        let values = explainer.values(of: data.row(row))
        #expect(abs(explainer.baseValue + values.reduce(0, +) - own[row]) < 1e-9)
        #expect(abs(pairs.interactions(of: data.row(row)).joined().reduce(0, +) - values.reduce(0, +)) < 1e-9)
        #expect(abs(other.baseValue + other.values(of: data.row(row)).reduce(0, +) - own[row]) < 1e-9)
      }
    }
    #expect(throws: ForestError.self) { try forest.oneClass(4) }
    #expect(throws: ForestError.self) { try TreeExplainer(forest) }
    #expect(throws: ForestError.self) { try InterventionalExplainer(forest, background: data) }
    let two = try await SampleData.forest(data)
    let (first, second) = (try two.oneClass(0), try two.oneClass(1))
    for row in 0..<10 {
      #expect(two.probabilities(of: data.row(row))[1] == second.prediction(of: data.row(row)))
      #expect(abs(two.probabilities(of: data.row(row))[0] - first.prediction(of: data.row(row))) < 1e-12)
    }
  }

  /// A class that counts twice is one whose rows count twice.
  @Test func weightsOfClasses() async throws {
    let scales = [1.0, 2, 0.5, 4]
    let byClass = try await fit { $0.classWeight = .each(scales) }
    let byRow = try await fit(weights: targets.map { scales[Int($0)] })
    #expect(byClass.forest.nodes == byRow.forest.nodes)
    let balanced = try await fit { $0.classWeight = .balanced }
    let counts = (0..<4).map { number in Double(targets.count { $0 == Double(number) }) }
    #expect(balanced.forest.nodes == (try await fit { $0.classWeight = .each(counts.map { 100 / $0 }) }).forest.nodes)
    #expect(balanced.forest.nodes != (try await fit()).forest.nodes)
  }

  /// The mean of the trees that did not draw a row, by its definition.
  @Test func outOfBag() async throws {
    let one = try await fit { $0.trees = 1 }
    let seen = (0..<data.rowCount).filter { one.outOfBag[$0 * 4].isNaN }
    #expect(seen.count > 200 && seen.count < 300)
    for row in 0..<data.rowCount where !seen.contains(row) {
      #expect(Array(one.outOfBag[row * 4..<row * 4 + 4]) == one.forest.probabilities(of: data.row(row)))
    }
  }

  @Test func addedTreesAreThoseOfALargerForest() async throws {
    let all = try await fit { $0.trees = 30 }
    let some = try await fit { $0.trees = 12 }
    let trainer = try ForestTrainer(settings { $0.trees = 30 })
    let more = try await trainer.fit(data, targets: targets, addingTo: some.forest, threads: 3)
    #expect(more.forest.nodes == all.forest.nodes)
    #expect(more.outOfBag.map(\.bitPattern) == all.outOfBag.map(\.bitPattern))
    let two = try await SampleData.forest(data)
    await #expect(throws: ForestError.self) { try await trainer.fit(data, targets: targets, addingTo: two) }
  }

  /// No other pruning of a small tree is cheaper by the definition.
  @Test(arguments: [0.01, 0.02, 0.05]) func pruningIsTheCheapest(alpha: Double) async throws {
    let full = try await fit {
      $0.trees = 1
      $0.maxDepth = 4
      $0.bootstrap = false
    }.forest.nodes
    func own(_ nodes: TreeNodes, _ node: Int) -> Double {
      let impurity = 1 - nodes.shares(of: node).reduce(0) { $0 + $1 * $1 }
      return nodes.cover[node] / nodes.cover[0] * impurity + alpha
    }
    func least(_ node: Int) -> Double {
      if full.feature[node] < 0 { return own(full, node) }
      let left = Int(full.left[node])
      return min(own(full, node), least(left) + least(left + 1))
    }
    let pruned = full.pruned(alpha: alpha, criterion: .gini)
    let cost = pruned.feature.indices.filter { pruned.feature[$0] < 0 }.reduce(0) { $0 + own(pruned, $1) }
    #expect(abs(cost - least(0)) < 1e-12 && pruned.count < full.count)
  }

  @Test func aForestComesBackAsItWas() async throws {
    let forest = try await fit { $0.trees = 3 }.forest
    let bytes = forest.encoded()
    let back = try RandomForest(decoding: bytes)
    #expect(back.nodes == forest.nodes && back.classCount == 4)
    for length in stride(from: 0, to: bytes.count, by: 41) {
      #expect(throws: ForestError.self) { try RandomForest(decoding: Array(bytes[..<length])) }
    }
    for place in stride(from: 0, to: bytes.count, by: 3) {
      var damaged = bytes
      damaged[place] ^= 1 << (place % 8)
      #expect(throws: ForestError.self) { try RandomForest(decoding: damaged) }
    }
  }

  @Test func sharesThatAreNoneAreRefused() async throws {
    let sound = try await fit { $0.trees = 2 }.forest.nodes
    let leaf = try #require(sound.feature.firstIndex { $0 < 0 })
    let changes: [(inout TreeNodes) -> Void] = [
      { $0.shares.removeLast() }, { $0.shares[0] = .nan }, { $0.shares[0] = -0.1 }, { $0.shares[4 * leaf] += 0.5 },
      { $0.shares = Array($0.shares.prefix(2 * $0.count)) },
      { $0.shares = [Double](repeating: 0.01, count: 65 * $0.count) },
    ]
    for (number, change) in changes.enumerated() {
      var nodes = sound
      change(&nodes)
      #expect(throws: ForestError.self, "change \(number)") {
        try RandomForest(task: .classification, columnCount: 6, nodes: nodes)
      }
    }
    #expect(throws: ForestError.self) { try RandomForest(task: .regression, columnCount: 6, nodes: sound) }
  }

  @Test func settingsThatMakeNoSense() async throws {
    let changes: [(inout ForestSettings) -> Void] = [
      { $0.monotone = [1, 0, 0, 0, 0, 0] }, { $0.classes = 65 }, { $0.classes = 1 },
      { $0.classWeight = .weights(negative: 1, positive: 2) }, { $0.classWeight = .each([1, 2, 3]) },
      { $0.classWeight = .each([1, 2, 3, 0]) }, { $0.criterion = .squaredError },
      {
        $0.task = .regression
        $0.criterion = .squaredError
      },
    ]
    for (number, change) in changes.enumerated() {
      #expect(throws: ForestError.self, "change \(number)") { try ForestTrainer(settings(change)) }
    }
    for target in [4, -1, 0.5, .nan] {
      let trainer = try ForestTrainer(settings())
      await #expect(throws: ForestError.self) {
        try await trainer.fit(data, targets: [target] + targets.dropFirst())
      }
    }
  }

  /// Categories that only one class has, dealt out so that the order of their numbers says nothing.
  @Test func categoriesStandInTheOrderOfTheirClasses() async throws {
    let classOf = [0, 2, 1, 0, 1, 2, 2, 0, 1]
    let column = (0..<360).map { $0 % 12 == 11 ? Float.nan : Float($0 * 5 % 9) }
    let targets = column.map { $0.isNaN ? 1 : Double(classOf[Int($0)]) }
    let order = try CategoryOrder(
      FeatureMatrix(columns: [column]), columns: [0], targets: targets, classes: 3, weights: nil)
    let places = order.apply(FeatureMatrix(columns: [(0..<9).map(Float.init)])).columns[0].map { Int($0) }
    #expect(places.sorted() == Array(0..<9))
    // Categories of one class are neighbours, so that two splits tell all three classes apart.
    let sorted = (0..<9).sorted { places[$0] < places[$1] }.map { classOf[$0] }
    #expect(zip(sorted, sorted.dropFirst()).count { $0 != $1 } == 2, "\(sorted)")
    let settings = settings {
      $0.classes = 3
      $0.categorical = [0]
      $0.maxDepth = 3
      $0.bootstrap = false
      $0.trees = 1
    }
    let data = FeatureMatrix(columns: [column])
    let fit = try await ForestTrainer(settings).fit(data, targets: targets)
    #expect(await fit.forest.predictions(for: fit.order.apply(data)) == targets)
  }
}
