import Columnar
import Delta
import Parquet
public import Storage

/// What the removal of rows did, or would do.
public struct RemovalReport: Hashable, Sendable {
  /// Rows that left the table.
  public var rows: Int64 = 0
  /// Files that were written anew without them.
  public var rewritten = 0
  /// Files that left the table as a whole.
  public var removed = 0
  /// The versions that brought it about.
  public var versions: [Int64] = []
  /// The files that held the rows, which stay on disk until a vacuum; so do those of older versions that held them.
  public var oldFiles: [String] = []
  /// The versions of the log whose statistics may still name bounds of the rows' values, until the log is cleaned up;
  /// so may checkpoints up to the last of them.
  public var logVersions: [Int64] = []

  /// Makes an empty report.
  public init() {}
}

/// Takes rows out of a table for good: those for which a condition of SQL holds, or that name somebody.
///
/// Files are written anew without the rows and take the place of the old ones, some gigabytes in one commit. Files
/// that join the table meanwhile are searched as well, until none is left. Until a vacuum older versions still show the
/// rows.
public struct RowRemoval: Sendable {
  let search: RowSearch
  let options: CompactionOptions
  /// Whether the table is a spool, whose files keep their marks; its lock must be held.
  let isSpool: Bool

  var store: any FileStore { search.store }

  /// Makes a removal from the table at the root of a store.
  ///
  /// - Parameter condition: which rows; `nil` for all rows of the partitions chosen.
  public init(store: any FileStore, condition: String?, in filter: PartitionFilter? = nil, options: CompactionOptions) {
    let choice = condition.map { RowSearch.Choice.condition($0) } ?? .all
    self.init(RowSearch(store: store, choice: choice, filter: filter), options: options)
  }

  init(_ search: RowSearch, options: CompactionOptions, isSpool: Bool = false) {
    self.search = search
    self.options = options
    self.isSpool = isSpool
  }

  /// Runs the removal.
  public func run(isDryRun: Bool = false) async throws -> RemovalReport {
    var table = try await DeltaTable.open(store: store)
    try table.snapshot.checkWritable()
    if !isSpool { try table.snapshot.refuseSpool() }
    var report = RemovalReport()
    var searched: Set<String> = []
    var conflicts = 0
    while true {
      // A dry run makes no commit that could grow too large.
      let round = try await search.run(
        table.snapshot, except: searched, upTo: isDryRun ? .max : CompactionPlan.groupBytes)
      if isDryRun || round.hits.isEmpty {
        if isDryRun { round.count(into: &report) }
        break
      }
      let added = try await rewrite(round.hits, table.snapshot)
      FaultPoint.reach("erase.before-commit")
      do throws(DeltaError) {
        if let version = try await commit(round.hits, added, to: &table) { report.versions.append(version) }
        round.count(into: &report)
        searched.formUnion(round.searched)
        searched.formUnion(added.map(\.path))
      } catch {
        if error.isSurelyNotCommitted { await store.discard(added) }
        conflicts += 1
        guard error.code == .conflict, conflicts < options.attempts else { throw error }
        try await table.refresh()
      }
    }
    if !report.oldFiles.isEmpty { report.logVersions = try await table.versionsOfRemovedFiles() }
    return report
  }

  // MARK: Rewriting

  private func rewrite(_ hits: [RowSearch.Hit], _ snapshot: Snapshot) async throws -> [AddFile] {
    var added: [AddFile] = []
    do {
      for hit in hits { try await rewrite(hit, snapshot, &added) }
    } catch {
      await store.discard(added)
      throw error
    }
    return added
  }

  private func rewrite(_ hit: RowSearch.Hit, _ snapshot: Snapshot, _ added: inout [AddFile]) async throws {
    guard let gone = hit.rows else { return }
    let (memory, schema) = (SortMemory(limit: options.memoryLimit), snapshot.fileSchema)
    let reader = TableFileReader(
      store: store, schema: schema, options: memory.reading, aheadBytes: Int64(memory.batchBytes))
    var output = OutputFiles(
      OutputFiles.Form(
        schema: schema, order: RowOrder(hit.file), folder: StorePath.parent(of: hit.path),
        partitionValues: hit.file.partitionValues, tags: hit.file.tags ?? [:], targetBytes: .max, memory: memory,
        scratch: options.scratchDirectory), store: store)
    var row: Int64 = 0
    // Slices stay apart: rows of two in one row group would not stand in the order that it claims.
    let begins = { (_: Int64) in if output.form.order.slicedBy != nil { try await output.endRowGroup() } }
    do {
      try await reader.read([hit.file], begins: begins) { _, batch in
        let first = row
        row += Int64(batch.rowCount)
        let kept = (0..<UInt32(batch.rowCount)).filter { !gone.contains(first + Int64($0)) }
        if !kept.isEmpty { try await output.write(batch.taking(kept)) }
      }
    } catch let failure as TableFileReader.Failure {
      throw failure.error
    }
    try await output.finish()
    added += output.added.map { file in
      var file = file
      file.dataChange = true
      return file
    }
    guard output.sum.rows == hit.rowCount - Int64(gone.count) else {
      throw MaintenanceError(
        .rowsDiffer,
        "\(store.root)/\(hit.path): \(output.sum.rows) rows would stay in place of "
          + "\(hit.rowCount - Int64(gone.count)): nothing was committed")
    }
  }

  private func commit(
    _ hits: [RowSearch.Hit], _ added: [AddFile], to table: inout DeltaTable
  ) async throws(DeltaError) -> Int64? {
    let planned = table.snapshot
    let now = WallClock.milliseconds()
    let files = hits.map(\.file)
    // The condition itself may name a patient, and the log is kept for long.
    let request = CommitRequest(operation: "DELETE", engine: options.engine, isBlindAppend: false) {
      snapshot throws(DeltaError) in
      try snapshot.checkHolds(planned)
      return files.map { .remove(RemoveFile($0, at: now)) } + added.map { .add($0) }
    }
    return try await table.commit(request)
  }
}
