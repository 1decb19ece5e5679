import CommandSupport
import Foundation
import Testing

/// What `vitals-train` keeps of its trainings, what it takes from elsewhere, and how it learns from stored vitals.
@Suite struct VitalsTrainRunsTests: TrainingFolder {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let schema = #"{"name":"d","label":"outcome","columns":[{"name":"glucose","missing":[0]},{"name":"age"}]}"#
    try folder.write(Array(schema.utf8), to: "schema.json")
    let table = (0..<120).reduce("glucose,age,patient,outcome\n") { text, row in
      let glucose = row % 17 == 0 ? 0 : 80 + row * 37 % 101
      return text + "\(glucose),\(20 + row * 13 % 50),p\(row / 4),\(glucose + row % 7 * 8 > 150 ? 1 : 0)\n"
    }
    try folder.write(Array(table.utf8), to: "data.csv")
  }

  @Test func runsAreKeptComparedAndPromoted() throws {
    #expect(try fit(["--out", "models/m"]).status == 0)
    let second = try fit(["--out", "models/m", "--run-only", "--trees", "30"])
    #expect(second.status == 0 && second.errors.contains("the run is in models/runs/"))
    #expect((try object("models/m/metrics.json")["settings"] as? [String: String])?["trees"] == "20")
    let compared = try train(["compare", "--runs", "models/runs", "--format", "json"])
    let rows = try #require(try JSONSerialization.jsonObject(with: Data(compared.output.utf8)) as? [[String: Any]])
    #expect(rows.count == 2)
    let larger = try #require(rows.first { ($0["settings"] as? String) == "trees=30" })
    let auc = try #require(larger["roc_auc"] as? Double)
    #expect(auc > 0.5 && auc <= 1 && larger["data_xxh64"] as? String == rows[0]["data_xxh64"] as? String)
    let name = try #require(larger["run"] as? String)
    let promoted = try train(["promote", name, "--runs", "models/runs", "--out", "models/m"])
    #expect(promoted.status == 0 && promoted.output.isEmpty, "\(promoted.errors)")
    #expect((try object("models/m/metrics.json")["settings"] as? [String: String])?["trees"] == "30")
    #expect(try train(["promote", "no-run", "--runs", "models/runs"]).status == ExitStatus.usage.rawValue)
    #expect(try train(["promote", "../m", "--runs", "models/runs"]).status == ExitStatus.usage.rawValue)
  }

  /// A damaged run takes no model's place.
  @Test func aDamagedRunIsNotPromoted() throws {
    #expect(try fit(["--out", "models/m"]).status == 0)
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path("models/runs")).first)
    let file = "models/runs/\(name)/forest.bin"
    var bytes = Array(try Data(contentsOf: folder.url(file)))
    let whole = bytes
    bytes[bytes.count / 2] ^= 1
    try folder.write(bytes, to: file)
    let run = try train(["promote", name, "--runs", "models/runs", "--out", "models/m"])
    #expect(run.status == ExitStatus.dataError.rawValue && run.errors.contains("damaged"))
    #expect(Array(try Data(contentsOf: folder.url("models/m/forest.bin"))) == whole)
  }

  @Test func settingsAreSearchedAndGroupsKeptTogether() throws {
    let run = try fit(["--out", "m", "--search", "3", "--group", "patient", "--calibration", "platt"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("than logistic_regression: roc_auc"))
    let metrics = try object("m/metrics.json")
    #expect(metrics["searched_settings"] as? Int == 3)
    let test = try #require((metrics["better_than"] as? [String: [String: Double]])?["logistic_regression"])
    #expect((test["p"] ?? 0) > 0 && test["difference"] != nil)
    #expect(try object("m/schema.json")["group"] as? String == "patient")
    #expect(try fit(["--out", "m", "--group", "nobody"]).status == ExitStatus.dataError.rawValue)
  }

  @Test func aTrendInTheSchemaIsKept() throws {
    let schema =
      #"{"name":"d","label":"outcome","columns":[{"name":"glucose","missing":[0],"monotone":1},{"name":"age"}]}"#
    try folder.write(Array(schema.utf8), to: "schema.json")
    #expect(try fit(["--out", "m"]).status == 0)
    let rows = (60..<200).map { "\($0),40" }
    try folder.write(Array((["glucose,age"] + rows).joined(separator: "\n").utf8), to: "rising.csv")
    let run = try train(["predict", "--model", "m", "--data", "rising.csv", "--format", "csv"])
    let values = run.output.split { $0.isNewline }.dropFirst().compactMap { Double($0.split(separator: ",")[0]) }
    #expect(values.count == 140 && zip(values, values.dropFirst()).allSatisfy { $0 <= $1 + 1e-12 })
    #expect((values.last ?? 0) - (values.first ?? 1) > 0.3)
  }

  @Test func aModelInONNXComesBack() throws {
    #expect(try fit(["--out", "m"]).status == 0)
    let imported = try train(["import", "m/model.onnx", "--schema", "schema.json", "--out", "n"])
    #expect(imported.status == 0, "\(imported.errors)")
    func probabilities(_ model: String) throws -> [Double] {
      let run = try train(["predict", "--model", model, "--data", "data.csv", "--format", "csv"])
      return run.output.split { $0.isNewline }.dropFirst().compactMap { Double($0.split(separator: ",")[0]) }
    }
    let (own, other) = (try probabilities("m"), try probabilities("n"))
    #expect(own.count == 120 && zip(own, other).allSatisfy { abs($0 - $1) < 5e-6 })
    let explained = try train(["predict", "--model", "n", "--data", "data.csv", "--explain"])
    #expect(explained.status != 0 && explained.errors.contains("against a background"))
    let against = try train([
      "predict", "--model", "n", "--data", "data.csv", "--explain", "--background", "data.csv",
    ])
    #expect(against.status == 0)
  }

  /// Patients whose pulse climbs for an hour before it turns critical, and patients whose does not.
  private func ward() throws {
    var lines = ["patient_id,event_time,heart_rate,spo2"]
    for patient in 0..<24 {
      for minute in 0..<240 {
        let climbs = patient % 2 == 0 && minute > 100
        let rate = climbs ? min(140, 75 + minute - 100) : 75 + (minute * 7 + patient * 3) % 11
        let time = "2026-01-0\(1 + minute / 240) \(two(minute / 60)):\(two(minute % 60)):00"
        lines.append("P\(patient),\(time),\(rate),\(minute % 5 == 0 ? "" : "97")")
      }
    }
    try folder.write(Array(lines.joined(separator: "\n").utf8), to: "vitals.csv")
    let sql = """
      copy (select cast(patient_id as varchar) as patient_id, cast(event_time as timestamp) as event_time,
      cast(heart_rate as double) as heart_rate, cast(spo2 as double) as spo2 from 'vitals.csv') to 'vitals.parquet'
      """
    let run = try CommandRun.run("pq-query", [sql], in: folder.root)
    #expect(run.status == 0, "\(run.errors)")
  }

  private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  @Test func deteriorationIsForetoldFromStoredVitals() throws {
    try ward()
    let options = ["--table", "vitals.parquet", "--horizon", "15m", "--every", "3m", "--cv", "3x1", "--trees", "30"]
    let run = try train(options + ["--label", "deteriorates", "--out", "models/d", "--format", "csv"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("5760 readings of 24 patients") && run.errors.contains("than news2: roc_auc"))
    #expect(run.output.hasPrefix("figure,mean,low,high,news2,logistic_regression,majority"))
    let metrics = try object("models/d/metrics.json")
    let auc = try #require((metrics["roc_auc"] as? [String: Double])?["mean"])
    #expect(auc > 0.9)
    let schema = try object("models/d/schema.json")
    #expect((schema["windows"] as? [String: Int])?["ahead"] == 900_000)
    let predicted = try train(["predict", "--model", "models/d", "--data", "vitals.parquet", "--format", "csv"])
    let lines = predicted.output.split { $0.isNewline }.map { $0.split(separator: ",") }
    #expect(lines.count == 5_761 && lines[0].prefix(3) == ["patient_id", "event_time", "probability"])
    // Half an hour before a climbing pulse turns critical, and two minutes before; beside it one that does not climb.
    func probability(_ patient: String) -> Double {
      lines.first { $0[0] == patient && $0[1].contains("02:05:00") }.flatMap { Double($0[2]) } ?? .nan
    }
    #expect(probability("P2") < 0.5 && probability("P1") < 0.3)
    func later(_ patient: String) -> Double {
      lines.first { $0[0] == patient && $0[1].contains("02:34:00") }.flatMap { Double($0[2]) } ?? .nan
    }
    #expect(later("P2") > 0.7 && later("P1") < 0.3)
    #expect(try train(options + ["--label", "else"]).status == ExitStatus.usage.rawValue)
    #expect(try train(["--table", "vitals.parquet", "--horizon", "15"]).status == ExitStatus.usage.rawValue)
    let nothing = try train(["--table", "none.parquet"])
    #expect(nothing.status != 0 && nothing.errors.contains("none.parquet"))
  }

  @Test func aTableThatHoldsNoVitals() throws {
    let sql = "copy (select 1 as x) to 'numbers.parquet'"
    #expect(try CommandRun.run("pq-query", [sql], in: folder.root).status == 0)
    let run = try train(["--table", "numbers.parquet"])
    #expect(run.status == ExitStatus.dataError.rawValue && run.errors.contains("patient_id"))
    #expect(try train([]).status == ExitStatus.usage.rawValue)
    #expect(try train(["--table", "a", "--data", "b"]).status == ExitStatus.usage.rawValue)
  }
}
