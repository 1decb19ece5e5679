import Foundation
import Kafka
import Synchronization
import Testing

@Suite struct ConsumerTests {
  @Test func eachPartitionStartsAtTheOffsetOfItsAssignment() throws {
    let bench = try Bench(partitions: 3)
    try bench.fill(0..<3, count: 100)
    let consumer = try bench.consumer()
    try consumer.assign([(bench.place(0), 0), (bench.place(1), 50), (bench.place(2), 100)])
    let harvest = try consumer.harvest { $0.ends.count == 3 }
    #expect(harvest.ends == [bench.place(0): 100, bench.place(1): 100, bench.place(2): 100])
    #expect(harvest.messages.filter { $0.partition == 0 } == (0..<100).map { Seen(0, $0, "0/\($0)") })
    #expect(harvest.messages.filter { $0.partition == 1 } == (50..<100).map { Seen(1, $0, "1/\($0)") })
    #expect(harvest.messages.count == 150)
    #expect(harvest.errors.isEmpty)
  }

  @Test func recordsKeepKeyHeadersTimestampAndTombstone() throws {
    let bench = try Bench(partitions: 1)
    let producer = try bench.producer()
    let headers: [(name: String, value: [UInt8]?)] = [("trace", [1, 2]), ("none", nil), ("trace", [])]
    try producer.send(
      topic: "vitals", partition: 0, key: Array("P00001".utf8), value: Array("{}".utf8),
      timestampMillis: 1_760_000_000_123, headers: headers)
    try producer.send(topic: "vitals", partition: 0, key: Array("P00001".utf8), value: nil)
    try producer.send(topic: "vitals", partition: 0, key: nil, value: [])
    #expect(producer.flush(timeoutMillis: 10_000))

    let consumer = try bench.consumer()
    try consumer.assign([(bench.place(0), 0)])
    var seen = 0
    let deadline = Date().addingTimeInterval(10)
    while seen < 3, Date() < deadline {
      guard case .message(let message) = consumer.poll(timeoutMillis: 100) else { continue }
      switch message.offset {
      case 0:
        #expect(message.key.map { [UInt8]($0) } == Array("P00001".utf8))
        #expect(message.payload.map { [UInt8]($0) } == Array("{}".utf8))
        #expect(message.timestampMillis == 1_760_000_000_123)
        #expect(message.headers().map(\.name) == ["trace", "none", "trace"])
        #expect(message.headers().map(\.value) == [[1, 2], nil, []])
        #expect(message.topicPartition == bench.place(0))
        #expect(message.isOf(topic: "vitals") && message.isOf(topic: String("vit") + "als"))
        #expect(!message.isOf(topic: "vital") && !message.isOf(topic: "vitals2"))
      case 1:
        #expect(message.payload == nil)
        #expect(message.key?.count == 6)
        #expect(message.headers().isEmpty)
      default:
        #expect(message.payload?.count == 0)
        #expect(message.key == nil)
        #expect(abs(Double(message.timestampMillis ?? 0) / 1000 - Date().timeIntervalSince1970) < 60)
      }
      seen += 1
    }
    #expect(seen == 3)
  }

  @Test func whatIsReadyComesInOrderAndEndsWithTheLimit() throws {
    let bench = try Bench(partitions: 1)
    try bench.fill(0..<1, count: 100)
    let consumer = try bench.consumer()
    try consumer.assign([(bench.place(0), 0)])
    var offsets: [Int64] = []
    var largest = 0
    var end: Int64?
    func take(_ event: consuming ConsumerEvent) {
      switch consume event {
      case .message(let message): offsets.append(message.offset)
      case .endOfPartition(_, let offset): end = offset
      default: Issue.record("neither a record nor an end")
      }
    }
    let deadline = Date().addingTimeInterval(10)
    while end == nil, Date() < deadline {
      if let event = consumer.poll(timeoutMillis: 100) { take(event) }
      var ready = consumer.ready(limit: 30)
      var count = 0
      while let event = ready.next() {
        count += 1
        take(event)
      }
      largest = max(largest, count)
    }
    #expect(offsets == Array(0..<100))
    #expect(end == 100)
    #expect(largest == 30)
  }

