import ArgumentParser
import CommandSupport
import Delta
import Parquet

/// The work of the command, apart from its command line.
struct Inspection {
  let rows: RowOptions
  let mode: ViewOptions.Mode?
  let format: OutputFormat

  func run(_ locations: [String], at version: TableVersion, _ settings: Settings) async throws {
    var table = InputTable(files: [])
    for text in locations {
      let next = try await Location(parsing: text).input(settings, at: version)
      // The columns that one table declares serve all locations only where there is no other.
      if locations.count == 1 { table = next } else { table.files += next.files }
    }
    var inputs = InputSet(files: table.files)
    switch mode {
    case nil: try await printRows(&inputs, Outline(table))
    case .schema: try await printSchemas(&inputs)
    case .count:
      var total: Int64 = 0
      for (index, input) in inputs.files.enumerated() {
        let count = try await inputs.open(index).metadata.checkedRowCount(of: input.name)
        total = try RowCount.sum(total, count, of: input.name)
        inputs.close(index)
      }
      try StandardOutput.print("\(total)")
    case .meta:
      try await report(&inputs, FileReports.metadata()) { FileReports.add($0.metadata, of: $1, to: &$2) }
    case .stats:
      let columns = rows.columns
      try await report(&inputs, FileReports.statistics()) {
        FileReports.addStatistics($0.metadata, of: $1, columns: columns, to: &$2)
      }
    case .pages:
      let columns = rows.columns
      try await report(&inputs, FileReports.pages()) {
        try await FileReports.addPages($0, of: $1, columns: columns, to: &$2)
      }
    case .verify: try await verify(&inputs)
    }
  }

  private func printRows(_ inputs: inout InputSet, _ empty: Outline) async throws {
    var outline = empty
    for (index, input) in inputs.files.enumerated() {
      let metadata = try await inputs.open(index).metadata
      try outline.add(
        try metadata.projection(existing: rows.columns).schema, of: metadata, partitions: input.partitionValues,
        name: input.name)
    }
    if !rows.columns.isEmpty { try outline.select(rows.columns) }
    var printing = RowPrinting(
      outline: outline, names: rows.columns, selection: rows.selection(of: outline.rowCount),
      printer: BatchPrinter(format: format, schema: outline.schema))
    try await printing.run(over: &inputs)
  }

  /// Prints each different schema once, under the names of a file that has it.
  private func printSchemas(_ inputs: inout InputSet) async throws {
    var schemas: [(text: String, name: String, count: Int)] = []
    for (index, input) in inputs.files.enumerated() {
      let text = SchemaText.text(of: try await inputs.open(index).metadata)
      inputs.close(index)
      if let known = schemas.firstIndex(where: { $0.text == text }) {
        schemas[known].count += 1
      } else {
        schemas.append((text, input.name, 1))
      }
    }
    for schema in schemas {
      let others = schema.count > 1 ? " and \(schema.count - 1) more" : ""
      if inputs.files.count > 1 { try StandardOutput.print("# \(CommandText.printable(schema.name))\(others)") }
      try StandardOutput.print(schema.text)
    }
  }

  /// Prints one report over all files, a file at a time.
  private func report(
    _ inputs: inout InputSet, _ empty: Report,
    _ add: (ParquetFile, _ name: String, inout Report) async throws -> Void
  ) async throws {
    var printer = BatchPrinter(format: format, schema: empty.schema)
    for (index, input) in inputs.files.enumerated() {
      var report = empty
      try await add(try await inputs.open(index), input.name, &report)
      inputs.close(index)
      try printer.print(report.batch)
    }
    try printer.finish()
  }

  /// Reads all of every file, goes on after a damaged one, and tells of each.
  private func verify(_ inputs: inout InputSet) async throws {
    var printer = BatchPrinter(format: format, schema: FileReports.verification().schema)
    var worst: ExitStatus?
    for (index, input) in inputs.files.enumerated() {
      var report = FileReports.verification()
      do {
        let file = try await inputs.open(index)
        try await Verification.check(file, name: input.name)
        report.append([
          .text(input.name), "ok", .init(file.metadata.rowCount), .init(file.metadata.rowGroups.count),
        ])
      } catch let cancellation as CancellationError {
        throw cancellation
      } catch {
        let failure = CommandError(describing: error)
        StandardError.print("pq-cat: \(failure.message)")
        report.append([.text(input.name), "damaged", .none, .none])
        worst = failure.exit == .dataError ? .dataError : worst ?? failure.exit
      }
      inputs.close(index)
      try printer.print(report.batch)
    }
    try printer.finish()
    if let worst { throw ExitCode(worst.rawValue) }
  }
}
