public import ArgumentParser
import CommandSupport
import Features
public import Forest

extension ForestSettings.Task: ExpressibleByArgument {}

/// What a model learns from: comma-separated values, stored vitals, or any other table.
struct SourceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A table as comma-separated values.", valueName: "file"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "What its columns are (default: Schemas/diabetes.json; with --table what the table says).", valueName: "file"))
  var schema: String?

  @Option(help: ArgumentHelp("The column of what is predicted, other than the schema's.", valueName: "column"))
  var label: String?

  @Option(help: "What is predicted: classification or regression (default: as the schema says, classification).")
  var task: ForestSettings.Task?

  @Option(help: ArgumentHelp("Columns to learn from, of those of the schema or the table.", valueName: "a,b,c"))
  var features: String?

  @Option(help: ArgumentHelp("The column whose equal values belong together, such as a patient.", valueName: "column"))
  var group: String?

  @Option(help: ArgumentHelp("The column that says how much each row counts in learning.", valueName: "column"))
  var weight: String?

  @Option(
    help: ArgumentHelp(
      "A table in place of --data: of stored vitals, or any other with --label COLUMN.", valueName: "location"))
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
    if isOfVitals {
      guard features == nil, group == nil, weight == nil, schema == nil, task ?? .classification == .classification
      else {
        throw ValidationError(
          "Stored vitals are grouped by patient and have columns of their own; name the --label of another table.")
      }
    }
    guard (1...10_000_000).contains(maxExamples) else {
      throw ValidationError("--max-examples must be 1 to 10000000.")
    }
    _ = try plan()
  }

  /// Whether the table is one of readings over time, of which examples are made.
  var isOfVitals: Bool { table != nil && label ?? "deteriorates" == "deteriorates" }

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
    guard let table else {
      let path = schema ?? "Schemas/diabetes.json"
      let csv = data ?? ""
      let schema = try chosen(try read(path), path)
      // A label that somebody names may hold words that no schema lists.
      guard label != nil else { return try TrainingData(csv: csv, schema: schema) }
      return try TrainingData(
        csv: csv, schema: try naming(csv) { try schema.findingClasses(csv: try Files.read(csv)) })
    }
    let settings = try await Settings.load()
    if isOfVitals {
      return try await StoredVitals(location: table, settings: settings).data(try plan(), limit: maxExamples)
    }
    let stored = StoredTable(location: table, settings: settings)
    let columns =
      if let schema {
        try chosen(try read(schema), schema)
      } else {
        try chosen(
          try await stored.schema(
            label: label ?? "", besides: [group, weight].compactMap { $0 },
            features: features?.split(separator: ",").map(String.init)), table)
      }
    let classed = label == nil ? columns : try await stored.findingClasses(columns)
    return try TrainingData(try await stored.rows(classed, needsTargets: true), schema: classed, name: table)
  }

  private func read(_ path: String) throws -> TableSchema {
    try naming(path) { try TableSchema(json: try Files.read(path)) }
  }

  /// A schema with what the options say.
  private func chosen(_ schema: TableSchema, _ path: String) throws -> TableSchema {
    var chosen = schema
    if let group { chosen.group = group }
    if let label, label != chosen.label {
      chosen.label = label
      chosen.classes = nil
    }
    if let weight { chosen.weight = weight }
    if let task { chosen.task = task }
    if let features {
      let names = features.split(separator: ",").map(String.init)
      chosen.columns = try names.map { name in
        guard let column = chosen.columns.first(where: { $0.name == name }) else {
          throw CommandError("\(path): there is no column \(name)", exit: .usage)
        }
        return column
      }
    }
    let changed = chosen
    return try naming(path) { try TableSchema(json: try prettyJSON(changed)) }
  }
}
