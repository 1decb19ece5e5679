import Forest
import Kernels
import Testing

@Suite struct TrainingTests {
  private let data = SampleData.matrix(rows: 400, columns: 6, missing: 0.1)
  private var targets: [Double] { SampleData.targets(data) }

  private func auc(_ predictions: [Double], _ targets: [Double]) -> Double {
    Metrics(probabilities: predictions, targets: targets)[.rocAUC]
  }

  @Test(arguments: [false, true], [ForestSettings.Criterion.gini, .entropy])
  func aForestDoesNotDependOnThreads(extraTrees: Bool, criterion: ForestSettings.Criterion) async throws {
    var settings = ForestSettings()
    settings.trees = 30
    settings.extraTrees = extraTrees
    settings.criterion = criterion
    settings.seed = 7
    let one = try await ForestTrainer(settings).fit(data, targets: targets, threads: 1)
    let many = try await ForestTrainer(settings).fit(data, targets: targets, threads: 5)
    #expect(one.forest.nodes == many.forest.nodes)
    #expect(one.outOfBag.map(\.bitPattern) == many.outOfBag.map(\.bitPattern))
    #expect(await one.forest.predictions(for: data, threads: 1) == many.forest.predictions(for: data, threads: 3))
    settings.seed = 8
    let other = try await ForestTrainer(settings).fit(data, targets: targets)
    #expect(one.forest.nodes != other.forest.nodes)
  }

  /// Without draws and with all columns, each tree can learn every row that no other row contradicts.
  @Test func aTreeLearnsItsRowsByHeart() async throws {
    var settings = ForestSettings()
    settings.trees = 1
    settings.bootstrap = false
    settings.maxFeatures = .all
    let fit = try await ForestTrainer(settings).fit(data, targets: targets)
    #expect(await fit.forest.predictions(for: data) == targets)
    #expect(fit.outOfBag.allSatisfy { $0.isNaN })
  }

  @Test func rowsOneByOneAreTheSameAsAllAtOnce() async throws {
    let forest = try await SampleData.forest(data, trees: 13)
    let together = await forest.predictions(for: data)
    #expect((0..<data.rowCount).map { forest.prediction(of: data.row($0)) } == together)
  }

  /// Where a value is missing can be all there is to know.
  @Test func missingValuesAreASignal() async throws {
    var random = SplitMix64(seed: 5)
    let targets = (0..<300).map { _ in Double(Int.random(in: 0...1, using: &random)) }
    let column = targets.map { $0 == 1 ? Float.nan : Float.random(in: 0..<1, using: &random) }
    let noise = (0..<300).map { _ in Float.random(in: 0..<1, using: &random) }
    var settings = ForestSettings()
    settings.trees = 20
    settings.maxFeatures = .all
    let fit = try await ForestTrainer(settings).fit(FeatureMatrix(columns: [column, noise]), targets: targets)
    #expect(zip(fit.outOfBag, targets).allSatisfy { abs($0 - $1) < 0.01 })
  }

  @Test func limitsOfTreesAreKept() async throws {
    let forest = try await SampleData.forest(data, trees: 20) {
      $0.maxDepth = 3
      $0.minSamplesLeaf = 9
      $0.bootstrap = false
    }
    let nodes = forest.nodes
    for tree in 0..<forest.treeCount {
      let end = tree + 1 < forest.treeCount ? nodes.roots[tree + 1] : nodes.count
      #expect(end - nodes.roots[tree] <= 15)
    }
    #expect(zip(nodes.feature, nodes.cover).allSatisfy { $0 >= 0 || $1 >= 9 })
    #expect(nodes.feature.contains { $0 >= 0 })
  }

