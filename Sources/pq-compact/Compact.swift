import ArgumentParser
import CommandSupport
import FoundationEssentials
import Maintenance
import Storage

/// `pq-compact compact`, and `pq-compact` without another word.
struct Compact: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compact",
    abstract: "Merge small files of each partition into sorted files of the wanted size (the default).",
    discussion: """
      Each partition's new files are written first and take the place of the old ones in one commit, which gives way \
      to other writers' changes and is then tried again. The old files stay on disk until pq-compact vacuum.
      """)

  @OptionGroup var table: TableArgument
  @OptionGroup var options: CompactOptions
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let options = options
    try await runOnTable(table.table, common, rewrites: true) { store in try await options.run(store) }
  }
}

/// What rewriting may use.
struct MeansOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Memory for sorting and writing; at least 256MB.", valueName: "size"))
  var memoryLimit = "256MB"

  @Option(
    help: ArgumentHelp(
      "A local directory for rows that do not fit into memory. (TMPDIR; default: /tmp)", valueName: "directory"))
  var scratch: String?

  func validate() throws {
    guard CommandText.bytes(memoryLimit) ?? 0 >= 256 << 20 else {
      throw ValidationError("--memory-limit takes a size of 256MB or more.")
    }
  }

  var options: CompactionOptions {
    var options = CompactionOptions(engine: engine)
    options.memoryLimit = CommandText.bytes(memoryLimit) ?? 256 << 20
    options.scratchDirectory = scratch ?? Self.temporaryDirectory
    return options
  }

  static var temporaryDirectory: String { ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp" }
}

/// How to compact.
struct CompactOptions: ParsableArguments {
  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Only partitions for which this holds, such as \"date < '2026-01-01'\".", valueName: "condition"))
  var condition: String?

  @Option(help: ArgumentHelp("The size that files should have.", valueName: "size"))
  var targetSize = "128MB"

  @Option(
    help: ArgumentHelp(
      "Columns by which rows are sorted; none to leave them in their order. "
        + "(default: patient_id,event_time, in slices by event_time)",
      valueName: "columns"))
  var sortBy: String?

  @Option(
    help: ArgumentHelp(
      "Sort within each row group only, which are slices along this column: queries for a span of it stay fast.",
      valueName: "column"))
  var sliceBy: String?

  @Option(
    help: ArgumentHelp(
      "Two to five columns that count alike: rows near in each of them come to lie near each other.",
      valueName: "columns"))
  var zOrder: String?

  @Option(help: ArgumentHelp("Small files that must have come together in a partition.", valueName: "number"))
  var minFiles = 2

  @Flag(help: "Rewrite files that are large enough, too.")
  var all = false

  @OptionGroup var means: MeansOptions

  @Flag(help: "Say what is to be done and change nothing.")
  var dryRun = false

  @Flag(help: "Print the report as one JSON object.")
  var json = false

  @Option(
    help: ArgumentHelp("First drop partitions whose day is longer ago than this, such as 2y.", valueName: "span"))
  var dropOlderThan: String?

  @Option(help: ArgumentHelp("A file of values, one a line, whose rows are not dropped.", valueName: "file"))
  var legalHold: String?

  @Option(help: ArgumentHelp("The column that those values are of.", valueName: "column"))
  var holdColumn = "patient_id"

  @Option(
    help: ArgumentHelp(
      "Write into this new folder, without a log, and leave the old one as it is; TABLE may be a folder without one.",
      valueName: "folder"))
  var into: String?

  @OptionGroup var watching: WatchOptions

  func validate() throws {
    guard dropOlderThan.map({ CommandText.seconds($0) != nil }) ?? true else {
      throw ValidationError("--drop-older-than takes a span such as 2y.")
    }
    if sliceBy != nil, (sortBy ?? "none") == "none" { throw ValidationError("--slice-by goes with --sort-by.") }
    if sortBy != nil, zOrder != nil { throw ValidationError("Only one of --sort-by and --z-order can be given.") }
    guard zOrder.map({ CompactionOptions.zOrderColumns ~= CommandText.list($0).count }) ?? true else {
      throw ValidationError("--z-order takes two to five columns.")
    }
    if legalHold != nil, dropOlderThan == nil { throw ValidationError("--legal-hold goes with --drop-older-than.") }
    if into != nil, watching.watch || dryRun || dropOlderThan != nil || condition != nil {
      throw ValidationError("--into goes with none of --where, --watch, --dry-run and --drop-older-than.")
    }
    if watching.watch, dryRun { throw ValidationError("Only one of --watch and --dry-run can be given.") }
    guard CommandText.bytes(targetSize) != nil else {
      throw ValidationError("--target-size takes a size such as 128MB.")
    }
    guard (2...1_000_000).contains(minFiles) else { throw ValidationError("--min-files is from 2 to 1000000.") }
  }

  private func compaction() -> CompactionOptions {
    var options = means.options
    options.targetBytes = Int64(CommandText.bytes(targetSize) ?? 128 << 20)
    if let sortBy {
      options.order = sortBy == "none" ? .none : RowOrder(CommandText.list(sortBy), slicedBy: sliceBy)
      options.demandsOrder = true
    }
    if let zOrder {
      options.order = RowOrder(CommandText.list(zOrder), isZOrder: true)
      options.demandsOrder = true
    }
    options.leastFiles = minFiles
    options.rewritesAll = all
    return options
  }

  func run(_ store: any FileStore) async throws {
    if let into { return try await compact(store, into: into) }
    guard watching.watch else { return try await once(watching.throttled(store)) }
    try await watching.run(store) { store, care in try await once(store, care) }
  }

  private func once(_ store: any FileStore, _ care: CareMetrics? = nil) async throws {
    if let dropOlderThan, let age = CommandText.seconds(dropOlderThan) {
      let held = try legalHold.map { try Self.held(in: $0) } ?? []
      let retention = Retention(
        store: store, age: .seconds(age), held: held, holdColumn: holdColumn, options: compaction())
      let report = try await retention.run(now: Int64(Date.now.timeIntervalSince1970 * 1_000), isDryRun: dryRun)
      if report.rows > 0 || !json { try RemovalOutcome(report, isDryRun: dryRun).print(json) }
    }
    try await compact(store, care)
  }

  /// The values of a legal hold. A list without any is more likely one that failed to be made than one that holds
  /// nothing, and rows that are dropped cannot be brought back.
  private static func held(in path: String) throws(CommandError) -> [String] {
    let lines = try SmallFile.lines(path)
    if lines.isEmpty {
      throw CommandError("\(path): no value stands in it; leave --legal-hold out where no row is held", exit: .usage)
    }
    return lines
  }

  private func compact(_ store: any FileStore, into: String) async throws {
    let start = ContinuousClock.now
    let target = try Location(parsing: into).fileStore(try await Settings.load())
    let report = try await FolderCompaction.run(from: store, into: target, options: compaction())
    try CompactOutcome(report, isDryRun: false, seconds: (ContinuousClock.now - start) / .seconds(1)).print(json)
    if !report.leftAlone.isEmpty {
      throw CommandError("copied as they are: \(report.leftAlone.joined(separator: "; "))", exit: .partlyDone)
    }
  }

  private func compact(_ store: any FileStore, _ care: CareMetrics?) async throws {
    let start = ContinuousClock.now
    let filter = condition.map { PartitionFilter($0) }
    let options = compaction()
    let planned = try await Compactor(store: store, options: options).plan(filter)
    if dryRun { return try CompactOutcome(planned, isDryRun: true, seconds: 0).print(json) }
    care?.begin(mergeableFiles: planned.groups.reduce(0) { $0 + $1.filesBefore })
    let bar = ProgressBar(total: planned.groups.reduce(0) { $0 + $1.bytesBefore })
    defer { bar.finish() }
    let compactor = Compactor(store: store, options: options) {
      bar.add($0)
      care?.progress()
    }
    let watching = watching
    let report = try await compactor.run(filter, mayGoOn: { watching.isOpen }) { care?.count($0) }
    bar.finish()
    let outcome = CompactOutcome(report, isDryRun: false, seconds: (ContinuousClock.now - start) / .seconds(1))
    try outcome.print(json)
    if outcome.isPartial {
      throw CommandError(
        "something is left to do: \((report.contended + report.leftAlone).joined(separator: "; "))", exit: .partlyDone)
    }
  }
}

