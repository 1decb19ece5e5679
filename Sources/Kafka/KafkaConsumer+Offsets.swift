import CRdKafka

extension KafkaConsumer {
  /// Stops delivery from these partitions, the prefetched records included, until `resume`; keep polling meanwhile.
  public func pause(_ partitions: [TopicPartition]) throws(KafkaError) {
    try checkOpen()
    let list = PartitionList(partitions)
    try KafkaError.check(rd_kafka_pause_partitions(client.raw, list.pointer), "cannot pause")
    try list.checkEach("cannot pause")
  }

  /// Takes delivery up again where it stopped.
  public func resume(_ partitions: [TopicPartition]) throws(KafkaError) {
    try checkOpen()
    let list = PartitionList(partitions)
    try KafkaError.check(rd_kafka_resume_partitions(client.raw, list.pointer), "cannot resume")
    try list.checkEach("cannot resume")
  }

  /// Moves an assigned partition to `offset`; records prefetched from before are dropped.
  public func seek(_ partition: TopicPartition, to offset: Int64) throws(KafkaError) {
    try checkOpen()
    let list = PartitionList([(partition, offset)])
    if let error = rd_kafka_seek_partitions(client.raw, list.pointer, 10_000) {
      throw KafkaError(consuming: error, doing: "cannot seek")
    }
    try list.checkEach("cannot seek")
  }

  /// Commits *next* offsets for the group and waits for the broker's answer.
  ///
  /// - Throws: a time-out leaves the outcome unknown; other errors say why the broker refused, or which partition.
  public func commit(_ offsets: [(TopicPartition, Int64)], timeoutMillis: Int32 = 10_000) throws(KafkaError) {
    try checkOpen()
    guard !offsets.isEmpty else { return }
    let list = PartitionList(offsets)
    // A queue of its own bounds the wait; the library's synchronous commit waits without end.
    let queue = rd_kafka_queue_new(client.raw)
    defer { rd_kafka_queue_destroy(queue) }
    try KafkaError.check(rd_kafka_commit_queue(client.raw, list.pointer, queue, nil, nil), "cannot commit")
    guard let event = rd_kafka_queue_poll(queue, timeoutMillis) else {
      throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, "no answer to the commit within \(timeoutMillis) ms")
    }
    defer { rd_kafka_event_destroy(event) }
    if let answered = rd_kafka_event_topic_partition_list(event) {
      for entry in PartitionList.entries(of: answered) {
        try KafkaError.check(entry.error, "cannot commit", at: entry.partition)
      }
    }
    try KafkaError.check(rd_kafka_event_error(event), "cannot commit")
  }

  /// The group's committed next offsets; a partition without one is left out.
  public func committed(
    _ partitions: [TopicPartition], timeoutMillis: Int32
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    try checkOpen()
    let list = PartitionList(partitions)
    try KafkaError.check(
      rd_kafka_committed(client.raw, list.pointer, timeoutMillis), "cannot read the committed offsets")
    try list.checkEach("cannot read the committed offset")
    return list.entries.reduce(into: [:]) { if $1.offset >= 0 { $0[$1.partition] = $1.offset } }
  }

  /// The offset of the oldest record that the broker holds, and the next offset to be written.
  public func watermarks(
    _ partition: TopicPartition, timeoutMillis: Int32
  ) throws(KafkaError) -> (low: Int64, high: Int64) {
    try checkOpen()
    var low: Int64 = 0
    var high: Int64 = 0
    let code = rd_kafka_query_watermark_offsets(
      client.raw, partition.topic, partition.partition, &low, &high, timeoutMillis)
    try KafkaError.check(code, "cannot read the watermarks", at: partition)
    return (low, high)
  }

  /// The end of an assigned partition as the last answer of the broker told it, without asking again.
  public func knownEnd(of partition: TopicPartition) -> Int64? {
    var low: Int64 = 0
    var high: Int64 = 0
    let code = rd_kafka_get_watermark_offsets(client.raw, partition.topic, partition.partition, &low, &high)
    return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
  }

  /// The Kafka times in milliseconds of the records at these offsets; left out where there is no record at the offset,
  /// where it has no time, and where the time-out came first.
  ///
  /// Reads with a client of its own that joins no group, so that the caller's assignment is not touched.
  public func timestamps(
    of places: [(TopicPartition, Int64)], timeoutMillis: Int32
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    try checkOpen()
    let reader = try KafkaConsumer(configuration: configuration.forFewRecords, groupID: "\(groupID)-look")
    defer { reader.close() }
    try reader.assign(places)
    var open = Dictionary(places) { first, _ in first }
    var found: [TopicPartition: Int64] = [:]
    let deadline = ContinuousClock.now + .milliseconds(timeoutMillis)
    while !open.isEmpty, ContinuousClock.now < deadline {
      guard let event = reader.poll(timeoutMillis: 50) else { continue }
      switch consume event {
      case .message(let message):
        let place = TopicPartition(topic: message.topic, partition: message.partition)
        // The first record of each partition tells all; one of a higher offset says that ours is compacted away.
        guard let wanted = open.removeValue(forKey: place) else { continue }
        if message.offset == wanted { found[place] = message.timestampMillis }
      case .endOfPartition(let place, _): open[place] = nil
      case .error(let error): if let place = error.topicPartition { open[place] = nil }
      case .fatal(let error): throw error
      case .assigned: continue
      case .revoked: continue
      }
    }
    return found
  }

  /// For each partition the first offset whose timestamp is at or after the given milliseconds; left out where there is
  /// none.
  public func offsets(
    atTimestamps timestamps: [(TopicPartition, Int64)], timeoutMillis: Int32
  ) throws(KafkaError) -> [TopicPartition: Int64] {
    try checkOpen()
    let list = PartitionList(timestamps)
    try KafkaError.check(
      rd_kafka_offsets_for_times(client.raw, list.pointer, timeoutMillis), "cannot look the timestamps up")
    try list.checkEach("cannot look the timestamp up")
    return list.entries.reduce(into: [:]) { if $1.offset >= 0 { $0[$1.partition] = $1.offset } }
  }

  /// The partition numbers of a topic, ascending.
  ///
  /// - Throws: `UNKNOWN_TOPIC_OR_PART` where the brokers know no such topic.
  public func partitions(of topic: String, timeoutMillis: Int32) throws(KafkaError) -> [Int32] {
    try checkOpen()
    return try client.partitions(of: topic, timeoutMillis: timeoutMillis)
  }
}

