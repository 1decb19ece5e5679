import Forest
import Foundation
import JSON
import Kernels

@testable import ModelAPI

/// Models and patients for the tests.
enum Samples {
  static let schema = """
    {"name": "diabetes", "label": "outcome", "description": "made up", "columns": [
      {"name": "glucose", "unit": "mg/dL", "missing": [0], "limits": [20, 600]},
      {"name": "bmi", "unit": "kg/m2", "missing": [0], "limits": [10, 80]},
      {"name": "age", "unit": "years", "limits": [18, 110]}]}
    """

  /// The files of a model that has learned from made-up patients; another seed makes another model.
  static func files(seed: UInt64 = 1, trees: Int = 20) async throws -> [String: [UInt8]] {
    var random = SplitMix64(seed: seed)
    var columns = [[Float]](repeating: [], count: 3)
    var targets: [Double] = []
    for _ in 0..<300 {
      let (glucose, bmi, age) = (
        Float.random(in: 60...200, using: &random), Float.random(in: 18...45, using: &random),
        Float.random(in: 20...80, using: &random)
      )
      columns[0].append(Bool.random(using: &random) && glucose < 70 ? .nan : glucose)
      columns[1].append(bmi)
      columns[2].append(age.rounded())
      targets.append(glucose + bmi > 160 ? 1 : 0)
    }
    var settings = ForestSettings()
    settings.trees = trees
    settings.seed = seed
    let fit = try await ForestTrainer(settings).fit(FeatureMatrix(columns: columns), targets: targets)
    let model = try SavedModel(
      forest: fit.forest, schema: TableSchema(json: Array(schema.utf8)), calibration: nil)
    var files = Dictionary(uniqueKeysWithValues: try model.files().map { ($0.name, $0.bytes) })
    files["card.md"] = Array("# A card with <tags> & \"quotes\"\n".utf8)
    files["metrics.json"] = Array(#"{"roc_auc":{"mean":0.9}}"#.utf8)
    return files
  }

  static func model(_ name: String? = nil, seed: UInt64 = 1) async throws -> ServedModel {
    let files = try await files(seed: seed)
    return try ServedModel(named: name) { files[$0] }
  }

  static func service(_ models: [ServedModel]) -> ModelService {
    ModelService(shelf: ModelShelf(models: models), limits: ServerLimits(), metrics: { "# none\n" })
  }

  /// Writes the files of a model to a folder, as a new folder that takes the name at once.
  static func write(_ files: [String: [UInt8]], to path: String) throws {
    let manager = FileManager.default
    let (new, old) = ("\(path).new", "\(path).old")
    try manager.createDirectory(atPath: new, withIntermediateDirectories: true)
    for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: "\(new)/\(name)")) }
    if manager.fileExists(atPath: path) { try manager.moveItem(atPath: path, toPath: old) }
    try manager.moveItem(atPath: new, toPath: path)
    if manager.fileExists(atPath: old) { try manager.removeItem(atPath: old) }
  }
}

/// A folder that goes with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "model-api-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
