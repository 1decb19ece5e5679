import Columnar
import Delta
import Parquet
import Query
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

/// Takes rows out of a table for good: those for which a condition of SQL holds, in chosen partitions or in all.
///
/// Files are written anew without the rows and take the place of the old ones, some gigabytes in one commit. Files
/// that join the table meanwhile are searched as well, until none is left. Until a vacuum older versions still show the
/// rows.
public struct RowRemoval: Sendable {
  let store: any FileStore
  let condition: String?
  let filter: PartitionFilter?
  let options: CompactionOptions

  /// Makes a removal from the table at the root of a store.
  ///
  /// - Parameter condition: which rows; `nil` for all rows of the partitions chosen.
  public init(store: any FileStore, condition: String?, in filter: PartitionFilter? = nil, options: CompactionOptions) {
    self.store = store
    self.condition = condition
    self.filter = filter
    self.options = options
  }

  /// Runs the removal.
  public func run(isDryRun: Bool = false) async throws -> RemovalReport {
    var table = try await DeltaTable.open(store: store)
    try table.snapshot.checkWritable()
    try table.snapshot.refuseSpool()
    var report = RemovalReport()
    var searched: Set<String> = []
    var conflicts = 0
    while true {
      // A dry run makes no commit that could grow too large.
      let round = try await search(
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
        conflicts += 1
        guard error.code == .conflict, conflicts < options.attempts else { throw error }
        try await table.refresh()
      }
    }
    if !report.oldFiles.isEmpty { report.logVersions = try await table.versionsOfRemovedFiles() }
    return report
  }

  // MARK: Finding

  /// A file with rows that are to go.
  private struct Hit {
    var file: AddFile
    /// Their places in the file; `nil` for all.
    var rows: NumberSet?
    var rowCount: Int64
  }

  private struct Round {
    var hits: [Hit] = []
    var searched: Set<String> = []

    func count(into report: inout RemovalReport) {
      for hit in hits {
        report.rows += hit.rows?.count ?? hit.rowCount
        if hit.rows == nil { report.removed += 1 } else { report.rewritten += 1 }
        report.oldFiles.append(hit.file.path)
      }
    }
  }

  /// Looks through the files not known yet, until those with hits are as many as one commit should replace.
  private func search(
    _ snapshot: Snapshot, except known: Set<String>, upTo limit: Int64
  ) async throws -> Round {
    var files = snapshot.files.filter { !known.contains($0.path) }
    if let filter { files = try await filter.matching(files, in: snapshot) }
    var round = Round()
    var bytes: Int64 = 0
    for file in files where bytes < limit {
      try Task.checkCancellation()
      round.searched.insert(file.path)
      guard let hit = try await hit(file, snapshot) else { continue }
      round.hits.append(hit)
      bytes += file.size
    }
    return round
  }

  private func hit(_ file: AddFile, _ snapshot: Snapshot) async throws -> Hit? {
    // What goes as a whole need not be readable, as long as the log says how many rows it has.
    if condition == nil, let count = FileStatistics.rowCount(file.stats) {
      return Hit(file: file, rows: nil, rowCount: count)
    }
    guard let path = PathText.decode(file.path) else {
      throw MaintenanceError(.file, "\(store.root): the log names a file outside the table")
    }
    let count = try await ParquetFile.open(try await store.open(path)).metadata.rowCount
    guard let condition else { return Hit(file: file, rows: nil, rowCount: count) }
    let rows = try await matching(condition, file, path, snapshot)
    if rows.count == 0 { return nil }
    return Hit(file: file, rows: rows.count == count ? nil : rows, rowCount: count)
  }

  private func matching(
    _ condition: String, _ file: AddFile, _ path: String, _ snapshot: Snapshot
  ) async throws -> NumberSet {
    let partitions = snapshot.partitionColumns.map { (column: $0, text: file.partitionValues[$0] ?? nil) }
    let store = store
    let source = TableSource(
      files: [TableFile(name: path, partitions: partitions) { try await store.open(path) }], schema: snapshot.schema,
      partitionColumns: Set(snapshot.partitionColumns))
    let session = QuerySession(catalog: FixedCatalog(source: source))
    var rows = NumberSet()
    do {
      try await session.run("select file_row_number from 'the table' where (\(condition)\n)") { batch in
        guard case .int64(let numbers)? = batch.columns.first?.values else { return }
        for number in numbers { _ = rows.insert(number) }
      }
    } catch let error as QueryError {
      throw Self.refusal(error)
    }
    return rows
  }

  /// Says what is wrong with the condition, but none of its words: the value in it may name a patient, also where it is
  /// taken for a column, as a text in double quotes is.
  private static func refusal(_ error: QueryError) -> MaintenanceError {
    let reason =
      switch error.code {
      case .syntax: "is no SQL that is understood"
      case .binding: "does not fit the columns of the table (texts stand in single quotes)"
      case .notSupported: "asks for something that is not supported"
      case .value: "cannot be computed"
      case .limit: "needs more memory or time than there is"
      }
    return MaintenanceError(.refused, "the condition of the rows that are to go \(reason); nothing was removed")
  }

  // MARK: Rewriting

  private func rewrite(_ hits: [Hit], _ snapshot: Snapshot) async throws -> [AddFile] {
    var added: [AddFile] = []
    let (memory, schema) = (SortMemory(limit: options.memoryLimit), snapshot.fileSchema)
    let reader = TableFileReader(
      store: store, schema: schema, options: memory.reading, aheadBytes: Int64(memory.batchBytes))
    for hit in hits {
      guard let gone = hit.rows else { continue }
      let order = (hit.file.tags?[RowOrder.tag] ?? nil).map { RowOrder($0.split(separator: ",").map(String.init)) }
      var output = OutputFiles(
        OutputFiles.Form(
          schema: schema, order: order ?? .none,
          folder: StorePath.parent(of: PathText.decode(hit.file.path) ?? hit.file.path),
          partitionValues: hit.file.partitionValues, tags: hit.file.tags ?? [:], targetBytes: .max, memory: memory,
          scratch: options.scratchDirectory), store: store)
      var row: Int64 = 0
      do {
        try await reader.read([hit.file]) { _, batch in
          let first = row
          row += Int64(batch.rowCount)
          let kept = (0..<UInt32(batch.rowCount)).filter { !gone.contains(first + Int64($0)) }
          if !kept.isEmpty { try await output.write(batch.taking(kept)) }
        }
      } catch let failure as TableFileReader.Failure {
        throw failure.error
      }
      try await output.finish()
      guard output.sum.rows == hit.rowCount - Int64(gone.count) else {
        throw MaintenanceError(
          .rowsDiffer,
          "\(store.root)/\(hit.file.path): \(output.sum.rows) rows would stay in place of "
            + "\(hit.rowCount - Int64(gone.count)): nothing was committed")
      }
      added += output.added.map { file in
        var file = file
        file.dataChange = true
        return file
      }
    }
    return added
  }

  private func commit(
    _ hits: [Hit], _ added: [AddFile], to table: inout DeltaTable
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

/// A catalog that has one table under every name.
struct FixedCatalog: TableCatalog {
  let source: TableSource

  func table(at location: String) async throws -> TableSource { source }
}
