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

  private init(store: any FileStore) {
    self.store = store
    snapshot = Snapshot(root: store.root)
  }

  /// Opens the table at the root of a store at its newest version: one listing, and one read for each log entry.
  ///
  /// - Throws: ``DeltaError`` with code `notATable` where there is no log.
  public static func open(store: any FileStore) async throws(DeltaError) -> DeltaTable {
    guard let table = try await openIfPresent(store: store) else {
      throw DeltaError(.notATable, path: store.root, message: "there is no Delta table here (no _delta_log)")
    }
    return table
  }

  /// Like ``open(store:)``, but `nil` where there is no log.
  public static func openIfPresent(store: any FileStore) async throws(DeltaError) -> DeltaTable? {
    var table = DeltaTable(store: store)
    let versions = try await table.listVersions()
    guard let first = versions.min() else { return nil }
    guard first == 0 else {
      throw DeltaError(
        .notSupported, path: store.root,
        message: "the log begins at version \(first), behind a checkpoint; checkpoints cannot be read yet")
    }
    try await table.refresh()
    return table
  }

  /// Opens the table, or creates it with this schema.
  ///
  /// Several writers may race: one creates it, the others open what it made.
  public static func openOrCreate(
    store: any FileStore, schema: Schema, partitionColumns: [String], engine: String
  ) async throws(DeltaError) -> DeltaTable {
    if let table = try await openIfPresent(store: store) { return table }
    var table = DeltaTable(store: store)
    let now = Clock.milliseconds()
    let metadata = TableMetadata(
      id: UUID().uuidString.lowercased(), schemaString: try SchemaText.encode(schema),
      partitionColumns: partitionColumns, createdTime: now)
    let info = CommitInfo(
      timestamp: now, operation: "CREATE TABLE", isBlindAppend: true, engineInfo: engine,
      txnId: CommitRequest.freshToken())
    let entry = try LogEntry.encode([.commitInfo(info), .tableProtocol(TableProtocol()), .metadata(metadata)])
    do {
      _ = try await store.create(LogEntry.path(0), entry)
    } catch {
      throw DeltaError(error)
    }
    try await table.refresh()
    return table
  }

  /// Takes in all versions written since; one look-up when there are none.
  public mutating func refresh() async throws(DeltaError) {
    while try await advance() {}
  }

  /// Takes in the next version, if it is there.
  mutating func advance() async throws(DeltaError) -> Bool {
    guard let actions = try await entry(snapshot.version + 1) else { return false }
    try snapshot.apply(actions, version: snapshot.version + 1)
    return true
  }

  /// The actions of one version, or `nil` where it is not written.
  func entry(_ version: Int64) async throws(DeltaError) -> [Action]? {
    let path = LogEntry.path(version)
    let bytes: [UInt8]
    do {
      bytes = try await store.read(path, limit: LogEntry.sizeLimit)
    } catch {
      if error.code == .notFound { return nil }
      throw DeltaError(error)
    }
    return try LogEntry.decode(bytes, path: "\(store.root)/\(path)")
  }

  private func listVersions() async throws(DeltaError) -> [Int64] {
    do {
      return try await store.list("_delta_log").compactMap { status in
        LogEntry.version(ofName: status.path.split(separator: "/").last ?? "")
      }
    } catch {
      throw DeltaError(error)
    }
  }
}

/// The wall clock, for the log's time stamps alone.
enum Clock {
  /// Milliseconds since 1970-01-01 UTC.
  static func milliseconds() -> Int64 {
    Int64((Date().timeIntervalSince1970 * 1000).rounded(.down))
  }
}
