import CommandSupport
import Forest
import Kernels

/// The way from a table to a model, with its progress told on standard error.
struct Training {
  let table: LabelledTable
  let targets: [Double]
  let schema: TableSchema
  let validation: CrossValidation
  let threads: Int
  let check: DataCheck
  let fingerprint: String

  init(dataPath: String, schema: TableSchema, validation: CrossValidation, threads: Int) throws {
    let bytes = try Files.read(dataPath)
    table = try naming(dataPath) { try LabelledTable(csv: bytes, schema: schema, needsTargets: true) }
    targets = table.targets ?? []
    guard targets.contains(1), targets.contains(0) else {
      throw CommandError(
        "\(dataPath): all rows have the same \(schema.label): there is nothing to learn", exit: .dataError)
    }
    self.schema = schema
    self.validation = validation
    self.threads = threads
    check = DataCheck(table, schema: schema)
    let hash = unsafe String(xxHash64(bytes.span.bytes), radix: 16)
    fingerprint = String(repeating: "0", count: 16 - hash.count) + hash
  }

  func run() async throws -> (model: SavedModel, report: TrainingReport, page: ReportPage) {
    for line in check.lines { StandardError.print(line) }
    let progress = ProgressBar(total: Int64(validation.folds * validation.repeats), unit: .count)
    let result = try await validation.run(table.features, targets: targets, threads: threads) { progress.add(1) }
    progress.finish()
    let report = TrainingReport(
      result, targets: targets, validation: validation, data: check, fingerprint: fingerprint,
      version: ProductVersion.current)
    let fit = try await ForestTrainer(validation.settings).fit(table.features, targets: targets, threads: threads)
    let calibration = Calibration(validation.calibration, probabilities: fit.outOfBag, targets: targets)
    let model = try SavedModel(forest: fit.forest, schema: schema, calibration: calibration)
    return (model, report, try await page(model, result, report))
  }

  private func page(
    _ model: SavedModel, _ result: CrossValidation.Result, _ report: TrainingReport
  ) async throws -> ReportPage {
    let means = targets.indices.map { row in
      result.forest.reduce(0) { $0 + $1[row] } / Double(result.forest.count)
    }
    // Some rows are enough to look at.
    let rows = table.features.selecting(Array(stride(from: 0, to: targets.count, by: max(1, targets.count / 400))))
    let values = try await TreeExplainer(model.forest).values(of: rows, threads: threads)
    return ReportPage(
      schema: schema, report: report, probabilities: means, targets: targets, explained: (rows, values))
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
