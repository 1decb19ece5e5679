import Delta

/// What one commit brings home: the next steps of as many partitions as it takes. Pure.
///
/// A commit on HDFS takes seconds whatever it holds, so the partitions share it.
struct DrainRound: Sendable, Equatable {
  /// What a commit holds at most, in files and bytes of the spool.
  struct Limit: Sendable, Equatable {
    var files: Int
    var bytes: Int64

    /// How many of the first files, of these sizes, there is room for; one always.
    func count(of sizes: some Sequence<Int64>) -> Int {
      var count = 0
      var left = bytes
      for size in sizes {
        if count > 0, count == files || size > left { break }
        left -= min(size, left)
        count += 1
      }
      return count
    }
  }

  /// The next steps of one partition's chain.
  struct Part: Sendable, Equatable {
    var source: TopicSource
    var partition: Int32
    /// The table's watermark, from which the steps lead on.
    var watermark: Int64?
    var steps: [DrainPlan.Step]

    /// Where the table ends when the part is home.
    var next: Int64 { steps.last?.range.next ?? watermark ?? 0 }
    var files: [AddFile] { steps.flatMap(\.files) }
  }

  private(set) var parts: [Part] = []
  private var left: Limit

  init(_ limit: Limit) { left = limit }

  /// Takes the first steps of a partition, as many as there is room for; the round's very first step always has room.
  mutating func take(_ steps: [DrainPlan.Step], of source: TopicSource, _ partition: Int32, from watermark: Int64?) {
    var part = Part(source: source, partition: partition, watermark: watermark, steps: [])
    for step in steps {
      let bytes = step.files.reduce(0) { $0 + $1.size }
      let isFirst = parts.isEmpty && part.steps.isEmpty
      guard isFirst || step.files.count <= left.files && bytes <= left.bytes else { break }
      left.files -= step.files.count
      left.bytes -= bytes
      part.steps.append(step)
    }
    if !part.steps.isEmpty { parts.append(part) }
  }
}
