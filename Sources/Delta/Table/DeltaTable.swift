public import Columnar
import FoundationEssentials
public import Storage

/// A Delta table in a file store: its log read into a ``Snapshot``, and commits with optimistic concurrency.
///
/// The value is a snapshot with the means to move on; two values of one table know nothing of each other and meet in
/// the log alone.
public struct DeltaTable: Sendable {
  /// The store, rooted at the table.
  public let store: any FileStore
  /// The newest version that this value has seen.
  public internal(set) var snapshot: Snapshot
  /// Whether commits also write the checkpoints that are due, and clean the log up.
  public var maintainsLog = true
  /// Why the last checkpoint or clean-up that was due did not come about; commits do not fail for it.
  public internal(set) var maintenanceFailure: DeltaError?
  /// What is known of the tokens of commits whose outcome was lost.
  var doubts = InDoubtCommits()

  init(store: any FileStore, snapshot: Snapshot) {
    self.store = store
    self.snapshot = snapshot
  }

  var reader: LogReader { LogReader(store: store) }

  /// Opens the table at the root of a store: at its newest version, or at an older one.
  ///
  /// - Throws: ``DeltaError`` with code `notATable` where there is no log, and `noSuchVersion` for a version or time
  ///   that is not in it.
  public static func open(
    store: any FileStore, at point: TableVersion = .newest
  ) async throws(DeltaError) -> DeltaTable {
    guard let table = try await openIfPresent(store: store, at: point) else {
      throw DeltaError(.notATable, path: store.root, message: "there is no Delta table here (no _delta_log)")
    }
    return table
  }

  /// Like ``open(store:at:)``, but `nil` where there is no log.
  public static func openIfPresent(
    store: any FileStore, at point: TableVersion = .newest
  ) async throws(DeltaError) -> DeltaTable? {
    let reader = LogReader(store: store)
    let snapshot: Snapshot?
    switch point {
    case .newest: snapshot = try await reader.newest()
    case .version(let version):
      snapshot = try await reader.fromListing(try await reader.listing(), version: version)
    case .timestamp(let time): snapshot = try await reader.snapshot(atTime: time)
    }
    return snapshot.map { DeltaTable(store: store, snapshot: $0) }
  }

  /// Opens the table, or creates it with this schema.
  ///
  /// Several writers may race: one creates it, the others open what it made.
  public static func openOrCreate(
    store: any FileStore, schema: Schema, partitionColumns: [String], engine: String,
    configuration: [String: String] = [:]
  ) async throws(DeltaError) -> DeltaTable {
    if let table = try await openIfPresent(store: store) { return table }
    let first = try firstEntry(
      "CREATE TABLE", store, schema: schema, partitionColumns: partitionColumns, engine: engine,
      configuration: configuration)
    do {
      _ = try await store.create(LogEntry.path(0), LogEntry.encode(first))
    } catch {
      throw DeltaError(error)
    }
    var table = DeltaTable(store: store, snapshot: Snapshot(root: store.root))
    try await table.refresh()
    return table
  }

  /// Makes a table of files that lie below the root of a store already, in one step: its first version has them all.
  ///
  /// - Throws: ``DeltaError`` with code `forbidden` where there is a table already.
  public static func convert(
    store: any FileStore, files: [AddFile], schema: Schema, partitionColumns: [String], engine: String
  ) async throws(DeltaError) -> DeltaTable {
    guard try await openIfPresent(store: store) == nil else { throw isTable(store) }
    let first = try firstEntry(
      "CONVERT", store, schema: schema, partitionColumns: partitionColumns, engine: engine, configuration: [:])
    let outcome: CreateOutcome
    do {
      outcome = try await store.create(LogEntry.path(0), LogEntry.encode(first + files.map { .add($0) }))
    } catch {
      throw DeltaError(error)
    }
    guard outcome == .created else { throw isTable(store) }
    return try await open(store: store)
  }

  private static func isTable(_ store: any FileStore) -> DeltaError {
    DeltaError(.forbidden, path: store.root, message: "this is a Delta table already")
  }

  private static func firstEntry(
    _ operation: String, _ store: any FileStore, schema: Schema, partitionColumns: [String], engine: String,
    configuration: [String: String]
  ) throws(DeltaError) -> [Action] {
    let now = WallClock.milliseconds()
    let metadata = TableMetadata(
      id: UUID().uuidString.lowercased(), schemaString: try SchemaText.encode(schema),
      partitionColumns: partitionColumns, configuration: configuration, createdTime: now)
    try Snapshot.checkPartitionColumns(metadata, schema, root: store.root)
    let info = CommitInfo(
      timestamp: now, operation: operation, isBlindAppend: true, engineInfo: engine,
      txnId: CommitRequest.freshToken())
    return [.commitInfo(info), .tableProtocol(TableProtocol(schema)), .metadata(metadata)]
  }

  /// Takes in all versions written since: two look-ups when there are none.
  public mutating func refresh() async throws(DeltaError) { _ = try await refresh { _, _ in } }

  /// Like ``refresh()``, and tells what the versions did one by one, so that who follows a table reads only what is
  /// new.
  ///
  /// - Parameter onEntry: told of each version that was taken in, in order.
  /// - Returns: Whether it was told of all; not where a clean-up had passed over the version that was known.
  package mutating func refresh(
    telling onEntry: (_ version: Int64, [Action]) -> Void
  ) async throws(DeltaError) -> Bool {
    let base = snapshot.version
    let next = try await reader.entry(base + 1)
    // While our own version stands, what follows it is the table's; otherwise a clean-up has passed over us.
    guard try await reader.stands(base) else {
      try await reload()
      return false
    }
    guard let next else { return true }
    try take(next, version: base + 1)
    onEntry(base + 1, next)
    try await reader.catchUp(&snapshot) { version, actions in
      doubts.settle(actions, version: version)
      onEntry(version, actions)
    }
    return true
  }

  /// Takes in one entry.
  mutating func take(_ actions: [Action], version: Int64) throws(DeltaError) {
    try snapshot.apply(actions, version: version)
    doubts.settle(actions, version: version)
  }

  /// Starts anew from the newest checkpoint, as a writer must that slept through a clean-up.
  mutating func reload() async throws(DeltaError) {
    let before = snapshot.version
    guard let newest = try await reader.newest(), newest.version >= before else {
      throw DeltaError(
        .malformedLog, path: store.root,
        message: "the log ends before version \(before), which was there: the table was replaced; open it again")
    }
    try await settleDoubts(below: newest.version, above: before)
    snapshot = newest
  }

  /// Looks for lost commits in the entries that a reload passed over, as far as they connect to the newest version:
  /// what lies below a hole is in no table.
  private mutating func settleDoubts(below version: Int64, above base: Int64) async throws(DeltaError) {
    var version = version
    while !doubts.isEmpty, version > base, let actions = try await reader.entry(version) {
      doubts.settle(actions, version: version)
      version -= 1
    }
  }
}

/// Which version of a table is wanted.
public enum TableVersion: Hashable, Sendable {
  /// The newest one.
  case newest
  /// The version with this number.
  case version(Int64)
  /// The version that was the newest at a time in milliseconds since 1970-01-01 UTC.
  case timestamp(Int64)
}
