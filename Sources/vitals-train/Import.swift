import ArgumentParser
import CommandSupport
import Forest

/// `vitals-train import`: a forest that was grown elsewhere becomes a model.
struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a model of a forest of scikit-learn's, as tools/export-sklearn writes it.")

  @Argument(help: ArgumentHelp("The forest as JSON.", valueName: "file"))
  var forest: String

  @Option(help: ArgumentHelp("What its columns are, in their order.", valueName: "file"))
  var schema: String

  @Option(help: ArgumentHelp("The folder of the model.", valueName: "folder"))
  var out: String

  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    common.bootstrapLogging()
    let (forestPath, schemaPath, out) = (forest, schema, out)
    try await runCommand("vitals-train", translate: translate) {
      let schema = try naming(schemaPath) { try TableSchema(json: try Files.read(schemaPath)) }
      let forest = try naming(forestPath) { try RandomForest(json: try Files.read(forestPath)) }
      let model = try naming(schemaPath) { try SavedModel(forest: forest, schema: schema, calibration: nil) }
      let onnx = try forest.onnx(name: schema.name, version: ProductVersion.current)
      try ModelFolder(path: out).write(try model.files() + [("model.onnx", onnx)])
      StandardError.print("the model is in \(out): \(forest.treeCount) trees")
    }
  }
}
