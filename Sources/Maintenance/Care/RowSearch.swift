import Columnar
import Delta
import Parquet
import Query
import Storage

/// Finds the rows of a table that are to go, file by file.
struct RowSearch: Sendable {
  /// Which rows are looked for.
  enum Choice: Sendable {
    case all
    /// Those for which a condition of SQL holds.
    case condition(String)
    /// Those that name somebody.
    case mention(Mention)
  }

  let store: any FileStore
  let choice: Choice
  /// The partitions that are looked through; all where there is none.
  var filter: PartitionFilter?

  /// A file with rows that are to go.
  struct Hit {
    var file: AddFile
    /// The file's path in the store.
    var path: String
    /// Their places in the file; `nil` for all.
    var rows: NumberSet?
    var rowCount: Int64
  }

  /// Files that were looked through together.
  struct Round {
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
  func run(_ snapshot: Snapshot, except known: Set<String>, upTo limit: Int64) async throws -> Round {
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
    guard let path = PathText.decode(file.path) else {
      throw MaintenanceError(.file, "\(snapshot.root): the log names a file outside the table")
    }
    // What goes as a whole need not be readable, as long as the log says how many rows it has.
    if case .all = choice, let count = FileStatistics.rowCount(file.stats) {
      return Hit(file: file, path: path, rows: nil, rowCount: count)
    }
    let parquet = try await ParquetFile.open(try await store.open(path))
    let count = parquet.metadata.rowCount
    let rows: NumberSet
    switch choice {
    case .all: return Hit(file: file, path: path, rows: nil, rowCount: count)
    case .condition(let condition): rows = try await matching(condition, file, path, snapshot)
    case .mention(let mention):
      if mention.isNamed(in: file.partitionValues) { return Hit(file: file, path: path, rows: nil, rowCount: count) }
      rows = try await mention.rows(of: parquet)
    }
    if rows.count == 0 { return nil }
    return Hit(file: file, path: path, rows: rows.count == count ? nil : rows, rowCount: count)
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
}

/// A catalog that has one table under every name.
struct FixedCatalog: TableCatalog {
  let source: TableSource

  func table(at location: String) async throws -> TableSource { source }
}
