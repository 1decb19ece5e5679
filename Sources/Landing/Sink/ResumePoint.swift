/// Where a Kafka partition is taken up, or why it is not.
public enum ResumePoint: Hashable, Sendable {
  /// The next position to read.
  case start(Int64)
  /// The table ends at `watermark`, the broker holds records from `low` on only, and an operator accepts the loss.
  case startBehindGap(watermark: Int64, low: Int64)
  /// Reading on would lose or repeat records.
  case stop(StopReason)
}

/// Why a partition is not taken up.
public enum StopReason: Hashable, Sendable, CustomStringConvertible {
  /// The spool begins behind the table's end.
  case spoolGap(watermark: Int64, start: Int64)
  /// More was landed than the topic holds.
  case beyondEnd(position: Int64, high: Int64)
  /// The broker's record at the last landed offset is another one than was landed.
  case otherRecord(offset: Int64)
  /// The broker dropped records that never landed.
  case retention(position: Int64, low: Int64)

  /// Whether the topic was deleted and created again.
  var isRecreation: Bool {
    switch self {
    case .beyondEnd, .otherRecord: true
    case .spoolGap, .retention: false
    }
  }

  public var description: String {
    switch self {
    case .spoolGap(let watermark, let start):
      "the table ends at offset \(watermark) and the spool begins at \(start): records between them never landed; find "
        + "the spool that holds them, or move this one away to read them from Kafka again"
    case .beyondEnd(let position, let high):
      "offset \(position) is the next to land, but the topic ends at \(high): it was deleted and created again, or "
        + "this is another cluster; start once with --new-incarnation to land the new topic beside the old rows"
    case .otherRecord(let offset):
      "the broker's record at offset \(offset) has another time than the one that was landed: the topic was deleted "
        + "and created again, or this is another cluster; start once with --new-incarnation to land the new topic"
    case .retention(let position, let low):
      "offset \(position) is the next to land, but the broker holds records from \(low) on only: those between are "
        + "lost to retention; start with --accept-gap to land on without them"
    }
  }
}

/// What is known of a partition when it is assigned.
struct PartitionKnowledge: Hashable, Sendable {
  /// The table's watermark, by what was last read of it; `nil` where nothing landed, or where it was never read.
  var watermark: Int64?
  /// Whether the table answered just now; otherwise other sinks may have landed beyond `watermark`.
  var tableAnswered: Bool
  /// The chain of spooled ranges that waits on this host.
  var chain: SpoolChain?
  /// Where the last chain ended, drained or not.
  var spoolEnd: Int64?
  /// The group's committed offset; decides only while the table does not answer.
  var groupOffset: Int64?
  /// The oldest offset that the broker holds.
  var low: Int64
  /// The next offset that the broker will write.
  var high: Int64
  /// The last landed record, where the table tells of one.
  var lastLanded: RecordMark?
  /// The Kafka time of the broker's record at that offset; `nil` where the broker could not be asked or has none.
  var brokerMillis: Int64?
  /// Where the operator wants a partition to begin of which nothing landed yet.
  var firstOffset: Int64?
}

/// Decides where to take up a partition. The table's log is the truth; the group's offset is a report of it that is
/// looked at only when the table cannot be asked. Pure.
func resumePoint(_ known: PartitionKnowledge, acceptsGap: Bool = false) -> ResumePoint {
  let first = max(known.firstOffset ?? known.low, known.low)
  let position: Int64
  if known.tableAnswered {
    let watermark = known.watermark
    if let chain = known.chain, chain.end > watermark ?? chain.start {
      if let watermark, watermark < chain.start {
        return .stop(.spoolGap(watermark: watermark, start: chain.start))
      }
      position = chain.end
    } else {
      position = watermark ?? first
    }
  } else if let chain = known.chain {
    // Only this range can follow in the spool, whoever landed later ones meanwhile: what is spooled twice so is cut off
    // or dropped on its way home.
    position = chain.end
  } else {
    position = [known.watermark, known.spoolEnd, known.groupOffset].compactMap(\.self).max() ?? first
  }
  if position > known.high { return .stop(.beyondEnd(position: position, high: known.high)) }
  if let last = known.lastLanded, let millis = known.brokerMillis, millis != last.timestampMillis {
    return .stop(.otherRecord(offset: last.offset))
  }
  if position < known.low {
    return acceptsGap
      ? .startBehindGap(watermark: position, low: known.low) : .stop(.retention(position: position, low: known.low))
  }
  return .start(position)
}