extension Client {
  /// The partition numbers of a topic, ascending, asked of the brokers.
  func partitions(of topic: String, timeoutMillis: Int32) throws(KafkaError) -> [Int32] {
    try partitionLeaders(of: topic, timeoutMillis: timeoutMillis).map(\.partition).sorted()
  }

  /// For each broker that leads partitions of a topic one of these.
  func onePartitionOfEachLeader(of topic: String, timeoutMillis: Int32) throws(KafkaError) -> [TopicPartition] {
    let pairs = try partitionLeaders(of: topic, timeoutMillis: timeoutMillis).filter { $0.leader >= 0 }
    return Dictionary(pairs.map { ($0.leader, $0.partition) }, uniquingKeysWith: { first, _ in first }).values
      .map { TopicPartition(topic: topic, partition: $0) }
  }

  private func partitionLeaders(
    of topic: String, timeoutMillis: Int32
  ) throws(KafkaError) -> [(partition: Int32, leader: Int32)] {
    guard let handle = rd_kafka_topic_new(raw, topic, nil) else {
      throw KafkaError(rd_kafka_last_error(), "cannot name the topic \(topic)")
    }
    defer { rd_kafka_topic_destroy(handle) }
    var answer: UnsafePointer<rd_kafka_metadata>?
    let code = rd_kafka_metadata(raw, 0, handle, &answer, timeoutMillis)
    try KafkaError.check(code, "cannot read the partitions of \(topic)")
    defer { rd_kafka_metadata_destroy(answer) }
    guard let answer, answer.pointee.topic_cnt > 0 else {
      throw KafkaError(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, "the brokers know no topic \(topic)")
    }
    let metadata = answer.pointee.topics[0]
    try KafkaError.check(metadata.err, "cannot read the partitions of \(topic)")
    return (0..<Int(metadata.partition_cnt)).map { (metadata.partitions[$0].id, metadata.partitions[$0].leader) }
  }
}
