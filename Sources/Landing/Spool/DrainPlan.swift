import Delta

/// Decides what of one partition's chain goes home next, given the table's watermark. Pure.
struct DrainPlan: Sendable, Equatable {
  /// A file, or several of one range, that go together.
  struct Step: Sendable, Equatable {
    var range: OffsetRange
    var files: [AddFile]
    /// Rows below this offset are in the table already and must be cut off.
    var cutBelow: Int64?
  }

  /// Files whose rows the table has already.
  var landed: [AddFile] = []
  /// What goes home, in order of offsets.
  var steps: [Step] = []
  /// The positions between the table and the chain, where some were never landed.
  var gap: Range<Int64>?

  init(chain: SpoolChain, files: [(range: OffsetRange, file: AddFile)], watermark: Int64?) {
    let watermark = watermark ?? chain.start
    if watermark < chain.start {
      gap = watermark..<chain.start
      return
    }
    var groups: [Int64: Step] = [:]
    for (range, file) in files {
      if range.next <= watermark || range.next <= chain.start {
        landed.append(file)
      } else if range.next <= chain.end {
        groups[range.start, default: Step(range: range, files: [])].files.append(file)
        if range.start < watermark { groups[range.start]?.cutBelow = watermark }
      }
    }
    steps = groups.values.sorted { $0.range.start < $1.range.start }
    // Ranges without rows left no file: the chain's end still has to become the watermark.
    let reached = max(steps.last?.range.next ?? watermark, watermark)
    if reached < chain.end {
      steps.append(Step(range: OffsetRange(partition: chain.partition, start: reached, next: chain.end), files: []))
    }
  }
}
