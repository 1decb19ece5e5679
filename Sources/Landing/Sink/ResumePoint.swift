/// Where a Kafka partition is taken up, or why it is not.
public enum ResumePoint: Hashable, Sendable {
  /// The next position to read.
  case start(Int64)
  /// Reading on would lose or repeat records.
  case stop(String)
}

/// What is known of a partition when it is assigned.
struct PartitionKnowledge: Hashable, Sendable {
  /// The table's watermark; `nil` where nothing landed yet, or where the table does not answer.
  var watermark: Int64?
  /// Whether the table answered.
  var tableAnswered: Bool
  /// The chain of spooled ranges that waits on this host.
  var chain: SpoolChain?
  /// Where the last chain ended, drained or not.
  var spoolEnd: Int64?
  /// The group's committed offset; looked at only while the table does not answer.
  var groupOffset: Int64?
  /// The oldest offset that the broker holds.
  var low: Int64
  /// The next offset that the broker will write.
  var high: Int64
}

/// Decides where to take up a partition. The table's log is the truth; the group's offset is a report of it that is
/// looked at only when the table cannot be asked. Pure.
func resumePoint(_ known: PartitionKnowledge) -> ResumePoint {
  let position: Int64
  if known.tableAnswered {
    let watermark = known.watermark
    if let chain = known.chain, chain.end > watermark ?? chain.start {
      if let watermark, watermark < chain.start {
        return .stop(
          "the table ends at offset \(watermark) and the spool begins at \(chain.start): records between them never "
            + "landed; find the spool that holds them, or move this one away to read them from Kafka again")
      }
      position = chain.end
    } else {
      position = watermark ?? known.low
    }
  } else {
    position = max(known.spoolEnd ?? known.low, known.groupOffset ?? known.low)
  }
  if position > known.high {
    return .stop(
      "offset \(position) was landed, but the topic ends at \(known.high): it was deleted and created again, or this "
        + "is another cluster")
  }
  if position < known.low {
    return .stop(
      "offset \(position) is the next to land, but the broker holds records from \(known.low) on only: those between "
        + "are lost to retention")
  }
  return .start(position)
}
