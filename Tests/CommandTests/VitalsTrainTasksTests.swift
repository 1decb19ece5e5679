import CommandSupport
import Foundation
import Testing

/// `vitals-train` beyond probabilities of numbers: other targets, columns of words, weights, other tables, more trees.
@Suite struct VitalsTrainTasksTests: TrainingFolder {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let schema = """
      {"name":"stay","label":"days","task":"regression","weight":"counts","columns":[
      {"name":"ward","categories":["icu","er","gp"]},{"name":"age","missing":[0]}]}
      """
    try folder.write(Array(schema.utf8), to: "schema.json")
    let wards = ["icu", "er", "gp"]
    let days = ["icu": 12, "er": 1, "gp": 5]
    let table = (0..<120).reduce("ward,age,counts,days,late\n") { text, row in
      let ward = wards[row * 7 % 3]
      let age = row % 11 == 0 ? 0 : 20 + row * 13 % 50
      let stay = (days[ward] ?? 0) + row % 2
      return text + "\(ward),\(age),\(row % 5 == 0 ? 2 : 1),\(stay),\(stay > 8 ? 1 : 0)\n"
    }
    try folder.write(Array(table.utf8), to: "data.csv")
  }

  @Test func aNumberIsPredicted() throws {
    let run = try fit(["--out", "models/m", "--format", "csv"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasPrefix("figure,mean,low,high,linear_regression,mean_of_targets"))
    #expect(run.output.contains("rmse,"))
    #expect(run.errors.contains("than linear_regression: mean squared error smaller by"))
    let metrics = try object("models/m/metrics.json")
    #expect(((metrics["r2"] as? [String: Double])?["mean"] ?? 0) > 0.8 && metrics["confusion"] == nil)
    let importance = try #require(metrics["shap_importance"] as? [String: Double])
    #expect((importance["ward"] ?? 0) > 3 * (importance["age"] ?? 1))
    let page = try text("models/m/report.html")
    #expect(page.contains("What was predicted, and what was true") && !page.contains("Receiver"))
    #expect(try !text("models/m/card.md").contains("Moderate"))
    #expect(try text("models/m/MLmodel").contains(#""name": "prediction""#))
    let columns = try #require(try object("models/m/schema.json")["columns"] as? [[String: Any]])
    // In the order of their stays, which is how the trees know them.
    #expect(columns[0]["categories"] as? [String] == ["er", "gp", "icu"])
    let dependence = try text("models/m/shap_dependence.csv").split(separator: "\n")
    #expect(dependence[0] == "column,value,shap" && dependence.count == 1 + 2 * 120)
    #expect(dependence.contains { $0.hasPrefix("ward,er,-") } && dependence.contains { $0.hasPrefix("age,,") })

    let predicted = try train(["predict", "--model", "models/m", "--data", "data.csv", "--explain"])
    let rows = try predicted.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(rows.count == 120 && rows[0]["risk_level"] == nil)
    for row in rows {
      let shap = try #require(row["shap"] as? [String: Double])
      let base = try #require(row["base_value"] as? Double)
      #expect(abs(base + shap.values.reduce(0, +) - (row["prediction"] as? Double ?? 0)) < 1e-9)
    }
    let compared = try train(["compare", "--runs", "models/runs", "--format", "csv"])
    #expect(compared.output.hasPrefix("run,rmse,mae,r2,rmse_low,rmse_high,data_xxh64"))
  }

  @Test func optionsThatNumbersDoNotHave() throws {
    for options in [["--calibration", "platt"], ["--class-weight", "balanced"], ["--criterion", "gini"]] {
      let run = try fit(["--out", "m"] + options)
      #expect(run.status == ExitStatus.usage.rawValue && run.output.isEmpty, "\(options)")
    }
    // A label of two classes is one of numbers too, where somebody says so, and the other way round not.
    #expect(try fit(["--out", "m", "--label", "late", "--task", "classification"]).status == 0)
    let wrong = try fit(["--out", "m", "--task", "classification"])
    #expect(wrong.status == ExitStatus.dataError.rawValue && wrong.errors.contains("column days: neither 0 nor 1"))
  }

  @Test func aWordThatTheSchemaDoesNotKnow() throws {
    #expect(try fit(["--out", "m"]).status == 0)
    try folder.write(Array("ward,age\nicu,4\nxyz,5\n".utf8), to: "new.csv")
    let run = try train(["predict", "--model", "m", "--data", "new.csv"])
    #expect(run.status == ExitStatus.dataError.rawValue && !run.errors.contains("xyz"))
    #expect(run.errors.contains("new.csv: line 3, column ward: none of the schema's categories"))
  }

  @Test func moreTreesAreAdded() throws {
    #expect(try fit(["--out", "m"]).status == 0)
    let refused = try fit(["--out", "n", "--add-to", "m"])
    #expect(refused.status == ExitStatus.usage.rawValue && refused.errors.contains("20 trees already"))
    let thirty = ["--data", "data.csv", "--schema", "schema.json", "--cv", "3x1", "--trees", "30"]
    #expect(try train(thirty + ["--out", "n"]).status == 0)
    let added = try train(thirty + ["--out", "o", "--add-to", "m"])
    #expect(added.status == 0, "\(added.errors)")
    // What comes of it is what growing all of them would give.
    #expect(try Data(contentsOf: folder.url("o/forest.bin")) == Data(contentsOf: folder.url("n/forest.bin")))
    let other = try train(Array(thirty.dropLast()) + ["40", "--out", "p", "--add-to", "m", "--min-samples-leaf", "2"])
    #expect(other.status == ExitStatus.usage.rawValue && other.errors.contains("other settings"))
    try folder.write(Array(try text("data.csv").replacing("gp,", with: "er,").utf8), to: "data.csv")
    let changed = try train(Array(thirty.dropLast()) + ["40", "--out", "p", "--add-to", "m"])
    #expect(changed.status == ExitStatus.usage.rawValue && changed.errors.contains("other data"))
  }

  @Test func anyTableIsLearnedFrom() throws {
    let sql = """
      copy (select ward, cast(age as integer) as age, late = 1 as late, days, counts from 'data.csv') to 'stays.parquet'
      """
    let written = try CommandRun.run("pq-query", [sql], in: folder.root)
    #expect(written.status == 0, "\(written.errors)")
    let options = ["--table", "stays.parquet", "--trees", "20", "--cv", "3x1", "--out", "m", "--label", "late"]
    let run = try train(options + ["--features", "ward,age", "--weight", "counts"])
    #expect(run.status == 0, "\(run.errors)")
    let columns = try #require(try object("m/schema.json")["columns"] as? [[String: Any]])
    #expect(columns.map { $0["name"] as? String } == ["ward", "age"])
    #expect(Set(columns[0]["categories"] as? [String] ?? []) == ["er", "gp", "icu"])
    let fromTable = try train(["predict", "--model", "m", "--data", "stays.parquet", "--format", "csv"])
    let fromText = try train(["predict", "--model", "m", "--data", "data.csv", "--format", "csv"])
    #expect(fromTable.status == 0 && fromTable.output.split { $0.isNewline }.count == 121, "\(fromTable.errors)")
    #expect(fromTable.output == fromText.output)
    let missing = try train(options.dropLast() + ["nothing"])
    #expect(missing.status == ExitStatus.usage.rawValue && missing.errors.contains("no column nothing"))
    let none = try train(["--table", "none.parquet", "--label", "late"])
    #expect(none.status != 0 && none.errors.contains("none.parquet"))
  }

  /// What people try, and should understand from one line.
  @Test(arguments: [
    ("ward,age,counts,days\n", "there are no rows"),
    ("ward,age,counts,days\nicu,1,1,5\ner,2,1,5\n", "all rows have the same days"),
    ("ward,age,counts,days\n,,1,5\n,,1,6\n,,1,7\n", "all values of all columns are missing"),
    ("ward,age,counts,days\nicu,1,1,5\ner,2,1,6\n", "at most as many as rows"),
    ("ward,age,counts,days\nicu,1,1\n", "line 2: 3 fields, where line 1 names 4"),
    ("ward,age,days\nicu,1,1\n", "there is no column counts"),
    ("ward,age,counts,days\nicu,1,1,\n", "line 2, column days: no number"),
    ("", "there are no column names"),
  ])
  func tablesThatTeachNothing(table: String, expected: String) throws {
    try folder.write(Array(table.utf8), to: "data.csv")
    let run = try fit(["--out", "m"])
    #expect(run.status != 0 && run.output.isEmpty && run.errors.contains(expected), "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("m")))
  }

  @Test func columnsThatSayNothingAreNamed() throws {
    let rows = (0..<30).map { "icu,\($0 % 3 == 0 ? "" : "0"),1,\($0 % 4)" }
    try folder.write(Array((["ward,age,counts,days"] + rows).joined(separator: "\n").utf8), to: "data.csv")
    let run = try fit(["--out", "m"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("ward: always the same") && run.errors.contains("age: all missing"))
  }
}
