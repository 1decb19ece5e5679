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
      Other models take comma-separated values, or the location of a Parquet file or Delta table with their columns.
      """)

  @Option(help: ArgumentHelp("The folder of the model.", valueName: "folder"))
  var model: String

  @Option(help: ArgumentHelp("The table: comma-separated values, or a location.", valueName: "location"))
  var data: String

  @Flag(help: "Say how much each column pushed the probability up or down.")
  var explain = false

  @Flag(help: "Say also how much pairs of columns did together; needs --explain.")
  var interactions = false

  @Option(help: ArgumentHelp("Explain against the rows of this table, 1,000 at most.", valueName: "file"))
  var background: String?

  @OptionGroup var threading: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if interactions, !explain { throw ValidationError("--interactions needs --explain.") }
    if background != nil, !explain { throw ValidationError("--background needs --explain.") }
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
    let explaining: Explaining? =
      if !explain {
        nil
      } else if let background {
        .background(try await explainer(background, model))
      } else {
        .paths(
          try TreeExplainer(model.forest), interactions: interactions ? try InteractionExplainer(model.forest) : nil)
      }
    let rows = PredictionRows(model: model, explaining: explaining)
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

  private func explainer(_ path: String, _ model: SavedModel) async throws -> InterventionalExplainer {
    let rows = try await table(path, model).features
    return try naming(path) {
      guard rows.rowCount <= 1_000 else {
        throw ForestError(.invalidParameter, "a background of more than 1,000 rows")
      }
      return try InterventionalExplainer(model.forest, background: rows)
    }
  }
}

/// How predictions are explained.
enum Explaining: Sendable {
  case paths(TreeExplainer, interactions: InteractionExplainer?)
  case background(InterventionalExplainer)
}

/// Predictions as rows for printing.
struct PredictionRows: Sendable {
  let model: SavedModel
  let explaining: Explaining?

  private var perColumn: DataType {
    .structure(model.schema.columns.map { Field($0.name, .double, isNullable: false) })
  }

  private var perPair: DataType {
    .structure(model.schema.columns.map { Field($0.name, perColumn, isNullable: false) })
  }

  var schema: Schema {
    var fields =
      model.forest.task == .regression
      ? [Field("prediction", .double)]
      : [Field("probability", .double), Field("prediction", .int(bits: 32)), Field("risk_level", .string)]
    guard let explaining else { return Schema(fields) }
    fields += [Field("base_value", .double), Field("shap", perColumn)]
    if case .paths(_, interactions: .some) = explaining { fields.append(Field("shap_interactions", perPair)) }
    return Schema(fields)
  }

  /// The columns behind others that say which row it is.
  func schema(of row: [Field]) -> Schema { Schema(row + schema.fields) }

  func batch(_ data: FeatureMatrix, threads: Int) async -> RecordBatch {
    let predictions = await model.forest.predictions(for: data, threads: threads).map(model.probability)
    var columns = [Column(type: .double, values: .double(predictions))]
    if model.forest.task == .classification {
      var levels = ByteStrings()
      for probability in predictions { levels.append(RiskLevel(probability).rawValue.utf8) }
      columns += [
        Column(type: .int(bits: 32), values: .int32(predictions.map { $0 >= 0.5 ? 1 : 0 })),
        Column(type: .string, values: .bytes(levels)),
      ]
    }
    let rows = 0..<data.rowCount
    switch explaining {
    case nil: break
    case .paths(let explainer, let interactions):
      columns.append(base(explainer.baseValue, rows.count))
      columns.append(structure(await explainer.values(of: data, threads: threads)))
      if let interactions {
        let pairs = rows.map { interactions.interactions(of: data.row($0)) }
        let parts = model.schema.columns.indices.map { column in structure(pairs.map { $0[column] }) }
        columns.append(Column(type: perPair, values: .structure(parts, count: rows.count)))
      }
    case .background(let explainer):
      columns.append(base(explainer.baseValue, rows.count))
      columns.append(structure(rows.map { explainer.values(of: data.row($0)) }))
    }
    return RecordBatch(schema: schema, columns: columns)
  }

  private func base(_ value: Double, _ count: Int) -> Column {
    Column(type: .double, values: .double([Double](repeating: value, count: count)))
  }

  /// A value for each column of the model, row by row, as a structure.
  private func structure(_ rows: [[Double]]) -> Column {
    let parts = model.schema.columns.indices.map { column in
      Column(type: .double, values: .double(rows.map { $0[column] }))
    }
    return Column(type: perColumn, values: .structure(parts, count: rows.count))
  }
}
