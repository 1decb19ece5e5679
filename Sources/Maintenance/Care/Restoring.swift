import Delta
import Landing
public import Storage

/// What going back to an older version did, or would do.
public struct RestoreReport: Hashable, Sendable {
  /// Offsets of a Kafka partition that landed after the older version.
  public struct Lack: Hashable, Sendable {
    /// The topic's name.
    public var topic: String
    /// How often the topic was deleted and created again.
    public var incarnation: Int32
    /// The partition's number.
    public var partition: Int32
    /// The first offset that landed after the older version.
    public var start: Int64
    /// The offset behind the last.
    public var next: Int64
  }

  /// The version that the restored table has; `nil` where nothing was to be done, or was done.
  public var version: Int64?
  /// Files that come back.
  public var added = 0
  /// Files that leave.
  public var removed = 0
  /// What the restored table lacks.
  public var lacks: [Lack] = []
  /// Whether the watermarks were lowered, so that sinks land what lacks again.
  public var isRewound = false

  /// Makes an empty report.
  public init() {}
}

/// Brings back what a table held at an older version, as a new version.
///
/// The sinks' watermarks stay where they are, so that they go on without landing anything twice: what landed since the
/// older version is then not in the table, and the report says which offsets these are. Rewinding lowers the watermarks
/// as well; the sinks must be stopped meanwhile.
///
/// Files that a vacuum may take at any time come back as copies under new names. Should one be gone all the same when
/// the commit stands, because a vacuum was told to keep nothing, the commit is taken back.
public struct Restoring: Sendable {
  let store: any FileStore
  let engine: String
  let scratchDirectory: String

  /// Makes the means for the table at the root of a store; files are copied by way of a local directory.
  public init(store: any FileStore, engine: String, scratchDirectory: String = "/tmp") {
    self.store = store
    self.engine = engine
    self.scratchDirectory = scratchDirectory
  }

  /// Goes back to a version.
  public func run(to version: Int64, rewinds: Bool = false, isDryRun: Bool = false) async throws -> RestoreReport {
    let older = try await DeltaTable.open(store: store, at: .version(version)).snapshot
    var table = try await DeltaTable.open(store: store)
    try table.snapshot.checkWritable()
    try table.snapshot.refuseSpool()
    var plan = RestorePlan(older: older, rewinds: rewinds)
    try await checkPresent(plan.change(table.snapshot).added)
    if isDryRun { return plan.report(table.snapshot) }
    let copies = FileCopies(store: store, scratchDirectory: scratchDirectory)
    let now = WallClock.milliseconds()
    plan.copies = try await copies.make(
      of: plan.change(table.snapshot).added.filter { !table.snapshot.spares($0, now) })
    do {
      return try await commit(plan, to: &table)
    } catch let error as DeltaError where error.isSurelyNotCommitted {
      await store.discard(plan.copies.values)
      throw error
    }
  }

  private func commit(_ plan: RestorePlan, to table: inout DeltaTable) async throws -> RestoreReport {
    let last = Latest((change: RestorePlan.Change(), report: RestoreReport()))
    let request = CommitRequest(
      operation: "RESTORE", parameters: ["version": String(plan.older.version), "rewind": String(plan.rewinds)],
      engine: engine, isBlindAppend: false
    ) { snapshot throws(DeltaError) in
      try snapshot.checkHolds(plan.older)
      let change = plan.change(snapshot)
      last.value = (change, plan.report(snapshot))
      let actions = change.actions(at: WallClock.milliseconds())
      return actions.isEmpty ? nil : actions
    }
    FaultPoint.reach("restore.before-commit")
    var report = last.value.report
    let version = try await table.commit(request)
    FaultPoint.reach("restore.committed")
    report = last.value.report
    report.version = version
    do {
      try await checkPresent(last.value.change.added)
    } catch let error as MaintenanceError where error.code == .file {
      try await takeBack(last.value.change, in: &table)
      throw MaintenanceError(.file, "\(error.message); the table is as it was before")
    }
    return report
  }

  /// Undoes a change of which files have vanished under it.
  private func takeBack(_ change: RestorePlan.Change, in table: inout DeltaTable) async throws {
    let request = CommitRequest(operation: "RESTORE", engine: engine, isBlindAppend: false) { snapshot in
      let undone = change.undone(in: snapshot).actions(at: WallClock.milliseconds())
      return undone.isEmpty ? nil : undone
    }
    _ = try await table.commit(request)
  }

