import ArgumentParser
import Delta
import Storage

/// Makes, grows and measures Delta tables, for the programs of others to be held against.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delta-peer",
    abstract: "Make, grow and measure Delta tables.",
    subcommands: [Write.self, Rows.self, Fill.self, Open.self])
}

/// Appends rows to a table, which is made where it is missing, one file a commit.
struct Write: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Append rows: id counts up from --from; value, note and day follow from it.")

  @Argument(help: "The table's folder.") var table: String
  @Option(help: "How many commits.") var commits = 1
  @Option(help: "How many rows each.") var rows = 10
  @Option(help: "The first id.") var from: Int64 = 0
  @Option(help: "After how many commits a checkpoint is written, for a new table.") var checkpointInterval = 10
  @Flag(help: "Add a column as well.") var addColumn = false
  @Option(help: "The end of the path of a file to remove with the last commit.") var remove: String?

  func run() async throws {
    let store = LocalFileStore(root: table)
    var delta = try await DeltaTable.openOrCreate(
      store: store, schema: SampleRows.schema(isWide: false), partitionColumns: ["day"], engine: "delta-peer",
      configuration: ["delta.checkpointInterval": String(checkpointInterval)])
    for number in 0..<commits {
      let rows = SampleRows(first: from + Int64(number * rows), count: rows, isWide: addColumn)
      let file = try await rows.write(to: store)
      let schema = SampleRows.schema(isWide: addColumn)
      let ending = number == commits - 1 ? remove : nil
      try await delta.commit(
        CommitRequest(operation: "WRITE", engine: "delta-peer") { snapshot throws(DeltaError) in
          var actions: [Action] = [.add(file)]
          if let metadata = try snapshot.metadata(joining: schema) { actions.append(.metadata(metadata)) }
          actions.append(
            .transaction(Transaction(appId: "delta-peer", version: rows.next, lastUpdated: file.modificationTime)))
          if let ending {
            actions += snapshot.files.filter { $0.path.hasSuffix(ending) }
              .map { .remove(RemoveFile($0, at: file.modificationTime)) }
          }
          return actions
        })
      if let failure = delta.maintenanceFailure { throw failure }
    }
    print(#"{"version":\#(delta.snapshot.version)}"#)
  }
}

/// Reads a table and says what it holds.
struct Rows: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Say how many rows a table has, and the sum of their ids.")

  @Argument(help: "The table's folder.") var table: String
  @Option(help: "The version.") var version: Int64?

  func run() async throws {
    let store = LocalFileStore(root: table)
    let delta = try await DeltaTable.open(store: store, at: version.map { .version($0) } ?? .newest)
    let total = try await SampleRows.total(of: delta)
    let mark = delta.snapshot.transactions["delta-peer"]?.version ?? -1
    print(
      #"{"version":\#(delta.snapshot.version),"files":\#(delta.snapshot.files.count),"rows":\#(total.rows),"#
        + #""sum":\#(total.sum),"mark":\#(mark)}"#)
  }
}
