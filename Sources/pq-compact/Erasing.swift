import ArgumentParser
import CommandSupport
import Maintenance
import Storage

/// `pq-compact erase`
struct Erase: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "erase",
    abstract: "Take rows out of a table for good, such as those of one patient.",
    discussion: """
      With --id all goes that names somebody: rows of TABLE, dead letters in TABLE_dead_letters, what waits in the \
      spools named by --spool, and rows of further tables named by --audit. In texts an id must stand alone, in other \
      bytes it is found anywhere. With --where, rows of TABLE alone go. Files are written anew without the rows. Older \
      versions, and the files on disk, hold them until pq-compact vacuum, and a restore would bring them back; entries \
      of the log whose statistics name an id until the log is cleaned up are told of. Kafka and backups are not \
      touched. Nothing of the ids or the condition is logged or printed.
      """)

  @OptionGroup var table: TableArgument
  @OptionGroup var choice: ErasureChoice
  @OptionGroup var means: MeansOptions
  @Flag(help: "Say how many rows are to go and change nothing.")
  var dryRun = false
  @Flag(help: "Print the report as one JSON object.")
  var json = false
  @OptionGroup var common: CommonOptions

  mutating func run() async throws {
    let (choice, options, dryRun, json, location) = (choice, means.options, dryRun, json, table.table)
    try await runOnTable(table.table, common, rewrites: true) { store in
      guard let mention = try choice.mention() else {
        let removal = RowRemoval(store: store, condition: try choice.rows(), options: options)
        return try RemovalOutcome(try await removal.run(isDryRun: dryRun), isDryRun: dryRun).print(json)
      }
      let places = try choice.places(of: location, store, try await Settings.load())
      let reports = try await Erasure(mention, options: options).run(places, isDryRun: dryRun)
      try ErasureOutcome(reports, isDryRun: dryRun).print(json)
      let busy = reports.filter(\.isBusy).map(\.name)
      if !busy.isEmpty {
        throw CommandError("being drained, erase again later: \(busy.joined(separator: ", "))", exit: .partlyDone)
      }
    }
  }
}

/// Which rows are to go, and where.
struct ErasureChoice: ParsableArguments {
  @Option(
    name: .customLong("where"),
    help: ArgumentHelp("Which rows of TABLE, such as \"patient_id = 'P00042'\".", valueName: "condition"))
  var condition: String?
  @Option(
    help: ArgumentHelp(
      "A file that holds the condition, which then stands in no list of processes.", valueName: "file"))
  var whereFile: String?
  @Option(help: ArgumentHelp("Whom to erase everywhere; may be repeated.", valueName: "id"))
  var id: [String] = []
  @Option(help: ArgumentHelp("A file of ids, one a line.", valueName: "file"))
  var idFile: String?
  @Option(help: ArgumentHelp("The column that ids are of.", valueName: "column"))
  var idColumn = "patient_id"
  @Option(help: ArgumentHelp("The spool of a sink on this host; may be repeated.", valueName: "directory"))
  var spool: [String] = []
  @Option(help: ArgumentHelp("Another table that may name somebody; may be repeated.", valueName: "table"))
  var audit: [String] = []

  func validate() throws {
    let ways = [condition != nil, whereFile != nil, !id.isEmpty || idFile != nil].count { $0 }
    guard ways == 1 else { throw ValidationError("Give one of --where, --where-file, and --id or --id-file.") }
    if id.isEmpty, idFile == nil, !spool.isEmpty || !audit.isEmpty {
      throw ValidationError("--spool and --audit go with --id or --id-file.")
    }
    // An empty id would be found nowhere, and somebody would think it was erased.
    if id.contains(where: { CommandText.trimmed($0).isEmpty }) { throw ValidationError("An --id is empty.") }
  }

  /// The condition; an empty file is no SQL and refused.
  func rows() throws(CommandError) -> String {
    if let condition { return condition }
    return String(decoding: try SmallFile.read(whereFile ?? ""), as: UTF8.self)
  }

