import ArgumentParser
import CommandSupport
import Features
import Forest
import FoundationEssentials

/// `vitals-train fit`: from a table to a model.
struct Fit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a forest, validate it, and save it as a model.",
    discussion: """
      Every figure comes from rows that the model in question did not learn from: stratified folds, repeated with \
      other folds, everything learned inside them. Each has an interval of 95 %. The model's files are kept under \
      runs/ beside its folder as well, for vitals-train compare and promote.
      """)

  @OptionGroup(title: "What it learns from") var source: SourceOptions

  @Option(help: ArgumentHelp("The folder of the model (default: models/ and the schema's name).", valueName: "folder"))
  var out: String?

  @Flag(help: "Keep the model as a run only, and leave the one in its folder as it is.")
  var runOnly = false

  @Option(help: ArgumentHelp("Folds and repeats (default: 10x10; 5x1 of stored vitals).", valueName: "folds"))
  var cv: String?

  @Option(
    help: ArgumentHelp(
      "Add trees to the forest of this model, which learned from the same data with the same settings (a warm start).",
      valueName: "folder"))
  var addTo: String?

  @Option(help: ArgumentHelp("Try so many settings inside each fold, and take the best.", valueName: "number"))
  var search: Int?

  @Option(help: "How probabilities are calibrated: none, platt or isotonic.")
  var calibration = Calibration.Method.none

  @OptionGroup(title: "The forest") var growing: GrowingOptions
  @OptionGroup var threading: ThreadOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    // What is predicted may stand in the schema, which is not read yet.
    _ = try validation(source.task ?? (growing.criterion == .squaredError ? .regression : .classification))
    if addTo != nil, search != nil { throw ValidationError("Only one of --add-to and --search can be given.") }
  }

  private func validation(_ task: ForestSettings.Task, classes: Int? = nil) throws -> CrossValidation {
    let folds = cv ?? (source.isOfVitals ? "5x1" : "10x10")
    let numbers = folds.split(separator: "x", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard numbers.count == 2, (2...1_000).contains(numbers[0]), (1...1_000).contains(numbers[1]) else {
      throw ValidationError("--cv takes folds and repeats such as 10x10.")
    }
    var validation = CrossValidation(
      try growing.settings(task, classes: classes), folds: numbers[0], repeats: numbers[1])
    guard task == .classification || calibration == .none else {
      throw ValidationError("--calibration is for probabilities, and not for numbers.")
    }
    guard classes ?? 2 == 2 || calibration == .none else {
      throw ValidationError("--calibration is for two classes.")
    }
    validation.calibration = calibration
    if let search {
      guard (2...10_000).contains(search) else { throw ValidationError("--search takes 2 to 10000 settings.") }
      validation.search = SettingsSearch(count: search)
    }
    return validation
  }

  mutating func run() async throws {
    common.bootstrapLogging()
    let (command, threads, format) = (self, threading.count, output.format)
    let (source, out, runOnly) = (source, out, runOnly)
    try await runCommand("vitals-train", translate: translate) {
      let data = try await source.data()
      let folder = ModelFolder(path: out ?? "models/\(data.schema.name)")
      try folder.checkFree()
      var validation = try command.validation(for: data)
      let trends = data.schema.columns.map { $0.monotone ?? 0 }
      if trends.contains(where: { $0 != 0 }) { validation.settings.monotone = trends }
      validation.settings.categorical = data.schema.categorical
      let former = try command.addTo.map { try Former(path: $0, data: data, settings: validation.settings) }
      let training = Training(data, validation: validation, addingTo: former?.forest, threads: threads)
      let runs = Runs(beside: folder)
      if let last = try runs.last(like: training.check), let before = last.report.data {
        for line in training.check.drift(since: before) { StandardError.print("since \(last.name): \(line)") }
      }
      let (model, report, page) = try await training.run()
      let files = try ModelFiles(model: model, dataName: data.name, report: report, page: page).all()
      var printer = BatchPrinter(format: format, schema: FigureTable.schema(report))
      try printer.print(FigureTable.batch(report))
      try printer.finish()
      for line in FigureTable.judgement(report) { StandardError.print(line) }
      let run = try runs.add(files, fingerprint: data.fingerprint)
      if !runOnly { try folder.write(files) }
      StandardError.print(runOnly ? "the run is in \(run)" : "the model is in \(folder.path), as a run in \(run)")
    }
  }

  /// What the options say for a table, of which only now is known what is predicted.
  private func validation(for data: TrainingData) throws -> CrossValidation {
    let task = data.schema.task ?? .classification
    do {
      return try validation(task, classes: task == .regression ? nil : data.schema.classCount)
    } catch let error as ValidationError {
      let kind = task == .regression ? "a number" : "one of \(data.schema.classCount) classes"
      throw CommandError("\(data.schema.label) is \(kind) by its schema: \(error.message)", exit: .usage)
    }
  }
}

/// A model whose forest gets more trees.
private struct Former {
  let forest: RandomForest

  /// - Throws: an error where the model did not learn what would be learned now, so that the trees would not fit.
  init(path: String, data: TrainingData, settings: ForestSettings) throws {
    let model = try ModelFolder(path: path).read()
    let parent = URL(filePath: path)
    let runs = Runs(path: parent.deletingLastPathComponent().relativePath)
    let report = try runs.run(parent.lastPathComponent).report
    func others(_ settings: [String: String]) -> [String: String] { settings.filter { $0.key != "trees" } }
    guard report.fingerprint == data.fingerprint else {
      throw CommandError("\(path): learned from other data – train anew without --add-to", exit: .usage)
    }
    guard others(report.settings) == others(settings.described), report.seed == settings.seed else {
      throw CommandError("\(path): learned with other settings – give the same ones, or train anew", exit: .usage)
    }
    guard model.forest.treeCount < settings.trees else {
      throw CommandError(
        "\(path): has \(model.forest.treeCount) trees already – ask for more with --trees", exit: .usage)
    }
    forest = model.forest
  }
}
