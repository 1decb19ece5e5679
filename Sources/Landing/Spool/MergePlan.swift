import Delta

/// Decides which spooled files go home as one. Pure.
///
/// On HDFS a file costs as much as some megabytes do, whatever it holds: many small files of one folder land faster,
/// and are read faster, as one.
struct MergePlan: Sendable, Equatable {
  /// Files that go home together, of one folder and in the order of their offsets.
  struct Group: Sendable, Equatable {
    var files: [AddFile]
    /// From the first file's first position to the last file's end.
    var range: OffsetRange
    /// Rows below this offset are in the table already and must be cut off.
    var cutBelow: Int64?
  }

  /// Bytes of a file from which on merging it gains little.
  static let small: Int64 = 4 << 20
  /// Bytes that go into one file.
  static let limit: Int64 = 16 << 20

  var groups: [Group] = []

  /// - Parameter merges: Whether files are merged at all; otherwise each is a group of its own.
  init(_ steps: [DrainPlan.Step], merges: Bool) {
    var open: [[String: String?]: Int] = [:]
    for step in steps {
      for file in step.files {
        let isSmall = merges && step.cutBelow == nil && file.size < Self.small
        if isSmall, let index = open[file.partitionValues], Self.bytes(groups[index]) + file.size <= Self.limit {
          groups[index].files.append(file)
          groups[index].range.next = step.range.next
          continue
        }
        groups.append(Group(files: [file], range: step.range, cutBelow: step.cutBelow))
        open[file.partitionValues] = isSmall ? groups.count - 1 : nil
      }
    }
  }

  private static func bytes(_ group: Group) -> Int64 { group.files.reduce(0) { $0 + $1.size } }
}