  /// A weight of 2 is a row that is there twice, whatever the path the sums take.
  @Test func weightsAreRepetitions() async throws {
    var settings = ForestSettings()
    settings.trees = 1
    settings.bootstrap = false
    settings.maxFeatures = .all
    settings.maxDepth = 4
    let weights = data.columns[0].indices.map { Double($0 % 3) }
    let repeated = weights.indices.flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
    let weighted = try await ForestTrainer(settings).fit(data, targets: targets, weights: weights).forest
    let twice = try await ForestTrainer(settings)
      .fit(data.selecting(repeated), targets: repeated.map { targets[$0] }).forest
    #expect(weighted.nodes.feature == twice.nodes.feature && weighted.nodes.cover == twice.nodes.cover)
    #expect(weighted.nodes.threshold == twice.nodes.threshold)
    #expect(zip(weighted.nodes.value, twice.nodes.value).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func classesOfEqualWeight() async throws {
    let rare = (0..<data.rowCount).map { $0 % 10 == 0 ? targets[$0] : 0 }
    var settings = ForestSettings()
    settings.trees = 1
    settings.bootstrap = false
    settings.classWeight = .balanced
    let root = try await ForestTrainer(settings).fit(data, targets: rare).forest.nodes.value[0]
    #expect(abs(root - 0.5) < 1e-12)
    settings.classWeight = .weights(negative: 1, positive: 3)
    let positives = rare.reduce(0, +)
    let weighted = try await ForestTrainer(settings).fit(data, targets: rare).forest.nodes.value[0]
    #expect(abs(weighted - 3 * positives / (3 * positives + 400 - positives)) < 1e-12)
  }

  @Test(arguments: [ForestSettings.Splits.exact, .bins(32), .bins(255)])
  func binsLoseLittle(splits: ForestSettings.Splits) async throws {
    var settings = ForestSettings()
    settings.trees = 100
    settings.minSamplesLeaf = 5
    settings.splits = splits
    let fit = try await ForestTrainer(settings).fit(data, targets: targets)
    #expect(auc(fit.outOfBag, targets) > 0.65)
  }

  /// What the trees say of rows that they did not learn from is as good as chance where there is nothing to learn.
  @Test func nothingIsLearnedFromNoise() async throws {
    var random = SplitMix64(seed: 11)
    let noise = (0..<data.rowCount).map { _ in Double(Int.random(in: 0...1, using: &random)) }
    var settings = ForestSettings()
    settings.trees = 100
    let fit = try await ForestTrainer(settings).fit(data, targets: noise)
    #expect(abs(auc(fit.outOfBag, noise) - 0.5) < 0.1)
    #expect(auc(await fit.forest.predictions(for: data), noise) > 0.99)
  }

  @Test(arguments: [false, true])
  func regression(extraTrees: Bool) async throws {
    let targets = (0..<data.rowCount).map { row in
      data.row(row)[0].isNaN ? -3 : 100 + 10 * Double(data.row(row)[0])
    }
    var settings = ForestSettings.regression
    settings.trees = 50
    settings.extraTrees = extraTrees
    let fit = try await ForestTrainer(settings).fit(data, targets: targets)
    let errors = zip(fit.outOfBag, targets).map { abs($0 - $1) }
    #expect(errors.reduce(0, +) / Double(errors.count) < 2)
  }

  @Test func badDataIsNamed() async throws {
    let trainer = try ForestTrainer(ForestSettings())
    func message(_ targets: [Double], _ weights: [Double]? = nil) async -> String? {
      do {
        _ = try await trainer.fit(data, targets: targets, weights: weights)
        return nil
      } catch { return (error as? ForestError)?.description }
    }
    var targets = targets
    #expect(await message([1])?.contains("each row") == true)
    #expect(await message(targets, targets.map { _ in 0 })?.contains("weight") == true)
    #expect(await message(targets, targets.map { _ in .nan })?.contains("row 1") == true)
    targets[4] = 2
    #expect(await message(targets)?.contains("row 5") == true)
  }

  @Test func badSettingsAreRefused() {
    let changes: [(inout ForestSettings) -> Void] = [
      { $0.trees = 0 }, { $0.minSamplesLeaf = 0 }, { $0.maxDepth = 0 }, { $0.maxSamples = 0 }, { $0.maxSamples = .nan },
      { $0.criterion = .squaredError }, { $0.splits = .bins(1) },
      { $0.classWeight = .weights(negative: 0, positive: 1) },
    ]
    for change in changes {
      var settings = ForestSettings()
      change(&settings)
      #expect(throws: ForestError.self) { try ForestTrainer(settings) }
    }
  }
}
