import Kafka
import Logging
import Storage

/// The consumer's side of a sink, confined to one thread: poll, parse, gather, hand over.
struct SinkLoop: ~Copyable {
  /// One assigned Kafka partition; what changes with each record is in its ``Cursor``.
  struct Assigned {
    /// Where the topic ended when the partition was assigned.
    var end: Int64
    /// Records up to here are gone from the broker, by an operator's leave.
    var gapEnd: Int64?
    var machine = PartitionMachine()
  }

  /// How far a partition has been read. Apart from the rest and plain, since every record looks and writes here.
  struct Cursor {
    /// The next position to land from: every record below it was gathered or landed. Beyond all records where the
    /// partition is not ours or was let go, so that the look at each record needs no more than this.
    var position = Int64.max
    /// The Kafka time of the last record that was read.
    var lastMillis: Int64?
  }

  /// How often the clock and the worker are looked at, in records.
  private static let recordsPerLook = 256

  let configuration: SinkConfiguration
  let consumer: KafkaConsumer
  let lander: Lander
  let worker: LandingWorker
  let log: Logger
  var metrics: SinkMetrics
  let isStopping: () -> Bool

  var assembler: BatchAssembler
  /// By partition number.
  var assigned: [Assigned?] = []
  /// By partition number, one for each element of `assigned`.
  var cursors: [Cursor] = []
  var hasAssignment = false
  /// Whether the group takes the partitions back: nothing may be assigned before that is answered.
  var isGivingBack = false
  /// The topic in the incarnation that is landed.
  var source: TopicSource
  var oldest: Moment?
  var heldSince: Moment?
  var acceptedGaps: [OffsetRange] = []
  var commitTimes = CommitTimes()
  /// Whether `commitTimes` are of commits to the spool.
  var timesAreOfSpool = false
  var report = SinkReport()
  /// The writer's schema without which nothing is read on.
  var awaitedSchema: AwaitedSchema?
  private var rateLimit: RateLimit?
  private var nowMillis: Int64 = 0
  private var backoff = Backoff()
  private var nextQuestion: Moment

  init(
    configuration: SinkConfiguration, consumer: KafkaConsumer, lander: Lander, metrics: SinkMetrics, log: Logger,
    isStopping: @escaping () -> Bool
  ) {
    self.configuration = configuration
    self.consumer = consumer
    self.lander = lander
    self.metrics = metrics
    self.log = log
    self.isStopping = isStopping
    source = configuration.source
    worker = LandingWorker(lander: lander) { consumer.wake() }
    nextQuestion = .now + configuration.brokerPatience
    assembler = BatchAssembler(layout: configuration.layout, window: configuration.window)
    rateLimit = configuration.recordsPerSecond.map { RateLimit(recordsPerSecond: $0, now: .now) }
  }

  mutating func run() throws(LandingError) -> SinkReport {
    try readFormat()
    try kafka { () throws(KafkaError) in try consumer.subscribe([configuration.source.topic]) }
    while !isStopping(), !isDone {
      try settle()
      try observePlace()
      try expectAssignment()
      flushIfDue()
      if isFull, worker.isBusy {
        try holdBack()
      } else if try awaitsSchema() {
        try pollSome()
      } else {
        try goOn()
        try pollSome()
      }
    }
    try drain(until: nil)
    return report
  }

  // MARK: Polling

  /// Polls until something besides records needs attention, but for a bounded number of records.
  mutating func pollSome() throws(LandingError) {
    nowMillis = WallClock.milliseconds()
    var taken = 0
    defer { slowDown(taken) }
    if !assembler.isEmpty { FaultPoint.reach("sink.buffered") }
    guard let event = consumer.poll(timeoutMillis: pollTimeout) else { return }
    guard try handle(event, &taken) else { return }
    var ready = consumer.ready(limit: Self.recordsPerLook)
    while let event = ready.next() { _ = try handle(event, &taken) }
  }

