import FoundationEssentials
import Kafka
import Logging

/// The consumer's side of a sink, confined to one thread: poll, parse, gather, hand over.
struct SinkLoop {
  /// One assigned Kafka partition.
  private struct Assigned {
    /// The next position to read: every record below it was gathered or landed.
    var position: Int64
    /// Where the topic ended when the partition was assigned.
    var end: Int64
    /// Flushes in a row that met another writer.
    var losses = 0
    var isStopped = false
  }

  /// How often the clock and the worker are looked at, in records.
  private static let recordsPerLook = 256
  /// After as many lost flushes in a row the partition is left to the writer that wins.
  private static let lossesUntilFenced = 3

  private let configuration: SinkConfiguration
  private let consumer: KafkaConsumer
  private let lander: Lander
  private let worker: LandingWorker
  private let log: Logger
  private let isStopping: () -> Bool

  private var assembler: BatchAssembler
  /// By partition number: an array, since every record looks its partition up.
  private var assigned: [Assigned?] = []
  private var hasAssignment = false
  private var isPaused = false
  private var oldest: ContinuousClock.Instant?
  private var heldSince: ContinuousClock.Instant?
  private var nowMillis: Int64 = 0
  private var backoff = Backoff()
  private var nextQuestion: ContinuousClock.Instant
  private var report = SinkReport()

  init(
    configuration: SinkConfiguration, consumer: KafkaConsumer, lander: Lander, log: Logger,
    isStopping: @escaping () -> Bool
  ) {
    self.configuration = configuration
    self.consumer = consumer
    self.lander = lander
    self.log = log
    self.isStopping = isStopping
    worker = LandingWorker(lander: lander) { consumer.wake() }
    nextQuestion = .now + configuration.brokerPatience
    assembler = BatchAssembler(layout: configuration.layout, window: configuration.window)
  }

  mutating func run() throws(LandingError) -> SinkReport {
    try kafka { () throws(KafkaError) in try consumer.subscribe([configuration.source.topic]) }
    while !isStopping(), !isDone {
      try settle()
      try expectAssignment()
      flushIfDue()
      if isFull, worker.isBusy {
        try holdBack()
      } else {
        try pollSome()
      }
    }
    try drain()
    return report
  }

  // MARK: Polling

  /// Polls until something besides records needs attention, but for a bounded number of records.
  private mutating func pollSome() throws(LandingError) {
    nowMillis = WallClock.milliseconds()
    for _ in 0..<Self.recordsPerLook {
      guard let event = consumer.poll(timeoutMillis: pollTimeout) else { return }
      switch consume event {
      case .message(let message): take(message)
      case .assigned(let partitions):
        try takeUp(partitions.map(\.partition))
        return
      case .revoked(let partitions):
        try giveBack(partitions.count)
        return
      case .endOfPartition(let partition, let offset): passEnd(partition.partition, offset)
      case .error(let error): note(error)
      case .fatal(let error): throw LandingError(.kafka, "the consumer cannot go on: \(error)")
      }
    }
  }

  /// Until the batch is old enough to be flushed, but never long: a stop must be seen soon.
  private var pollTimeout: Int32 {
    guard let oldest, !worker.isBusy else { return 100 }
    let left = configuration.rotation.age - (ContinuousClock.now - oldest)
    return Int32(max(1, min(100, left / .milliseconds(1))))
  }

  private mutating func take(_ message: borrowing ConsumerMessage) {
    let partition = message.partition
    let offset = message.offset
    guard assigned.indices.contains(Int(partition)), let state = assigned[Int(partition)], !state.isStopped,
      offset >= state.position
    else { return }
    assembler.open(partition: partition, at: state.position)
    let time = message.timestampMillis
    if let reason = unsafe assembler.append(
      message.payload, partition: partition, offset: offset, timestampMillis: time, nowMillis: nowMillis)
    {
      report.reasons[reason.code, default: 0] += 1
      assembler.append(
        DeadLetter(
          offset: offset, timestampMillis: time, reason: reason, key: unsafe message.key.map { unsafe Array($0) },
          value: unsafe message.payload.map { unsafe Array($0) }, headers: HeaderText.json(message.headers())),
        partition: partition)
    }
    assigned[Int(partition)]?.position = offset &+ 1
    if oldest == nil { oldest = .now }
  }

  private mutating func passEnd(_ partition: Int32, _ offset: Int64) {
    guard assigned.indices.contains(Int(partition)), let state = assigned[Int(partition)], offset > state.position
    else { return }
    assembler.open(partition: partition, at: state.position)
    assembler.advance(partition: partition, to: offset)
    assigned[Int(partition)]?.position = offset
    if oldest == nil { oldest = .now }
  }

