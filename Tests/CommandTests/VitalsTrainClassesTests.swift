import CommandSupport
import Foundation
import Testing

/// `vitals-train` with more than two classes: the words of a label, and all that a model of them says.
@Suite struct VitalsTrainClassesTests: TrainingFolder {
  let folder: TemporaryFolder
  private static let stages = ["mild", "moderate", "severe"]

  init() throws {
    folder = try TemporaryFolder()
    let schema = """
      {"name":"stage","label":"stage","classes":["mild","moderate","severe"],"columns":[
      {"name":"ward","categories":["icu","er","gp"]},{"name":"score","missing":[-1]}]}
      """
    try folder.write(Array(schema.utf8), to: "schema.json")
    let wards = ["gp", "er", "icu"]
    let table = (0..<150).reduce("ward,score,stage\n") { text, row in
      let (stage, other) = (row * 7 % 3, row % 10 == 0 ? 1 : 0)
      let score = row % 13 == 0 ? -1 : stage * 10 + row * 11 % 12
      return text + "\(wards[(stage + other) % 3]),\(score),\(Self.stages[stage])\n"
    }
    try folder.write(Array(table.utf8), to: "data.csv")
  }

  private func rows(_ run: CommandRun) throws -> [[String: Any]] {
    #expect(run.status == 0, "\(run.errors)")
    return try run.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test func theFilesOfAModel() throws {
    let run = try fit(["--out", "models/m", "--format", "csv"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasPrefix("figure,mean,low,high,logistic_regression,majority"))
    #expect(
      run.output.split { $0.isNewline }.map { $0.prefix { $0 != "," } } == [
        "figure", "roc_auc", "accuracy", "balanced_accuracy", "brier", "log_loss",
      ])
    #expect(run.errors.contains("150 rows, 50 mild, 50 moderate, 50 severe, "), "\(run.errors)")
    #expect(run.errors.contains("logistic_regression: brier smaller by"))
    let metrics = try object("models/m/metrics.json")
    #expect(((metrics["accuracy"] as? [String: Double])?["mean"] ?? 0) > 0.8)
    let confusion = try #require(metrics["confusion"] as? [String: [String: Double]])
    #expect(confusion.keys.sorted() == Self.stages && confusion["mild"]?.values.reduce(0, +) == 50)
    #expect((metrics["settings"] as? [String: String])?["classes"] == "3")
    #expect(try object("models/m/schema.json")["classes"] as? [String] == Self.stages)
    let card = try text("models/m/card.md")
    #expect(card.contains("| | called mild | called moderate | called severe |") && card.contains("50 moderate"))
    #expect(card.contains("There are no levels of risk and no calibration") && !card.contains("Moderate means"))
    let page = try text("models/m/report.html")
    for stage in Self.stages {
      #expect(page.contains("Receiver operating characteristic: \(stage) against all others"))
      #expect(page.contains("\(stage): Shapley values of single rows"))
    }
    #expect(page.contains("<th>is, called</th>") && !page.contains("Calibration"))
    let flow = try text("models/m/MLmodel")
    #expect(flow.contains(#""shape": [-1, 3]"#) && flow.contains("classes: ['mild', 'moderate', 'severe']"))
    let dependence = try text("models/m/shap_dependence.csv").split(separator: "\n")
    #expect(dependence[0] == "class,column,value,shap" && dependence.count == 1 + 3 * 2 * 150)
    let compared = try train(["compare", "--runs", "models/runs", "--format", "csv"])
    #expect(compared.status == 0 && compared.output.hasPrefix("run,roc_auc"), "\(compared.errors)")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path("models/runs")).first)
    #expect(try train(["promote", name, "--runs", "models/runs", "--out", "promoted"]).status == 0)
  }

  @Test func whatIsPredicted() throws {
    #expect(try fit(["--out", "m"]).status == 0)
    let predict = ["predict", "--model", "m", "--data", "data.csv"]
    let plain = try rows(try train(predict))
    #expect(plain.count == 150 && plain[0]["risk_level"] == nil && plain[0]["explained_class"] == nil)
    func probability(_ row: [String: Any], _ stage: String) -> Double { row["probability_\(stage)"] as? Double ?? .nan }
    for row in plain {
      let all = Self.stages.map { probability(row, $0) }
      #expect(abs(all.reduce(0, +) - 1) < 1e-9)
      let predicted = try #require(row["predicted"] as? String)
      #expect(probability(row, predicted) == all.max())
    }
    func check(_ options: [String], stage: String?) throws {
      let explained = try rows(try train(predict + ["--explain"] + options))
      #expect(explained.count == 150)
      for row in explained {
        let word = try #require(row["explained_class"] as? String)
        #expect(word == stage ?? row["predicted"] as? String)
        let shap = try #require(row["shap"] as? [String: Double])
        let base = try #require(row["base_value"] as? Double)
        #expect(abs(base + shap.values.reduce(0, +) - probability(row, word)) < 1e-9)
        guard options.contains("--interactions") else { continue }
        let pairs = try #require(row["shap_interactions"] as? [String: [String: Double]])
        #expect(abs(pairs.values.flatMap(\.values).reduce(base, +) - probability(row, word)) < 1e-9)
      }
    }
    try check([], stage: nil)
    try check(["--interactions"], stage: nil)
    try check(["--background", "data.csv"], stage: nil)
    try check(["--class", "severe"], stage: "severe")
    let unknown = try train(predict + ["--explain", "--class", "deadly"])
    #expect(unknown.status == ExitStatus.usage.rawValue && unknown.errors.contains("mild, moderate, severe"))
    #expect(try train(predict + ["--class", "mild"]).status == ExitStatus.usage.rawValue)
  }

  @Test func optionsOfMoreThanTwoClasses() throws {
    for options in [["--calibration", "platt"], ["--class-weight", "1:2"], ["--criterion", "squared-error"]] {
      let run = try fit(["--out", "m"] + options)
      #expect(run.status == ExitStatus.usage.rawValue && run.output.isEmpty, "\(options)")
      #expect(run.errors.contains("one of 3 classes") || options[0] == "--criterion", "\(run.errors)")
    }
    for options in [["--class-weight", "1:2:1"], ["--class-weight", "balanced", "--extra-trees"], ["--search", "2"]] {
      let run = try fit(["--out", "m"] + options)
      #expect(run.status == 0, "\(options): \(run.errors)")
    }
    #expect(try fit(["--out", "a"]).status == 0)
    let more = ["--data", "data.csv", "--schema", "schema.json", "--cv", "3x1", "--trees", "30"]
    #expect(try train(more + ["--out", "b", "--add-to", "a"]).status == 0)
    #expect(try train(more + ["--out", "c"]).status == 0)
    #expect(try Data(contentsOf: folder.url("b/forest.bin")) == Data(contentsOf: folder.url("c/forest.bin")))
  }

  /// Whoever names a label need not list its words.
  @Test func wordsAreFound() throws {
    try folder.write(
      Array(try text("schema.json").replacing(#""classes":["mild","moderate","severe"],"#, with: "").utf8),
      to: "plain.json")
    let options = ["--data", "data.csv", "--schema", "plain.json", "--trees", "20", "--cv", "3x1", "--out", "m"]
    let silent = try train(options)
    #expect(silent.status == ExitStatus.dataError.rawValue && silent.errors.contains("column stage: neither 0 nor 1"))
    let run = try train(options + ["--label", "stage"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try object("m/schema.json")["classes"] as? [String] == Self.stages)
    let whole = try text("data.csv")
    for (words, expected) in [
      (["mild"], "all rows have the same stage"), ((0..<70).map { "w\($0)" }, "more than 64 different words"),
    ] {
      let lines = whole.split(separator: "\n").dropFirst().enumerated().map { number, line in
        line[...(line.lastIndex(of: ",") ?? line.startIndex)] + words[number % words.count]
      }
      try folder.write(Array((["ward,score,stage"] + lines).joined(separator: "\n").utf8), to: "data.csv")
      let run = try train(options + ["--label", "stage"])
      #expect(run.status == ExitStatus.dataError.rawValue && run.errors.contains(expected), "\(run.errors)")
    }
  }

  @Test func wordsOfATable() throws {
    let sql = "copy (select ward, score, stage, stage = 'mild' as well from 'data.csv') to 'stages.parquet'"
    let written = try CommandRun.run("pq-query", [sql], in: folder.root)
    #expect(written.status == 0, "\(written.errors)")
    let options = ["--table", "stages.parquet", "--trees", "20", "--cv", "3x1", "--features", "ward,score"]
    let run = try train(options + ["--out", "m", "--label", "stage"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try object("m/schema.json")["classes"] as? [String] == Self.stages)
    let predicted = try rows(try train(["predict", "--model", "m", "--data", "stages.parquet"]))
    #expect(Set(predicted.compactMap { $0["predicted"] as? String }) == Set(Self.stages))
    // A label of two words is one of risk: the second word is what is predicted.
    try folder.write(
      Array(try text("data.csv").replacing("moderate", with: "mild").utf8), to: "data.csv")
    try folder.write(
      Array(try text("schema.json").replacing(#""moderate","#, with: "").utf8), to: "schema.json")
    let two = try fit(["--out", "two"])
    #expect(two.status == 0 && two.errors.contains("150 rows, 50 severe, "), "\(two.errors)")
    let risks = try rows(try train(["predict", "--model", "two", "--data", "data.csv"]))
    #expect(risks.count == 150 && risks.allSatisfy { $0["risk_level"] != nil })
    #expect(try text("two/card.md").contains("is `severe`"))
  }

  @Test func cellsThatAreNoClass() throws {
    try folder.write(Array("ward,score,stage\nicu,4,mild\ner,5,deadly\n".utf8), to: "data.csv")
    let run = try fit(["--out", "m"])
    #expect(run.status == ExitStatus.dataError.rawValue && !run.errors.contains("deadly"))
    #expect(run.errors.contains("line 3, column stage: none of the schema's classes"))
    try folder.write(Array("ward,score,stage\nicu,4,mild\ner,5,severe\ngp,6,mild\n".utf8), to: "data.csv")
    let rare = try fit(["--out", "m"])
    #expect(rare.status == ExitStatus.usage.rawValue && rare.errors.contains("rows of the rarest class"))
  }
}
