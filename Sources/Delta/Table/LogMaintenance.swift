import Storage

extension DeltaTable {
  /// After how many commits a checkpoint is due, where the table's settings do not say.
  static let defaultCheckpointInterval: Int64 = 100
  /// How many of the newest versions no clean-up touches.
  static let versionsKept: Int64 = 1_000

  /// The checkpoints and clean-ups that are due after a version of our own. The commit stands whatever becomes of them:
  /// the next one that is due tries again.
  mutating func maintainLog(after version: Int64) async {
    let setting = snapshot.settings["delta.checkpointInterval"].flatMap { Int64($0) } ?? Self.defaultCheckpointInterval
    let interval = max(1, setting)
    guard version > 0, version % interval == 0, snapshot.version == version else { return }
    do throws(DeltaError) {
      try await writeCheckpoint()
      // Nothing can have come due since the last thousand versions but one thousand more.
      if version / Self.versionsKept != (version - interval) / Self.versionsKept { try await cleanUpLog() }
      maintenanceFailure = nil
    } catch {
      maintenanceFailure = error
    }
  }

  /// Writes a checkpoint of the snapshot, and points readers at it.
  ///
  /// First the checkpoint under its final name, complete or not at all; then the pointer, replaced in one step. A crash
  /// in between leaves a checkpoint that nobody is pointed at, which harms nobody.
  public func writeCheckpoint() async throws(DeltaError) {
    try snapshot.checkWritable()
    let name = CheckpointName(version: snapshot.version, parts: nil)
    let count = try await putCheckpoint(name)
    if let current = try await reader.pointer(), current.name.version >= snapshot.version { return }
    do {
      try await store.replace(LogFileName.pointer, LastCheckpoint(name: name, size: Int64(count)).bytes)
    } catch {
      throw DeltaError(error)
    }
  }

  /// Writes the file of a checkpoint; gives the number of its actions.
  private func putCheckpoint(_ name: CheckpointName) async throws(DeltaError) -> Int {
    do throws(StorageError) {
      // The store's own clock, which a wrong clock here cannot shift.
      let written = try await store.status(LogEntry.path(name.version))
      let actions = snapshot.checkpointActions(at: written?.modificationTime ?? WallClock.milliseconds())
      _ = try await store.create(name.paths[0], try CheckpointFile.encode(actions))
      return actions.count
    } catch {
      throw DeltaError(error)
    }
  }

  /// Takes away what of the log nobody needs any more: what lies before the newest checkpoint at or below the oldest
  /// version that must stay. The versions of the last 30 days stay (or of `delta.logRetentionDuration`, if longer), and
  /// the last 1,000.
  ///
  /// - Returns: how many files were removed.
  @discardableResult
  public func cleanUpLog() async throws(DeltaError) -> Int {
    try snapshot.checkWritable()
    guard snapshot.settings["delta.enableExpiredLogCleanup"] != "false",
      let retention = snapshot.retention("delta.logRetentionDuration", atLeast: 30 * IntervalText.day)
    else { return 0 }
    let listing = try await reader.listing()
    // The newest file of the log tells the store's time well enough: it was written now or later.
    let now = listing.entries.last?.modificationTime ?? 0
    guard let plan = LogCleanUp(listing, now: now, retention: retention),
      try await reader.checkpoint(plan.base) != nil
    else { return 0 }
    for path in plan.paths {
      do { try await store.delete(path) } catch { throw DeltaError(error) }
    }
    return plan.paths.count
  }
}

/// Which files of a log may go.
struct LogCleanUp: Hashable, Sendable {
  /// The checkpoint on which the log rests afterwards.
  let base: CheckpointName
  /// The files in the order in which they must go: checkpoints before entries and low versions before high ones, so
  /// that wherever it breaks off, no version stands while one after it is missing.
  let paths: [String]

  /// `nil` where nothing may go.
  init?(_ listing: LogListing, now: Int64, retention: Int64) {
    guard let newest = listing.entries.last?.version else { return nil }
    let limit = now - retention
    let firstKept = listing.reachable.first {
      $0.modificationTime >= limit || $0.version > newest - DeltaTable.versionsKept
    }
    guard let firstKept, let base = listing.checkpoints(upTo: firstKept.version).first else { return nil }
    self.base = base
    let checkpoints = listing.checkpointFiles.filter {
      $0.version < base.version && $0.status.modificationTime < limit
    }
    let entries = listing.entries.filter { $0.version < base.version && $0.modificationTime < limit }
    paths =
      checkpoints.sorted { $0.version < $1.version }.map(\.status.path) + entries.map { LogEntry.path($0.version) }
    if paths.isEmpty { return nil }
  }
}

extension Snapshot {
  /// The reconciled actions, in an order that depends on nothing else.
  func checkpointActions(at now: Int64) -> [Action] {
    var actions: [Action] = [.tableProtocol(tableProtocol)]
    if let metadata { actions.append(.metadata(metadata)) }
    actions += transactions.values.sorted { $0.appId < $1.appId }.map { .transaction($0) }
    actions += files.map { .add($0) }
    // Tombstones that are kept for ever would make each checkpoint longer than the one before it.
    let retention = deletedFileRetention
    let kept = removedByPath.values.filter { file in
      retention.map { (file.deletionTimestamp ?? 0) > now - $0 } ?? true
    }
    actions += kept.sorted { $0.path < $1.path }.map { .remove($0) }
    return actions
  }

  /// A span of time out of the settings, or the least one that is allowed; `nil` where it is not understood, so that
  /// nothing must be taken away.
  func retention(_ setting: String, atLeast least: Int64) -> Int64? {
    retention(setting, default: least).map { max(least, $0) }
  }

  /// For how long files that left the table stay on disk, in milliseconds; `nil` where the table's setting is not
  /// understood.
  public var deletedFileRetention: Int64? {
    retention("delta.deletedFileRetentionDuration", default: 7 * IntervalText.day)
  }

  /// A span of time out of the settings; `nil` where it is not understood.
  func retention(_ setting: String, default standard: Int64) -> Int64? {
    guard let text = settings[setting] else { return standard }
    return IntervalText.milliseconds(text)
  }
}
