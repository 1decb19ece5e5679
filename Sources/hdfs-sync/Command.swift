import ArgumentParser
import CommandSupport
import Delta
import FoundationEssentials
import Landing
import Logging
import Storage

/// `hdfs-sync`: bring spooled batches home.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hdfs-sync",
    abstract: "Drain the spool of vitals-sink into the table, in order and once; or push a directory of files.",
    discussion: """
      The spool is where vitals-sink lands batches while HDFS does not answer. Draining may be repeated and \
      interrupted at will, and may run beside a sink: what the table already has is not landed again. With --files \
      plain Parquet files go to a directory that is no table; what is there with the same content is skipped, and \
      nothing is removed here. Exits 0 when nothing is left to do, 75 when something is left, 69 when HDFS does not \
      answer. Access to HDFS is set by HDFS_USER, HDFS_AUTH, HDFS_DOAS, HDFS_TOKEN_FILE, HDFS_CA_FILE, \
      HDFS_CLIENT_CERT, HDFS_CLIENT_KEY, HDFS_REDIRECT_HOSTS and HDFS_HOST_MAP, in the environment or in .env.
      """,
    version: ProductVersion.current)

  @OptionGroup var options: SyncOptions
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    common.bootstrapLogging()
    let options = options
    try await runCommand("hdfs-sync") {
      let sync = try options.sync(try await Settings.load(), log: Logger(label: "hdfs-sync"))
      try await withShutdownSignals { try await sync.run() }
    }
  }
}

/// What to drain, where to, and how.
struct SyncOptions: ParsableArguments {
  @Option(help: "The spool. (default: data/vitals_data/<topic>)")
  var spool: String?

  @Option(help: "The topic whose default spool is meant. \(Setting.topic.help)")
  var topic: String?

  @Option(help: "A directory of Parquet files to push, instead of a spool.")
  var files: String?

  @Option(help: "The table: a directory or webhdfs:// URL. (HDFS_URL + HDFS_DIR)")
  var table: String?

  @Option(help: "The dead-letter table. (default: the table's name with _dead_letters)")
  var deadLetter: String?

  @Flag(
    exclusivity: .exclusive,
    help: ArgumentHelp("Drain what is there and end (the default), or go on draining until SIGTERM."))
  var mode = SyncMode.once

  @Option(help: "How many files are on their way at a time.")
  var parallel = 8

  @Flag(inversion: .prefixedNo, help: "Bring small files of one folder home as one.")
  var merge = true

  @Flag(help: "Read back what arrived and compare it byte by byte.")
  var verify = false

  @Option(help: "Seconds between two looks with --watch; after failures up to sixteen times as many.")
  var interval = 10

  @Flag(help: "Say what is to be done and change nothing.")
  var dryRun = false

  @Flag(help: "Print the report as one JSON object.")
  var json = false

  func validate() throws {
    guard (1...86_400).contains(interval) else { throw ValidationError("--interval is from 1 to 86400") }
    guard (1...256).contains(parallel) else { throw ValidationError("--parallel is from 1 to 256") }
    guard files == nil || spool == nil else { throw ValidationError("--files and --spool exclude each other") }
  }

  /// The work that these options ask for.
  func sync(_ settings: Settings, log: Logger) throws(CommandError) -> Sync {
    let place = SpoolPlace.local(spool ?? SpoolPlace.defaultDirectory(topic: settings.string(flag: topic, .topic)))
    let rows = if let table { try Location(parsing: table) } else { try Location.defaultTable(settings) }
    if let files {
      let push = FilesPush(
        source: LocalFileStore(root: files), target: try rows.fileStore(settings), width: parallel,
        isDryRun: dryRun, readsBack: verify)
      guard FileManager.default.fileExists(atPath: files) else {
        throw CommandError("\(files): no such directory", exit: .usage)
      }
      return Sync(
        work: .files(push), isWatching: mode == .watch, interval: .seconds(interval), isDryRun: dryRun, isJSON: json)
    }
    let letters =
      if let deadLetter { try Location(parsing: deadLetter) } else {
        try rows.sibling(suffix: TableStores.deadLetterSuffix)
      }
    let stores = TableStores(rows: try rows.fileStore(settings), deadLetters: try letters.fileStore(settings))
    var options = DrainOptions()
    options.width = parallel
    options.mergesSmallFiles = merge
    options.readsBack = verify
    let drainer = SpoolDrainer(
      spool: place.stores, table: stores, engine: "vitals-lake/\(ProductVersion.current)", log: log,
      options: options)
    return Sync(
      work: .spool(place, drainer), isWatching: mode == .watch, interval: .seconds(interval), isDryRun: dryRun,
      isJSON: json)
  }
}

/// Whether to go on.
enum SyncMode: String, EnumerableFlag {
  case once
  case watch
}
