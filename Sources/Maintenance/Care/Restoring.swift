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
public struct Restoring: Sendable {
  let store: any FileStore
  let engine: String

  /// Makes the means for the table at the root of a store.
  public init(store: any FileStore, engine: String) {
    self.store = store
    self.engine = engine
  }

  /// Goes back to a version.
  public func run(to version: Int64, rewinds: Bool = false, isDryRun: Bool = false) async throws -> RestoreReport {
    let older = try await DeltaTable.open(store: store, at: .version(version)).snapshot
    var table = try await DeltaTable.open(store: store)
    try table.snapshot.checkWritable()
    try table.snapshot.refuseSpool()
    let plan = RestorePlan(older: older, rewinds: rewinds)
    try await checkPresent(plan.change(table.snapshot).added)
    var report = plan.report(table.snapshot)
    if isDryRun { return report }
    let last = Latest(report)
    let request = CommitRequest(
      operation: "RESTORE", parameters: ["version": String(version), "rewind": String(rewinds)], engine: engine,
      isBlindAppend: false
    ) { snapshot throws(DeltaError) in
      try snapshot.checkHolds(older)
      last.value = plan.report(snapshot)
      let actions = plan.change(snapshot).actions(at: WallClock.milliseconds())
      return actions.isEmpty ? nil : actions
    }
    FaultPoint.reach("restore.before-commit")
    let committed = try await table.commit(request)
    FaultPoint.reach("restore.committed")
    report = last.value
    report.version = committed
    // A vacuum may have run between the look and the commit.
    try await checkPresent(older.files)
    return report
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

  /// Files that come and go, and marks that are lowered.
  struct Change: Sendable {
    var added: [AddFile] = []
    var removed: [AddFile] = []
    var marks: [Transaction] = []

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
    change.added = older.files.filter { !snapshot.isSame($0) }
    change.removed = snapshot.files.filter { !older.holds($0.path) }
    if rewinds {
      change.marks = report(snapshot).lacks.map { lack in
        let source = TopicSource(topic: lack.topic, incarnation: lack.incarnation)
        return Transaction(appId: source.watermarkID(lack.partition), version: lack.start, lastUpdated: nil)
      }
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
}
