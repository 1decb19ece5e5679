import Forest
import Kernels
import Testing

/// Forests that predict numbers, and how they are judged.
@Suite struct RegressionTests {
  private let data = SampleData.matrix(rows: 240, columns: 4, missing: 0.1, seed: 8)

  /// Numbers that depend on the first two columns.
  private var targets: [Double] {
    var random = SplitMix64(seed: 5)
    return (0..<data.rowCount).map { row in
      let values = data.row(row).map { $0.isNaN ? 0.5 : Double($0) }
      return 100 + 20 * values[0] - (values[1] > 0.5 ? 8 : 0) + Double.random(in: -1...1, using: &random)
    }
  }

  private func validation(trees: Int = 30) -> CrossValidation {
    var settings = ForestSettings.regression
    settings.trees = trees
    settings.minSamplesLeaf = 3
    return CrossValidation(settings, folds: 5, repeats: 2)
  }

  /// Worked out by hand.
  @Test func figuresOfAFewRows() {
    let metrics = RegressionMetrics(predictions: [1, 2, 6], targets: [1, 4, 4])
    #expect(abs(metrics[.rmse] - (8.0 / 3).squareRoot()) < 1e-12)
    #expect(abs(metrics[.mae] - 4.0 / 3) < 1e-12)
    // The targets' squares about their mean, 3, are 4 + 1 + 1.
    #expect(abs(metrics[.r2] - (1 - 8.0 / 6)) < 1e-12)
    let weighted = RegressionMetrics(predictions: [1, 2, 6], targets: [1, 4, 4], weights: [1, 0, 2])
    let repeated = RegressionMetrics(predictions: [1, 6, 6], targets: [1, 4, 4])
    for name in RegressionMetrics.Name.allCases { #expect(abs(weighted[name] - repeated[name]) < 1e-12) }
    #expect(RegressionMetrics(predictions: [1, 3], targets: [2, 2])[.r2].isNaN)
  }

  @Test func aForestIsBetterThanItsBaselines() async throws {
    let result = try await validation().run(data, targets: targets)
    let check = DataCheck(LabelledTable(features: data, targets: targets), schema: try schema())
    let report = TrainingReport(
      result, targets: targets, validation: validation(), data: check, fingerprint: "0", version: "1")
    let r2 = try #require(report.forest["r2"])
    #expect((r2.mean ?? 0) > 0.8 && (r2.low ?? 1) < (r2.mean ?? 0) && (r2.high ?? 0) > (r2.mean ?? 1))
    #expect((report.constant["r2"]?.mean ?? 1) <= 0.01)
    #expect((report.forest["rmse"]?.mean ?? 9) < (report.linear["rmse"]?.mean ?? 0))
    let test = try #require(report.comparisons["linear_regression"])
    #expect(test.difference > 0 && test.probability < 0.05)
    #expect(report.confusion == nil && report.importance.count == 4)
    #expect((report.importance["a"] ?? 0) > 10 * abs(report.importance["d"] ?? 1))
  }

  private func schema(_ task: String? = "regression") throws -> TableSchema {
    let text = task.map { #""task":"\#($0)","# } ?? ""
    return try TableSchema(
      json: Array(
        #"{"name":"n","label":"y",\#(text)"columns":[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"}]}"#.utf8))
  }

  /// Every row is predicted by forests that do not know it: a target that is noise cannot be foretold.
  @Test func noiseIsNotForetold() async throws {
    var random = SplitMix64(seed: 77)
    let noise = (0..<data.rowCount).map { _ in Double.random(in: 0...1, using: &random) }
    let result = try await validation().run(data, targets: noise)
    let r2 = RegressionMetrics(predictions: result.forest[0], targets: noise)[.r2]
    #expect(r2 < 0.1)
  }

  @Test func aLineIsFound() {
    let column = (0..<50).map { Float($0) }
    let line = column.map { 3 * Double($0) - 7 }
    let model = LinearModel(.regression, FeatureMatrix(columns: [column]), targets: line)
    // The ridge of 1 beside 50 rows of deviation 1 takes a fiftieth of the slope.
    let slope = model.prediction(of: [30]) - model.prediction(of: [29])
    #expect(abs(slope - 3 * 50.0 / 51) < 1e-9)
    #expect(abs(model.prediction(of: [24.5]) - (3 * 24.5 - 7)) < 1e-9)
  }

  @Test func alikeModelsAreNotTold() {
    let same = PermutationTest(errorsOf: [[1, 2]], under: [[1, 2]], targets: [1, 1])
    #expect(same.difference == 0 && same.probability == 1)
    let better = PermutationTest(
      errorsOf: [[Double](repeating: 1, count: 20)], under: [[Double](repeating: 3, count: 20)],
      targets: [Double](repeating: 1, count: 20))
    #expect(better.difference == 4 && better.probability < 0.01)
    // One patient is one observation, however many rows.
    let grouped = PermutationTest(
      errorsOf: [[Double](repeating: 1, count: 20)], under: [[Double](repeating: 3, count: 20)],
      targets: [Double](repeating: 1, count: 20), groups: [Int](repeating: 7, count: 20))
    #expect(grouped.probability > 0.3)
  }

  @Test func throughONNXAndBack() async throws {
    let forest = try await ForestTrainer(validation().settings).fit(data, targets: targets).forest
    let back = try RandomForest(onnx: forest.onnx(name: "n", version: "1"), columnCount: 4)
    #expect(back.task == .regression && back.treeCount == forest.treeCount)
    let differences = zip(await forest.predictions(for: data), await back.predictions(for: data)).map { abs($0 - $1) }
    #expect(differences.allSatisfy { $0 < 1e-4 })
  }

  @Test func aModelAndItsSchemaAgreeOnTheTask() async throws {
    let forest = try await ForestTrainer(validation().settings).fit(data, targets: targets).forest
    let saved = try SavedModel(forest: forest, schema: schema(), calibration: nil)
    let files = try saved.files()
    let back = try SavedModel { name in files.first { $0.name == name }?.bytes }
    #expect(back.forest.task == .regression && back.probability(forest: 117.5) == 117.5)
    #expect(throws: ForestError.self) { try SavedModel(forest: forest, schema: schema(nil), calibration: nil) }
    let curve = try #require(Calibration(.isotonic, probabilities: [0.2, 0.8], targets: [0, 1]))
    #expect(throws: ForestError.self) { try SavedModel(forest: forest, schema: schema(), calibration: curve) }
  }

  @Test func foldsCannotBeMoreThanRowsNorGroups() async throws {
    var validation = validation()
    validation.folds = 241
    await #expect(throws: ForestError.self) { try await validation.run(data, targets: targets) }
    validation.folds = 5
    let groups = targets.indices.map { $0 % 3 }
    await #expect(throws: ForestError.self) { try await validation.run(data, targets: targets, groups: groups) }
    validation.calibration = .platt
    await #expect(throws: ForestError.self) { try await validation.run(data, targets: targets) }
  }
}
