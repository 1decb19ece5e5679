import ArgumentParser
import CommandSupport
import Features
import Forest

/// What a model learns from: comma-separated values, or a table of stored vitals.
struct SourceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A table as comma-separated values.", valueName: "file"))
  var data: String?

  @Option(help: ArgumentHelp("What its columns are.", valueName: "file"))
  var schema = "Schemas/diabetes.json"

  @Option(help: ArgumentHelp("The column of what is predicted, other than the schema's.", valueName: "column"))
  var label: String?

  @Option(help: ArgumentHelp("Columns to learn from, of those of the schema.", valueName: "a,b,c"))
  var features: String?

  @Option(help: ArgumentHelp("The column whose equal values belong together, such as a patient.", valueName: "column"))
  var group: String?

  @Option(help: ArgumentHelp("A table of stored vitals, in place of --data.", valueName: "location"))
  var table: String?

  @Option(help: ArgumentHelp("How far ahead a deterioration is foretold, such as 15m.", valueName: "time"))
  var horizon = "15m"

  @Option(help: ArgumentHelp("How far back vitals are looked at.", valueName: "time"))
  var window = "1h"

  @Option(
    help: ArgumentHelp("Time between two examples of a patient (default: a third of the horizon).", valueName: "t"))
  var every: String?

  @Option(help: ArgumentHelp("The most examples.", valueName: "number"))
  var maxExamples = 100_000

  func validate() throws {
    guard (data == nil) != (table == nil) else {
      throw ValidationError("Give one of --data and --table.")
    }
    if table != nil {
      guard label ?? "deteriorates" == "deteriorates" else {
        throw ValidationError("Of stored vitals --label deteriorates is known; other tables go by --data and --schema.")
      }
      guard features == nil, group == nil else {
        throw ValidationError("--features and --group are for --data: vitals are grouped by patient.")
      }
    }
    guard (1...10_000_000).contains(maxExamples) else {
      throw ValidationError("--max-examples must be 1 to 10000000.")
    }
    _ = try plan()
  }

  private func plan() throws -> Deterioration {
    func millis(_ name: String, _ text: String) throws -> Int64 {
      guard let millis = Self.milliseconds(text) else {
        throw ValidationError("--\(name) takes a time such as 15m: a number of s, m, h or d, up to 30d.")
      }
      return millis
    }
    return Deterioration(
      features: WindowFeatures(windowMillis: try millis("window", window)),
      horizonMillis: try millis("horizon", horizon), everyMillis: try every.map { try millis("every", $0) })
  }

  /// A time such as `15m` in milliseconds, from a second to thirty days.
  static func milliseconds(_ text: String) -> Int64? {
    let units: [Character: Int64] = ["s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    guard let last = text.last, let unit = units[last], let number = Int64(text.dropLast()), number > 0 else {
      return nil
    }
    let (millis, isTooLong) = number.multipliedReportingOverflow(by: unit)
    return !isTooLong && millis <= 30 * 86_400_000 ? millis : nil
  }

  func data() async throws -> TrainingData {
    if let table {
      let plan = try plan()
      return try await StoredVitals(location: table, settings: try await Settings.load())
        .data(plan, limit: maxExamples)
    }
    return try TrainingData(csv: data ?? "", schema: try chosenSchema())
  }

  private func chosenSchema() throws -> TableSchema {
    var chosen = try naming(schema) { try TableSchema(json: try Files.read(schema)) }
    if let group { chosen.group = group }
    if let label { chosen.label = label }
    if let features {
      let names = features.split(separator: ",").map(String.init)
      chosen.columns = try names.map { name in
        guard let column = chosen.columns.first(where: { $0.name == name }) else {
          throw CommandError("\(schema): there is no column \(name)", exit: .usage)
        }
        return column
      }
    }
    let (path, changed) = (schema, chosen)
    return try naming(path) { try TableSchema(json: try prettyJSON(changed)) }
  }
}
