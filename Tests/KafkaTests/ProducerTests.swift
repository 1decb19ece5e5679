import Foundation
import Kafka
import Synchronization
import Testing

@Suite struct ProducerTests {
  @Test func everyMessageIsCounted() throws {
    let bench = try Bench(partitions: 4)
    let producer = try bench.producer(["queue.buffering.max.messages": "500"])
    for number in 0..<5_000 {
      try producer.send(topic: "vitals", key: Array("P\(number % 7)".utf8), value: Array("\(number)".utf8))
    }
    #expect(producer.flush(timeoutMillis: 20_000))
    #expect(producer.counts == DeliveryCounts(delivered: 5_000, failed: 0))
    #expect(producer.pending == 0)
    #expect(producer.firstFailure == nil)

    let consumer = try bench.consumer()
    try consumer.assign((0..<4).map { (bench.place($0), 0) })
    let harvest = try consumer.harvest { $0.messages.count == 5_000 }
    #expect(Set(harvest.messages.compactMap(\.text)).count == 5_000)
    // One key, one partition: the order of a patient's readings is kept.
    var homes: [Int: Set<Int32>] = [:]
    for message in harvest.messages {
      homes[(Int(message.text ?? "") ?? -1) % 7, default: []].insert(message.partition)
    }
    #expect(homes.values.allSatisfy { $0.count == 1 })
  }

  @Test func aRefusedMessageIsReportedWithItsTag() throws {
    let bench = try Bench(partitions: 1)
    let failures = Mutex<[Int]>([])
    let producer = try KafkaProducer(
      configuration: bench.configuration(),
      onDeliveryFailure: { failure in failures.withLock { $0.append(failure.tag) } })
    try producer.send(topic: "vitals", partition: 0, key: nil, value: [1])
    #expect(producer.flush(timeoutMillis: 10_000))
    bench.cluster.failNext(.produce, with: [10])
    try producer.send(topic: "vitals", partition: 0, key: nil, value: [2], tag: 77)
    #expect(producer.flush(timeoutMillis: 10_000))
    try producer.send(topic: "vitals", partition: 0, key: nil, value: [3])
    #expect(producer.flush(timeoutMillis: 10_000))
    #expect(producer.counts == DeliveryCounts(delivered: 2, failed: 1))
    #expect(producer.firstFailure?.error.name == "MSG_SIZE_TOO_LARGE")
    #expect(producer.firstFailure?.topicPartition == bench.place(0))
    #expect(failures.withLock { $0 } == [77])
  }

  @Test func transientRefusalsAreRetriedWithoutLossOrDoubling() throws {
    let bench = try Bench(partitions: 1)
    let producer = try bench.producer(["retry.backoff.ms": "20", "linger.ms": "0"])
    bench.cluster.failNext(.produce, with: [MockCluster.transportFailure, 7, MockCluster.transportFailure])
    for number in 0..<200 { try producer.send(topic: "vitals", partition: 0, key: nil, value: Array("\(number)".utf8)) }
    #expect(producer.flush(timeoutMillis: 20_000))
    #expect(producer.counts == DeliveryCounts(delivered: 200, failed: 0))
    let consumer = try bench.consumer()
    try consumer.assign([(bench.place(0), 0)])
    let harvest = try consumer.harvest { $0.messages.count >= 200 }
    #expect(harvest.messages.compactMap(\.text) == (0..<200).map { "\($0)" })
  }

  @Test func aMissingBrokerIsAnErrorEventAndThenADeliveryFailure() throws {
    let errors = Mutex<[String]>([])
    let producer = try KafkaProducer(
      configuration: KafkaConfiguration(
        bootstrapServers: "127.0.0.1:1", extra: ["delivery.timeout.ms": "1500", "linger.ms": "0"]),
      onError: { error in errors.withLock { $0.append(error.name) } })
    try producer.send(topic: "vitals", key: nil, value: [1])
    #expect(producer.flush(timeoutMillis: 10_000))
    #expect(producer.counts == DeliveryCounts(delivered: 0, failed: 1))
    #expect(producer.firstFailure?.error.name == "_MSG_TIMED_OUT")
    #expect(errors.withLock { $0.contains("_TRANSPORT") || $0.contains("_ALL_BROKERS_DOWN") })
  }

  @Test func purgeGivesUpWhatWaits() throws {
    let producer = try KafkaProducer(configuration: KafkaConfiguration(bootstrapServers: "127.0.0.1:1"))
    for _ in 0..<10 { try producer.send(topic: "vitals", partition: 0, key: nil, value: [1]) }
    #expect(!producer.flush(timeoutMillis: 100))
    #expect(producer.pending == 10)
    producer.purge()
    #expect(producer.counts == DeliveryCounts(delivered: 0, failed: 10))
  }

  @Test func aBrokerThatComesBackIsUsedAgain() throws {
    let bench = try Bench(partitions: 1)
    let extra = ["reconnect.backoff.ms": "20", "reconnect.backoff.max.ms": "100"]
    let producer = try bench.producer(extra)
    let consumer = try bench.consumer(extra)
    try consumer.assign([(bench.place(0), 0)])
    try producer.send(topic: "vitals", partition: 0, key: nil, value: Array("before".utf8))
    #expect(producer.flush(timeoutMillis: 10_000))
    #expect(try consumer.harvest { !$0.messages.isEmpty }.messages.map(\.text) == ["before"])

    bench.cluster.stopBroker(nil)
    let down = try consumer.harvest { !$0.errors.isEmpty }
    #expect(down.errors.first?.isRetriable == true)
    #expect(down.errors.first?.isFatal == false)
    try producer.send(topic: "vitals", partition: 0, key: nil, value: Array("after".utf8))
    bench.cluster.startBroker(nil)
    #expect(producer.flush(timeoutMillis: 20_000))
    #expect(producer.counts == DeliveryCounts(delivered: 2, failed: 0))
    #expect(try consumer.harvest { !$0.messages.isEmpty }.messages.map(\.text) == ["after"])
  }
}
