import Kernels
import Testing

@testable import Forest

/// More than two classes in tables, schemas and files of others.
@Suite struct ClassFilesTests {
  private let data = SampleData.matrix(rows: 200, columns: 3, missing: 0.1)

  private func forest(trees: Int = 5) async throws -> RandomForest {
    var settings = ForestSettings()
    settings.classes = 3
    settings.trees = trees
    settings.minSamplesLeaf = 4
    return try await ForestTrainer(settings).fit(data, targets: SampleData.classes(data, count: 3)).forest
  }

  private func schema(_ classes: String, more: String = "", columns: String = #"{"name":"a"}"#) throws -> TableSchema {
    try TableSchema(
      json: Array(#"{"name":"x","label":"y","classes":\#(classes),\#(more)"columns":[\#(columns)]}"#.utf8))
  }

  @Test func wordsOfALabel() throws {
    let schema = try schema(#"["mild","severe","1","2.5"]"#)
    #expect(schema.classCount == 4 && schema.classNames == ["mild", "severe", "1", "2.5"])
    func targets(_ text: String) throws -> [Double]? {
      try LabelledTable(csv: Array(text.utf8), schema: schema, needsTargets: true).targets
    }
    #expect(try targets("a,y\n1,severe\n2, mild \n3,1.0\n4,2.50\n5,\"1\"\n") == [1, 0, 2, 3, 2])
    for cell in ["", "Mild", "3", "0", "nan", "deadly"] {
      let error = #expect(throws: ForestError.self, "\(cell)") { try targets("a,y\n1,mild\n2,\(cell)\n") }
      #expect(error?.description == "line 3, column y: none of the schema's classes")
    }
    let two = try self.schema(#"["no","yes"]"#)
    let table = try LabelledTable(csv: Array("a,y\n1,no\n2,yes\n".utf8), schema: two, needsTargets: true)
    #expect(two.classCount == 2 && table.targets == [0, 1])
    let reader = LabelReader(schema)
    #expect(reader.target(2.5) == 3 && reader.target(2) == nil && reader.target(.nan) == nil)
  }

  @Test func wordsAreFoundInATable() throws {
    let plain = TableSchema(name: "x", label: "y", columns: [TableSchema.Column(name: "a")])
    func found(_ cells: [String], of schema: TableSchema) throws -> [String]? {
      let lines = ["a,y"] + cells.map { "1,\($0)" }
      return try schema.findingClasses(csv: Array(lines.joined(separator: "\n").utf8)).classes
    }
    // What is missing is no class, nor is a table of numbers one of classes.
    #expect(try found(["b", " ä ", "a", "", "NA", "NaN", "\"b\""], of: plain) == ["a", "b", "ä"])
    #expect(try found(["0", "1"], of: plain) == nil && found(["b", "a", "3"], of: plain) == nil)
    #expect(try found([], of: plain) == nil && found(["NA"], of: plain) == nil)
    #expect(try plain.findingClasses(csv: Array("a,z\n1,b\n".utf8)).classes == nil)
    #expect(throws: ForestError.self) { try found(["b", "b"], of: plain) }
    #expect(try found((0..<64).map { "w\($0)" }, of: plain)?.count == 64)
    #expect(throws: ForestError.self) { try found((0..<65).map { "w\($0)" }, of: plain) }
    #expect(try found(["b", "c"], of: schema(#"["a","b"]"#)) == ["a", "b"])
    var numbers = plain
    numbers.task = .regression
    #expect(try found(["b", "c"], of: numbers) == nil)
  }

  @Test func schemasThatMakeNoSense() throws {
    let words = (0..<65).map { "\"\($0)\"" }.joined(separator: ",")
    for classes in ["[]", #"["a"]"#, #"["a","a","b"]"#, #"["a","b",""]"#, "[\(words)]", "[1,2,3]"] {
      #expect(throws: ForestError.self, "\(classes)") { try schema(classes) }
    }
    let three = #"["a","b","c"]"#
    #expect(throws: ForestError.self) { try schema(three, more: #""task":"regression","#) }
    #expect(throws: ForestError.self) { try schema(three, columns: #"{"name":"a","monotone":1}"#) }
    #expect(try schema(#"["a","b"]"#, columns: #"{"name":"a","monotone":1}"#).classCount == 2)
  }

  @Test func aModelKnowsAsManyClassesAsItsSchema() async throws {
    let forest = try await forest()
    let columns = #"{"name":"a"},{"name":"b"},{"name":"c"}"#
    let saved = try SavedModel(
      forest: forest, schema: schema(#"["a","b","c"]"#, columns: columns), calibration: nil)
    let files = try saved.files()
    let back = try SavedModel { name in files.first { $0.name == name }?.bytes }
    #expect(back.forest.nodes == forest.nodes && back.schema == saved.schema)
    #expect(throws: ForestError.self) {
      try SavedModel(forest: forest, schema: schema(#"["a","b"]"#, columns: columns), calibration: nil)
    }
    let calibration = try #require(Calibration(.isotonic, probabilities: [0.2, 0.8], targets: [0, 1]))
    #expect(throws: ForestError.self) {
      try SavedModel(forest: forest, schema: saved.schema, calibration: calibration)
    }
  }

  @Test func thereAndBackByONNX() async throws {
    let forest = try await forest(trees: 7)
    let onnx = forest.onnx(name: "x", version: "1")
    let back = try RandomForest(onnx: onnx, columnCount: 3)
    #expect(back.treeCount == 7 && back.nodes.count == forest.nodes.count && back.classCount == 3)
    let (own, other) = (await forest.probabilities(for: data), await back.probabilities(for: data))
    #expect(zip(own, other).allSatisfy { abs($0 - $1) < 5e-6 })
    for length in stride(from: 0, to: onnx.count, by: 37) {
      #expect(throws: ForestError.self) { try RandomForest(onnx: Array(onnx[..<length]), columnCount: 3) }
    }
    var random = SplitMix64(seed: 9)
    for _ in 0..<2_000 {
      var bytes = onnx
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard let forest = try? RandomForest(onnx: bytes, columnCount: 3) else { continue }
      #expect(forest.probabilities(of: data.row(0)).allSatisfy { (0...1).contains($0) })
    }
  }

  private func json(_ shares: String, classes: Int = 3, value: String = "") -> [UInt8] {
    Array(
      """
      {"task":"classification","columns":1,"classes":\(classes),"trees":[{"left":[2,-1,-1],"right":[1,-1,-1],
      "feature":[0,0,0],"threshold":[0.5,0,0],"missing_left":[1,0,0],"cover":[4,2,2],\(value)"shares":\(shares)}]}
      """.utf8)
  }

  @Test func sharesInJSON() throws {
    let forest = try RandomForest(json: json("[[0.25,0.25,0.5],[0,0,1],[0.5,0.5,0]]"))
    #expect(forest.classCount == 3)
    #expect(forest.probabilities(of: [0.5]) == [0.5, 0.5, 0] && forest.probabilities(of: [1]) == [0, 0, 1])
    #expect(forest.probabilities(of: [.nan]) == [0.5, 0.5, 0] && forest.prediction(of: [.nan]) == 0)
    for shares in [
      "[[0.25,0.25,0.5],[0,0,1]]", "[[0.25,0.25,0.5],[0,1],[0.5,0.5,0]]", "[[0.25,0.25,0.5],[0,0,2],[0.5,0.5,0]]",
      "[[0.25,0.25,0.5],[0,0,0.5],[0.5,0.5,0]]", "null",
    ] {
      #expect(throws: ForestError.self, "\(shares)") { try RandomForest(json: json(shares)) }
    }
    for classes in [-1, 1, 2, 65] {
      #expect(throws: ForestError.self) {
        try RandomForest(json: json("[[0.25,0.25,0.5],[0,0,1],[0.5,0.5,0]]", classes: classes))
      }
    }
  }
}
