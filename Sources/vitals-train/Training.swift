import CommandSupport
import Forest

/// The way from a table to a model, with its progress told on standard error.
struct Training {
  let data: TrainingData
  let validation: CrossValidation
  /// Trees that the forest begins with.
  let former: RandomForest?
  let threads: Int
  let check: DataCheck

  init(_ data: TrainingData, validation: CrossValidation, addingTo former: RandomForest?, threads: Int) {
    self.data = data
    self.validation = validation
    self.former = former
    self.threads = threads
    check = DataCheck(data.table, schema: data.schema)
  }

  private var targets: [Double] { data.table.targets ?? [] }

  func run() async throws -> (model: SavedModel, report: TrainingReport, page: ReportPage) {
    let (features, groups, weights) = (data.table.features, data.table.groups, data.table.weights)
    for line in check.lines(data.schema) { StandardError.print(line) }
    let progress = ProgressBar(total: Int64(validation.folds * validation.repeats), unit: .count)
    let result = try await validation.run(
      features, targets: targets, groups: groups, weights: weights, score: data.score?.values, threads: threads
    ) { progress.add(1) }
    progress.finish()
    var report = TrainingReport(
      result, targets: targets, groups: groups, scoreName: data.score?.name ?? "score", validation: validation,
      data: check, fingerprint: data.fingerprint, version: ProductVersion.current)
    if let search = validation.search {
      // What validated the search was found inside each fold; the model's own settings are found the same way.
      report.settings = try await search.best(
        validation.settings, features, targets: targets, groups: groups, weights: weights, threads: threads)
    }
    let grown = ProgressBar(total: Int64(report.settings.trees), unit: .count)
    let fit = try await ForestTrainer(report.settings)
      .fit(features, targets: targets, weights: weights, addingTo: former, threads: threads) { grown.add(1) }
    grown.finish()
    let calibration = try await validation.calibration(
      of: fit, settings: report.settings, features, targets: targets, groups: groups, weights: weights,
      threads: threads)
    let model = try SavedModel(forest: fit.forest, schema: fit.order.apply(data.schema), calibration: calibration)
    let explained = try await explained(fit)
    report.shapImportance = explained.importance
    return (model, report, page(model, result, report, explained))
  }

  private func page(
    _ model: SavedModel, _ result: CrossValidation.Result, _ report: TrainingReport, _ explained: Dependence
  ) -> ReportPage {
    let means = targets.indices.map { row in
      result.forest.reduce(0) { $0 + $1[row] } / Double(result.forest.count)
    }
    return ReportPage(
      schema: model.schema, report: report, predictions: means, targets: targets, explained: explained)
  }

  /// Some rows are enough to look at: fewer where the forest is large, which would take minutes otherwise.
  private func explained(_ fit: ForestTrainer.Fit) async throws -> Dependence {
    let most = min(max(500_000_000 / fit.forest.nodes.count, 100), 1_000)
    let some = Array(stride(from: 0, to: targets.count, by: max(1, (targets.count + most - 1) / most)))
    let rows = fit.order.apply(data.table.features.selecting(some))
    let values = try await TreeExplainer(fit.forest).values(of: rows, threads: threads)
    return Dependence(schema: fit.order.apply(data.schema), rows: rows, values: values)
  }
}

extension DataCheck {
  /// What a person should know before the training.
  func lines(_ schema: TableSchema) -> [String] {
    var lines = [
      schema.task == .regression
        ? "\(rows) rows, \(duplicates) there twice" : "\(rows) rows, \(positives) positive, \(duplicates) there twice"
    ]
    for column in columns {
      var facts: [String] = []
      if column.missing > 0 { facts.append(column.missing == rows ? "all missing" : "\(column.missing) missing") }
      if column.impossible > 0 { facts.append("\(column.impossible) outside the schema's limits") }
      if column.missing < rows, column.minimum == column.maximum { facts.append("always the same") }
      if !facts.isEmpty { lines.append("\(column.name): \(facts.joined(separator: ", "))") }
    }
    return lines
  }
}
