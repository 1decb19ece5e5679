import CRdKafka

/// One partition of one topic; ordered by topic, then by partition number.
public struct TopicPartition: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The topic's name.
  public var topic: String
  /// The partition's number, from 0.
  public var partition: Int32

  /// Names a partition.
  public init(topic: String, partition: Int32) {
    self.topic = topic
    self.partition = partition
  }

  /// `topic[partition]`.
  public var description: String { "\(topic)[\(partition)]" }

  /// Orders by topic, then by partition.
  public static func < (left: TopicPartition, right: TopicPartition) -> Bool {
    (left.topic, left.partition) < (right.topic, right.partition)
  }
}

/// librdkafka's list of partitions with offsets, freed with its owner.
struct PartitionList: ~Copyable {
  let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

  init(_ partitions: [(TopicPartition, Int64)]) {
    pointer = rd_kafka_topic_partition_list_new(Int32(clamping: partitions.count))
    for (place, offset) in partitions {
      rd_kafka_topic_partition_list_add(pointer, place.topic, place.partition).pointee.offset = offset
    }
  }

  init(_ partitions: [TopicPartition]) {
    self.init(partitions.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) })
  }

  deinit { rd_kafka_topic_partition_list_destroy(pointer) }

  /// The entries as values: partition, offset, and the error of each.
  var entries: [(partition: TopicPartition, offset: Int64, error: rd_kafka_resp_err_t)] { Self.entries(of: pointer) }

  /// Throws the error of the first entry that has one.
  func checkEach(_ what: String) throws(KafkaError) {
    for entry in entries { try KafkaError.check(entry.error, what, at: entry.partition) }
  }

  static func entries(
    of list: UnsafePointer<rd_kafka_topic_partition_list_t>
  ) -> [(partition: TopicPartition, offset: Int64, error: rd_kafka_resp_err_t)] {
    UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt)).map {
      (TopicPartition(topic: String(cString: $0.topic), partition: $0.partition), $0.offset, $0.err)
    }
  }

  static func partitions(of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> [TopicPartition] {
    guard let list else { return [] }
    return entries(of: list).map(\.partition)
  }
}
