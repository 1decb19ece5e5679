import Forest
import Testing

/// The examples of the documentation, as they stand there.
@Suite struct DocumentationTests {
  private let schemaBytes = Array(
    #"{"name":"d","label":"sick","columns":[{"name":"glucose","missing":[0]},{"name":"age"}]}"#.utf8)

  /// Forty patients; those above 120 are sick.
  private var csvBytes: [UInt8] {
    let rows = (0..<40).map { row in "\(80 + row * 2),\(20 + row * 7 % 50),\(row > 20 ? 1 : 0)" }
    return Array((["glucose,age,sick"] + rows).joined(separator: "\n").utf8)
  }

  @Test("the landing page: a table, a forest, its worth and its reasons")
  func landingPage() async throws {
    let schema = try TableSchema(json: schemaBytes)
    let table = try LabelledTable(csv: csvBytes, schema: schema, needsTargets: true)
    var settings = ForestSettings()
    settings.minSamplesLeaf = 5
    settings.trees = 20
    let fit = try await ForestTrainer(settings).fit(table.features, targets: table.targets ?? [], threads: 4)
    let probability = fit.forest.prediction(of: table.features.row(0))
    #expect(probability < 0.4)
    let validation = CrossValidation(settings, folds: 10, repeats: 10)
    let result = try await validation.run(table.features, targets: table.targets ?? [])
    let figures = Metrics.intervals(result.forest, targets: table.targets ?? [])
    #expect(figures[.rocAUC]?.mean ?? 0 > 0.9)
    let stageNumbers = (0..<40).map { Double($0 % 3) }
    settings.classes = 3
    let stages = try await ForestTrainer(settings).fit(table.features, targets: stageNumbers)
    let probabilities = stages.forest.probabilities(of: table.features.row(0))
    let severe = try TreeExplainer(stages.forest.oneClass(2))
    let all = severe.baseValue + severe.values(of: table.features.row(0)).reduce(0, +)
    #expect(probabilities.count == 3 && abs(all - probabilities[2]) < 1e-9)
    let explainer = try TreeExplainer(fit.forest)
    let pushes = explainer.values(of: table.features.row(0))
    #expect(abs(explainer.baseValue + pushes.reduce(0, +) - probability) < 1e-9)
  }
}
