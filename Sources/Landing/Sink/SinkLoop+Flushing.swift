import Glibc
import Kafka
import Logging
import Storage

// When a batch is handed over, and what happens when it cannot be.
extension SinkLoop {
  /// Whether nothing more may be gathered until the batch is handed over.
  var isFull: Bool { assembler.byteCount >= configuration.rotation.bytes }

  /// The age at which a batch is flushed so that its records are visible within the interval.
  var flushAge: Duration { commitTimes.flushAge(within: configuration.rotation.age) }

  mutating func flushIfDue() {
    guard let oldest, !worker.isBusy else { return }
    let count = assembler.rowCount + assembler.deadLetterCount
    let isDue = configuration.rotation.isDue(
      rows: count, bytes: assembler.byteCount, age: Moment.now - oldest, limit: flushAge)
    if isDue || isAtEnd { flush() }
  }

  mutating func flush() {
    oldest = nil
    var batch = assembler.take()
    guard !batch.partitions.isEmpty else { return }
    batch.acceptedGaps = acceptedGaps.filter { gap in batch.partitions.contains { $0.partition == gap.partition } }
    acceptedGaps.removeAll { gap in batch.partitions.contains { $0.partition == gap.partition } }
    worker.start(batch)
  }

  /// Too many folders are open at once, as when a backlog of many days is read: the one that was left the longest time
  /// ago becomes a file, which waits in memory for the flush.
  mutating func closeOneBuffer() throws(LandingError) {
    let (layout, source, engine) = (assembler.layout, source, configuration.engine)
    try assembler.closeLeastRecent { buffer, partition throws(LandingError) in
      try EncodedBatch.file(
        buffer, layout: layout, source: source, range: OffsetRange(partition: partition, start: 0, next: 0),
        createdBy: engine)
    }
  }

  /// The batch is full while the one before is still being landed: waits for it. Prefetched records stay where they
  /// are; when it takes long the partitions are paused, so that polling can keep the group membership.
  mutating func holdBack() throws(LandingError) {
    let since = heldSince ?? .now
    heldSince = since
    let isSpoolFull = lander.status.isSpoolFull
    if Moment.now - since < .seconds(20), !isSpoolFull {
      worker.wait(atMost: 100)
    } else {
      try hold(isSpoolFull ? .spoolFull : .behind)
      try pollSome()
    }
  }

  /// There is room again: whoever was paused is resumed, and the next wait counts from its own begin.
  mutating func goOn() throws(LandingError) {
    guard heldSince != nil else { return }
    heldSince = nil
    try hold(nil)
  }

  /// Pauses or resumes all partitions that are read.
  func pausing(_ partitions: [Int32], for reason: PartitionMachine.Hold?) throws(LandingError) {
    let names = partitions.map { TopicPartition(topic: configuration.source.topic, partition: $0) }
    guard !names.isEmpty else { return }
    log.notice(
      reason.map { "paused: \($0.rawValue)" } ?? "resumed", metadata: ["partitions": "\(names.count)"])
    try kafka { () throws(KafkaError) in
      if reason != nil { try consumer.pause(names) } else { try consumer.resume(names) }
    }
  }

  mutating func hold(_ reason: PartitionMachine.Hold?) throws(LandingError) {
    var changed: [Int32] = []
    for partition in assigned.indices {
      let action = assigned[partition]?.machine.on(reason.map { .held($0) } ?? .released)
      if action == .pause || action == .resume { changed.append(Int32(partition)) }
    }
    try pausing(changed, for: reason)
  }
}

/// Sleeps on a thread that may block.
enum Pause {
  static func sleep(_ time: Duration) {
    let (seconds, attoseconds) = time.components
    var rest = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
    unsafe nanosleep(&rest, nil)
  }
}