/// The report of a compaction, as `--json` prints it.
struct CompactOutcome: Encodable {
  /// What became of a partition.
  struct Partition: Encodable {
    var partition: String
    var filesBefore: Int
    var bytesBefore: Int64
    var filesAfter: Int?
    var bytesAfter: Int64?
    var rows: Int64?
    var version: Int64?
    var conflicts: Int
  }

  var partitions: [Partition]
  var leftAlone: [String]
  var contended: [String]
  var copied: Int
  var dryRun: Bool
  var seconds: Double

  init(_ report: CompactionReport, isDryRun: Bool, seconds: Double) {
    partitions = report.groups.map {
      Partition(
        partition: $0.partition, filesBefore: $0.filesBefore, bytesBefore: $0.bytesBefore, filesAfter: $0.filesAfter,
        bytesAfter: $0.bytesAfter, rows: $0.rows, version: $0.version, conflicts: $0.conflicts)
    }
    leftAlone = report.leftAlone
    contended = report.contended
    copied = report.copied
    dryRun = isDryRun
    self.seconds = (seconds * 1_000).rounded() / 1_000
  }

  var isPartial: Bool { !leftAlone.isEmpty || !contended.isEmpty }

  func print(_ isJSON: Bool) throws {
    if isJSON { return try StandardOutput.printJSON(self) }
    if partitions.isEmpty, copied == 0 {
      return try StandardOutput.print(isPartial ? "nothing was done" : "nothing to do")
    }
    if copied > 0 { try StandardOutput.print("\(copied) files were copied as they are") }
    for part in partitions {
      let name = part.partition.isEmpty ? "the table" : part.partition
      let before = "\(part.filesBefore) files (\(ByteText.text(part.bytesBefore)))"
      if let files = part.filesAfter, let bytes = part.bytesAfter, let rows = part.rows, let version = part.version {
        try StandardOutput.print(
          "\(name): \(before) → \(files) (\(ByteText.text(bytes))), \(rows) rows, version \(version)")
      } else {
        try StandardOutput.print("\(name): would merge \(before)")
      }
    }
  }
}
