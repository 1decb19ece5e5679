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
      result, targets: targets, classes: data.schema.classNames, groups: groups, scoreName: data.score?.name ?? "score",
      validation: validation,
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
    _ model: SavedModel, _ result: CrossValidation.Result, _ report: TrainingReport, _ explained: Explained
  ) -> ReportPage {
    let means = (result.forest.first ?? []).indices.map { place in
      result.forest.reduce(0) { $0 + $1[place] } / Double(result.forest.count)
    }
    return ReportPage(
      schema: model.schema, report: report, predictions: means, targets: targets, explained: explained)
  }

  /// Some rows are enough to look at: fewer where the forest is large or has many classes, which would take minutes
  /// otherwise.
  private func explained(_ fit: ForestTrainer.Fit) async throws -> Explained {
    let classes = fit.forest.classCount > 2 ? data.schema.classNames : []
    let most = min(max(500_000_000 / fit.forest.nodes.count / max(classes.count, 1), 100), 1_000)
    let some = Array(stride(from: 0, to: targets.count, by: max(1, (targets.count + most - 1) / most)))
    let rows = fit.order.apply(data.table.features.selecting(some))
    let schema = fit.order.apply(data.schema)
    func dependence(_ forest: RandomForest) async throws -> Dependence {
      let values = try await TreeExplainer(forest).values(of: rows, threads: threads)
      return Dependence(schema: schema, rows: rows, values: values)
    }
    if classes.isEmpty { return Explained(parts: [(name: nil, dependence: try await dependence(fit.forest))]) }
    var parts: [(name: String?, dependence: Dependence)] = []
    for (number, name) in classes.enumerated() {
      parts.append((name: name, dependence: try await dependence(fit.forest.oneClass(number))))
    }
    return Explained(parts: parts)
  }
}

extension DataCheck {
  /// How many rows there are of which class; `nil` for numbers.
  ///
  /// - Parameter schema: what the columns are.
  func counted(_ schema: TableSchema) -> String? {
    if let classes { return classes.map { "\($0.rows) \($0.name)" }.joined(separator: ", ") }
    guard schema.task != .regression else { return nil }
    return schema.classes.map { "\(positives) \($0[1])" } ?? "\(positives) positive"
  }

  /// What a person should know before the training.
  func lines(_ schema: TableSchema) -> [String] {
    var lines = ["\(rows) rows, \(counted(schema).map { "\($0), " } ?? "")\(duplicates) there twice"]
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
