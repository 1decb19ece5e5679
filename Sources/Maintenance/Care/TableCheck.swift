import Columnar
import Delta
import Landing
import Parquet
public import Storage

/// What a check of a table found.
public struct TableCheckReport: Hashable, Sendable {
  /// The version that was checked.
  public var version: Int64 = -1
  /// Files of the table that were checked.
  public var files = 0
  /// Their rows.
  public var rows: Int64 = 0
  /// What is wrong, a line each, the first ``TableCheck/problemLimit`` of them.
  public var problems: [String] = []
  /// How many problems there are.
  public var problemCount = 0
  /// Files that are in no version any more and in none yet: a vacuum removes them when they are old enough.
  public var orphans: [FileStatus] = []
  /// Rows of which nothing tells the topic, in a table of several: whether their offsets repeat cannot be said.
  public var unattributed: Int64 = 0
  /// Files that left the table and wait for a vacuum.
  public var removed = 0

  /// Whether the table is whole. Orphans harm nobody.
  public var isWhole: Bool { problemCount == 0 }

  mutating func add(_ problem: String) {
    problemCount += 1
    if problems.count < TableCheck.problemLimit { problems.append(problem) }
  }
}

/// Checks a table against its log: each file there, of the right length, readable to the last page and of as many rows
/// as the log says; each Kafka offset once, and none at or above its watermark.
public struct TableCheck: Sendable {
  /// How many problems are told of one by one.
  public static let problemLimit = 1_000

  let store: any FileStore
  let progress: @Sendable (Int64) -> Void

  /// Makes a check of the table at the root of a store; `progress` is told of the bytes of each file.
  public init(store: any FileStore, progress: @escaping @Sendable (Int64) -> Void = { _ in }) {
    self.store = store
    self.progress = progress
  }

  /// Runs the check on the newest version.
  public func run() async throws -> TableCheckReport {
    // First the files, then the log: a file that is committed in between is in the log.
    let present = try await DeltaTable.dataFiles(in: store)
    let snapshot = try await DeltaTable.open(store: store).snapshot
    var report = TableCheckReport()
    report.version = snapshot.version
    var origins = Origins(snapshot)
    let byPath = Dictionary(present.map { ($0.path, $0) }) { $1 }
    for file in snapshot.files {
      try Task.checkCancellation()
      report.files += 1
      guard let path = PathText.decode(file.path) else {
        report.add("\(file.path): a path that leads out of the table")
        continue
      }
      // What was not there at the listing may have come since.
      let listed = if let known = byPath[path] { known } else { try await store.status(path) }
      guard let status = listed else {
        report.add("\(path): missing")
        continue
      }
      guard status.size == file.size else {
        report.add("\(path): \(status.size) bytes, and the log says \(file.size)")
        continue
      }
      try await check(file, path, &origins, &report)
      progress(file.size)
    }
    for problem in origins.problems() { report.add(problem) }
    report.unattributed = origins.unattributed
    let known = Set(snapshot.filesByPath.values.map { PathText.decode($0.path) ?? $0.path })
    let removed = Set(snapshot.removedByPath.values.map { PathText.decode($0.path) ?? $0.path })
    report.removed = present.count { removed.contains($0.path) && !known.contains($0.path) }
    report.orphans = present.filter { !known.contains($0.path) && !removed.contains($0.path) }
    return report
  }

  private func check(
    _ file: AddFile, _ path: String, _ origins: inout Origins, _ report: inout TableCheckReport
  ) async throws {
    var rows: Int64 = 0
    do {
      let parquet = try await ParquetFile.open(try await store.open(path))
      for try await batch in parquet.batches() {
        try Task.checkCancellation()
        rows += Int64(batch.rowCount)
        origins.add(batch, of: file)
      }
      let counts = [parquet.metadata.rowCount, FileStatistics.rowCount(file.stats) ?? rows]
      if counts.contains(where: { $0 != rows }) {
        report.add("\(path): \(rows) rows, and its footer or the log says otherwise")
      }
    } catch let error as ParquetError where !error.isRetriable {
      report.add("\(path): \(error.message)")
    } catch let error as StorageError where error.code == .notFound {
      report.add("\(path): missing")
    }
    report.rows += rows
  }
}
