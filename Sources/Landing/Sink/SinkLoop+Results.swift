import Kafka
import Logging
import Storage

// What became of a batch, and what follows for its partitions.
extension SinkLoop {
  /// Takes in what became of the batch under way, if it is known by now.
  mutating func settle() throws(LandingError) {
    guard let outcome = worker.takeResult() else { return }
    if outcome.isAbandoned {
      log.info(
        "a batch that was given back came to its end", metadata: ["landed": "\((try? outcome.result.get()) != nil)"])
      return
    }
    let receipt = try outcome.result.get()
    noteTime(outcome.time, isSpooled: receipt.isSpooled)
    count(receipt, time: outcome.time)
    FaultPoint.reach("table.committed")
    var landed: [(TopicPartition, Int64)] = []
    for range in receipt.ranges {
      let verdict = receipt.verdicts[range.partition] ?? .commit
      if let next = reached(verdict, range, isSpooled: receipt.isSpooled) {
        landed.append((TopicPartition(topic: configuration.source.topic, partition: range.partition), next))
      }
      try handle(event(verdict, range), of: range.partition)
    }
    commitGroupOffsets(landed)
  }

  /// Takes in how long a commit took: to the table or to the spool, which differ by far.
  private mutating func noteTime(_ time: Duration, isSpooled: Bool) {
    if isSpooled != timesAreOfSpool { commitTimes = CommitTimes() }
    timesAreOfSpool = isSpooled
    commitTimes.add(time)
  }

  /// How far the table has come by this verdict, as the group is told.
  private func reached(_ verdict: RangeVerdict, _ range: OffsetRange, isSpooled: Bool) -> Int64? {
    switch verdict {
    case .commit: isSpooled ? nil : range.next
    case .landed(let watermark) where watermark == range.next: watermark
    default: nil
    }
  }

  private func event(_ verdict: RangeVerdict, _ range: OffsetRange) -> PartitionMachine.Event {
    switch verdict {
    case .commit: return .landed
    case .landed(let watermark): return watermark == range.next ? .forestalled : .lost(watermark: watermark)
    case .overlap(let watermark): return .lost(watermark: watermark)
    case .gap(let watermark):
      return .refused(
        "offsets \(watermark) to \(range.start - 1) never landed, and \(range.start) was read after them")
    case .superseded(let incarnation):
      return .refused(
        "another sink began incarnation \(incarnation) of the topic: start this one anew to land the new topic")
    }
  }

  /// Takes an event of one partition in and does what follows from it.
  mutating func handle(_ event: PartitionMachine.Event, of partition: Int32) throws(LandingError) {
    guard assigned.indices.contains(Int(partition)), var state = assigned[Int(partition)] else { return }
    let before = state.machine.mode
    let action = state.machine.on(event)
    assigned[Int(partition)] = state
    noteMode(partition, from: before, to: state.machine.mode)
    switch action {
    case .none where event == .forestalled:
      log.warning(
        "another sink landed records of a partition, the same as were to be landed here",
        metadata: ["partition": "\(partition)", "losses": "\(state.machine.losses)"])
    case .none, .pause, .resume: break
    case .readFrom(let watermark):
      log.warning(
        "another sink landed records of a partition; reading on behind them",
        metadata: ["partition": "\(partition)", "offset": "\(watermark)"])
      assembler.drop(partition: partition)
      cursors[Int(partition)].position = watermark
      try reassign()
    case .leave(let reason):
      assembler.drop(partition: partition)
      cursors[Int(partition)].position = .max
      let name = "\(configuration.source.topic)/\(partition)"
      report.stopped.append("\(name): \(reason)")
      log.error(
        "partition left alone",
        metadata: ["partition": "\(name)", "state": "\(state.machine.mode.rawValue)", "reason": "\(reason)"])
      try failWhenAllStopped()
      try reassign()
    }
  }

  /// Lets the partitions know where batches go now.
  mutating func observePlace() throws(LandingError) {
    let place = lander.status.place
    for partition in assigned.indices where assigned[partition].map({ $0.machine.place != place }) == true {
      try handle(.place(place), of: Int32(partition))
    }
    guard metrics.isDue(now: .now) else { return }
    metrics.update(look())
    configuration.health?.note(
      topic: configuration.source.topic, modes: assigned.compactMap { $0?.machine.mode }, hasAssignment: hasAssignment)
  }

  /// What the metrics tell of.
  private func look() -> SinkMetrics.Look {
    var look = SinkMetrics.Look()
    look.deadLetters = report.reasons
    look.isInDoubt = lander.status.inDoubt != nil
    (look.spoolFiles, look.spoolBytes) = lander.status.spooled
    look.bufferedRecords = assembler.rowCount
    let now = WallClock.milliseconds()
    for (index, state) in assigned.enumerated() {
      guard let state else { continue }
      let name = TopicPartition(topic: configuration.source.topic, partition: Int32(index))
      let lag = max(0, (consumer.knownEnd(of: name) ?? state.end) - cursors[index].position)
      let age = lag == 0 ? 0 : cursors[index].lastMillis.map { Double(max(0, now - $0)) / 1_000 } ?? 0
      look.partitions.append(
        SinkMetrics.Look.Partition(
          number: Int32(index), mode: state.machine.mode, lagRecords: lag, lagSeconds: age))
    }
    return look
  }

  private func noteMode(_ partition: Int32, from before: PartitionMode, to after: PartitionMode) {
    guard before != after else { return }
    log.info(
      "partition changes its state",
      metadata: [
        "partition": "\(configuration.source.topic)/\(partition)", "from": "\(before.rawValue)",
        "to": "\(after.rawValue)",
      ])
  }

  private mutating func count(_ receipt: LandingReceipt, time: Duration) {
    report.rows += receipt.rows
    report.deadLetters += receipt.deadLetters
    report.files += receipt.files
    report.bytes += receipt.bytes
    report.batches += receipt.version == nil ? 0 : 1
    if receipt.isSpooled { report.spooledRows += receipt.rows }
    metrics.count(receipt, time: time)
    log.info(
      receipt.isSpooled ? "spooled" : "landed",
      metadata: [
        "rows": "\(receipt.rows)", "dead_letters": "\(receipt.deadLetters)", "files": "\(receipt.files)",
        "bytes": "\(receipt.bytes)", "version": "\(receipt.version.map(String.init) ?? "-")",
        "ms": "\(Int(time / .milliseconds(1)))",
      ])
  }

  /// Reports progress to the group. Nothing depends on it, so a failure is a line in the log.
  private func commitGroupOffsets(_ offsets: [(TopicPartition, Int64)]) {
    guard !offsets.isEmpty else { return }
    do throws(KafkaError) { try consumer.commit(offsets) } catch {
      log.debug("the group's offsets could not be committed", metadata: ["error": "\(error)"])
    }
  }

  func failWhenAllStopped() throws(LandingError) {
    guard hasAssignment, !report.stopped.isEmpty, liveAssignments.isEmpty else { return }
    throw LandingError(.stopped, "no partition can be landed: \(report.stopped.joined(separator: "; "))")
  }
}
