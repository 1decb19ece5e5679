import Delta

/// The positions `[start, end)` of one Kafka partition that lie in a spool and not yet in the table.
///
/// A spool's log keeps three marks a partition: where the present chain began, where it ends, and up to where it has
/// been brought home. Ranges without rows leave no file, so the marks and not the files say what the chain holds.
struct SpoolChain: Hashable, Sendable {
  let partition: Int32
  let start: Int64
  let end: Int64

  /// The chain that these marks tell of; `nil` where nothing waits.
  init?(_ marks: [String: Transaction], source: TopicSource, partition: Int32) {
    guard let end = marks[source.watermarkID(partition)]?.version else { return nil }
    let drained = marks[source.drainedID(partition)]?.version
    if let drained, drained >= end { return nil }
    let start = marks[source.chainID(partition)]?.version ?? end
    self.start = max(start, drained ?? start)
    self.end = end
    self.partition = partition
  }

  private init(partition: Int32, start: Int64, end: Int64) {
    (self.partition, self.start, self.end) = (partition, start, end)
  }

  /// The part of the chain below a position; `nil` where there is none.
  func cut(at position: Int64) -> SpoolChain? {
    start < position ? SpoolChain(partition: partition, start: start, end: min(end, position)) : nil
  }
}

extension Snapshot {
  /// All topics and partitions that a spool has marks of.
  var spooledPartitions: [(source: TopicSource, partition: Int32)] {
    transactions.keys.compactMap { id in
      // vitals-sink/<topic>@<incarnation>/<partition>; a topic's name holds neither of the separators.
      let parts = id.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0] == "vitals-sink", let partition = Int32(parts[2]) else { return nil }
      let name = parts[1].split(separator: "@", omittingEmptySubsequences: false)
      guard name.count == 2, let incarnation = Int32(name[1]) else { return nil }
      return (TopicSource(topic: String(name[0]), incarnation: incarnation), partition)
    }.sorted {
      ($0.source.topic, $0.source.incarnation, $0.partition) < ($1.source.topic, $1.source.incarnation, $1.partition)
    }
  }
}
