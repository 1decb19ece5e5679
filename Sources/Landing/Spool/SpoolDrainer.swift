import Delta
public import Logging
import Storage

/// What a drain did.
public struct DrainReport: Hashable, Sendable {
  /// Files that are now in the table.
  public var files = 0
  /// Their bytes.
  public var bytes: Int64 = 0
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
  /// How many files one commit brings home.
  static let chunkFiles = 64

  let spool: TableStores
  let table: TableStores
  let engine: String
  let log: Logger

  /// Makes a drainer between two places.
  public init(spool: TableStores, table: TableStores, engine: String, log: Logger) {
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
  /// - Parameter progress: called after each commit with the report so far.
  public func drain(progress: @Sendable (DrainReport) -> Void = { _ in }) async throws(LandingError) -> DrainReport {
    var report = DrainReport()
    try await drainDeadLetters(&report, progress)
    try await drainRows(&report, progress)
    // The store answered: what a dead sink, or a drain that was broken off, left half sent goes now.
    if report.hadWork { await Janitor.tidy(table, log: log) }
    return report
  }

  func openIfPresent(_ store: any FileStore) async throws(LandingError) -> DeltaTable? {
    do { return try await DeltaTable.openIfPresent(store: store) } catch { throw LandingError(error) }
  }

  func openTarget(_ store: any FileStore, like spool: Snapshot) async throws(LandingError) -> DeltaTable {
    do {
      return try await DeltaTable.openOrCreate(
        store: store, schema: spool.schema, partitionColumns: spool.partitionColumns, engine: engine)
    } catch {
      throw LandingError(error)
    }
  }

  // MARK: Rows

  private func drainRows(
    _ report: inout DrainReport, _ progress: @Sendable (DrainReport) -> Void
  ) async throws(LandingError) {
    guard var source = try await openIfPresent(spool.rows) else { return }
    let partitions = source.snapshot.spooledPartitions.filter {
      SpoolChain(source.snapshot.transactions, source: $0.source, partition: $0.partition) != nil
    }
    guard !partitions.isEmpty else { return }
    var target = try await openTarget(table.rows, like: source.snapshot)
    for (topic, partition) in partitions {
      try await drain(topic, partition, from: &source, to: &target, &report, progress)
    }
    report.remaining += source.snapshot.filesByPath.count
  }

  private func drain(
    _ topic: TopicSource, _ partition: Int32, from source: inout DeltaTable, to target: inout DeltaTable,
    _ report: inout DrainReport, _ progress: @Sendable (DrainReport) -> Void
  ) async throws(LandingError) {
    while let chain = SpoolChain(source.snapshot.transactions, source: topic, partition: partition) {
      let watermark = target.snapshot.transactions[topic.watermarkID(partition)]?.version
      let plan = DrainPlan(
        chain: chain, files: spooledFiles(topic, partition, in: source.snapshot), watermark: watermark)
      if let gap = plan.gap {
        report.stopped.append(
          "\(topic.topic)/\(partition): offsets \(gap.lowerBound) to \(gap.upperBound - 1) never landed; "
            + "the sink must read them from Kafka first")
        return
      }
      try await markHome(plan.landed, marks: [:], in: &source)
      report.alreadyLanded += plan.landed.count
      let steps = chunk(plan.steps)
      guard let last = steps.last else {
        try await markHome([], marks: [topic.drainedID(partition): chain.end], in: &source)
        continue
      }
      let added = try await upload(steps, of: topic, from: source)
      FaultPoint.reach("drain.uploaded")
      let isHome = try await land(added, topic, partition, from: watermark, to: last.range.next, in: &target)
      guard isHome else { continue }
      FaultPoint.reach("drain.landed")
      try await markHome(steps.flatMap(\.files), marks: [topic.drainedID(partition): last.range.next], in: &source)
      count(added, landed: 0, in: &report)
      progress(report)
    }
  }

  /// The first steps, as many as one commit takes.
  private func chunk(_ steps: [DrainPlan.Step]) -> [DrainPlan.Step] {
    var chosen: [DrainPlan.Step] = []
    var files = 0
    for step in steps where chosen.isEmpty || files + step.files.count <= Self.chunkFiles {
      chosen.append(step)
      files += step.files.count
      if files >= Self.chunkFiles { break }
    }
    return Array(steps.prefix(chosen.count))
  }

  private func upload(
    _ steps: [DrainPlan.Step], of topic: TopicSource, from source: DeltaTable
  ) async throws(LandingError) -> [AddFile] {
    var items: [UploadItem] = []
    for step in steps {
      for file in step.files {
        if let cut = step.cutBelow {
          items.append(try await Trimming.item(file, of: topic, range: step.range, below: cut, in: source))
        } else {
          items.append(try item(for: file, in: source))
        }
      }
    }
    return try await Upload.all(items, to: table.rows)
  }

  /// Commits a part of a chain if the table still ends where the part was cut; false when another writer was here.
  private func land(
    _ files: [AddFile], _ topic: TopicSource, _ partition: Int32, from watermark: Int64?, to next: Int64,
    in target: inout DeltaTable
  ) async throws(LandingError) -> Bool {
    let id = topic.watermarkID(partition)
    let now = WallClock.milliseconds()
    let request = CommitRequest(operation: "STREAMING UPDATE", engine: engine) { snapshot throws(DeltaError) in
      guard snapshot.transactions[id]?.version == watermark else { return nil }
      return [.transaction(Transaction(appId: id, version: next, lastUpdated: now))] + files.map { .add($0) }
    }
    return try await commit(request, to: &target) != nil
  }

  // MARK: Shared steps

  private func spooledFiles(
    _ topic: TopicSource, _ partition: Int32, in snapshot: Snapshot
  ) -> [(range: OffsetRange, file: AddFile)] {
    snapshot.files.compactMap { file in
      guard let (source, range) = RangeTags.parse(file), source == topic, range.partition == partition else {
        return nil
      }
      return (range, file)
    }
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
      let present = files.filter { snapshot.filesByPath[$0.path] != nil }
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

  func count(_ added: [AddFile], landed: Int, in report: inout DrainReport) {
    report.files += added.count
    report.bytes += added.reduce(0) { $0 + $1.size }
    report.alreadyLanded += landed
  }
}
