import Delta
import Landing
import Parquet
public import Storage

/// Erases somebody from a table and from all that lies around it: dead letters, spools, audit trails.
///
/// Spools come first and the table last, so that what a drain brings home meanwhile is found there. A spool is erased
/// under its lock; where a drain holds it, the spool is left and told of. What Kafka holds, and what a sink has not
/// landed yet, comes after an erasure.
public struct Erasure: Sendable {
  /// A table that is searched.
  public struct Place: Sendable {
    /// What people call it.
    public var name: String
    /// The table.
    public var store: any FileStore
    /// Of a spool, the directory that its lock lies in.
    public var lockDirectory: String?

    /// Makes a place.
    public init(name: String, store: any FileStore, lockDirectory: String? = nil) {
      self.name = name
      self.store = store
      self.lockDirectory = lockDirectory
    }
  }

  /// What became of a place.
  public struct PlaceReport: Sendable {
    /// What people call it.
    public var name: String
    /// What was removed.
    public var removal = RemovalReport()
    /// Files of the log that name somebody still, until a clean-up takes them away: entries by their statistics, and
    /// checkpoints.
    public var logFiles: [String] = []
    /// Whether the files that held the rows are gone from the disk already.
    public var isUnlinked = false
    /// Whether it is a spool that another process is draining: nothing was done.
    public var isBusy = false
  }

  private let mention: Mention
  private let options: CompactionOptions

  /// Makes an erasure of all rows that name somebody.
  public init(_ mention: Mention, options: CompactionOptions) {
    self.mention = mention
    self.options = options
  }

  /// Erases in one place after the other; a place without a table is passed over.
  ///
  /// - Throws: ``MaintenanceError``; what was erased before stays so, and running again finishes the work.
  public func run(_ places: [Place], isDryRun: Bool = false) async throws -> [PlaceReport] {
    var reports: [PlaceReport] = []
    for place in places {
      guard try await DeltaTable.openIfPresent(store: place.store) != nil else { continue }
      guard let directory = place.lockDirectory else {
        reports.append(try await erase(place, isDryRun))
        continue
      }
      let outcome = try await SpoolLock.holding(directory) { () async throws(LandingError) in
        await Self.result { try await erase(place, isDryRun) }
      }
      var busy = PlaceReport(name: place.name)
      busy.isBusy = true
      reports.append(try outcome?.get() ?? busy)
    }
    return reports
  }

  private static func result<T: Sendable>(_ body: () async throws -> T) async -> Result<T, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
  }

  private func erase(_ place: Place, _ isDryRun: Bool) async throws -> PlaceReport {
    var report = PlaceReport(name: place.name)
    let isSpool = place.lockDirectory != nil
    let removal = RowRemoval(
      RowSearch(store: place.store, choice: .mention(mention)), options: options, isSpool: isSpool)
    report.removal = try await removal.run(isDryRun: isDryRun)
    if isSpool, !isDryRun {
      // Nobody vacuums a spool, and nobody asks for its older versions.
      for path in report.removal.oldFiles.compactMap({ PathText.decode($0) }) { try await place.store.delete(path) }
      report.isUnlinked = true
    }
    report.logFiles = try await LogSearch(store: place.store, mention: mention).files()
    return report
  }
}

/// Finds the files of a table's log that name somebody.
struct LogSearch: Sendable {
  let store: any FileStore
  let mention: Mention

  private static let windowBytes: Int64 = 4 << 20

  /// Their paths, sorted.
  func files() async throws -> [String] {
    var named: [String] = []
    for file in try await store.list("_delta_log") where !file.isDirectory {
      try Task.checkCancellation()
      do {
        let source = try await store.open(file.path)
        let isNamed =
          file.path.hasSuffix(".parquet")
          ? try await mention.rows(of: try await ParquetFile.open(source)).count > 0 : try await isNamed(in: source)
        if isNamed { named.append(file.path) }
      } catch let error as StorageError where error.code == .notFound {
        // A clean-up was faster.
      }
    }
    return named
  }

  /// Windows overlap, so that no id is cut by their borders.
  private func isNamed(in source: any RandomAccess) async throws -> Bool {
    let overlap = Int64(mention.longest + 1)
    var start: Int64 = 0
    while start < source.size {
      let end = min(source.size, start + Self.windowBytes + 2 * overlap)
      if mention.isNamed(in: try await source.read(start..<end)[...]) { return true }
      start += Self.windowBytes
    }
    return false
  }
}
