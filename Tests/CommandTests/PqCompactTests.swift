import CommandSupport
import Delta
import Foundation
import Parquet
import Storage
import Testing

@Suite struct PqCompactTests {
  private let folder: TemporaryFolder
  private var table: String { folder.path("table") }

  init() throws { folder = try TemporaryFolder() }

  private func run(_ arguments: String..., environment: [String: String] = [:]) throws -> CommandRun {
    try CommandRun.run("pq-compact", arguments, in: folder.root, environment: environment)
  }

  /// A table of files with so many rows each, in the order of their numbers.
  private func furnish(_ counts: [Int64], in given: (any FileStore)? = nil) async throws {
    let store = given ?? LocalFileStore(root: table)
    var first: Int64 = 0
    for (number, count) in counts.enumerated() {
      let bytes = try SampleFiles.counting(first..<first + count)
      first += count
      let parquet = try await ParquetFile.open(BytesSource(bytes))
      var table = try await DeltaTable.openOrCreate(
        store: store, schema: parquet.metadata.schema, partitionColumns: [], engine: "test")
      _ = try await store.create("part-\(number).parquet", bytes)
      let file = AddFile(
        path: "part-\(number).parquet", partitionValues: [:], size: Int64(bytes.count), modificationTime: 1,
        stats: FileStatistics.text(parquet.metadata))
      try await table.commit(CommitRequest(operation: "WRITE", engine: "test") { _ in [.add(file)] })
    }
  }

  @Test(arguments: ["compact", "stats", "history", "verify", "vacuum", "checkpoint", "restore", "erase", "convert"])
  func helpOfSubcommands(_ name: String) throws {
    let help = try run(name, "--help")
    #expect(help.status == 0 && help.errors.isEmpty)
    try Golden.expect(help.output, is: "pq-compact/\(name).txt")
  }

  private func count() throws -> String { try CommandRun.run("pq-cat", [table, "--count"], in: folder.root).output }

  @Test func mergesSmallFiles() async throws {
    try await furnish([10, 20, 30])
    let dry = try run(table, "--sort-by", "s", "--dry-run")
    #expect(dry.status == 0 && dry.errors.isEmpty && dry.output.hasPrefix("the table: would merge 3 files"))
    let done = try run(table, "--sort-by", "s", "--json")
    #expect(done.status == 0 && done.errors.isEmpty)
    #expect(done.output.contains(#""files_after":1"#) && done.output.contains(#""files_before":3"#))
    #expect(done.output.contains(#""rows":60"#) && done.output.contains(#""version":4"#))
    #expect(try run("compact", table).output == "nothing to do\n")
    #expect(try count().contains("60"))
    let rows = try CommandRun.run("pq-cat", [table, "--columns", "s", "--limit", "2", "--format", "csv"])
    #expect(rows.output.split(whereSeparator: \.isNewline) == ["s", "row 0", "row 1"])
  }

  @Test func tellsAndTidies() async throws {
    try await furnish([10, 20, 30])
    let stats = try run("stats", table, "--format", "csv")
    #expect(stats.status == 0 && stats.output.contains(",3,") && stats.output.contains(",60,"))
    let history = try run("history", table, "--limit", "2", "--format", "ndjson")
    #expect(history.output.split(separator: "\n").count == 2 && history.output.contains(#""operation":"WRITE""#))
    #expect(try run("checkpoint", table).output == "checkpoint of version 3; 0 files of the log removed\n")
    #expect(FileManager.default.fileExists(atPath: table + "/_delta_log/_last_checkpoint"))
    let whole = try run("verify", table)
    #expect(whole.status == 0 && whole.output.hasPrefix("version 3: 3 files, 60 rows, 0 faults; 0 orphans"))
    let early = try run("vacuum", table, "--retain", "1d")
    #expect(early.status == ExitStatus.usage.rawValue && early.errors.contains("--force"))
    #expect(try run("vacuum", table).output == "removed 0 of 3 files (0 B)\n")
  }

  @Test func aMissingFileIsFound() async throws {
    try await furnish([10, 20])
    try FileManager.default.removeItem(atPath: table + "/part-1.parquet")
    let run = try run("verify", table)
    #expect(run.status == ExitStatus.dataError.rawValue)
    #expect(run.output.hasPrefix("fault: part-1.parquet: missing\n") && run.errors.hasSuffix("1 faults were found\n"))
    let left = try self.run(table, "--min-files", "2")
    #expect(left.status == ExitStatus.failure.rawValue || left.status == ExitStatus.partlyDone.rawValue)
    #expect(left.errors.contains("part-1.parquet"))
  }