  /// Whether records may follow, which they do not behind a rebalance.
  @inline(__always)
  private mutating func handle(
    _ event: consuming ConsumerEvent, _ taken: inout Int
  ) throws(LandingError) -> Bool {
    switch consume event {
    case .message(let message):
      try take(message)
      taken &+= 1
      if assembler.bufferCount > configuration.rotation.buffers { try closeOneBuffer() }
    case .assigned(let partitions):
      try takeUp(partitions.map(\.partition))
      return false
    case .revoked(let partitions):
      try giveBack(partitions.count)
      return false
    case .endOfPartition(let partition, let offset): passEnd(partition.partition, offset)
    case .error(let error): try note(error)
    case .fatal(let error): throw LandingError(.kafka, "the consumer cannot go on: \(error)")
    }
    return true
  }

  /// Until the batch is old enough to be flushed, but never long: a stop must be seen soon.
  private var pollTimeout: Int32 {
    guard let oldest, !worker.isBusy else { return 100 }
    let left = flushAge - (Moment.now - oldest)
    return Int32(max(1, min(100, left / .milliseconds(1))))
  }

  private mutating func slowDown(_ taken: Int) {
    guard taken > 0, let wait = rateLimit?.took(taken, now: .now), wait > .zero else { return }
    // Short enough for the group's membership and for a stop to be seen.
    Pause.sleep(min(wait, .milliseconds(100)))
  }

  private mutating func take(_ message: borrowing ConsumerMessage) throws(LandingError) {
    let partition = message.partition
    let offset = message.offset
    guard cursors.indices.contains(Int(partition)) else { return }
    let position = cursors[Int(partition)].position
    guard offset >= position else { return }
    // Nothing behind a message that waits for its schema may move the position: all is read again once that is there.
    guard awaitedSchema == nil else { return }
    if let id = unsafe assembler.schemaToLearn(message.payload), try !learnSchema(id) { return }
    assembler.open(partition: partition, at: position)
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
    cursors[Int(partition)] = Cursor(position: offset &+ 1, lastMillis: time)
    if oldest == nil { oldest = .now }
  }

  /// Takes in that the broker holds nothing of a partition below an offset any more.
  mutating func passEnd(_ partition: Int32, _ offset: Int64) {
    guard cursors.indices.contains(Int(partition)) else { return }
    let position = cursors[Int(partition)].position
    guard offset > position, awaitedSchema == nil else { return }
    assembler.open(partition: partition, at: position)
    assembler.advance(partition: partition, to: offset)
    cursors[Int(partition)].position = offset
    if oldest == nil { oldest = .now }
  }

  private mutating func note(_ error: KafkaError) throws(LandingError) {
    if error.isOffsetOutOfRange, let place = error.topicPartition {
      return try reconsider(place.partition)
    }
    // The text counts repetitions and so never stays the same.
    if backoff.shouldReport(error.isOutage ? "outage" : error.name) {
      log.warning("the broker does not serve; it is tried again", metadata: ["error": "\(error)"])
    }
  }

  /// A sink that shall end does not wait for ever to be given partitions: after a while the broker is asked for the
  /// topic, and what it fails with ends the sink.
  private mutating func expectAssignment() throws(LandingError) {
    guard configuration.untilEnd, !hasAssignment, Moment.now >= nextQuestion else { return }
    nextQuestion = .now + configuration.brokerPatience
    let topic = configuration.source.topic
    do throws(KafkaError) {
      guard try consumer.partitions(of: topic, timeoutMillis: 5_000).isEmpty else { return }
    } catch {
      throw LandingError(.kafka, "the broker cannot be asked for the topic \(topic): \(error)", isRetriable: true)
    }
    throw LandingError(.kafka, "the broker has no topic \(topic)", isRetriable: true)
  }

  func kafka(_ body: () throws(KafkaError) -> Void) throws(LandingError) {
    do throws(KafkaError) { try body() } catch {
      throw LandingError(.kafka, "\(error)", isRetriable: error.isRetriable)
    }
  }
}
