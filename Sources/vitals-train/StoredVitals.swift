import Columnar
import CommandSupport
import Features
import Forest
import Query

/// A table of vitals.
struct StoredVitals {
  let location: String
  let settings: Settings

  /// Examples of deterioration; tells on standard error how many readings there were.
  ///
  /// - Parameter limit: the most examples.
  func data(_ plan: Deterioration, limit: Int) async throws -> TrainingData {
    let store = try await readings()
    let progress = ProgressBar(total: Int64(store.patientCount), unit: .count)
    let examples = plan.examples(store, limit: limit) { progress.add(1) }
    progress.finish()
    let rows = examples.table.features.rowCount
    StandardError.print(
      "\(store.count) readings of \(store.patientCount) patients gave \(rows) examples"
        + (store.incomplete > 0 ? "; \(store.incomplete) rows had no patient or no time" : ""))
    guard rows > 0 else {
      throw CommandError("\(location): no patient was watched for as long as the horizon", exit: .dataError)
    }
    return try TrainingData(examples, schema: Self.schema(plan), name: location)
  }

  private static func schema(_ plan: Deterioration) -> TableSchema {
    let (past, ahead) = (plan.features.windowMillis, plan.horizonMillis)
    return TableSchema(
      name: "deterioration",
      description: """
        Vitals of the last \(minutes(past)), and whether NEWS2 reaches 7 or a vital turns critical within \
        \(minutes(ahead)). Patients in that state already are left out.
        """,
      label: "deteriorates", columns: WindowFeatures.columns,
      windows: TableSchema.Windows(past: past, ahead: ahead))
  }

  private static func minutes(_ millis: Int64) -> String {
    millis % 60_000 == 0 ? "\(millis / 60_000) min" : "\(Double(millis) / 1_000) s"
  }

  /// All readings, in memory.
  func readings() async throws -> ReadingStore {
    var options = QueryOptions(threads: processorCount())
    let progress = ProgressBar(total: nil)
    options.progress = { progress.set($0) }
    defer { progress.finish() }
    let session = QuerySession(catalog: LocationCatalog(settings: settings), options: options)
    let table = "'\(location.replacing("'", with: "''"))'"
    var store = ReadingStore()
    do {
      var columns: [String] = []
      try await session.run("select * from \(table) limit 0") { schema in
        columns = schema.fields.map(\.name)
      } _: { _ in
      }
      for needed in ["patient_id", "event_time"] where !columns.contains(needed) {
        throw CommandError("\(location): there is no column \(needed): is this a table of vitals?", exit: .dataError)
      }
      var chosen = ["patient_id", "event_time"]
      chosen += Vital.allCases.map(\.column).filter(columns.contains).map { "cast(\($0) as double) as \($0)" }
      chosen += ["consciousness", "supplemental_oxygen"].filter(columns.contains)
      try await session.run("select \(chosen.joined(separator: ", ")) from \(table)") { batch in
        try store.append(batch)
      }
    } catch let refusal as ReadingStore.Refusal {
      switch refusal {
      case .column(let name):
        throw CommandError("\(location): the column \(name) is not of the type of a table of vitals", exit: .dataError)
      case .tooMany(let limit):
        throw CommandError(
          "\(location): more than \(limit) readings – give a part of the table, such as \(location)/date=…",
          exit: .usage)
      }
    } catch let error as QueryError {
      throw CommandError("\(location): \(error)")
    }
    return store
  }
}

/// Tables by the locations that all commands share.
struct LocationCatalog: TableCatalog {
  let settings: Settings

  func table(at location: String) async throws -> TableSource {
    let input = try await Location(parsing: location).input(settings)
    let files = input.files.map { file in
      TableFile(
        name: file.name, partitions: file.partitionValues.map { ($0.column, $0.text) }, statistics: file.statistics
      ) {
        try await file.open()
      }
    }
    return TableSource(files: files, schema: input.schema, partitionColumns: input.partitionColumns)
  }
}
