import Columnar
import Delta
import Landing
import Parquet
public import Storage

/// Compacts a table while others write to it and read it.
///
/// Each partition's new files are written first and then, in one commit, take the place of the old ones: a reader sees
/// the old files or the new ones. A death before the commit leaves orphans for a vacuum, and after it nothing to be
/// done. The commit holds only if every file that it removes is still in the table; appends do not disturb it, and the
/// sinks' watermarks are not its business. What was read is held against what was written before it is committed.
public struct Compactor: Sendable {
  /// Told of the bytes of each file that is read.
  public typealias Progress = @Sendable (_ bytes: Int64) -> Void

  let store: any FileStore
  let options: CompactionOptions
  private let progress: Progress

  /// Makes a compactor of the table at the root of a store.
  public init(store: any FileStore, options: CompactionOptions, progress: @escaping Progress = { _ in }) {
    self.store = store
    self.options = options
    self.progress = progress
  }

  /// What there is to do, without doing it.
  public func plan(_ filter: PartitionFilter? = nil) async throws -> CompactionReport {
    let snapshot = try await openTable().snapshot
    let groups = try await self.groups(snapshot, filter)
    var report = CompactionReport()
    report.groups = groups.map { summary($0, snapshot) }
    return report
  }

  /// Compacts, partition after partition.
  ///
  /// - Parameters:
  ///   - mayGoOn: asked before each partition.
  ///   - done: told of each partition when it is committed.
  /// - Throws: ``MaintenanceError``; what was committed before stays.
  public func run(
    _ filter: PartitionFilter? = nil, mayGoOn: @Sendable () -> Bool = { true },
    done: @Sendable (CompactedGroup) -> Void = { _ in }
  ) async throws -> CompactionReport {
    var table = try await openTable()
    // What a compaction left that was killed; readers ignore it, so a failure costs disk space only.
    _ = try? await store.removeAbandonedTemporaries()
    var report = CompactionReport()
    for group in try await groups(table.snapshot, filter) {
      try Task.checkCancellation()
      guard mayGoOn() else { break }
      guard let result = try await compact(group, in: &table, &report) else { continue }
      done(result)
      report.groups.append(result)
    }
    return report
  }

  private func openTable() async throws(MaintenanceError) -> DeltaTable {
    do throws(DeltaError) {
      let table = try await DeltaTable.open(store: store)
      try table.snapshot.checkWritable()
      try table.snapshot.refuseSpool()
      return table
    } catch {
      throw MaintenanceError(error)
    }
  }

  private func groups(_ snapshot: Snapshot, _ filter: PartitionFilter?) async throws -> [CompactionPlan.Group] {
    var files = snapshot.files
    if let filter { files = try await filter.matching(files, in: snapshot) }
    return CompactionPlan(
      files, targetBytes: options.targetBytes, order: try order(for: snapshot), leastFiles: options.leastFiles,
      rewritesAll: options.rewritesAll, keepsTopicsApart: !snapshot.namesTopics
    ).groups
  }

  /// The order asked for, as far as the table has its columns; those of partitions decide nothing within one.
  private func order(for snapshot: Snapshot) throws(MaintenanceError) -> RowOrder {
    let schema = snapshot.fileSchema
    var order = RowOrder([], isZOrder: options.order.isZOrder)
    for name in options.order.columns where !snapshot.partitionColumns.contains(name) {
      if let index = schema.index(of: name), SortKeys.canSort(by: schema.fields[index].type) {
        order.columns.append(name)
      } else if options.demandsOrder {
        throw MaintenanceError(.refused, "\(snapshot.root): rows cannot be sorted by \(name): no such plain column")
      }
    }
    order.isZOrder = order.isZOrder && order.columns.count > 1
    if let column = options.order.slicedBy, !order.columns.isEmpty {
      if schema.index(of: column) != nil {
        order.slicedBy = column
      } else if options.demandsOrder {
        throw MaintenanceError(.refused, "\(snapshot.root): there is no column \(column) to slice by")
      }
    }
    return order
  }

  private func summary(_ group: CompactionPlan.Group, _ snapshot: Snapshot) -> CompactedGroup {
    CompactedGroup(
      partition: snapshot.partitionText(group.partitionValues), filesBefore: group.files.count,
      bytesBefore: group.bytes)
  }

  // MARK: One partition

  /// Rewrites what is left of a group and commits it, again when others take files of it away meanwhile.
  private func compact(
    _ planned: CompactionPlan.Group, in table: inout DeltaTable, _ report: inout CompactionReport
  ) async throws -> CompactedGroup? {
    var group = planned
    var conflicts = 0
    var spoiled: Set<String> = []
    while true {
      group.keep { table.snapshot.holds($0.path) && !spoiled.contains($0.path) }
      guard group.files.count >= min(2, planned.files.count) else { return nil }
      var result = summary(group, table.snapshot)
      do {
        let rewritten = try await rewrite(group, table.snapshot)
        FaultPoint.reach("compact.before-commit")
        do throws(DeltaError) {
          result.version = try await commit(group, rewritten.added, to: &table)
        } catch {
          if error.isSurelyNotCommitted { await store.discard(rewritten.added) }
          throw error
        }
        FaultPoint.reach("compact.committed")
        result.filesAfter = rewritten.added.count
        result.bytesAfter = rewritten.added.reduce(0) { $0 + $1.size }
        result.rows = rewritten.rowCount
        result.conflicts = conflicts
        return result
      } catch let failure as TableFileReader.Failure {
        // A file that another writer has taken away may be gone; one that is still in the table is damaged.
        try await refresh(&table)
        guard table.snapshot.holds(failure.file.path) else { continue }
        spoiled.insert(failure.file.path)
        report.leftAlone.append("\(failure.error)")
      } catch let error as DeltaError where error.code == .conflict {
        conflicts += 1
        guard conflicts < options.attempts else {
          report.contended.append(result.partition)
          return nil
        }
        try await refresh(&table)
      }
    }
  }

