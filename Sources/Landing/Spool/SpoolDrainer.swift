import Delta
public import Logging
import Storage

/// How a drain does its work.
public struct DrainOptions: Hashable, Sendable {
  /// How many files are on their way at a time.
  public var width = 8
  /// Whether small files of one folder go home as one.
  public var mergesSmallFiles = false
  /// Whether each file is read back and compared, byte by byte, before it is committed.
  public var readsBack = false

  /// Eight at a time, each file as it is.
  public init() {}
}

/// What a drain did.
public struct DrainReport: Hashable, Sendable {
  /// Files that are now in the table.
  public var files = 0
  /// Their bytes in the spool.
  public var bytes: Int64 = 0
  /// Files of the table that hold them; fewer where small ones were merged.
  public var tableFiles = 0
  /// Bytes that have arrived in the table, those not yet committed included.
  public var arrivedBytes: Int64 = 0
  /// Files whose rows the table already had.
  public var alreadyLanded = 0
  /// Why partitions were left where they are; empty when everything is home.
  public var stopped: [String] = []
  /// Files that are still in the spool.
  public var remaining = 0

  /// Whether the spool held anything.
  public var hadWork: Bool { files > 0 || alreadyLanded > 0 || remaining > 0 || !stopped.isEmpty }
}

/// Brings spooled ranges home, strictly in the order of offsets and under the contiguity rule.
///
/// May be run again at any point: what a run before it committed is known by the table's watermark, and what it
/// uploaded without a commit is met again under its name. The caller holds the spool's lock.
public struct SpoolDrainer: Sendable {
  /// What one commit brings home at most. Merging holds a round in memory: its bytes, and something for each file.
  var chunk: DrainRound.Limit {
    options.mergesSmallFiles
      ? DrainRound.Limit(files: 512, bytes: 8 << 20) : DrainRound.Limit(files: 64, bytes: .max)
  }

  let spool: TableStores
  let table: TableStores
  let engine: String
  let log: Logger
  let options: DrainOptions

  /// Makes a drainer between two places.
  public init(
    spool: TableStores, table: TableStores, engine: String, log: Logger, options: DrainOptions = DrainOptions()
  ) {
    self.options = options
    self.spool = spool
    self.table = table
    self.engine = engine
    self.log = log
  }

  /// What waits in the spool: files and bytes, dead letters included.
  public func waiting() async throws(LandingError) -> (files: Int, bytes: Int64) {
    var files = 0
    var bytes: Int64 = 0
    for store in [spool.deadLetters, spool.rows] {
      guard let snapshot = try await openIfPresent(store)?.snapshot else { continue }
      files += snapshot.filesByPath.count
      bytes += snapshot.filesByPath.values.reduce(0) { $0 + $1.size }
    }
    return (files, bytes)
  }

  /// Drains all that is there when it begins, dead letters first.
  ///
  /// - Parameter progress: called after each commit and each file that arrived, with the report so far.
  public func drain(
    progress: @escaping @Sendable (DrainReport) -> Void = { _ in }
  ) async throws(LandingError) -> DrainReport {
    var report = DrainReport()
    // A batch is spooled letters first. So the letters of these ranges are among those that are drained now: a range
    // that went home before its letters would let them count as landed. And a drain beside a sink comes to an end.
    let ranges = try await waitingRows()
    try await drainDeadLetters(&report, progress)
    try await drainRows(ranges, &report, progress)
    // The store answered: what a dead sink, or a drain that was broken off, left half sent goes now.
    if report.hadWork { await Janitor.tidy(table, log: log) }
    return report
  }

  func openIfPresent(_ store: any FileStore) async throws(LandingError) -> DeltaTable? {
    do { return try await DeltaTable.openIfPresent(store: store) } catch { throw LandingError(error) }
  }

  func openTarget(_ store: any FileStore, like spool: Snapshot) async throws(LandingError) -> DeltaTable {
    do {
      var target = try await DeltaTable.openOrCreate(
        store: store, schema: spool.schema, partitionColumns: spool.partitionColumns, engine: engine)
      // The schema may have grown while the table was away.
      try await target.addColumns(of: spool.schema, engine: engine)
      return target
    } catch {
      throw LandingError(error)
    }
  }

  // MARK: Shared steps

  /// The files of some steps as they go home: as they are, merged, or without the rows that the table has already.
  func items(
    _ steps: [DrainPlan.Step], of topic: TopicSource, in source: DeltaTable
  ) async throws(LandingError) -> [UploadItem] {
    var items: [UploadItem] = []
    for group in MergePlan(steps, merges: options.mergesSmallFiles).groups {
      if group.files.count > 1 {
        if let item = try await Merging.item(group, of: topic, in: source, engine: engine) {
          items.append(item)
        } else {
          for file in group.files { items.append(try item(for: file, in: source)) }
        }
      } else if let file = group.files.first {
        if let cut = group.cutBelow {
          items.append(try await Trimming.item(file, of: topic, range: group.range, below: cut, in: source))
        } else {
          items.append(try item(for: file, in: source))
        }
      }
    }
    return items
  }

  func item(for file: AddFile, in source: DeltaTable) throws(LandingError) -> UploadItem {
    guard let path = PathText.decode(file.path) else {
      throw LandingError(.file, "\(source.store.root): the log names a file outside the spool")
    }
    let store = source.store
    return UploadItem(
      content: { () throws(LandingError) in
        do throws(StorageError) {
          return try await store.read(path, limit: Int(clamping: file.size))
        } catch {
          throw LandingError(DeltaError(error))
        }
      },
      path: { attempt in attempt == 0 ? path : "\(path.dropLast(8))-\(attempt).parquet" }, add: file)
  }

  /// Notes in the spool's log that files and positions are home, and removes the files.
  func markHome(
    _ files: [AddFile], marks: [String: Int64], in source: inout DeltaTable
  ) async throws(LandingError) {
    guard !files.isEmpty || !marks.isEmpty else { return }
    let now = WallClock.milliseconds()
    let request = CommitRequest(operation: "DELETE", engine: engine, isBlindAppend: false) {
      snapshot throws(DeltaError) in
      let present = files.filter { snapshot.holds($0.path) }
      let progress = marks.sorted { $0.key < $1.key }.map { id, version in
        Action.transaction(Transaction(appId: id, version: version, lastUpdated: now))
      }
      return present.map { .remove(RemoveFile($0, at: now)) } + progress
    }
    try await commit(request, to: &source)
    FaultPoint.reach("drain.marked")
    for file in files {
      guard let path = PathText.decode(file.path) else { continue }
      // The log no longer names the file; what cannot be deleted now is an orphan for a later clean-up.
      do throws(StorageError) { try await source.store.delete(path) } catch {
        log.warning("a drained file could not be deleted", metadata: ["error": "\(error)"])
      }
    }
  }

  @discardableResult
  func commit(_ request: CommitRequest, to table: inout DeltaTable) async throws(LandingError) -> Int64? {
    do {
      try await table.refresh()
      return try await table.commit(request)
    } catch {
      throw LandingError(error)
    }
  }

  func count(_ files: [AddFile], as added: [AddFile], landed: Int, in report: inout DrainReport) {
    report.files += files.count
    report.bytes += files.reduce(0) { $0 + $1.size }
    report.tableFiles += added.count
    report.arrivedBytes = report.bytes
    report.alreadyLanded += landed
  }
}