  private mutating func note(_ error: KafkaError) {
    // The text counts repetitions and so never stays the same.
    if backoff.shouldReport(error.isOutage ? "outage" : error.name) {
      log.warning("the broker does not serve; it is tried again", metadata: ["error": "\(error)"])
    }
  }

  /// A sink that shall end does not wait for ever to be given partitions: after a while the broker is asked for the
  /// topic, and what it fails with ends the sink.
  private mutating func expectAssignment() throws(LandingError) {
    guard configuration.untilEnd, !hasAssignment, ContinuousClock.now >= nextQuestion else { return }
    nextQuestion = .now + configuration.brokerPatience
    let topic = configuration.source.topic
    do throws(KafkaError) {
      guard try consumer.partitions(of: topic, timeoutMillis: 5_000).isEmpty else { return }
    } catch {
      throw LandingError(.kafka, "the broker cannot be asked for the topic \(topic): \(error)", isRetriable: true)
    }
    throw LandingError(.kafka, "the broker has no topic \(topic)", isRetriable: true)
  }

  // MARK: Flushing

  private var isFull: Bool {
    assembler.byteCount >= configuration.rotation.bytes || assembler.bufferCount >= configuration.rotation.buffers
  }

  private mutating func flushIfDue() {
    guard let oldest, !worker.isBusy else { return }
    let count = assembler.rowCount + assembler.deadLetterCount
    let isDue = configuration.rotation.isDue(
      rows: count, bytes: assembler.byteCount, buffers: assembler.bufferCount, age: ContinuousClock.now - oldest)
    if isDue || isAtEnd { flush() }
  }

  private mutating func flush() {
    oldest = nil
    let batch = assembler.take()
    if !batch.partitions.isEmpty { worker.start(batch) }
  }

  /// The batch is full while the one before is still being landed: waits for it. Prefetched records stay where they
  /// are; when it takes long the partitions are paused, so that polling can keep the group membership.
  private mutating func holdBack() throws(LandingError) {
    let since = heldSince ?? .now
    heldSince = since
    if ContinuousClock.now - since < .seconds(20) {
      worker.wait(atMost: 100)
    } else {
      try pause(true)
      try pollSome()
    }
    guard !worker.isBusy || !isFull else { return }
    heldSince = nil
    try pause(false)
  }

  private mutating func pause(_ shouldPause: Bool) throws(LandingError) {
    guard shouldPause != isPaused else { return }
    isPaused = shouldPause
    let partitions = liveAssignments.map { TopicPartition(topic: configuration.source.topic, partition: $0.partition) }
    guard !partitions.isEmpty else { return }
    log.notice(shouldPause ? "paused: landing is behind" : "resumed", metadata: ["partitions": "\(partitions.count)"])
    try kafka { () throws(KafkaError) in
      if shouldPause { try consumer.pause(partitions) } else { try consumer.resume(partitions) }
    }
  }

  // MARK: Results

  /// Takes in what became of the batch under way, if it is known by now.
  private mutating func settle() throws(LandingError) {
    guard let result = worker.takeResult() else { return }
    let receipt = try result.get()
    count(receipt)
    var landed: [(TopicPartition, Int64)] = []
    for range in receipt.ranges {
      let partition = TopicPartition(topic: configuration.source.topic, partition: range.partition)
      switch receipt.verdicts[range.partition] ?? .commit {
      case .commit:
        assigned[Int(range.partition)]?.losses = 0
        if !receipt.isSpooled { landed.append((partition, range.next)) }
      case .landed(let watermark) where watermark == range.next: landed.append((partition, range.next))
      case .landed(let watermark), .overlap(let watermark): try lose(range.partition, to: watermark)
      case .gap(let watermark):
        try stop(
          range.partition,
          "offsets \(watermark) to \(range.start - 1) never landed, and \(range.start) was read after them")
      }
    }
    commitGroupOffsets(landed)
  }

  private mutating func count(_ receipt: LandingReceipt) {
    report.rows += receipt.rows
    report.deadLetters += receipt.deadLetters
    report.files += receipt.files
    report.bytes += receipt.bytes
    report.batches += receipt.version == nil ? 0 : 1
    if receipt.isSpooled { report.spooledRows += receipt.rows }
    log.info(
      receipt.isSpooled ? "spooled" : "landed",
      metadata: [
        "rows": "\(receipt.rows)", "dead_letters": "\(receipt.deadLetters)", "files": "\(receipt.files)",
        "bytes": "\(receipt.bytes)", "version": "\(receipt.version.map(String.init) ?? "-")",
      ])
  }

