import CRdKafka

/// One record, lent for as long as this value lives: payload and key point into librdkafka's buffers.
///
/// Do not let a buffer outlive the message.
public struct ConsumerMessage: ~Copyable, Sendable {
  private let owned: LibraryPointer<UnsafeMutablePointer<rd_kafka_message_t>>
  /// Kept, because the library's destroy call waits without end for a message that is still out.
  private let client: Client
  private var message: UnsafeMutablePointer<rd_kafka_message_t> { owned.raw }

  init(consuming message: UnsafeMutablePointer<rd_kafka_message_t>, of client: Client) {
    owned = LibraryPointer(raw: message)
    self.client = client
  }

  deinit { rd_kafka_message_destroy(owned.raw) }

  /// The partition's number.
  public var partition: Int32 { message.pointee.partition }

  /// The record's place in its partition.
  public var offset: Int64 { message.pointee.offset }

  /// The topic's name, as a new string; `isOf(topic:)` compares without one.
  public var topic: String { String(cString: rd_kafka_topic_name(message.pointee.rkt)) }

  /// Topic and partition, as a new value.
  public var topicPartition: TopicPartition { TopicPartition(topic: topic, partition: partition) }

  /// Whether the record is of `topic`; allocates nothing.
  public func isOf(topic: StaticString) -> Bool {
    strcmpTopic(UnsafeRawBufferPointer(start: topic.utf8Start, count: topic.utf8CodeUnitCount))
  }

  /// Whether the record is of `topic`; allocates nothing for a native string.
  public func isOf(topic: String) -> Bool {
    var topic = topic
    return topic.withUTF8 { strcmpTopic(UnsafeRawBufferPointer($0)) }
  }

  /// Milliseconds since 1970 UTC, set by the producer or the broker; nil where the record has none.
  public var timestampMillis: Int64? {
    var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
    let value = rd_kafka_message_timestamp(message, &type)
    return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || value < 0 ? nil : value
  }

  /// The value; nil for a tombstone.
  public var payload: UnsafeRawBufferPointer? {
    message.pointee.payload.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.len) }
  }

  /// The key; nil where the record has none.
  public var key: UnsafeRawBufferPointer? {
    message.pointee.key.map { UnsafeRawBufferPointer(start: $0, count: message.pointee.key_len) }
  }

  /// The headers in order, copied; parsed by this call, so a consumer that asks for none pays nothing.
  public func headers() -> [(name: String, value: [UInt8]?)] {
    var list: OpaquePointer?
    guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list else { return [] }
    var result: [(name: String, value: [UInt8]?)] = []
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var size = 0
    while rd_kafka_header_get_all(list, result.count, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name {
      result.append((String(cString: name), value.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: size)) }))
    }
    return result
  }

  private func strcmpTopic(_ topic: UnsafeRawBufferPointer) -> Bool {
    guard let name = rd_kafka_topic_name(message.pointee.rkt) else { return false }
    for (index, byte) in topic.enumerated() where name[index] == 0 || UInt8(bitPattern: name[index]) != byte {
      return false
    }
    return name[topic.count] == 0
  }
}
