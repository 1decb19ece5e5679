internal import Forest
internal import HTTPTypes
internal import JSON
internal import Kernels

/// One model, ready to answer: what a folder held at one moment, and never parts of two.
public struct ServedModel: Sendable {
  /// The name under which it answers.
  public let name: String
  /// What tells its content from any other: XXH64 over forest, schema and calibration.
  public let version: String
  let saved: SavedModel
  /// Explains predictions; `nil` where the forest does not say how many rows its nodes learned from.
  let explainer: TreeExplainer?
  /// What people should know of it, as Markdown.
  let card: String?
  /// How good it is, as JSON.
  let metrics: JSONValue?
  /// The place of each column, by its name.
  let places: [String: Int]
  /// The version as answers carry it.
  let versionHeader: [HTTPField]

  /// Reads a model.
  ///
  /// - Parameters:
  ///   - name: the name under which it answers; the schema's by default.
  ///   - read: the bytes of a file of the model's folder, `nil` where it is not there.
  /// - Throws: an error that names the file which makes no model.
  public init(named name: String? = nil, reading read: (String) throws -> [UInt8]?) throws {
    saved = try SavedModel(reading: read)
    guard saved.forest.task == .classification else {
      throw ForestError(.notSupported, "\(SavedModel.forestFile): predicts a number; only models of risk are served")
    }
    guard saved.forest.classCount == 2 else {
      throw ForestError(
        .notSupported,
        "\(SavedModel.forestFile): tells \(saved.forest.classCount) classes apart; only models of risk, of two "
          + "classes, are served; vitals-train predict knows more")
    }
    guard saved.schema.categorical.isEmpty else {
      throw ForestError(
        .notSupported, "\(SavedModel.schemaFile): columns of words are not served; vitals-train predict knows them")
    }
    self.name = name ?? saved.schema.name
    explainer = try? TreeExplainer(saved.forest)
    card = try read("card.md").map { String(decoding: $0, as: UTF8.self) }
    metrics = try read("metrics.json").flatMap { try? JSONValue(parsing: $0) }
    var all: [UInt8] = []
    for file in [SavedModel.forestFile, SavedModel.schemaFile, SavedModel.calibrationFile] {
      all += try read(file) ?? []
    }
    let hash = unsafe String(xxHash64(all.span.bytes), radix: 16)
    let version = String(repeating: "0", count: 16 - hash.count) + hash
    self.version = version
    versionHeader = HTTPField.Name.modelVersion.map { [HTTPField(name: $0, value: version)] } ?? []
    places = Dictionary(uniqueKeysWithValues: saved.schema.columns.enumerated().map { ($1.name, $0) })
  }
}
