import ArgumentParser
import Delta
import Storage

/// Makes a log of many commits, without the files that it names.
struct Fill: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Make a log of many commits, without data files.")

  @Argument(help: "The table's folder.") var table: String
  @Option(help: "How many commits.") var commits = 10_000
  @Option(help: "How many files each adds.") var files = 10
  @Option(help: "After how many commits a checkpoint is written; 0 for none.") var checkpointInterval = 0

  func run() async throws {
    let store = LocalFileStore(root: table)
    var delta = try await DeltaTable.openOrCreate(
      store: store, schema: SampleRows.schema(isWide: false), partitionColumns: ["day"], engine: "delta-peer",
      configuration: ["delta.checkpointInterval": String(max(1, checkpointInterval))])
    delta.maintainsLog = checkpointInterval > 0
    for commit in 0..<commits {
      let adds = (0..<files).map { Self.file(Int64(commit * files + $0)) }
      try await delta.commit(
        CommitRequest(operation: "STREAMING UPDATE", engine: "delta-peer") { _ in adds.map { .add($0) } })
    }
    if let failure = delta.maintenanceFailure { throw failure }
  }

  /// A file as a sink names and describes it.
  private static func file(_ number: Int64) -> AddFile {
    let rows = SampleRows(first: number, count: 1_000, isWide: false)
    let start = String(number * 1_000)
    let digits = String(repeating: "0", count: 20 - start.count) + start
    let stats =
      #"{"numRecords":1000,"minValues":{"id":\#(number),"value":0.25,"note":"note \"\#(number)\""},"#
      + #""maxValues":{"id":\#(number + 1_000),"value":250.5,"note":"note \"9\""},"#
      + #""nullCount":{"id":0,"value":333,"note":0}}"#
    return AddFile(
      path: "day=\(rows.day)/vitals-\(number % 12)-\(digits)-0-0badcafe.parquet", partitionValues: ["day": rows.day],
      size: 40_000 + number % 1_000, modificationTime: 1_767_225_600_000 + number, stats: stats,
      tags: [
        "kafka.topic": "vitals", "kafka.incarnation": "0", "kafka.partition": String(number % 12), "kafka.start": start,
        "kafka.next": String(number * 1_000 + 1_000),
      ])
  }
}

/// Opens a table again and again.
struct Open: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Say how long it takes to open a table, and to refresh it.")

  @Argument(help: "The table's folder.") var table: String
  @Option(help: "How often.") var rounds = 3

  func run() async throws {
    let store = LocalFileStore(root: table)
    let clock = ContinuousClock()
    var opens: [Double] = []
    var refreshes: [Double] = []
    var files = 0
    for _ in 0..<rounds {
      let started = clock.now
      var delta = try await DeltaTable.open(store: store)
      opens.append((clock.now - started) / .seconds(1))
      let again = clock.now
      try await delta.refresh()
      refreshes.append((clock.now - again) / .seconds(1))
      files = delta.snapshot.filesByPath.count
    }
    print(#"{"files":\#(files),"open":\#(opens),"refresh":\#(refreshes)}"#)
  }
}
