import CRdKafka

/// A message of the library that has one owner.
typealias LibraryMessage = LibraryPointer<UnsafeMutablePointer<rd_kafka_message_t>>

/// Records and ends of partitions that were taken from the library in one call.
public struct ReadyMessages: ~Copyable {
  private let messages: [UnsafeMutablePointer<rd_kafka_message_t>?]
  private let count: Int
  private var used = 0
  private let consumer: KafkaConsumer

  init(_ messages: [UnsafeMutablePointer<rd_kafka_message_t>?], count: Int, of consumer: KafkaConsumer) {
    self.messages = messages
    self.count = count
    self.consumer = consumer
  }

  deinit {
    for case let message? in messages[used..<count] { rd_kafka_message_destroy(message) }
  }

  /// The next one, in the order of the library: never a rebalance.
  public mutating func next() -> ConsumerEvent? {
    guard used < count, let message = messages[used] else { return nil }
    used &+= 1
    return consumer.event(of: LibraryMessage(raw: message))
  }
}
