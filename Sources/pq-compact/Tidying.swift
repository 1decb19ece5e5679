import ArgumentParser
import CommandSupport
import Delta
import Maintenance
import Storage

/// `pq-compact vacuum`
struct Vacuum: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vacuum",
    abstract: "Remove files that no version within the retention needs.",
    discussion: """
      What left the table longer ago than --retain goes, and files that no version knows and that are older than that \
      and than a day: they may belong to a commit under way. Versions older than --retain can then not be read any more.
      """)

  /// Days below which a reader of an older version may lose its files under its hands.
  private static let safeSeconds = 7 * 86_400

  @OptionGroup var table: TableArgument
  @Option(
    help: ArgumentHelp(
      "How long removed files stay, such as 30d or 12h. (default: as the table says, else 7d)", valueName: "span"))
  var retain: String?
  @Flag(help: "Allow --retain below 7d: readers of older versions may fail.")
  var force = false
  @Flag(help: "Say what is to be removed and change nothing.")
  var dryRun = false
  @Flag(help: "Print the report as one JSON object.")
  var json = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard let retain else { return }
    guard let seconds = CommandText.seconds(retain) ?? (retain == "0" ? 0 : nil) else {
      throw ValidationError("--retain takes a span such as 7d or 12h.")
    }
    if seconds < Self.safeSeconds, !force {
      throw ValidationError("--retain below 7d needs --force: readers of older versions may fail.")
    }
  }

  private struct Outcome: Encodable {
    var files: [String]
    var bytes: Int64
    var examined: Int
    var dryRun: Bool
  }

  mutating func run() async throws {
    let retention = retain.map { Duration.seconds(CommandText.seconds($0) ?? 0) }
    let (dryRun, json) = (dryRun, json)
    try await runOnTable(table.table, common) { store in
      var table = try await DeltaTable.open(store: store)
      let report = try await table.vacuum(retention: retention, isDryRun: dryRun)
      if json {
        return try StandardOutput.printJSON(
          Outcome(files: report.files, bytes: report.bytes, examined: report.examined, dryRun: dryRun))
      }
      if dryRun { for path in report.files { try StandardOutput.print(CommandText.printable(path)) } }
      try StandardOutput.print(
        "\(dryRun ? "would remove" : "removed") \(report.files.count) of \(report.examined) files "
          + "(\(ByteText.text(report.bytes)))")
    }
  }
}

/// `pq-compact checkpoint`
struct Checkpoint: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint",
    abstract: "Write a checkpoint of the newest version, so that readers open the table fast; clean the log up.",
    discussion: """
      The clean-up takes away entries that lie before a checkpoint and are older than 30 days (or than the table says, \
      if that is longer) and not among the last 1,000.
      """)

  @OptionGroup var table: TableArgument
  @Flag(inversion: .prefixedNo, help: "Clean the log up.")
  var cleanUp = true
  @Flag(help: "Say which version it would be and change nothing.")
  var dryRun = false
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let (cleanUp, dryRun) = (cleanUp, dryRun)
    try await runOnTable(table.table, common) { store in
      let table = try await DeltaTable.open(store: store)
      let version = table.snapshot.version
      if dryRun { return try StandardOutput.print("would write a checkpoint of version \(version)") }
      try await table.writeCheckpoint()
      let removed = cleanUp ? try await table.cleanUpLog() : 0
      try StandardOutput.print("checkpoint of version \(version); \(removed) files of the log removed")
    }
  }
}

/// `pq-compact restore`
struct Restore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Bring back what a table held at an older version, as a new version.",
    discussion: """
      The sinks' watermarks stay, so that nothing lands twice; which offsets the restored table lacks is printed. With \
      --rewind the watermarks are lowered as well, and sinks land those offsets again, as far as Kafka still has them: \
      stop the sinks first and start them afterwards.
      """)

  @OptionGroup var table: TableArgument
  @Option(help: ArgumentHelp("The version to go back to.", valueName: "number"))
  var tableVersion: Int64
  @Flag(help: "Lower the watermarks too; only while no sink runs.")
  var rewind = false
  @Flag(help: "Say what is to be done and change nothing.")
  var dryRun = false
  @Flag(help: "Print the report as one JSON object.")
  var json = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard tableVersion >= 0 else { throw ValidationError("--table-version must not be negative.") }
  }

  mutating func run() async throws {
    let (version, rewind, dryRun, json) = (tableVersion, rewind, dryRun, json)
    try await runOnTable(table.table, common, rewrites: true) { store in
      let restoring = Restoring(store: store, engine: engine, scratchDirectory: MeansOptions.temporaryDirectory)
      let report = try await restoring.run(to: version, rewinds: rewind, isDryRun: dryRun)
      try RestoreOutcome(report, isDryRun: dryRun).print(json)
    }
  }
}

/// The report of a restoring, as `--json` prints it.
private struct RestoreOutcome: Encodable {
  struct Lack: Encodable {
    var topic: String
    var incarnation: Int32
    var partition: Int32
    var start: Int64
    var next: Int64
  }

  var version: Int64?
  var added: Int
  var removed: Int
  var lacks: [Lack]
  var rewound: Bool
  var dryRun: Bool

  init(_ report: RestoreReport, isDryRun: Bool) {
    version = report.version
    added = report.added
    removed = report.removed
    rewound = report.isRewound
    dryRun = isDryRun
    lacks = report.lacks.map {
      Lack(topic: $0.topic, incarnation: $0.incarnation, partition: $0.partition, start: $0.start, next: $0.next)
    }
  }

  func print(_ isJSON: Bool) throws {
    if isJSON { return try StandardOutput.printJSON(self) }
    let done = version.map { "version \($0)" } ?? (dryRun ? "would restore" : "nothing to do")
    try StandardOutput.print("\(done): \(added) files come back, \(removed) leave")
    for lack in lacks {
      let fate = rewound ? "to be landed again" : "not in the table"
      try StandardOutput.print(
        "\(lack.topic)@\(lack.incarnation)/\(lack.partition): offsets \(lack.start) to \(lack.next - 1) \(fate)")
    }
  }
}

/// `pq-compact convert`
struct Convert: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Make a Delta table of a folder of Parquet files, in place.",
    discussion: """
      A log is written beside the files, which stay as they are; from then on it alone says which files are in the \
      table. Folders named as date=2026-01-02 become partition columns. Nobody may write into the folder meanwhile.
      """)

  @Argument(help: "The folder: a directory or webhdfs:// URL.")
  var folder: String
  @Flag(help: "Say what is to be done and change nothing.")
  var dryRun = false
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let dryRun = dryRun
    try await runOnTable(folder, common) { store in
      let count = try await FolderCompaction.convert(store, engine: engine, isDryRun: dryRun)
      try StandardOutput.print("\(dryRun ? "would make" : "made") a table of \(count) files")
    }
  }
}
