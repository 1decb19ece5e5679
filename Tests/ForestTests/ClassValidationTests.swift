import Kernels
import Testing

@testable import Forest

/// What forests of more than two classes are worth, and how that is found.
@Suite struct ClassValidationTests {
  private let data = SampleData.matrix(rows: 240, columns: 4, missing: 0.05)
  private var targets: [Double] { SampleData.classes(data, count: 3) }

  private func validation(_ change: (inout ForestSettings) -> Void = { _ in }) -> CrossValidation {
    var settings = ForestSettings()
    settings.classes = 3
    settings.trees = 20
    settings.minSamplesLeaf = 3
    change(&settings)
    return CrossValidation(settings, folds: 4, repeats: 2)
  }

  /// Worked out by hand.
  @Test func aFewRows() {
    let probabilities = [0.7, 0.2, 0.1, 0.4, 0.5, 0.1, 0.1, 0.6, 0.3, 0.2, 0.2, 0.6]
    let metrics = ClassMetrics(probabilities: probabilities, targets: [0, 0, 1, 2], classes: 3)
    #expect(metrics[.accuracy] == 0.75)
    #expect(abs(metrics[.balancedAccuracy] - (0.5 + 1 + 1) / 3) < 1e-12)
    #expect(metrics.confusion == [[1, 1, 0], [0, 1, 0], [0, 0, 1]])
    let squares = 0.09 + 0.04 + 0.01 + 0.36 + 0.25 + 0.01 + 0.01 + 0.16 + 0.09 + 0.04 + 0.04 + 0.16
    #expect(abs(metrics[.brier] - squares / 4) < 1e-12)
    #expect(abs(metrics[.logLoss] + naturalLogarithm(0.7 * 0.4 * 0.6 * 0.6) / 4) < 1e-12)
    // All rows of the classes 0, 1 and 2 stand above all others.
    #expect(metrics[.rocAUC] == 1)
    let worse = ClassMetrics(probabilities: probabilities, targets: [0, 1, 0, 2], classes: 3)
    // Class 0: 0.7 above 0.4 and 0.2, 0.1 below both; class 1: 0.5 above two of three; class 2: 0.6 above all.
    #expect(abs(worse[.rocAUC] - (0.5 + 2.0 / 3 + 1) / 3) < 1e-12)
    // A class that no row is of counts in nothing.
    let absent = ClassMetrics(probabilities: probabilities, targets: [0, 0, 1, 1], classes: 3)
    #expect(abs(absent[.balancedAccuracy] - (0.5 + 0.5) / 2) < 1e-12 && absent[.rocAUC].isFinite)
  }

  @Test func everyFoldHasItsShareOfEachClass() {
    let targets = (0..<103).map { Double($0 % 7 == 0 ? 2 : $0 % 2) }
    let folds = Folds.stratified(targets, count: 5, seed: 4)
    for number in 0..<3 {
      let rows = targets.indices.filter { targets[$0] == Double(number) }
      let counts = (0..<5).map { fold in rows.count { folds[$0] == fold } }
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1, "\(counts)")
    }
    let groups = targets.indices.map { $0 / 2 }
    let grouped = Folds.grouped(groups, targets: targets, count: 5, seed: 4)
    #expect(groups.indices.allSatisfy { grouped[$0] == grouped[groups[$0] * 2] })
    for fold in 0..<5 {
      let rare = targets.indices.count { targets[$0] == 2 && grouped[$0] == fold }
      #expect((2...4).contains(rare), "\(rare)")
    }
  }

  @Test func theForestBeatsChanceAndIsJudged() async throws {
    let validation = validation()
    let result = try await validation.run(data, targets: targets, score: data.columns[0])
    for predictions in [result.forest, result.constant, result.linear, result.score].joined() {
      #expect(predictions.count == 3 * 240)
      for row in 0..<240 { #expect(abs(predictions[row * 3..<row * 3 + 3].reduce(0, +) - 1) < 1e-9) }
    }
    #expect(result.importance[0] > 0.05 && abs(result.importance[3]) < 0.05, "\(result.importance)")
    let schema = TableSchema(name: "x", label: "y", columns: "abcd".map { TableSchema.Column(name: String($0)) })
    var classed = schema
    classed.classes = ["low", "middle", "high"]
    let check = DataCheck(LabelledTable(features: data, targets: targets), schema: classed)
    #expect(check.classes?.map(\.name) == classed.classes && check.classes?.reduce(0) { $0 + $1.rows } == 240)
    let report = TrainingReport(
      result, targets: targets, classes: classed.classNames, scoreName: "a", validation: validation, data: check,
      fingerprint: "f", version: "1")
    let names = ["roc_auc", "accuracy", "balanced_accuracy", "brier", "log_loss"]
    #expect(report.figureNames == names && Set(report.forest.keys) == Set(names))
    for name in names {
      let figure = try #require(report.forest[name])
      #expect(figure.low ?? 9 < figure.mean ?? 0 && figure.mean ?? 9 < figure.high ?? 0, "\(name)")
    }
    // Shares differ from fold to fold, and so does the mean of targets.
    #expect(report.forest["roc_auc"]?.mean ?? 0 > 0.8 && abs((report.constant["roc_auc"]?.mean ?? 9) - 0.5) < 0.1)
    #expect(report.forest["brier"]?.mean ?? 9 < report.constant["brier"]?.mean ?? 0)
    #expect(report.linear["accuracy"]?.mean ?? 0 > 0.5)
    // The difference is that of the figure.
    let test = try #require(report.comparisons["a"])
    let scored = try #require(report.score?.figures["brier"]?.mean)
    let means = (0..<720).map { place in result.forest.reduce(0) { $0 + $1[place] } / 2 }
    let own = ClassMetrics(probabilities: means, targets: targets, classes: 3)[.brier]
    #expect(test.difference > 0 && test.probability < 0.05 && abs(scored - own - test.difference) < 0.05)
    #expect(report.confusion == nil && report.classConfusion?.joined().reduce(0, +) == 240)
    let json = String(decoding: try prettyJSON(report), as: UTF8.self)
    #expect(json.contains("\"middle\" : {") && json.contains("\"classes\" : \"3\""))
  }

  @Test func settingsAreSearched() async throws {
    var tried = validation().settings
    tried.minSamplesLeaf = 120
    let best = try await SettingsSearch(count: 5).best(tried, data, targets: targets)
    #expect(best.minSamplesLeaf < 120 && best.classes == 3)
    var searched = validation()
    searched.repeats = 1
    searched.search = SettingsSearch(count: 2)
    #expect(try await searched.run(data, targets: targets).forest[0].allSatisfy { $0.isFinite })
  }

  @Test func validationsThatMakeNoSense() async throws {
    var calibrated = validation()
    calibrated.calibration = .platt
    await #expect(throws: ForestError.self) { try await calibrated.run(data, targets: targets) }
    // One row of a class cannot be learned from and predicted.
    let rare = targets.enumerated().map { $0 == 0 ? 2 : min($1, 1) }
    let error = await #expect(throws: ForestError.self) { try await validation().run(data, targets: rare) }
    #expect(error?.description.contains("rarest class, of which there are 1") == true)
    await #expect(throws: ForestError.self) {
      try await validation().run(data, targets: targets, groups: targets.map { Int($0) })
    }
    await #expect(throws: ForestError.self) { try await validation().run(data, targets: [7] + targets.dropFirst()) }
  }
}
