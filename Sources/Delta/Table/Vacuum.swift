public import Storage

/// What a vacuum did, or would do.
public struct VacuumReport: Hashable, Sendable {
  /// The files that were removed, or would be, relative to the table's root, sorted.
  public var files: [String] = []
  /// Their bytes.
  public var bytes: Int64 = 0
  /// How many files were looked at.
  public var examined = 0
}

extension DeltaTable {
  /// How old a file without any reference must be at least, whatever retention is asked for: it may belong to a commit
  /// that is still under way.
  static let youngestVacuumed = IntervalText.day
  /// How many files and levels of directories a vacuum walks at most.
  private static let maximumFiles = 10_000_000
  private static let maximumDepth = 64
  /// After how many removed files a vacuum looks into the log again: what a restore brings back meanwhile stays.
  private static let filesBetweenLooks = 16

  /// Removes files that the table does not need: those that no version within the retention refers to.
  ///
  /// A file is spared while the newest version holds it, while it left the table within the retention, and while it is
  /// younger than the retention and than 24 hours by the store's clock. Names that begin with `_` or `.` are not looked
  /// at: the log, and what writers have under way in `_landing`.
  ///
  /// - Parameters:
  ///   - retention: how long removed files stay; by default as `delta.deletedFileRetentionDuration` says, or 7 days.
  ///   - isDryRun: whether to report only.
  public mutating func vacuum(
    retention: Duration? = nil, isDryRun: Bool = false
  ) async throws(DeltaError) -> VacuumReport {
    // First the files, then the log: a file that is committed in between is seen in the log.
    let now = try await storeTime()
    let files = try await Self.dataFiles(in: store)
    try await refresh()
    try snapshot.checkWritable()
    let standard = snapshot.deletedFileRetention
    let asked = retention.map { max(0, $0.components.seconds) }.map { $0.multipliedReportingOverflow(by: 1_000) }
    guard let kept = asked.map({ $0.overflow ? Int64.max / 4 : $0.partialValue }) ?? standard else {
      throw DeltaError(
        .notSupported, path: store.root,
        message: "delta.deletedFileRetentionDuration is not understood: give a retention explicitly")
    }
    var plan = VacuumPlan(snapshot, now: now, retention: kept)
    var report = VacuumReport()
    report.examined = files.count
    for file in files where plan.mayGo(file) {
      if !isDryRun {
        if report.files.count % Self.filesBetweenLooks == 0 {
          let version = snapshot.version
          try await refresh()
          if snapshot.version != version { plan = VacuumPlan(snapshot, now: now, retention: kept) }
          guard plan.mayGo(file) else { continue }
        }
        do { try await store.delete(file.path) } catch { throw DeltaError(error) }
        FaultPoint.reach("vacuum.file-removed")
      }
      report.files.append(file.path)
      report.bytes += file.size
    }
    return report
  }

  /// The store's clock, read off a file that is written for that.
  private func storeTime() async throws(DeltaError) -> Int64 {
    let path = "_landing/clock-\(CommitRequest.freshToken()).tmp"
    do throws(StorageError) {
      _ = try await store.create(path, [])
      let status = try await store.status(path)
      try await store.delete(path)
      if let status { return status.modificationTime }
      throw StorageError(.unavailable, path: path, message: "a file that was just written is gone")
    } catch {
      throw DeltaError(error)
    }
  }

  /// All files below a table's root but hidden ones, sorted by path: those of the table and those of none.
  public static func dataFiles(in store: any FileStore) async throws(DeltaError) -> [FileStatus] {
    var found: [FileStatus] = []
    var waiting = [(path: "", depth: 0)]
    while let (directory, depth) = waiting.popLast() {
      let entries: [FileStatus]
      do { entries = try await store.list(directory) } catch { throw DeltaError(error) }
      for entry in entries where !VacuumPlan.isHidden(entry.path) {
        if entry.isDirectory { waiting.append((entry.path, depth + 1)) } else { found.append(entry) }
      }
      guard found.count <= maximumFiles, depth < maximumDepth else {
        throw DeltaError(.notSupported, path: store.root, message: "too many files or levels of directories")
      }
    }
    return found.sorted { StorePath.precedes($0.path, $1.path) }
  }
}

/// Decides which files a vacuum may remove.
struct VacuumPlan: Sendable {
  /// Paths that must stay, as the store spells them.
  private let needed: Set<String>
  /// Files written at or after this stay, in milliseconds since 1970-01-01 UTC.
  private let limit: Int64

  init(_ snapshot: Snapshot, now: Int64, retention: Int64) {
    // A tombstone without a time is as good as one of now.
    let removed = snapshot.removedByPath.values.filter { ($0.deletionTimestamp ?? now) >= now - retention }
    let texts = snapshot.filesByPath.values.map(\.path) + removed.map(\.path)
    needed = Set(texts.map { PathText.decode($0) ?? $0 })
    limit = now - max(retention, DeltaTable.youngestVacuumed)
  }

  /// Whether a file is needed by no version within the retention, and cannot belong to a commit under way.
  func mayGo(_ file: FileStatus) -> Bool {
    file.modificationTime < limit && !needed.contains(file.path)
  }

  /// Whether a name is none of the table's data; a folder of a partition whose column begins with `_` is.
  static func isHidden(_ path: String) -> Bool {
    guard let name = path.split(separator: "/").last, let first = name.first else { return false }
    return first == "." || (first == "_" && !name.contains("="))
  }
}