  @Test func goesBackAndErases() async throws {
    try await furnish([10, 20, 30])
    let erased = try run("erase", table, "--where", "i >= 5 and i < 12")
    #expect(erased.status == 0 && erased.output.hasPrefix("removed 7 rows; files: 2 written anew, 0 gone\n"))
    #expect(try count().contains("53"))
    let back = try run("restore", table, "--table-version", "3")
    #expect(back.status == 0 && back.output == "version 5: 2 files come back, 2 leave\n")
    #expect(try count().contains("60"))
    let wrong = try run("erase", table, "--where", "no_such = 1")
    #expect(wrong.status == ExitStatus.usage.rawValue && wrong.errors.contains("does not fit the columns"))
  }

  /// The condition names a patient: neither what goes wrong with it nor the log may repeat it.
  @Test func anErasureNamesNobody() async throws {
    try await furnish([10, 20])
    let erased = try run("erase", table, "--where", "s = 'row 7'", "--log-level", "trace")
    #expect(erased.status == 0 && erased.output.hasPrefix("removed 1 rows") && !erased.errors.contains("row 7"))
    let history = try run("history", table, "--limit", "1", "--format", "ndjson")
    #expect(history.output.contains(#""operation":"DELETE""#) && history.output.contains(#""details":"""#))
    try Data("s = 'row 8'\n".utf8).write(to: folder.root.appending(path: "who.sql"))
    #expect(try run("erase", table, "--where-file", "who.sql").output.hasPrefix("removed 1 rows"))
    try Data().write(to: folder.root.appending(path: "nobody.sql"))
    #expect(try run("erase", table, "--where-file", "nobody.sql").status == ExitStatus.usage.rawValue)
    #expect(try run("erase", table).status == ExitStatus.usage.rawValue && count().contains("28"))
    let wrong = try run("erase", table, "--where", "s = \"row 7\"")
    #expect(wrong.status == ExitStatus.usage.rawValue && !wrong.errors.contains("row 7"))
  }

  /// An id is erased from the table, from the dead letters beside it and from what else is named, and nowhere shown.
  @Test func erasesSomebodyEverywhere() async throws {
    try await furnish([10, 20])
    try await furnish([30], in: LocalFileStore(root: table + "_dead_letters"))
    try await furnish([5], in: LocalFileStore(root: folder.path("audit")))
    let words = ["erase", table, "--id", "row 7", "--id-column", "s", "--audit", folder.path("audit")]
    let dry = try CommandRun.run("pq-compact", words + ["--dry-run"], in: folder.root)
    #expect(dry.status == 0 && dry.output.contains("\(table): would remove 1 rows"))
    let run = try CommandRun.run("pq-compact", words + ["--log-level", "trace"], in: folder.root)
    #expect(run.status == 0 && !(run.output + run.errors).contains("row 7"))
    #expect(run.output.contains("audit: removed 0 rows; files: 0 written anew, 0 gone\n"))
    #expect(run.output.contains("_dead_letters: removed 1 rows; files: 1 written anew, 0 gone\n"))
    #expect(run.output.contains("\(table): removed 1 rows; files: 1 written anew, 0 gone\n"))
    #expect(try count().contains("29"))
    for wrong in [["--id", " "], ["--where", "i = 1", "--audit", "x"], ["--id", "a", "--where", "i = 1"]] {
      #expect(try CommandRun.run("pq-compact", ["erase", table] + wrong).status == ExitStatus.usage.rawValue)
    }
  }

  @Test func aSpoolAndItsDeadLettersAreLeftAlone() async throws {
    try await furnish([10, 20])
    try await furnish([10, 20], in: LocalFileStore(root: table + "_dead_letters"))
    var spool = try await DeltaTable.open(store: LocalFileStore(root: table))
    let chain = Transaction(appId: "vitals-spool-chain/vitals@0/0", version: 0, lastUpdated: 1)
    try await spool.commit(CommitRequest(operation: "X", engine: "test") { _ in [.transaction(chain)] })
    for place in [table, table + "_dead_letters", table + "_dead_letters/"] {
      let run = try run(place, "--sort-by", "s")
      #expect(run.status == ExitStatus.failure.rawValue && run.errors.contains("spool of a sink"), "\(place)")
    }
  }

  @Test func foldersWithoutALog() async throws {
    for number in 0..<3 {
      let first = Int64(number) * 10
      try folder.write(try SampleFiles.counting(first..<first + 10), to: "plain/hour=1/\(number).parquet")
    }
    let plain = folder.path("plain")
    let into = try run(plain, "--sort-by", "s", "--into", folder.path("new"))
    #expect(into.status == 0 && into.output.hasPrefix("hour=1: 3 files") && into.output.contains("→ 1 ("))
    #expect(try CommandRun.run("pq-cat", [folder.path("new"), "--count"]).output.contains("30"))
    #expect(try run("convert", plain, "--dry-run").output == "would make a table of 3 files\n")
    #expect(try run("convert", plain).output == "made a table of 3 files\n")
    #expect(try run(plain, "--z-order", "s,i").output.contains("30 rows, version 1"))
    #expect(try run("convert", plain).status == ExitStatus.usage.rawValue)
    #expect(try run(plain, "--z-order", "s").status == ExitStatus.usage.rawValue)
  }

