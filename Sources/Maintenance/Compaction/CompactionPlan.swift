import Delta
import Landing

/// Decides which files of a table are rewritten together. Pure.
///
/// Small files of one partition make a group; what becomes of it is cut into files of the wanted size when it is
/// written. A file that stands in the order already and would stay alone gains nothing and is left as it is.
struct CompactionPlan: Hashable, Sendable {
  /// Files of one partition that are rewritten together.
  struct Group: Hashable, Sendable {
    var partitionValues: [String: String?]
    private(set) var files: [AddFile] = []
    private(set) var bytes: Int64 = 0

    init(_ partitionValues: [String: String?]) { self.partitionValues = partitionValues }

    mutating func append(_ file: AddFile) {
      files.append(file)
      bytes += file.size
    }

    /// Leaves out the files for which something does not hold.
    mutating func keep(_ isKept: (AddFile) -> Bool) {
      files.removeAll { !isKept($0) }
      bytes = files.reduce(0) { $0 + $1.size }
    }
  }

  /// The most bytes and files of a group: what is lost when its commit is, and what scratch files must hold. Each run
  /// of a sort is an open file, of which a process often has no more than 1,024.
  static let groupBytes: Int64 = 4 << 30
  static let groupFiles = 20_000

  /// The mark on a file that was cut because it had the wanted size, which it names. Sizes are guessed while a file is
  /// written: without the mark one that became smaller would be merged again and again.
  static let fullTag = "vitals.full"

  var groups: [Group] = []

  /// What the files of a group have in common.
  private struct Kind: Hashable {
    var partitionValues: [String: String?]
    var topics: Set<String> = []
  }

  /// - Parameter keepsTopicsApart: whether files of different topics stay apart, since their rows do not say which they
  ///   are of: merged, nobody could tell any more whether each offset of a topic is there once.
  init(
    _ files: [AddFile], targetBytes: Int64, order: RowOrder, leastFiles: Int = 2, rewritesAll: Bool = false,
    keepsTopicsApart: Bool = true
  ) {
    var kinds: [Kind: [AddFile]] = [:]
    for file in files where rewritesAll || !Self.isFull(file, targetBytes) {
      var kind = Kind(partitionValues: file.partitionValues)
      if keepsTopicsApart { kind.topics = Set(RangeTags.marks(file).map(\.source.topic)) }
      kinds[kind, default: []].append(file)
    }
    for (kind, candidates) in kinds {
      var open = Group(kind.partitionValues)
      for file in candidates.sorted(by: { $0.path < $1.path }) {
        if open.bytes + file.size > Self.groupBytes || open.files.count == Self.groupFiles {
          close(&open, order, leastFiles, rewritesAll)
        }
        open.append(file)
      }
      close(&open, order, leastFiles, rewritesAll)
    }
    groups.sort { $0.files[0].path < $1.files[0].path }
  }

  private static func isFull(_ file: AddFile, _ targetBytes: Int64) -> Bool {
    if file.size >= targetBytes / 4 * 3 { return true }
    return (file.tags?[fullTag] ?? nil).flatMap { Int64($0) }.map { $0 >= targetBytes } ?? false
  }

  private mutating func close(_ group: inout Group, _ order: RowOrder, _ leastFiles: Int, _ rewritesAll: Bool) {
    let hasOrder = group.files.allSatisfy { ($0.tags?[RowOrder.tag] ?? nil) == order.text }
    let isWorthIt = group.files.count >= max(2, leastFiles) || (rewritesAll && !hasOrder && order != .none)
    if isWorthIt, !group.files.isEmpty { groups.append(group) }
    group = Group(group.partitionValues)
  }
}

extension Snapshot {
  /// The text of a partition for people, in the order of the table's columns: `date=2026-01-02/hour=7`.
  func partitionText(_ values: [String: String?]) -> String {
    partitionColumns.map { "\($0)=\((values[$0] ?? nil) ?? "null")" }.joined(separator: "/")
  }
}
