import ArgumentParser
import CommandSupport
import Forest

/// `vitals-train import`: a forest that was grown elsewhere becomes a model.
struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a model of a forest that was grown elsewhere.",
    discussion: """
      The forest is one of scikit-learn's, as JSON that tools/export-sklearn writes or as an archive of skops, or a \
      model in ONNX that begins with a tree ensemble. ONNX does not say how many rows a node learned from: predict \
      --explain of such a model needs --background. Pickles are not read, since reading them runs whatever they \
      contain.
      """)

  @Argument(help: ArgumentHelp("The forest, as JSON, skops archive or ONNX.", valueName: "file"))
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
      let forest = try naming(forestPath) { try Self.forest(try Files.read(forestPath), schema) }
      let model = try naming(schemaPath) { try SavedModel(forest: forest, schema: schema, calibration: nil) }
      let onnx = forest.onnx(name: schema.name, version: ProductVersion.current)
      try ModelFolder(path: out).write(try model.files() + [("model.onnx", onnx)])
      StandardError.print("the model is in \(out): \(forest.treeCount) trees")
    }
  }

  /// JSON begins with a brace and an archive with `PK`, which no model in ONNX does.
  private static func forest(_ bytes: [UInt8], _ schema: TableSchema) throws -> RandomForest {
    if bytes.starts(with: [0x50, 0x4B]) { return try RandomForest(skops: bytes) }
    let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return first == UInt8(ascii: "{")
      ? try RandomForest(json: bytes) : try RandomForest(onnx: bytes, columnCount: schema.columns.count)
  }
}
