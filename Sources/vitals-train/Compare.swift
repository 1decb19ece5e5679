import ArgumentParser
import Columnar
import CommandSupport
import Forest

/// `vitals-train compare`: what trainings came to, side by side.
struct Compare: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the runs that were kept, the oldest first, with their figures and settings.")

  @Argument(help: ArgumentHelp("Runs (default: all).", valueName: "run"))
  var names: [String] = []

  @Option(help: ArgumentHelp("The folder of the runs.", valueName: "folder"))
  var runs = "models/runs"

  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    common.bootstrapLogging()
    let (store, names, format) = (Runs(path: runs), names, output.format)
    try await runCommand("vitals-train", translate: translate) {
      let chosen = try (names.isEmpty ? store.names() : names).map(store.run)
      let figures = Self.figures(chosen)
      var printer = BatchPrinter(format: format, schema: Self.schema(figures))
      try printer.print(Self.batch(chosen, figures))
      try printer.finish()
    }
  }

  /// A figure that is shown: the middle or an end of an interval.
  struct Figure {
    var title: String
    var value: (Runs.Run) -> Double?
  }

  /// Those of probabilities, or of numbers, or both where there are runs of both.
  private static func figures(_ runs: [Runs.Run]) -> [Figure] {
    let probabilities: [Metrics.Name] = [
      .rocAUC, .prAUC, .accuracy, .balancedAccuracy, .brier, .logLoss, .decidedAccuracy, .decidedShare,
    ]
    let numbers = RegressionMetrics.Name.allCases.map(\.rawValue)
    func figures(_ names: [String], first: String) -> [Figure] {
      names.map { name in Figure(title: name) { $0.report.figures[name]?.mean } } + [
        Figure(title: "\(first)_low") { $0.report.figures[first]?.low },
        Figure(title: "\(first)_high") { $0.report.figures[first]?.high },
      ]
    }
    let hasNumbers = runs.contains { $0.report.figures[numbers[0]] != nil }
    let hasProbabilities = runs.contains { $0.report.figures[probabilities[0].rawValue] != nil } || !hasNumbers
    return (hasProbabilities ? figures(probabilities.map(\.rawValue), first: probabilities[0].rawValue) : [])
      + (hasNumbers ? figures(numbers, first: numbers[0]) : [])
  }

  private static func schema(_ figures: [Figure]) -> Schema {
    Schema(
      [Field("run", .string)] + figures.map { Field($0.title, .double) } + [
        Field("data_xxh64", .string), Field("version", .string), Field("seed", .int(bits: 64)),
        Field("settings", .string),
      ])
  }

  private static func batch(_ runs: [Runs.Run], _ figures: [Figure]) -> RecordBatch {
    func rounded(_ value: Double?) -> Double? { value.map { ($0 * 10_000).rounded() / 10_000 } }
    // Settings in which all agree tell nothing apart.
    let keys = Set(runs.flatMap(\.report.settings.keys)).sorted()
    let differing = keys.filter { key in Set(runs.map { $0.report.settings[key] }).count > 1 }
    let settings = runs.map { run in
      differing.map { "\($0)=\(run.report.settings[$0] ?? "")" }.joined(separator: " ")
    }
    return RecordBatch(
      schema: schema(figures),
      columns: [Column(strings: runs.map(\.name))]
        + figures.map { figure in Column(doubles: runs.map { rounded(figure.value($0)) }) } + [
          Column(strings: runs.map(\.report.fingerprint)), Column(strings: runs.map(\.report.version)),
          Column(integers: runs.map { Int64(bitPattern: $0.report.seed) }), Column(strings: settings),
        ])
  }
}

/// `vitals-train promote`: a run becomes the model that is served.
struct Promote: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put the model of a run into a model's folder, in the place of the one that is there.")

  @Argument(help: ArgumentHelp("The run, as compare names it.", valueName: "run"))
  var name: String

  @Option(help: ArgumentHelp("The folder of the runs.", valueName: "folder"))
  var runs = "models/runs"

  @Option(
    help: ArgumentHelp("The folder of the model (default: beside the runs, by the schema's name).", valueName: "f"))
  var out: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !name.isEmpty, !name.contains("/"), name != "..", name != "." else {
      throw ValidationError("A run is named as compare names it, without a path.")
    }
  }

  mutating func run() async throws {
    common.bootstrapLogging()
    let (store, name, out) = (Runs(path: runs), name, out)
    try await runCommand("vitals-train", translate: translate) {
      let files = try store.files(name)
      // Read as those will read it who use it: a damaged run takes no model's place.
      let model = try ModelFolder(path: "\(store.path)/\(name)").read()
      let parent = store.path.hasSuffix("/runs") ? String(store.path.dropLast(5)) : "models"
      let folder = ModelFolder(path: out ?? "\(parent)/\(model.schema.name)")
      try folder.write(files)
      StandardError.print("the model in \(folder.path) is that of \(name)")
    }
  }
}