  /// Reports progress to the group. Nothing depends on it, so a failure is a line in the log.
  private func commitGroupOffsets(_ offsets: [(TopicPartition, Int64)]) {
    guard !offsets.isEmpty else { return }
    do throws(KafkaError) { try consumer.commit(offsets) } catch {
      log.debug("the group's offsets could not be committed", metadata: ["error": "\(error)"])
    }
  }

  /// Another writer was faster: what was gathered of the partition is dropped and read again from the watermark.
  private mutating func lose(_ partition: Int32, to watermark: Int64) throws(LandingError) {
    guard var state = assigned[Int(partition)] else { return }
    state.losses += 1
    assembler.drop(partition: partition)
    state.position = watermark
    assigned[Int(partition)] = state
    if state.losses >= Self.lossesUntilFenced {
      return try stop(partition, "fenced: another sink lands this partition (\(state.losses) lost commits in a row)")
    }
    log.warning(
      "another sink landed records of a partition; reading on behind them",
      metadata: ["partition": "\(partition)", "offset": "\(watermark)"])
    try kafka { () throws(KafkaError) in
      try consumer.seek(TopicPartition(topic: configuration.source.topic, partition: partition), to: watermark)
    }
  }

  private mutating func stop(_ partition: Int32, _ reason: String) throws(LandingError) {
    assembler.drop(partition: partition)
    assigned[Int(partition)]?.isStopped = true
    let name = "\(configuration.source.topic)/\(partition)"
    report.stopped.append("\(name): \(reason)")
    log.error("partition stopped", metadata: ["partition": "\(name)", "reason": "\(reason)"])
    try kafka { () throws(KafkaError) in
      try consumer.pause([TopicPartition(topic: configuration.source.topic, partition: partition)])
    }
    try failWhenAllStopped()
  }

  private func failWhenAllStopped() throws(LandingError) {
    guard hasAssignment, !report.stopped.isEmpty, liveAssignments.isEmpty else { return }
    throw LandingError(.stopped, "no partition can be landed: \(report.stopped.joined(separator: "; "))")
  }

  // MARK: The end

  private var liveAssignments: [(partition: Int32, state: Assigned)] {
    assigned.enumerated().compactMap { index, state in
      guard let state, !state.isStopped else { return nil }
      return (Int32(index), state)
    }
  }

  /// Whether everything was read that the topic held when the partitions were assigned.
  private var isAtEnd: Bool {
    configuration.untilEnd && hasAssignment && liveAssignments.allSatisfy { $0.state.position >= $0.state.end }
  }

  private var isDone: Bool { isAtEnd && assembler.isEmpty && !worker.isBusy }

  /// Lands what is gathered, after what is under way.
  private mutating func drain() throws(LandingError) {
    while worker.isBusy || !assembler.isEmpty {
      try settle()
      if worker.isBusy { worker.wait(atMost: 200) } else { flush() }
    }
    try settle()
  }

  // MARK: Partitions come and go

  private mutating func giveBack(_ count: Int) throws(LandingError) {
    log.info("partitions are taken back; landing what is buffered", metadata: ["partitions": "\(count)"])
    try drain()
    assigned = []
    hasAssignment = false
    isPaused = false
    try kafka { () throws(KafkaError) in try consumer.unassign() }
  }

  private mutating func takeUp(_ partitions: [Int32]) throws(LandingError) {
    let assignment = Assignment(configuration: configuration, consumer: consumer, lander: lander)
    var starts: [(TopicPartition, Int64)] = []
    for (partition, point) in try assignment.resumePoints(partitions, isStopping: isStopping) {
      if Int(partition) >= assigned.count {
        assigned += Array(repeating: nil, count: Int(partition) + 1 - assigned.count)
      }
      switch point.resume {
      case .start(let position):
        assigned[Int(partition)] = Assigned(position: position, end: point.high)
        starts.append((TopicPartition(topic: configuration.source.topic, partition: partition), position))
      case .stop(let reason):
        let name = "\(configuration.source.topic)/\(partition)"
        report.stopped.append("\(name): \(reason)")
        log.error("partition not taken up", metadata: ["partition": "\(name)", "reason": "\(reason)"])
      }
    }
    hasAssignment = true
    try failWhenAllStopped()
    let offsets = starts
    try kafka { () throws(KafkaError) in try consumer.assign(offsets) }
    log.info("partitions assigned", metadata: ["partitions": "\(starts.count)"])
  }

  private func kafka(_ body: () throws(KafkaError) -> Void) throws(LandingError) {
    do throws(KafkaError) { try body() } catch {
      throw LandingError(.kafka, "\(error)", isRetriable: error.isRetriable)
    }
  }
}