  private func checkPresent(_ files: [AddFile]) async throws {
    for file in files {
      let path = PathText.decode(file.path) ?? file.path
      guard let status = try await store.status(path), status.size == file.size else {
        throw MaintenanceError(
          .file,
          "\(store.root)/\(path): the older version needs this file, and it is gone or of another length: a "
            + "vacuum has removed it; choose a younger version")
      }
    }
  }
}

/// Decides what leads from any version to an older one. Pure.
struct RestorePlan: Sendable {
  let older: Snapshot
  let rewinds: Bool
  /// What comes back in the place of files, by their path.
  var copies: [String: AddFile] = [:]

  init(older: Snapshot, rewinds: Bool) {
    self.older = older
    self.rewinds = rewinds
  }

  /// Files that come and go, and marks that are lowered.
  struct Change: Sendable {
    var added: [AddFile] = []
    var removed: [AddFile] = []
    var marks: [Transaction] = []
    /// The same marks before.
    var marksBefore: [Transaction] = []

    /// What leads back, as far as nobody has built upon the change: a mark that has moved on since stays, and with it
    /// the files that had left, since their rows have landed anew.
    func undone(in snapshot: Snapshot) -> Change {
      var undone = Change()
      undone.removed = added.filter { snapshot.holds($0.path) }
      let hasMoved = marks.contains { snapshot.transactions[$0.appId]?.version != $0.version }
      if hasMoved { return undone }
      undone.added = removed.filter { !snapshot.holds($0.path) }
      undone.marks = marksBefore
      return undone
    }

    func actions(at now: Int64) -> [Action] {
      if added.isEmpty, removed.isEmpty, marks.isEmpty { return [] }
      return marks.map { mark in .transaction(Transaction(appId: mark.appId, version: mark.version, lastUpdated: now)) }
        + removed.map { .remove(RemoveFile($0, at: now)) }
        + added.map { file in
          var file = file
          file.dataChange = true
          return .add(file)
        }
    }
  }

  func change(_ snapshot: Snapshot) -> Change {
    var change = Change()
    change.added = older.files.filter { !snapshot.isSame($0) }.map { copies[$0.path] ?? $0 }
    change.removed = snapshot.files.filter { !older.holds($0.path) }
    if rewinds {
      change.marks = report(snapshot).lacks.map { lack in
        let source = TopicSource(topic: lack.topic, incarnation: lack.incarnation)
        return Transaction(appId: source.watermarkID(lack.partition), version: lack.start, lastUpdated: nil)
      }
      change.marksBefore = change.marks.compactMap { snapshot.transactions[$0.appId] }
    }
    return change
  }

  func report(_ snapshot: Snapshot) -> RestoreReport {
    var report = RestoreReport()
    report.isRewound = rewinds
    report.added = older.files.count { !snapshot.isSame($0) }
    report.removed = snapshot.files.count { !older.holds($0.path) }
    let first = firstOffsets(snapshot)
    for mark in snapshot.transactions.values {
      guard let (source, partition) = TopicSource.parse(watermarkID: mark.appId) else { continue }
      let start = older.transactions[mark.appId]?.version ?? first[mark.appId] ?? 0
      guard start < mark.version else { continue }
      report.lacks.append(
        RestoreReport.Lack(
          topic: source.topic, incarnation: source.incarnation, partition: partition, start: start, next: mark.version))
    }
    report.lacks.sort {
      ($0.topic, $0.incarnation, $0.partition) < ($1.topic, $1.incarnation, $1.partition)
    }
    return report
  }

  /// For each watermark the lowest offset that the files tell of.
  private func firstOffsets(_ snapshot: Snapshot) -> [String: Int64] {
    var first: [String: Int64] = [:]
    for mark in snapshot.filesByPath.values.flatMap({ RangeTags.marks($0) }) {
      let id = mark.source.watermarkID(mark.range.partition)
      first[id] = min(first[id] ?? .max, mark.range.start)
    }
    return first
  }
}

extension Snapshot {
  /// Whether a file of another version is in the table.
  fileprivate func isSame(_ file: AddFile) -> Bool { filesByPath[PathText.canonical(file.path)]?.size == file.size }

  /// Whether no vacuum will take a file for another day, at a time in milliseconds since 1970-01-01 UTC.
  fileprivate func spares(_ file: AddFile, _ now: Int64) -> Bool {
    guard let removed = removedByPath[PathText.canonical(file.path)]?.deletionTimestamp,
      let retention = deletedFileRetention
    else { return false }
    return removed >= now - retention + 86_400_000
  }
}
