import Delta

/// Decides, on top of a snapshot, what a flush commits: each Kafka partition alone, by the contiguity rule.
///
/// Pure, so that every case is a line in a table; asked anew whenever another writer wins a version.
struct LandingPlan: Sendable {
  /// Where the flush goes.
  enum Place: Hashable, Sendable {
    /// The table itself: a range continues the watermark.
    case table
    /// The spool: a range continues the chain of spooled ranges, or begins one.
    case spool
  }

  /// What was decided.
  struct Decision: Sendable {
    var verdicts: [Int32: RangeVerdict] = [:]
    var actions: [Action] = []
  }

  let source: TopicSource
  let place: Place
  let ranges: [OffsetRange]
  let adds: [Int32: [AddFile]]

  /// The decision on top of these progress marks, in a table that has come to this incarnation of the topic.
  func decide(_ marks: [String: Transaction], incarnation: Int32? = nil, at milliseconds: Int64) -> Decision {
    var decision = Decision()
    if let incarnation, incarnation != source.incarnation {
      for range in ranges { decision.verdicts[range.partition] = .superseded(incarnation: incarnation) }
      return decision
    }
    func mark(_ id: String, _ version: Int64) {
      decision.actions.append(.transaction(Transaction(appId: id, version: version, lastUpdated: milliseconds)))
    }
    for range in ranges {
      let id = source.watermarkID(range.partition)
      let end = marks[id]?.version
      let verdict: RangeVerdict
      var beginsChain = false
      switch place {
      case .table:
        verdict = contiguityVerdict(start: range.start, next: range.next, watermark: end)
      case .spool:
        beginsChain = SpoolChain(marks, source: source, partition: range.partition) == nil
        verdict =
          beginsChain && range.start >= (end ?? 0)
          ? .commit : contiguityVerdict(start: range.start, next: range.next, watermark: end)
      }
      decision.verdicts[range.partition] = verdict
      guard verdict == .commit else { continue }
      if beginsChain { mark(source.chainID(range.partition), range.start) }
      mark(id, range.next)
      decision.actions += (adds[range.partition] ?? []).map { .add($0) }
    }
    return decision
  }
}