  /// The library waits without end for a message that nobody gave back.
  @Test func whatIsNotUsedIsGivenBack() throws {
    let bench = try Bench(partitions: 1)
    try bench.fill(0..<1, count: 50)
    let consumer = try bench.consumer()
    try consumer.assign([(bench.place(0), 0)])
    var isFirst = false
    if case .message(let message) = consumer.poll(timeoutMillis: 10_000) { isFirst = message.offset == 0 }
    #expect(isFirst)
    do {
      var ready = consumer.ready(limit: 40)
      _ = ready.next()
    }
    consumer.close()
    var ready = consumer.ready(limit: 40)
    let isEmpty = if ready.next() == nil { true } else { false }
    #expect(isEmpty)
  }

  @Test func pauseHoldsBackResumeGoesOnAndSeekRepeats() throws {
    let bench = try Bench(partitions: 2)
    try bench.fill(0..<2, count: 20)
    let consumer = try bench.consumer()
    try consumer.assign([(bench.place(0), 0), (bench.place(1), 0)])
    try consumer.pause([bench.place(1)])
    let first = try consumer.harvest(seconds: 10) { $0.messages.count >= 20 }
    let more = try consumer.harvest(seconds: 0.5) { _ in false }
    #expect((first.messages + more.messages).map(\.partition) == Array(repeating: 0, count: 20))
    try consumer.resume([bench.place(1)])
    let second = try consumer.harvest { $0.messages.count >= 20 }
    #expect(second.messages == (0..<20).map { Seen(1, $0, "1/\($0)") })
    try consumer.seek(bench.place(0), to: 15)
    let third = try consumer.harvest { $0.messages.count >= 5 }
    #expect(third.messages == (15..<20).map { Seen(0, $0, "0/\($0)") })
    #expect(throws: KafkaError.self) { try consumer.seek(bench.place(7), to: 0) }
  }

