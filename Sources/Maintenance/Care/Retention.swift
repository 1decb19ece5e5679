import Columnar
import Delta
public import Storage

/// Drops partitions that are older than a span of time, but for rows that must be kept.
public struct Retention: Sendable {
  /// How many held values there may be: they become part of a condition.
  public static let heldLimit = 10_000

  let store: any FileStore
  let age: Duration
  let held: [String]
  let holdColumn: String
  let options: CompactionOptions

  /// Makes a retention for the table at the root of a store.
  ///
  /// - Parameters:
  ///   - age: how old a partition's day becomes.
  ///   - held: values of `holdColumn` whose rows stay, whatever their age: a legal hold.
  public init(
    store: any FileStore, age: Duration, held: [String], holdColumn: String, options: CompactionOptions
  ) {
    self.store = store
    self.age = age
    self.held = held
    self.holdColumn = holdColumn
    self.options = options
  }

  /// Drops what is too old at a time in milliseconds since 1970-01-01 UTC.
  public func run(now: Int64, isDryRun: Bool = false) async throws -> RemovalReport {
    let snapshot = try await DeltaTable.open(store: store).snapshot
    guard let column = Self.dateColumn(of: snapshot) else {
      throw MaintenanceError(
        .refused, "\(store.root): the table is not partitioned by a date, so nothing tells how old it is")
    }
    guard held.count <= Self.heldLimit else {
      throw MaintenanceError(.refused, "a hold of more than \(Self.heldLimit) values")
    }
    guard held.isEmpty || snapshot.schema.index(of: holdColumn) != nil else {
      throw MaintenanceError(.refused, "\(store.root): the table has no column \(holdColumn), which rows are held by")
    }
    let removal = RowRemoval(
      store: store, condition: Self.condition(held: held, column: holdColumn),
      in: PartitionFilter(Self.filter(column: column, age: age, now: now)), options: options)
    return try await removal.run(isDryRun: isDryRun)
  }

  static func dateColumn(of snapshot: Snapshot) -> String? {
    snapshot.partitionColumns.first { name in
      snapshot.schema.index(of: name).map { snapshot.schema.fields[$0].type == .date } ?? false
    }
  }

  /// Days before the one that the span reaches back to are too old; a partition without a day never is.
  static func filter(column: String, age: Duration, now: Int64) -> String {
    let seconds = now / 1_000 - age.components.seconds
    let days = Int((Double(seconds) / 86_400).rounded(.down))
    return "\(quoted(column, "\"")) < date '\(CivilDate(daysSinceEpoch: days).description)'"
  }

  /// The rows that go: `nil` for all.
  static func condition(held: [String], column: String) -> String? {
    if held.isEmpty { return nil }
    let name = quoted(column, "\"")
    return "\(name) is null or \(name) not in (\(held.map { quoted($0, "'") }.joined(separator: ", ")))"
  }

  private static func quoted(_ text: String, _ quote: String) -> String {
    quote + text.split(separator: quote, omittingEmptySubsequences: false).joined(separator: quote + quote) + quote
  }
}
