import Kafka
import Logging

// Partitions come and go, and the end.
extension SinkLoop {
  var liveAssignments: [(partition: Int32, state: Assigned)] {
    assigned.enumerated().compactMap { index, state in
      guard let state, state.machine.isLive else { return nil }
      return (Int32(index), state)
    }
  }

  /// Whether everything was read that the topic held when the partitions were assigned.
  var isAtEnd: Bool {
    // Asked between polls: the cheap looks come first, and nothing is allocated.
    configuration.untilEnd && hasAssignment
      && assigned.indices.allSatisfy { cursors[$0].position >= assigned[$0]?.end ?? .min }
  }

  var isDone: Bool { isAtEnd && assembler.isEmpty && !worker.isBusy }

  /// Lands what is gathered, after what is under way; until a deadline, or with `nil` until the lander gives up.
  mutating func drain(until deadline: Moment?) throws(LandingError) {
    while worker.isBusy || !assembler.isEmpty {
      try settle()
      if let deadline, Moment.now >= deadline { return }
      if worker.isBusy { worker.wait(atMost: 200) } else { flush() }
    }
    try settle()
  }

  /// Lands what is buffered within the deadline; what is left then is read again by whoever has the partitions next.
  mutating func giveBack(_ count: Int) throws(LandingError) {
    log.info("partitions are taken back; landing what is buffered", metadata: ["partitions": "\(count)"])
    isGivingBack = true
    defer { isGivingBack = false }
    try drain(until: consumer.isAssignmentLost ? .now : .now + configuration.drainWithin)
    if worker.isBusy || !assembler.isEmpty {
      log.warning("what is buffered could not be landed in time; its records are read again by their next owner")
      worker.abandon()
      _ = assembler.take()
    }
    oldest = nil
    heldSince = nil
    // The library keeps a partition paused over a new assignment: it would be given back and never read.
    try hold(nil)
    acceptedGaps = []
    awaitedSchema = nil
    assigned = []
    cursors = []
    hasAssignment = false
    try kafka { () throws(KafkaError) in try consumer.unassign() }
  }

  mutating func takeUp(_ partitions: [Int32]) throws(LandingError) {
    let assignment = Assignment(configuration: configuration, consumer: consumer, lander: lander, log: log)
    let taken: (points: [(partition: Int32, point: Assignment.Point)], source: TopicSource)
    do throws(LandingError) { taken = try assignment.resumePoints(partitions, isStopping: isStopping) } catch {
      // Nothing was read of these partitions yet, so whoever is told to stop just leaves them to the next.
      guard isStopping(), error.isRetriable else { throw error }
      log.info("told to stop before the partitions were taken up", metadata: ["reason": "\(error)"])
      return
    }
    source = taken.source
    hasAssignment = true
    for (partition, point) in taken.points { place(partition, point) }
    for (partition, point) in taken.points {
      guard case .stop(let reason) = point.resume else { continue }
      try handle(.refused(reason.description), of: partition)
    }
    try failWhenAllStopped()
    try reassign()
    log.info("partitions assigned", metadata: ["partitions": "\(liveAssignments.count)"])
  }

  private mutating func place(_ partition: Int32, _ point: Assignment.Point) {
    if Int(partition) >= assigned.count {
      let count = Int(partition) + 1 - assigned.count
      assigned += Array(repeating: nil, count: count)
      cursors += Array(repeating: Cursor(), count: count)
    }
    switch point.resume {
    case .start(let position):
      assigned[Int(partition)] = Assigned(end: point.high)
      cursors[Int(partition)] = Cursor(position: position)
    case .startBehindGap(let watermark, let low):
      log.warning(
        "records are lost to retention, and that is accepted",
        metadata: [
          "partition": "\(configuration.source.topic)/\(partition)", "from": "\(watermark)", "to": "\(low - 1)",
        ])
      assigned[Int(partition)] = Assigned(end: point.high, gapEnd: low)
      cursors[Int(partition)] = Cursor(position: watermark)
      acceptedGaps.append(OffsetRange(partition: partition, start: watermark, next: low))
    case .stop:
      assigned[Int(partition)] = Assigned(end: 0)
      cursors[Int(partition)] = Cursor()
    }
  }

  /// Fetches each live partition from its position, and forgets all that was fetched ahead: the library does this more
  /// faithfully than a seek of one partition.
  func reassign() throws(LandingError) {
    if isGivingBack { return }
    let offsets = liveAssignments.map {
      (
        TopicPartition(topic: configuration.source.topic, partition: $0.partition),
        max(cursors[Int($0.partition)].position, $0.state.gapEnd ?? 0)
      )
    }
    try kafka { () throws(KafkaError) in try consumer.assign(offsets) }
    let held = liveAssignments.filter { $0.state.machine.hold != nil }
    guard let reason = held.first?.state.machine.hold else { return }
    try pausing(held.map(\.partition), for: reason)
  }

  /// The broker has no record at the position: finds out whether it was lost to retention, or the topic was made anew.
  mutating func reconsider(_ partition: Int32) throws(LandingError) {
    guard assigned.indices.contains(Int(partition)), let state = assigned[Int(partition)], state.machine.isLive else {
      return
    }
    let position = cursors[Int(partition)].position
    let name = TopicPartition(topic: configuration.source.topic, partition: partition)
    let ends: (low: Int64, high: Int64)
    do throws(KafkaError) { ends = try consumer.watermarks(name, timeoutMillis: 5_000) } catch {
      return log.warning("the broker's offsets could not be had", metadata: ["error": "\(error)"])
    }
    if position > ends.high {
      return try handle(
        .refused("\(StopReason.beyondEnd(position: position, high: ends.high))"), of: partition)
    }
    guard position < ends.low else { return try reassign() }
    // What was gathered before the loss is good.
    try drain(until: .now + configuration.drainWithin)
    if configuration.acceptsGap {
      assigned[Int(partition)]?.gapEnd = ends.low
      acceptedGaps.append(OffsetRange(partition: partition, start: position, next: ends.low))
      return try reassign()
    }
    try handle(.refused("\(StopReason.retention(position: position, low: ends.low))"), of: partition)
  }
}
