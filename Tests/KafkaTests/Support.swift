import Foundation
import Kafka

/// One mock cluster with helpers: each test has its own, so tests do not meet.
struct Bench {
  let cluster: MockCluster
  let topic = "vitals"

  init(partitions: Int = 4, brokers: Int = 1) throws {
    cluster = try MockCluster(brokers: brokers)
    try cluster.createTopic(topic, partitions: partitions)
  }

  func place(_ partition: Int32) -> TopicPartition { TopicPartition(topic: topic, partition: partition) }

  func configuration(_ extra: [String: String] = [:]) -> KafkaConfiguration {
    KafkaConfiguration(bootstrapServers: cluster.bootstrapServers, clientID: "test", extra: extra)
  }

  func consumer(group: String = "group", _ extra: [String: String] = [:]) throws -> KafkaConsumer {
    try KafkaConsumer(configuration: configuration(extra), groupID: group)
  }

  func producer(_ extra: [String: String] = [:]) throws -> KafkaProducer {
    try KafkaProducer(configuration: configuration(extra))
  }

  /// Writes `count` numbered messages to each of the partitions and waits for them.
  func fill(_ partitions: Range<Int32>, count: Int) throws {
    let producer = try producer()
    for number in 0..<count {
      for partition in partitions {
        try producer.send(topic: topic, partition: partition, key: nil, value: Array("\(partition)/\(number)".utf8))
      }
    }
    guard producer.flush(timeoutMillis: 10_000), producer.counts.failed == 0 else { throw NotDelivered() }
  }
}

struct NotDelivered: Error {}

/// A copied record, to keep and compare.
struct Seen: Equatable {
  var partition: Int32
  var offset: Int64
  var text: String?

  init(_ partition: Int32, _ offset: Int64, _ text: String?) {
    (self.partition, self.offset, self.text) = (partition, offset, text)
  }

  init(_ message: borrowing ConsumerMessage) {
    self.init(
      message.partition, message.offset, message.payload.map { String(decoding: $0, as: UTF8.self) })
  }
}

/// What a run of polls brought.
struct Harvest {
  var messages: [Seen] = []
  var ends: [TopicPartition: Int64] = [:]
  var errors: [KafkaError] = []
  var assigned: [TopicPartition]?
  var revoked: [TopicPartition]?
}

extension KafkaConsumer {
  /// Polls until `done` says so, or the deadline passes; answers assignments with offset 0 when told to.
  func harvest(seconds: Double = 15, answering: Bool = false, until done: (Harvest) -> Bool) throws -> Harvest {
    var harvest = Harvest()
    let deadline = Date().addingTimeInterval(seconds)
    while Date() < deadline, !done(harvest) { try gather(into: &harvest, answering: answering) }
    return harvest
  }

  /// One poll.
  func gather(into harvest: inout Harvest, answering: Bool = true, timeoutMillis: Int32 = 50) throws {
    guard let event = poll(timeoutMillis: timeoutMillis) else { return }
    switch consume event {
    case .message(let message): harvest.messages.append(Seen(message))
    case .endOfPartition(let place, let offset): harvest.ends[place] = offset
    case .error(let error): harvest.errors.append(error)
    case .fatal(let error): harvest.errors.append(error)
    case .assigned(let places):
      harvest.assigned = places
      if answering { try assign(places.map { ($0, 0) }) }
    case .revoked(let places):
      harvest.revoked = places
      if answering { try unassign() }
    }
  }
}
