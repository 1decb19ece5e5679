import ArgumentParser
import CommandSupport
import Delta
import Maintenance
import Storage

/// `pq-compact stats`
struct Stats: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Tell files, bytes and rows of each partition, and what a compaction would gain.",
    discussion: """
      The columns after rows count files by size: up to 64 KiB, 1 MiB, 8 MiB, 32 MiB, 128 MiB, and larger ones; \
      mergeable files would become merged ones.
      """)

  @OptionGroup var table: TableArgument
  @Option(help: ArgumentHelp("The size that files should have.", valueName: "size"))
  var targetSize = "128MB"
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard CommandText.bytes(targetSize) != nil else {
      throw ValidationError("--target-size takes a size such as 128MB.")
    }
  }

  mutating func run() async throws {
    let format = output.format
    var options = CompactionOptions(engine: engine)
    options.targetBytes = Int64(CommandText.bytes(targetSize) ?? 128 << 20)
    let chosen = options
    try await runOnTable(table.table, common) { store in
      let sizes = TableSizes(try await DeltaTable.open(store: store).snapshot, options: chosen)
      let classes = ["to_64k", "to_1m", "to_8m", "to_32m", "to_128m", "larger"]
      let numbers = ["files", "bytes", "rows"] + classes + ["mergeable", "merged"]
      var report = Report(["partition"] + numbers, integers: Set(numbers))
      for part in sizes.partitions {
        let counts = [part.files] + part.histogram + [part.mergeable, part.merged]
        var row: [Report.Value] = [.text(part.name), .init(counts[0]), .init(part.bytes)]
        row.append(part.uncounted == 0 ? .init(part.rows) : .none)
        report.append(row + counts.dropFirst().map { .init($0) })
      }
      try report.print(format)
    }
  }
}

/// `pq-compact history`
struct History: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Tell the newest versions: when, by whom, and what was done.")

  @OptionGroup var table: TableArgument
  @Option(help: ArgumentHelp("How many versions at most.", valueName: "number"))
  var limit = 20
  @OptionGroup var output: OutputOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit is from 1 to 1000000.") }
  }

  mutating func run() async throws {
    let (format, limit) = (output.format, limit)
    try await runOnTable(table.table, common) { store in
      var report = Report(["version", "time", "operation", "engine", "details"], integers: ["version"])
      for entry in try await DeltaTable.open(store: store).history(limit: limit) {
        let details = (entry.info?.operationParameters ?? [:]).sorted { $0.key < $1.key }.map {
          "\($0.key)=\($0.value)"
        }
        report.append([
          .init(entry.version), .text(CommandText.instantText(entry.timestamp)), .init(entry.info?.operation),
          .init(entry.info?.engineInfo), .text(details.joined(separator: " ")),
        ])
      }
      try report.print(format)
    }
  }
}

/// `pq-compact verify`
struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read all of a table and hold it against its log: files, lengths, rows, Kafka offsets.",
    discussion: """
      Each file must be there, of the right length, and readable to the last page; each Kafka offset must be there \
      once and below its watermark. Orphans are told of and are no fault. Changes nothing.
      """)

  @OptionGroup var table: TableArgument
  @Flag(help: "Print the report as one JSON object.")
  var json = false
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let json = json
    try await runOnTable(table.table, common) { store in
      let sizes = try await DeltaTable.open(store: store).snapshot.filesByPath.values.reduce(0) { $0 + $1.size }
      let bar = ProgressBar(total: sizes)
      defer { bar.finish() }
      let report = try await TableCheck(store: store) { bar.add($0) }.run()
      bar.finish()
      try VerifyOutcome(report).print(json)
      guard report.isWhole else {
        throw CommandError("\(store.root): \(report.problemCount) faults were found", exit: .dataError)
      }
    }
  }
}

/// The report of a check, as `--json` prints it.
private struct VerifyOutcome: Encodable {
  var version: Int64
  var files: Int
  var rows: Int64
  var problems: [String]
  var problemCount: Int
  var orphans: [String]
  var orphanBytes: Int64
  var removed: Int
  var unattributed: Int64

  init(_ report: TableCheckReport) {
    version = report.version
    files = report.files
    rows = report.rows
    problems = report.problems
    problemCount = report.problemCount
    orphans = report.orphans.map(\.path)
    orphanBytes = report.orphans.reduce(0) { $0 + $1.size }
    removed = report.removed
    unattributed = report.unattributed
  }

  func print(_ isJSON: Bool) throws {
    if isJSON { return try StandardOutput.printJSON(self) }
    for problem in problems { try StandardOutput.print("fault: \(CommandText.printable(problem))") }
    for path in orphans { try StandardOutput.print("orphan: \(CommandText.printable(path))") }
    try StandardOutput.print(
      "version \(version): \(files) files, \(rows) rows, \(problemCount) faults; \(orphans.count) orphans "
        + "(\(ByteText.text(orphanBytes))), \(removed) removed files on disk")
    if unattributed > 0 {
      try StandardOutput.print(
        "\(unattributed) rows are of one of several topics: whether their offsets repeat cannot be said")
    }
  }
}

extension Report {
  /// Prints the rows.
  func print(_ format: OutputFormat) throws {
    var printer = BatchPrinter(format: format, schema: schema)
    try printer.print(batch)
    try printer.finish()
  }
}
