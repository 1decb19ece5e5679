internal import Columnar
internal import Delta
internal import Features
internal import Parquet
internal import Storage

/// Follows a table by its log: of each look only what the log has got since costs anything.
struct TableTail: Sendable {
  private let store: any FileStore
  /// Whether rows that leave the table are to be forgotten; a spool's leave it since they have come home.
  private let minds: Bool
  private var table: DeltaTable?
  /// Files that are still to be read, the oldest first.
  private var waiting: [AddFile] = []
  /// Files that are no Parquet, or whose columns are others than those of vitals.
  private(set) var damaged = 0
  /// Why the last damaged file could not be taken.
  private(set) var damage: String?

  /// How many rows are read when a table is opened, the newest ones; more would only push each other out.
  static let openingRows: Int64 = 1_000_000
  /// Rows that a file is taken to have whose log entry does not tell.
  private static let guessedRows: Int64 = 10_000

  init(store: any FileStore, mindsRemovals: Bool) {
    self.store = store
    minds = mindsRemovals
  }

  /// What a look has found beside new files.
  enum Finding: Hashable {
    /// There is no table here.
    case noTable
    /// Rows joined the table, or nothing happened.
    case onward
    /// Rows left the table, or it is another one: what was read before holds no more.
    case forget
  }

  /// How many files wait to be read.
  var waitingCount: Int { waiting.count }
  /// How many files, bytes and rows the table has; nothing before it was opened.
  var size: (files: Int, bytes: Int64, rows: Int64) {
    guard let files = table?.snapshot.filesByPath.values else { return (0, 0, 0) }
    return (files.count, files.reduce(0) { $0 + $1.size }, files.reduce(0) { $0 + Self.rows($1) })
  }

  /// Looks at the log.
  mutating func look() async throws(DeltaError) -> Finding {
    guard var table else { return try await open(hadTable: false) }
    // Taken out, lest a change of it copies it.
    self.table = nil
    var news: [Action] = []
    do throws(DeltaError) {
      let isTold = try await table.refresh { _, actions in news += actions }
      self.table = table
      guard isTold else { return try await open(hadTable: true) }
    } catch {
      // What was told before the failure will not be told again.
      self.table = table
      _ = note(news)
      guard error.code == .malformedLog || error.code == .noSuchVersion else { throw error }
      self.table = nil
      return try await open(hadTable: true)
    }
    if note(news) { return try await open(hadTable: true) }
    return .onward
  }

  private mutating func open(hadTable: Bool) async throws(DeltaError) -> Finding {
    table = try await DeltaTable.openIfPresent(store: store)
    waiting = table.map { Self.newest($0.snapshot) } ?? []
    if hadTable { return .forget }
    return table == nil ? .noTable : .onward
  }

  /// Queues the files that bring rows.
  ///
  /// - Returns: Whether rows have left.
  private mutating func note(_ actions: [Action]) -> Bool {
    var hasLost = false
    for action in actions {
      switch action {
      // A compaction's files hold rows that were read out of others.
      case .add(let file) where file.dataChange: waiting.append(file)
      case .remove(let file) where file.dataChange: hasLost = minds || hasLost
      default: break
      }
    }
    return hasLost
  }

  /// The files of the newest rows, the oldest of them first.
  static func newest(_ snapshot: Snapshot, rows limit: Int64 = TableTail.openingRows) -> [AddFile] {
    var left = limit
    var chosen: [AddFile] = []
    for file in snapshot.filesByPath.values.sorted(by: {
      ($1.modificationTime, $1.path) < ($0.modificationTime, $0.path)
    }) {
      guard left > 0 else { break }
      left -= rows(file)
      chosen.append(file)
    }
    return chosen.reversed()
  }

  private static func rows(_ file: AddFile) -> Int64 { FileStatistics.rowCount(file.stats) ?? guessedRows }

  /// The rows of the next file, and when it was written; `nil` when all are read. A file that is damaged is counted,
  /// and passed over.
  ///
  /// - Throws: where the store fails, and asking again later makes sense; the file then waits on.
  mutating func next() async throws(DeltaError) -> (batches: [RecordBatch], written: Int64)? {
    while let file = waiting.first {
      do throws(ParquetError) {
        let batches = try await Self.rows(of: file, in: store)
        waiting.removeFirst()
        return (batches, file.modificationTime)
      } catch {
        if let cause = error.cause, cause.isRetriable { throw DeltaError(cause) }
        waiting.removeFirst()
        // A file that is gone has left the table meanwhile; the log will say so.
        if error.cause?.code != .notFound { noteDamage("\(error)") }
      }
    }
    return nil
  }

  /// Counts a file that cannot be taken.
  mutating func noteDamage(_ reason: String) {
    damaged += 1
    damage = reason
  }

  private static func rows(of file: AddFile, in store: any FileStore) async throws(ParquetError) -> [RecordBatch] {
    guard let path = PathText.decode(file.path) else {
      throw ParquetError(.outOfSpec, "the log names a file outside the table")
    }
    let source: any RandomAccess
    do throws(StorageError) { source = try await store.open(path) } catch { throw ParquetError(error) }
    let parquet = try await ParquetFile.open(source)
    let columns = wanted.compactMap { parquet.metadata.schema.index(of: $0) }
    var batches: [RecordBatch] = []
    for rowGroup in parquet.metadata.rowGroups.indices {
      batches.append(try await parquet.read(rowGroup: rowGroup, columns: columns))
    }
    return batches
  }

  private static let wanted =
    ["patient_id", "event_time"] + Vital.allCases.map(\.column) + ["consciousness", "supplemental_oxygen"]
}
