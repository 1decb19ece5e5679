import ArgumentParser
import CommandSupport
import Forest

/// `vitals-train fit`: from a table to a model.
struct Fit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a forest, validate it, and save it as a model.",
    discussion: """
      Every figure comes from rows that the model in question did not learn from: stratified folds, repeated with \
      other folds, everything learned inside them. Each has an interval of 95 %.
      """)

  @Option(help: ArgumentHelp("The table, as comma-separated values.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("What its columns are.", valueName: "file"))
  var schema = "Schemas/diabetes.json"

  @Option(help: ArgumentHelp("The folder of the model (default: models/ and the schema's name).", valueName: "folder"))
  var out: String?

  @Option(help: ArgumentHelp("Folds and how often they are made anew, such as 10x10.", valueName: "folds"))
  var cv = "10x10"

  @Option(help: "How probabilities are calibrated: none, platt or isotonic.")
  var calibration = Calibration.Method.none

  @OptionGroup(title: "The forest") var growing: GrowingOptions
  @OptionGroup var threading: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    _ = try growing.settings()
    _ = try validation()
  }

  private func validation() throws -> CrossValidation {
    let numbers = cv.split(separator: "x", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard numbers.count == 2, (2...1_000).contains(numbers[0]), (1...1_000).contains(numbers[1]) else {
      throw ValidationError("--cv takes folds and repeats such as 10x10.")
    }
    var validation = CrossValidation(try growing.settings(), folds: numbers[0], repeats: numbers[1])
    validation.calibration = calibration
    return validation
  }

  mutating func run() async throws {
    common.bootstrapLogging()
    let (validation, threads, format) = (try validation(), threading.count, output.format)
    let (dataPath, schemaPath, out) = (data, schema, out)
    try await runCommand("vitals-train", translate: translate) {
      let schema = try naming(schemaPath) { try TableSchema(json: try Files.read(schemaPath)) }
      let folder = ModelFolder(path: out ?? "models/\(schema.name)")
      try folder.checkFree()
      let training = try Training(dataPath: dataPath, schema: schema, validation: validation, threads: threads)
      let (model, report, page) = try await training.run()
      let card = ModelCard(schema: schema, report: report, dataName: dataPath).text
      let files =
        try model.files() + [
          ("model.onnx", try model.forest.onnx(name: schema.name, version: ProductVersion.current)),
          ("metrics.json", try prettyJSON(report)), ("card.md", Array(card.utf8)),
          ("report.html", Array(page.html.utf8)),
        ]
      try folder.write(files)
      var printer = BatchPrinter(format: format, schema: FigureTable.schema)
      try printer.print(FigureTable.batch(report))
      try printer.finish()
      StandardError.print("the model is in \(folder.path)")
    }
  }
}
