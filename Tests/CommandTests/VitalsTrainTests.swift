import CommandSupport
import Foundation
import Testing

/// `vitals-train` as a person runs it, on a small table.
@Suite struct VitalsTrainTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let schema = #"{"name":"d","label":"outcome","columns":[{"name":"glucose","missing":[0]},{"name":"age"}]}"#
    try folder.write(Array(schema.utf8), to: "schema.json")
    try folder.write(Array(Self.table(rows: 120).utf8), to: "data.csv")
  }

  /// Patients whose outcome follows their glucose, but for some.
  private static func table(rows: Int) -> String {
    (0..<rows).reduce("glucose,age,outcome\n") { text, row in
      let glucose = row % 17 == 0 ? 0 : 80 + row * 37 % 101
      return text + "\(glucose),\(20 + row * 13 % 50),\(glucose + row % 7 * 8 > 150 ? 1 : 0)\n"
    }
  }

  private func train(_ arguments: String...) throws -> CommandRun {
    try CommandRun.run("vitals-train", arguments, in: folder.root)
  }

  private func fit(_ more: [String] = []) throws -> CommandRun {
    let arguments = ["--data", "data.csv", "--schema", "schema.json", "--out", "m", "--trees", "20", "--cv", "3x2"]
    return try CommandRun.run("vitals-train", arguments + more, in: folder.root)
  }

  private func object(_ text: some StringProtocol) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func fromATableToAModelAndBack() throws {
    let run = try fit(["--format", "csv"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasPrefix("figure,mean,low,high,logistic_regression,majority"))
    #expect(run.errors.contains("120 rows") && run.errors.contains("glucose: 8 missing"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("m")).sorted()
    #expect(
      names == [
        "MLmodel", "card.md", "conda.yaml", "forest.bin", "input_example.json", "metrics.json", "model.onnx",
        "python_env.yaml", "report.html", "requirements.txt", "schema.json", "shap_dependence.csv",
      ])

    let metrics = try object(String(decoding: try Data(contentsOf: folder.url("m/metrics.json")), as: UTF8.self))
    for name in [
      "roc_auc", "accuracy", "balanced_accuracy", "brier", "log_loss", "decided_accuracy", "decided_share",
    ] {
      let figure = try #require(metrics[name] as? [String: Double])
      #expect(figure["mean"] != nil && figure["low"] ?? 1 <= figure["high"] ?? 0, "\(name)")
    }
    #expect(metrics["folds"] as? Int == 3 && metrics["repeats"] as? Int == 2 && metrics["seed"] as? Int == 0)
    #expect((metrics["settings"] as? [String: String])?["trees"] == "20")

    let predictions = try train("predict", "--model", "m", "--data", "data.csv", "--explain")
    #expect(predictions.status == 0 && predictions.errors.isEmpty)
    let rows = try predictions.output.split(separator: "\n").map { try object($0) }
    #expect(rows.count == 120)
    for row in rows {
      let probability = try #require(row["probability"] as? Double)
      let shap = try #require(row["shap"] as? [String: Double])
      let base = try #require(row["base_value"] as? Double)
      #expect(Set(shap.keys) == ["glucose", "age"])
      #expect(abs(base + shap.values.reduce(0, +) - probability) < 1e-9)
      let level = probability < 0.4 ? "Low" : probability < 0.7 ? "Moderate" : "High"
      #expect(row["risk_level"] as? String == level)
    }
  }

  @Test func theSameSeedIsTheSameModelOnAnyNumberOfThreads() throws {
    #expect(try fit(["--threads", "1"]).status == 0)
    let first = try ["forest.bin", "metrics.json"].map { try Data(contentsOf: folder.url("m/\($0)")) }
    // A second training puts its model in the place of the first.
    #expect(try fit(["--threads", "3"]).status == 0)
    #expect(try ["forest.bin", "metrics.json"].map { try Data(contentsOf: folder.url("m/\($0)")) } == first)
    #expect(try fit(["--seed", "1"]).status == 0)
    #expect(try Data(contentsOf: folder.url("m/forest.bin")) != first[0])
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.root.path)
    #expect(!left.contains { $0.hasPrefix("m.") })
  }

  @Test func aBadCellIsNamedAndNotShown() throws {
    try folder.write(Array("glucose,age,outcome\n100,50,1\n100,Miller,0\n".utf8), to: "data.csv")
    let run = try fit()
    #expect(run.status == ExitStatus.dataError.rawValue && run.output.isEmpty)
    #expect(run.errors == "vitals-train: data.csv: line 3, column age: no number\n")
  }

  @Test func whatIsNotThere() throws {
    try FileManager.default.removeItem(at: folder.url("data.csv"))
    let run = try fit()
    #expect(run.status == ExitStatus.usage.rawValue)
    #expect(run.errors == "vitals-train: data.csv: there is no such file\n")
    let model = try train("predict", "--model", "none", "--data", "data.csv")
    #expect(model.status == ExitStatus.usage.rawValue)
    #expect(model.errors == "vitals-train: none: there is no such model\n")
  }

  /// A folder that holds other things is left as it is.
  @Test func nothingElseIsReplaced() throws {
    try folder.write([1], to: "m/precious.txt")
    let run = try fit()
    #expect(run.status == ExitStatus.usage.rawValue && run.errors.contains("no model"))
    #expect(FileManager.default.fileExists(atPath: folder.path("m/precious.txt")))
  }

  @Test func aDamagedModel() throws {
    #expect(try fit().status == 0)
    var bytes = Array(try Data(contentsOf: folder.url("m/forest.bin")))
    bytes[bytes.count / 2] ^= 1
    try folder.write(bytes, to: "m/forest.bin")
    let run = try train("predict", "--model", "m", "--data", "data.csv")
    #expect(run.status == ExitStatus.dataError.rawValue && run.errors.contains("forest.bin: the forest is damaged"))
  }

  @Test(arguments: [
    ["--cv", "1x1"], ["--cv", "10"], ["--max-features", "some"], ["--class-weight", "1"], ["--trees", "0"],
    ["--bins", "1"], ["--criterion", "mse"], ["--threads", "0"],
  ])
  func wrongOptions(arguments: [String]) throws {
    let run = try fit(arguments)
    #expect(run.status == ExitStatus.usage.rawValue && run.output.isEmpty && !run.errors.isEmpty)
  }

  @Test func aForestOfOthers() throws {
    let json = """
      {"task":"classification","columns":2,"trees":[{"left":[1,-1,-1],"right":[2,-1,-1],"feature":[0,-2,-2],
      "threshold":[99.5,0,0],"missing_left":[1,0,0],"cover":[4,1,3],"value":[0.5,0.125,0.75]}]}
      """
    try folder.write(Array(json.utf8), to: "forest.json")
    #expect(try train("import", "forest.json", "--schema", "schema.json", "--out", "n").status == 0)
    try folder.write(Array("glucose,age\n99,1\n100,1\n0,1\n".utf8), to: "data.csv")
    let run = try train("predict", "--model", "n", "--data", "data.csv", "--format", "csv")
    let lines = run.output.split { $0.isNewline }.dropFirst().map(String.init)
    #expect(lines == ["0.125,0,Low", "0.75,1,High", "0.125,0,Low"])
    try folder.write(Array(json.replacing("[1,-1,-1]", with: "[0,-1,-1]").utf8), to: "forest.json")
    let cycle = try train("import", "forest.json", "--schema", "schema.json", "--out", "o")
    #expect(cycle.status == ExitStatus.dataError.rawValue && cycle.errors.contains("forest.json: tree 1"))
  }
}
