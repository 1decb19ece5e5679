import CRdKafka
import Synchronization

/// A message that did not arrive.
public struct DeliveryFailure: Sendable {
  /// The tag that the message was sent with.
  public var tag: Int
  /// The topic and the partition that was meant; -1 where none had been chosen yet.
  public var topicPartition: TopicPartition
  /// Why.
  public var error: KafkaError
}

/// How a producer's messages fared so far.
public struct DeliveryCounts: Sendable, Equatable {
  /// Messages that the brokers acknowledged.
  public var delivered = 0
  /// Messages given up.
  public var failed = 0

  /// Counts as given.
  public init(delivered: Int = 0, failed: Int = 0) {
    self.delivered = delivered
    self.failed = failed
  }
}

/// Adds up delivery reports; every report passes here.
final class DeliveryLog: Sendable {
  private let delivered = Atomic(0)
  private let failed = Atomic(0)
  private let first = Mutex<DeliveryFailure?>(nil)
  private let onFailure: (@Sendable (DeliveryFailure) -> Void)?

  init(onFailure: (@Sendable (DeliveryFailure) -> Void)?) { self.onFailure = onFailure }

  var counts: DeliveryCounts {
    DeliveryCounts(
      delivered: delivered.load(ordering: .acquiring), failed: failed.load(ordering: .acquiring))
  }

  var firstFailure: DeliveryFailure? { first.withLock { $0 } }

  func note(_ message: UnsafePointer<rd_kafka_message_t>) {
    guard message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else {
      delivered.add(1, ordering: .relaxed)
      return
    }
    let place = TopicPartition(
      topic: message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "",
      partition: message.pointee.partition)
    let failure = DeliveryFailure(
      tag: Int(bitPattern: message.pointee._private), topicPartition: place,
      error: KafkaError(message.pointee.err, at: place))
    first.withLock { if $0 == nil { $0 = failure } }
    failed.add(1, ordering: .relaxed)
    onFailure?(failure)
  }
}