  /// Who is named; `nil` where a condition chooses.
  func mention() throws(CommandError) -> Mention? {
    let ids = id + (try idFile.map { path throws(CommandError) in try SmallFile.lines(path) } ?? [])
    if ids.isEmpty, idFile != nil { throw CommandError("\(idFile ?? ""): no id stands in it", exit: .usage) }
    return ids.isEmpty ? nil : Mention(of: ids, column: idColumn)
  }

  /// Where to look: spools first, the table last.
  func places(
    of table: String, _ store: any FileStore, _ settings: Settings
  ) throws(CommandError) -> [Erasure.Place] {
    var places: [Erasure.Place] = []
    for directory in spool {
      let letters = directory + Spools.deadLetterSuffix
      for path in [letters, directory] {
        places.append(
          Erasure.Place(
            name: path, store: LocalFileStore(root: path, isPrivate: true), lockDirectory: directory))
      }
    }
    for location in audit {
      places.append(Erasure.Place(name: location, store: try Location(parsing: location).fileStore(settings)))
    }
    let letters = try Location(parsing: table).sibling(suffix: Spools.deadLetterSuffix)
    places.append(Erasure.Place(name: "\(letters)", store: try letters.fileStore(settings)))
    places.append(Erasure.Place(name: table, store: store))
    return places
  }
}

/// The report of an erasure, as `--json` prints it.
struct ErasureOutcome: Encodable {
  struct Place: Encodable {
    var name: String
    var rows: Int64
    var filesRewritten: Int
    var filesRemoved: Int
    var versions: [Int64]
    var oldFiles: [String]
    var logFiles: [String]
    var unlinked: Bool
    var busy: Bool
  }

  var places: [Place]
  var dryRun: Bool

  init(_ reports: [Erasure.PlaceReport], isDryRun: Bool) {
    dryRun = isDryRun
    places = reports.map {
      Place(
        name: $0.name, rows: $0.removal.rows, filesRewritten: $0.removal.rewritten, filesRemoved: $0.removal.removed,
        versions: $0.removal.versions, oldFiles: $0.removal.oldFiles, logFiles: $0.logFiles, unlinked: $0.isUnlinked,
        busy: $0.isBusy)
    }
  }

  func print(_ isJSON: Bool) throws {
    if isJSON { return try StandardOutput.printJSON(self) }
    for place in places {
      let name = CommandText.printable(place.name)
      if place.busy {
        try StandardOutput.print("\(name): left, since it is being drained")
        continue
      }
      try StandardOutput.print(
        "\(name): \(dryRun ? "would remove" : "removed") \(place.rows) rows; files: \(place.filesRewritten) written "
          + "anew, \(place.filesRemoved) gone")
      if !dryRun, !place.oldFiles.isEmpty, !place.unlinked {
        try StandardOutput.print(
          "\(name): \(place.oldFiles.count) files of the version before, and those of older versions, hold them until "
            + "pq-compact vacuum")
      }
      for file in place.logFiles {
        try StandardOutput.print("\(name): an id stands in \(CommandText.printable(file)) until the log is cleaned up")
      }
    }
  }
}

/// The report of a removal, as `--json` prints it.
struct RemovalOutcome: Encodable {
  var rows: Int64
  var filesRewritten: Int
  var filesRemoved: Int
  var versions: [Int64]
  var oldFiles: [String]
  var logVersions: [Int64]
  var dryRun: Bool

  init(_ report: RemovalReport, isDryRun: Bool) {
    rows = report.rows
    filesRewritten = report.rewritten
    filesRemoved = report.removed
    versions = report.versions
    oldFiles = report.oldFiles
    logVersions = report.logVersions
    dryRun = isDryRun
  }

  func print(_ isJSON: Bool) throws {
    if isJSON { return try StandardOutput.printJSON(self) }
    try StandardOutput.print(
      "\(dryRun ? "would remove" : "removed") \(rows) rows; files: \(filesRewritten) written anew, \(filesRemoved) gone"
    )
    if !versions.isEmpty, !oldFiles.isEmpty {
      try StandardOutput.print(
        "\(oldFiles.count) files of the version before, and those of older versions, hold them until pq-compact "
          + "vacuum; the statistics of \(logVersions.count) log entries, and of checkpoints before, may name bounds of "
          + "their values until the log is cleaned up")
    }
  }
}