  /// Beside its rounds a watching compaction tells what it did, and that it lives.
  @Test func servesMetrics() async throws {
    try await furnish([10, 20, 30])
    let run = try CommandRun.shell(
      """
      pq-compact '\(table)' --sort-by s --watch --every 1h --metrics-port 0 --log-level notice 2> log > said & pid=$!
      for _ in {1..300}; do grep -q rows said && break; sleep 0.1; done
      port=$(grep -o 'port=[0-9]*' log | cut -d= -f2)
      for path in metrics healthz readyz; do curl -s --noproxy '*' "http://127.0.0.1:$port/$path"; done
      kill -TERM $pid; wait $pid; echo "exit $?"
      """)
    let lines = run.output.split(separator: "\n")
    #expect(lines.suffix(3) == ["alive", "ready", "exit 0"])
    #expect(lines.contains("vitals_compact_rows_total 60") && lines.contains("vitals_compact_failures_total 0"))
  }

  @Test func anEmptyLegalHoldDropsNothing() async throws {
    try await furnish([10])
    try Data("\n \n".utf8).write(to: folder.root.appending(path: "held.txt"))
    let run = try run(table, "--drop-older-than", "1d", "--legal-hold", "held.txt")
    #expect(run.status == ExitStatus.usage.rawValue && run.errors.contains("no value stands in it"))
    #expect(try count().contains("10"))
  }

  /// With less the work goes on as well, but takes more than it was told to.
  @Test func lessMemoryThanIsNeededIsRefused() throws {
    let run = try run(table, "--memory-limit", "255MB")
    #expect(run.status == ExitStatus.usage.rawValue && run.errors.contains("256MB or more"))
  }

  @Test func whatIsNoTableIsRefused() throws {
    let run = try run(folder.path("nowhere"))
    #expect(run.status == ExitStatus.failure.rawValue && run.output.isEmpty)
    #expect(run.errors.contains("there is no Delta table here"))
  }

  /// A watching compaction goes round and round, and SIGTERM ends it well.
  @Test func watchesUntilItIsTold() async throws {
    try await furnish([10, 20, 30])
    let run = try CommandRun.shell(
      """
      pq-compact '\(table)' --sort-by s --watch --every 1s > said & pid=$!
      for _ in {1..300}; do (( $(wc -l < said) >= 2 )) && break; sleep 0.1; done
      kill -TERM $pid; wait $pid; echo "exit $?"; cat said
      """)
    let lines = run.output.split(separator: "\n")
    #expect(lines.first == "exit 0" && lines.last == "nothing to do" && run.errors.isEmpty)
    #expect(lines.dropFirst().first?.hasSuffix("60 rows, version 4") == true)
  }

  /// Killed at each place where a half-done compaction could show, with the next run finishing the work.
  @Test(arguments: ["local.half-written", "compact.file-written", "compact.before-commit", "compact.committed"])
  func aDeathLosesNothing(place: String) async throws {
    try await furnish([10, 20, 30])
    let died = try run(table, "--sort-by", "s", environment: ["VITALS_FAULT": "\(place):1"])
    #expect(died.status == 128 + 9)
    #expect(try run("verify", table).output.contains(", 60 rows, 0 faults"))
    #expect(try run(table, "--sort-by", "s").status == 0)
    #expect(try run("verify", table).output.contains(": 1 files, 60 rows, 0 faults"))
  }

  /// The same on a real HDFS, where files get their names by renaming and answers may be lost.
  @Test(
    .enabled(if: !RealHDFS.url.isEmpty, RealHDFS.missing),
    arguments: [
      "hdfs.body:1", "hdfs.staged.data:1", "hdfs.renamed.data:1", "hdfs.renamed.data:1:lose", "hdfs.staged.log:1",
      "hdfs.renamed.log:1", "hdfs.renamed.log:1:lose",
    ])
  func onHDFS(fault: String) async throws {
    let directory = "/compact-test-\(UUID().uuidString)"
    let location = RealHDFS.url.replacing("http://", with: "webhdfs://\(ProcessInfo.processInfo.userName)@") + directory
    let store = try Location(parsing: location).fileStore(Settings(environment: [:]))
    try await furnish([10, 20, 30], in: store)
    let first = try run(location, "--sort-by", "s", environment: ["VITALS_FAULT": fault])
    #expect(first.status == (fault.hasSuffix(":lose") ? 0 : 128 + 9), "\(first.errors)")
    #expect(try run("verify", location).output.contains(", 60 rows, 0 faults"))
    #expect(try run(location, "--sort-by", "s").status == 0)
    #expect(try run("verify", location).output.contains(": 1 files, 60 rows, 0 faults"))
    #expect(try run("vacuum", location).status == 0)
    #expect(try await store.list("_landing/\(LocalFileStore.hostName)").isEmpty)
    try await Location(parsing: location.replacing(directory, with: "/")).fileStore(Settings(environment: [:]))
      .delete(String(directory.dropFirst()))
  }
}
