import Forest
import Foundation
import Serving
import Testing

@testable import ModelAPI

@Suite("Model shelf")
struct ModelShelfTests {
  @Test("a folder is named by itself or before an equals sign")
  func names() {
    #expect(ModelFolder("models/diabetes").name == nil)
    #expect(ModelFolder("sugar=models/diabetes").name == "sugar")
    #expect(ModelFolder("sugar=models/diabetes").path == "models/diabetes")
    #expect(ModelFolder("models/a=b").path == "models/a=b")
  }

  @Test("a model that is not served says why")
  func notServed() async throws {
    var regression = ForestSettings.regression
    regression.trees = 3
    var classes = ForestSettings()
    (classes.trees, classes.classes) = (3, 3)
    let schema = Samples.schema.replacing(#""label""#, with: ##""classes": ["a", "b", "c"], "label""##)
    for (settings, schema, why) in [
      (regression, Samples.schema.replacing(#""label""#, with: ##""task": "regression", "label""##), "a number"),
      (classes, schema, "3 classes"),
    ] {
      let columns = [[Float]](repeating: (0..<30).map { Float($0) }, count: 3)
      let fit = try await ForestTrainer(settings).fit(
        FeatureMatrix(columns: columns), targets: (0..<30).map { Double($0 / 10) })
      let model = try SavedModel(
        forest: fit.forest, schema: TableSchema(json: Array(schema.utf8)), calibration: nil)
      let files = Dictionary(uniqueKeysWithValues: try model.files().map { ($0.name, $0.bytes) })
      let error = #expect(throws: ForestError.self) { try ServedModel { files[$0] } }
      #expect(error?.description.contains(why) == true, "\(String(describing: error))")
    }
  }

  @Test("a model that is replaced or linked elsewhere is taken over, a bad one is not")
  func reload() async throws {
    let folder = try TemporaryFolder()
    let (first, second, link) = ("\(folder.path)/a", "\(folder.path)/b", "\(folder.path)/current")
    try Samples.write(try await Samples.files(seed: 1), to: first)
    try Samples.write(try await Samples.files(seed: 2), to: second)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: first)
    let shelf = try ModelShelf([ModelFolder(link)])
    let before = try #require(shelf.model())
    #expect(shelf.reload().isEmpty)

    try FileManager.default.removeItem(atPath: link)
    #expect(shelf.reload().isEmpty)
    #expect(shelf.model()?.version == before.version)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: second)
    #expect(shelf.reload().count == 1)
    let after = try #require(shelf.model())
    #expect(after.version != before.version)

    var broken = try await Samples.files(seed: 3)
    broken["forest.bin"] = Array(broken["forest.bin"]?.dropLast(5) ?? [])
    try Samples.write(broken, to: second)
    let changes = shelf.reload()
    guard case .failed(let error) = try #require(changes.first) else {
      Issue.record("a broken model was taken")
      return
    }
    #expect(error.description.contains("forest.bin"))
    #expect(shelf.model()?.version == after.version)
    #expect(shelf.reload().isEmpty)

    try Samples.write(try await Samples.files(seed: 1), to: second)
    #expect(shelf.reload().count == 1)
    #expect(shelf.model()?.version == before.version)
  }

  @Test("several models answer by name, and no name twice")
  func several() async throws {
    let folder = try TemporaryFolder()
    let (first, second) = ("\(folder.path)/a", "\(folder.path)/b")
    try Samples.write(try await Samples.files(seed: 1), to: first)
    try Samples.write(try await Samples.files(seed: 2), to: second)
    #expect(throws: ServingError.self) { try ModelShelf([ModelFolder(first), ModelFolder(second)]) }
    let shelf = try ModelShelf([ModelFolder(first), ModelFolder("other=\(second)")])
    #expect(shelf.all.map(\.name) == ["diabetes", "other"])
    #expect(shelf.model()?.name == "diabetes")
    #expect(shelf.model("other")?.version != shelf.model("diabetes")?.version)
    #expect(shelf.model("none") == nil)
  }

  @Test("a folder without a model is said so", arguments: ["none", "empty"])
  func missing(name: String) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: "\(folder.path)/empty", withIntermediateDirectories: true)
    #expect(throws: ServingError.self) { try ModelShelf([ModelFolder("\(folder.path)/\(name)")]) }
  }
}
