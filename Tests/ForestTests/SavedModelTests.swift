import Forest
import Testing

@Suite struct SavedModelTests {
  private let data = SampleData.matrix(rows: 100, columns: 2)

  private func model(_ method: Calibration.Method) async throws -> SavedModel {
    var settings = ForestSettings()
    settings.trees = 9
    let targets = SampleData.targets(data)
    let fit = try await ForestTrainer(settings).fit(data, targets: targets)
    let schema = try TableSchema(
      json: Array(#"{"name":"a","label":"b","columns":[{"name":"c","missing":[0]},{"name":"d"}]}"#.utf8))
    let calibration = Calibration(method, probabilities: fit.outOfBag, targets: targets)
    return try SavedModel(forest: fit.forest, schema: schema, calibration: calibration)
  }

  private func reading(_ files: [(name: String, bytes: [UInt8])]) throws -> SavedModel {
    try SavedModel { name in files.first { $0.name == name }?.bytes }
  }

  @Test(arguments: Calibration.Method.allCases)
  func aModelComesBackAsItWas(method: Calibration.Method) async throws {
    let saved = try await model(method)
    let back = try reading(try saved.files())
    #expect(back.schema == saved.schema && back.calibration == saved.calibration)
    #expect(back.forest.nodes == saved.forest.nodes && (back.calibration == nil) == (method == .none))
  }

  @Test func whatIsMissingOrDamagedIsNamed() async throws {
    let files = try await model(.isotonic).files()
    for (place, file) in files.enumerated() {
      var damaged = files
      damaged[place].bytes[file.bytes.count / 2] ^= 0xFF
      let error = #expect(throws: ForestError.self) { try reading(damaged) }
      #expect(error?.description.contains(file.name) == true)
    }
    #expect(throws: ForestError.self) { try reading(Array(files.dropFirst())) }
    var other = files
    other[1].bytes = Array(#"{"name":"a","label":"b","columns":[{"name":"c"}]}"#.utf8)
    #expect(throws: ForestError.self) { try reading(other) }
    other = files
    other[2].bytes = Array(#"{"isotonic":{"inputs":[0.5,0.5],"outputs":[0,1]}}"#.utf8)
    #expect(throws: ForestError.self) { try reading(other) }
  }
}
