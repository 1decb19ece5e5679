import ArgumentParser
import Columnar
import CommandSupport
import Features
import Forest

/// `vitals-train predict`: a probability for each row of a table.
struct Predict: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predict each row of a table with a model.",
    discussion: """
      One row out for each row in, in their order. With --explain, base_value and the values of shap add up to the \
      forest's probability (the one before calibration, where the model has one). A model of stored vitals takes the \
      location of their table, and says for each reading, patient by patient, what the hour before it foretells. \
      Other models take comma-separated values, or the location of a Parquet file or Delta table with their columns. \
      A model of more than two classes says the most probable class, and the probability of each; --explain is then \
      about the class that is predicted, or about --class.
      """)

  @Option(help: ArgumentHelp("The folder of the model.", valueName: "folder"))
  var model: String

  @Option(help: ArgumentHelp("The table: comma-separated values, or a location.", valueName: "location"))
  var data: String

  @Flag(help: "Say how much each column pushed the probability up or down.")
  var explain = false

  @Flag(help: "Say also how much pairs of columns did together; needs --explain.")
  var interactions = false

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("Explain the probability of this class; needs --explain.", valueName: "word"))
  var explainedClass: String?

  @Option(help: ArgumentHelp("Explain against the rows of this table, 1,000 at most.", valueName: "file"))
  var background: String?

  @OptionGroup var threading: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if interactions, !explain { throw ValidationError("--interactions needs --explain.") }
    if background != nil, !explain { throw ValidationError("--background needs --explain.") }
    if explainedClass != nil, !explain { throw ValidationError("--class needs --explain.") }
    if background != nil, interactions {
      throw ValidationError("Only one of --interactions and --background can be given.")
    }
  }

  mutating func run() async throws {
    common.bootstrapLogging()
    let command = self
    try await runCommand("vitals-train", translate: translate) { try await command.predict() }
  }

  private func predict() async throws {
    let model = try ModelFolder(path: self.model).read()
    if model.schema.windows != nil, background != nil {
      throw CommandError("--background is for models of comma-separated values", exit: .usage)
    }
    let rows = PredictionRows(model: model, explaining: explain ? try await explaining(model) : nil)
    if let windows = model.schema.windows { return try await predict(rows, windows) }
    let data = try await table(self.data, model).features
    var printer = BatchPrinter(format: output.format, schema: rows.schema)
    // By blocks, so that the first rows are out before the last ones are explained.
    for start in stride(from: 0, to: data.rowCount, by: 4_096) {
      let block = data.selecting(Array(start..<min(start + 4_096, data.rowCount)))
      try printer.print(await rows.batch(block, threads: threading.count))
    }
    try printer.finish()
  }

  /// What the readings of a table of vitals foretell.
  private func predict(_ rows: PredictionRows, _ windows: TableSchema.Windows) async throws {
    guard rows.model.schema.columns.map(\.name) == WindowFeatures.columns.map(\.name) else {
      throw CommandError("\(model): its columns are not those that this version makes of vitals", exit: .dataError)
    }
    let features = WindowFeatures(windowMillis: windows.past)
    let store = try await StoredVitals(location: data, settings: try await Settings.load()).readings()
    let patients = store.patients()
    var printer = BatchPrinter(format: output.format, schema: rows.schema(of: [Self.patient, Self.time]))
    for patient in 0..<patients.count {
      let series = store.series(of: patient, patients)
      for start in stride(from: 0, to: series.count, by: 4_096) {
        let places = start..<min(start + 4_096, series.count)
        var columns = [[Float]](repeating: [], count: WindowFeatures.columns.count)
        for place in places {
          for (column, value) in features.row(series, at: place).enumerated() { columns[column].append(value) }
        }
        let names = Column(strings: [String](repeating: store.name(of: patient), count: places.count))
        let times = Column(type: Self.time.type, values: .int64(places.map { series.times[$0] * 1_000 }))
        let batch = await rows.batch(FeatureMatrix(columns: columns), threads: threading.count)
        try printer.print(
          RecordBatch(schema: rows.schema(of: [Self.patient, Self.time]), columns: [names, times] + batch.columns))
      }
    }
    try printer.finish()
  }

  private static let patient = Field("patient_id", .string)
  private static let time = Field("event_time", .timestamp(unit: .microseconds, isAdjustedToUTC: true))

  /// A file whose name says so is read as comma-separated values, anything else as a table.
  private func table(_ path: String, _ model: SavedModel) async throws -> LabelledTable {
    let name = path.lowercased()
    let isTable = path.contains("://") || Files.isFolder(path) || name.hasSuffix(".parquet")
    if isTable {
      return try await StoredTable(location: path, settings: try await Settings.load())
        .rows(model.schema, needsTargets: false)
    }
    let bytes = try Files.read(path)
    return try naming(path) { try LabelledTable(csv: bytes, schema: model.schema, needsTargets: false) }
  }

  /// What explains the forest, or each of the classes that may be asked for.
  private func explaining(_ model: SavedModel) async throws -> Explaining {
    var known: FeatureMatrix?
    if let background { known = try await backgroundRows(background, model) }
    func explainer(_ forest: RandomForest) throws -> Explainer {
      if let background, let known {
        return try naming(background) { .background(try InterventionalExplainer(forest, background: known)) }
      }
      return .paths(
        try TreeExplainer(forest), interactions: interactions ? try InteractionExplainer(forest) : nil)
    }
    let names = model.schema.classNames
    if let explainedClass {
      guard let number = names.firstIndex(of: explainedClass) else {
        let known = names.isEmpty ? "the model predicts a number" : names.joined(separator: ", ")
        throw CommandError("--class: there is no such class – \(known)", exit: .usage)
      }
      return .one(try explainer(try model.forest.oneClass(number)), class: number)
    }
    if model.forest.classCount <= 2 { return .one(try explainer(model.forest), class: nil) }
    return .predicted(try names.indices.map { try explainer(try model.forest.oneClass($0)) })
  }

  private func backgroundRows(_ path: String, _ model: SavedModel) async throws -> FeatureMatrix {
    let rows = try await table(path, model).features
    guard rows.rowCount <= 1_000 else {
      throw CommandError("\(path): a background of more than 1,000 rows", exit: .usage)
    }
    return rows
  }
}
