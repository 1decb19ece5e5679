import CommandSupport
import Forest

/// The way from a table to a model, with its progress told on standard error.
struct Training {
  let data: TrainingData
  let validation: CrossValidation
  let threads: Int
  let check: DataCheck

  init(_ data: TrainingData, validation: CrossValidation, threads: Int) {
    self.data = data
    self.validation = validation
    self.threads = threads
    check = DataCheck(data.table, schema: data.schema)
  }

  private var targets: [Double] { data.table.targets ?? [] }

  func run() async throws -> (model: SavedModel, report: TrainingReport, page: ReportPage) {
    let (features, groups) = (data.table.features, data.table.groups)
    for line in check.lines { StandardError.print(line) }
    let progress = ProgressBar(total: Int64(validation.folds * validation.repeats), unit: .count)
    let result = try await validation.run(
      features, targets: targets, groups: groups, score: data.score?.values, threads: threads
    ) { progress.add(1) }
    progress.finish()
    var report = TrainingReport(
      result, targets: targets, groups: groups, scoreName: data.score?.name ?? "score", validation: validation,
      data: check, fingerprint: data.fingerprint, version: ProductVersion.current)
    if let search = validation.search {
      // What validated the search was found inside each fold; the model's own settings are found the same way.
      report.settings = try await search.best(
        validation.settings, features, targets: targets, groups: groups, threads: threads)
    }
    let fit = try await ForestTrainer(report.settings).fit(features, targets: targets, threads: threads)
    let calibration = try await validation.calibration(
      of: fit, settings: report.settings, features, targets: targets, groups: groups, threads: threads)
    let model = try SavedModel(forest: fit.forest, schema: data.schema, calibration: calibration)
    return (model, report, try await page(model, result, report))
  }

  private func page(
    _ model: SavedModel, _ result: CrossValidation.Result, _ report: TrainingReport
  ) async throws -> ReportPage {
    let means = targets.indices.map { row in
      result.forest.reduce(0) { $0 + $1[row] } / Double(result.forest.count)
    }
    // Some rows are enough to look at.
    let some = Array(stride(from: 0, to: targets.count, by: max(1, targets.count / 400)))
    let rows = data.table.features.selecting(some)
    let values = try await TreeExplainer(model.forest).values(of: rows, threads: threads)
    return ReportPage(
      schema: data.schema, report: report, probabilities: means, targets: targets, explained: (rows, values))
  }
}

extension DataCheck {
  /// What a person should know before the training.
  var lines: [String] {
    var lines = ["\(rows) rows, \(positives) positive, \(duplicates) there twice"]
    for column in columns where column.missing > 0 || column.impossible > 0 {
      var facts: [String] = []
      if column.missing > 0 { facts.append("\(column.missing) missing") }
      if column.impossible > 0 { facts.append("\(column.impossible) outside the schema's limits") }
      lines.append("\(column.name): \(facts.joined(separator: ", "))")
    }
    return lines
  }
}
