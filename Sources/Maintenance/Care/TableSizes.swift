public import Delta
import Storage

/// How large the files of a table are, partition by partition, and what a compaction would gain.
public struct TableSizes: Sendable {
  /// The files of one partition.
  public struct Partition: Hashable, Sendable {
    /// The partition, as `date=2026-01-02`; empty for a table without partition columns.
    public var name: String
    /// How many files it has.
    public var files = 0
    /// Their bytes.
    public var bytes: Int64 = 0
    /// Their rows, as far as the log tells.
    public var rows: Int64 = 0
    /// Files that the log says no row count of.
    public var uncounted = 0
    /// Files per class of ``TableSizes/limits``; the last are larger than all of them.
    public var histogram = [Int](repeating: 0, count: TableSizes.limits.count + 1)
    /// Files that a compaction would merge.
    public var mergeable = 0
    /// About how many files they would become.
    public var merged = 0
  }

  /// The upper bounds of the classes of sizes, in bytes.
  public static let limits: [Int64] = [64 << 10, 1 << 20, 8 << 20, 32 << 20, 128 << 20]

  /// The partitions by name.
  public private(set) var partitions: [Partition] = []
  /// The version that was looked at.
  public let version: Int64

  /// Looks at a table.
  public init(_ snapshot: Snapshot, options: CompactionOptions) {
    version = snapshot.version
    let plan = CompactionPlan(
      snapshot.files, targetBytes: options.targetBytes, order: options.order, leastFiles: options.leastFiles,
      keepsTopicsApart: !snapshot.namesTopics)
    var byName: [String: Partition] = [:]
    for file in snapshot.filesByPath.values {
      let name = snapshot.partitionText(file.partitionValues)
      byName[name, default: Partition(name: name)].add(file)
    }
    for group in plan.groups {
      let name = snapshot.partitionText(group.partitionValues)
      byName[name]?.mergeable += group.files.count
      byName[name]?.merged += Int((group.bytes + options.targetBytes - 1) / max(1, options.targetBytes))
    }
    partitions = byName.values.sorted { $0.name < $1.name }
  }
}

extension TableSizes.Partition {
  mutating func add(_ file: AddFile) {
    files += 1
    bytes += file.size
    if let count = FileStatistics.rowCount(file.stats) { rows += count } else { uncounted += 1 }
    histogram[TableSizes.limits.firstIndex { file.size <= $0 } ?? TableSizes.limits.count] += 1
  }
}