  @Test func watermarksAndPartitionsComeFromTheBroker() throws {
    let bench = try Bench(partitions: 3)
    try bench.fill(1..<2, count: 7)
    let consumer = try bench.consumer()
    #expect(try consumer.partitions(of: "vitals", timeoutMillis: 5_000) == [0, 1, 2])
    #expect(try consumer.watermarks(bench.place(0), timeoutMillis: 5_000) == (0, 0))
    #expect(try consumer.watermarks(bench.place(1), timeoutMillis: 5_000) == (0, 7))
    let error = #expect(throws: KafkaError.self) {
      try consumer.watermarks(bench.place(9), timeoutMillis: 2_000)
    }
    #expect(error?.topicPartition == bench.place(9))
  }

  @Test func committedOffsetsAreReadBackAndAbsentOnesLeftOut() throws {
    let bench = try Bench(partitions: 2)
    let consumer = try bench.consumer()
    #expect(try consumer.committed([bench.place(0), bench.place(1)], timeoutMillis: 10_000) == [:])
    try consumer.commit([(bench.place(1), 42)])
    #expect(try consumer.committed([bench.place(0), bench.place(1)], timeoutMillis: 10_000) == [bench.place(1): 42])
    try consumer.commit([])
    bench.cluster.failNext(.offsetCommit, with: [29])
    let error = #expect(throws: KafkaError.self) { try consumer.commit([(bench.place(0), 1)]) }
    #expect(error?.name == "TOPIC_AUTHORIZATION_FAILED")
  }

  @Test func anOffsetTheBrokerDoesNotHoldIsAnErrorOfThatPartition() throws {
    let bench = try Bench(partitions: 2)
    try bench.fill(0..<2, count: 5)
    let consumer = try bench.consumer()
    try consumer.assign([(bench.place(0), 0), (bench.place(1), 900)])
    let harvest = try consumer.harvest { !$0.errors.isEmpty && $0.messages.count == 5 }
    let error = try #require(harvest.errors.first)
    #expect(error.name == "_AUTO_OFFSET_RESET")
    #expect(error.topicPartition == bench.place(1))
    #expect(!error.isFatal)
    #expect(harvest.messages.map(\.partition) == [0, 0, 0, 0, 0])
  }

  @Test func largeMessagesPassWhenTheirLimitIsRaised() throws {
    let bench = try Bench(partitions: 1)
    let value = [UInt8](repeating: 0x41, count: 3_000_000)
    let small = try bench.producer()
    let refused = #expect(throws: KafkaError.self) {
      try small.send(topic: "vitals", partition: 0, key: nil, value: value)
    }
    #expect(refused?.name == "MSG_SIZE_TOO_LARGE")
    #expect(refused?.isRetriable == false)
    let producer = try bench.producer(["message.max.bytes": "10000000"])
    try producer.send(topic: "vitals", partition: 0, key: nil, value: value)
    #expect(producer.flush(timeoutMillis: 10_000))
    let consumer = try bench.consumer()
    try consumer.assign([(bench.place(0), 0)])
    let harvest = try consumer.harvest { !$0.messages.isEmpty }
    #expect(harvest.messages.first?.text?.utf8.count == 3_000_000)
  }

  @Test func aMessageOutlivesItsConsumersClose() throws {
    let bench = try Bench(partitions: 1)
    try bench.fill(0..<1, count: 1)
    var consumer: KafkaConsumer? = try bench.consumer()
    try consumer?.assign([(bench.place(0), 0)])
    let deadline = Date().addingTimeInterval(10)
    while Date() < deadline {
      guard case .message(let message) = consumer?.poll(timeoutMillis: 100) else { continue }
      consumer?.close()
      #expect(Seen(message) == Seen(0, 0, "0/0"))
      consumer = nil
      return
    }
    Issue.record("no message came")
  }

  @Test func closeEndsAPollOnAnotherThreadAndMayBeRepeated() throws {
    let bench = try Bench(partitions: 1)
    let consumer = try bench.consumer()
    try consumer.assign([(bench.place(0), 0)])
    let polled = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let deadline = Date().addingTimeInterval(20)
      while Date() < deadline {
        if (try? consumer.committed([], timeoutMillis: 0)) == nil { break }
        _ = consumer.poll(timeoutMillis: 20_000)
      }
      polled.signal()
    }
    Thread.sleep(forTimeInterval: 0.5)
    let start = Date()
    consumer.close()
    consumer.close()
    #expect(polled.wait(timeout: .now() + 5) == .success)
    #expect(Date().timeIntervalSince(start) < 5)
    if consumer.poll(timeoutMillis: 10) != nil { Issue.record("a closed consumer has no events") }
    #expect(throws: KafkaError.self) { try consumer.commit([(bench.place(0), 1)]) }
  }

  @Test func wakeReturnsAWaitingPollEarly() throws {
    let bench = try Bench(partitions: 1)
    let consumer = try bench.consumer()
    let start = Date()
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.3)
      consumer.wake()
    }
    if consumer.poll(timeoutMillis: 10_000) != nil { Issue.record("nothing was to be found") }
    #expect(Date().timeIntervalSince(start) < 5)
  }

  @Test func statisticsArriveAsJSON() throws {
    let bench = try Bench(partitions: 1)
    let consumer = try bench.consumer(group: "g", ["statistics.interval.ms": "100"])
    _ = try consumer.harvest(seconds: 5) { _ in consumer.latestStatistics() != nil }
    let text = try #require(consumer.latestStatistics())
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    #expect(object?["type"] as? String == "consumer")
  }

  /// A sink that read on behind another one's records in two partitions took two assignments in a row. Where the
  /// library's thread was late, it stopped a partition twice, and aborted the process.
  @Test func assignmentsInARow() throws {
    let bench = try Bench(partitions: 3)
    try bench.fill(0..<3, count: 100)
    let consumer = try bench.consumer()
    for round in 0..<2_000 {
      try consumer.assign((0..<3).map { (bench.place($0), Int64(round % 50)) })
      if round % 3 == 0 { try consumer.unassign() }
    }
    try consumer.assign([(bench.place(1), 99)])
    let harvest = try consumer.harvest { !$0.ends.isEmpty }
    #expect(harvest.messages == [Seen(1, 99, "1/99")] && harvest.errors.isEmpty)
    consumer.close()
  }
}
