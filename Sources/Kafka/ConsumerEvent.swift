/// What one call of `KafkaConsumer.poll` found.
public enum ConsumerEvent: ~Copyable, Sendable {
  /// A record.
  case message(ConsumerMessage)
  /// The group gave us these partitions: answer with `assign` before the next poll.
  case assigned([TopicPartition])
  /// The group takes these partitions back: answer with `unassign` before the next poll.
  case revoked([TopicPartition])
  /// All records below `offset` were handed out; more may come.
  case endOfPartition(TopicPartition, offset: Int64)
  /// Something failed that the client goes on from by itself (a broker away), or that concerns one partition
  /// (`topicPartition` is set; after `_AUTO_OFFSET_RESET` that partition delivers nothing until a seek).
  case error(KafkaError)
  /// The client cannot go on; close it.
  case fatal(KafkaError)
}