  private func refresh(_ table: inout DeltaTable) async throws(MaintenanceError) {
    do { try await table.refresh() } catch { throw MaintenanceError(error) }
  }

  private func rewrite(_ group: CompactionPlan.Group, _ snapshot: Snapshot) async throws -> OutputFiles {
    let (schema, order, memory) = (
      snapshot.fileSchema, try order(for: snapshot), SortMemory(limit: options.memoryLimit)
    )
    var tags = RangeTags.merged(group.files) ?? [:]
    if order != .none { tags[RowOrder.tag] = order.text }
    let first = group.files.first.flatMap { PathText.decode($0.path) } ?? ""
    var output = OutputFiles(
      OutputFiles.Form(
        schema: schema, order: order, folder: StorePath.parent(of: first), partitionValues: group.partitionValues,
        tags: tags, targetBytes: options.targetBytes, memory: memory, scratch: options.scratchDirectory),
      store: store)
    do {
      try await rewrite(group, into: &output)
    } catch {
      await store.discard(output.added)
      throw error
    }
    return output
  }

  private func rewrite(_ group: CompactionPlan.Group, into output: inout OutputFiles) async throws {
    let (schema, order, memory) = (output.form.schema, output.form.order, output.form.memory)
    var read = OriginSum()
    var current = ""
    let reader = TableFileReader(
      store: store, schema: schema, options: memory.reading, aheadBytes: Int64(memory.batchBytes))
    let note = { (file: AddFile) in
      if file.path == current { return }
      current = file.path
      progress(file.size)
    }
    var files = group.files
    if order == .none { files = try await copy(files, by: reader, into: &output, note) }
    if let column = order.slicedBy {
      var sorter = SliceSorter(schema, order, memory: memory, targetBytes: options.targetBytes)
      let begins = { (rows: Int64) in try await sorter.begin(rows: rows, into: &output) }
      try await reader.read(files.ordered(by: column, schema), begins: begins) { file, batch in
        read.add(batch)
        note(file)
        try await sorter.add(batch, into: &output)
      }
      try await sorter.finish(into: &output)
    } else {
      let curve = order.isZOrder ? try await ZCurve.sampling(order.columns, of: files, by: reader) : nil
      var sorter = ExternalSorter(schema, order, curve: curve, memory: memory, scratch: options.scratchDirectory)
      try await reader.read(files) { file, batch in
        read.add(batch)
        note(file)
        if order == .none { try await output.write(batch) } else { try await sorter.add(batch) }
      }
      if order != .none { try await sorter.finish(into: &output) }
    }
    try await output.finish()
    guard output.sum == read else {
      throw MaintenanceError(
        .rowsDiffer,
        "\(store.root): \(read.rows) rows were read and \(output.sum.rows) written, or others: "
          + "nothing was committed – check this machine's memory")
    }
  }

  /// Copies what need not be decoded, file by file; gives the files that must be.
  private func copy(
    _ files: [AddFile], by reader: TableFileReader, into output: inout OutputFiles, _ note: (AddFile) -> Void
  ) async throws -> [AddFile] {
    var rest: [AddFile] = []
    try await reader.open(files) { file, parquet in
      do {
        let groupBytes = file.size / Int64(max(1, parquet.metadata.rowGroups.count))
        guard groupBytes >= options.leastCopied, try await output.copy(parquet) else {
          rest.append(file)
          return
        }
      } catch let error as ParquetError {
        throw reader.failure(file, error)
      }
      note(file)
      try reader.check(parquet.metadata.rowCount, file, parquet)
    }
    try await output.finish()
    return rest
  }

  private func commit(
    _ group: CompactionPlan.Group, _ added: [AddFile], to table: inout DeltaTable
  ) async throws(DeltaError) -> Int64? {
    let planned = table.snapshot
    let now = WallClock.milliseconds()
    let request = CommitRequest(
      operation: "OPTIMIZE",
      parameters: ["targetSize": String(options.targetBytes), "orderBy": options.order.text],
      engine: options.engine, isBlindAppend: false
    ) { snapshot throws(DeltaError) in
      try snapshot.checkHolds(planned)
      return group.files.map { .remove(RemoveFile($0, at: now, dataChange: false)) } + added.map { .add($0) }
    }
    return try await table.commit(request)
  }
}

extension SortMemory {
  /// How files are read.
  var reading: ReadOptions {
    var options = ReadOptions()
    options.batchBytes = batchBytes
    return options
  }
}

extension Snapshot {
  /// Whether each row says which topic it is of; otherwise the marks on its file alone do.
  var namesTopics: Bool { fileSchema.index(of: "_kafka_topic") != nil }

  /// Whether this is the spool of a sink, whose files must stay as they are until they have come home.
  var isSpool: Bool { transactions.keys.contains { $0.hasPrefix("vitals-spool-") } }

  /// Refuses a spool.
  func refuseSpool() throws(DeltaError) {
    if isSpool { throw Spools.refusal(root) }
  }

  /// Refuses to go on where another writer has changed the columns in a way that rows of an older version do not fit.
  func checkHolds(_ older: Snapshot) throws(DeltaError) {
    guard metadata?.id == older.metadata?.id, partitionColumns == older.partitionColumns,
      Set(fileSchema.fields).isSuperset(of: older.fileSchema.fields)
    else {
      throw DeltaError(.conflict, path: root, message: "another writer has changed the table's columns; do it again")
    }
  }
}
