import CRdKafka
import Synchronization

/// A member of a consumer group that leaves every decision about offsets to its owner.
///
/// Assignment is eager (`range`), start offsets are given by `assign`, nothing is committed or stored by itself, and an
/// offset that the broker no longer holds is an error. Calls block for as long as their time-outs say, so give the
/// consumer a thread of its own. Any thread may call `wake` and `close`; messages may be kept past `close`.
public final class KafkaConsumer: Sendable {
  let client: Client
  let configuration: KafkaConfiguration
  let groupID: String
  /// Held while the library is polled or closed, so that `close` never runs beside a poll.
  private let turn = Mutex(Look())
  private let queue: LibraryPointer<OpaquePointer>
  private let waker: FetchWaker?
  private let isClosed = Atomic(false)
  private var state: CallbackState { client.state }

  /// What was polled since the queue was last looked at.
  private struct Look {
    var messages = 0
    var bytes = 0
  }

  /// Starts a client; brokers are contacted in the background, so a missing broker is an event and not an error here.
  ///
  /// - Parameter instanceID: `group.instance.id`: a member that comes back under it within the session time-out keeps
  ///   its partitions.
  /// - Throws: an unknown or unfit property.
  public init(configuration: KafkaConfiguration, groupID: String, instanceID: String? = nil) throws(KafkaError) {
    self.configuration = configuration
    self.groupID = groupID
    var fixed = [
      ("bootstrap.servers", configuration.bootstrapServers), ("group.id", groupID),
      ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"), ("auto.offset.reset", "error"),
      ("partition.assignment.strategy", "range"), ("enable.partition.eof", "true"),
    ]
    if let instanceID { fixed.append(("group.instance.id", instanceID)) }
    let properties = try ClientProperties(configuration, defaults: Self.defaults, fixed: fixed)
    client = try Client(
      RD_KAFKA_CONSUMER, properties: properties, state: CallbackState(logHandler: configuration.logHandler))
    rd_kafka_poll_set_consumer(client.raw)
    guard let queue = rd_kafka_queue_get_consumer(client.raw) else {
      throw KafkaError(RD_KAFKA_RESP_ERR__UNKNOWN_GROUP, "the consumer has no group")
    }
    self.queue = LibraryPointer(raw: queue)
    waker = FetchWaker(client: client, configuration: configuration, kilobytes: Self.prefetchKilobytes)
  }

  /// Bounds the memory of what is fetched ahead, which also ends at the library's 100,000 messages.
  private static let prefetchKilobytes = 65_536

  private static var defaults: [(String, String)] {
    var list = [
      ("check.crcs", "true"), ("queued.max.messages.kbytes", "\(prefetchKilobytes)"),
      ("statistics.interval.ms", "1000"),
    ]
    if rd_kafka_version() >= 0x0202_0000 { list.append(("fetch.queue.backoff.ms", "10")) }
    return list
  }

  deinit {
    close()
    rd_kafka_queue_destroy(queue.raw)
  }

  /// Joins the group for these topics; assignments then arrive as events.
  public func subscribe(_ topics: [String]) throws(KafkaError) {
    try checkOpen()
    let list = PartitionList(topics.map { TopicPartition(topic: $0, partition: -1) })
    try KafkaError.check(rd_kafka_subscribe(client.raw, list.pointer), "cannot subscribe")
  }

  /// The next event, or nil after `timeoutMillis` without one, after `wake`, and once closed.
  ///
  /// One thread at a time; call it at least every `max.poll.interval.ms` or the group expels the member.
  public func poll(timeoutMillis: Int32) -> ConsumerEvent? {
    if let notice = state.takeNotice() { return Self.event(notice) }
    guard let message = pollLibrary(timeoutMillis) else { return state.takeNotice().map { Self.event($0) } }
    return event(of: message)
  }

  /// Takes what is there already, at most `limit` records and ends of partitions, at a fraction of the cost of so many
  /// polls. Poll first: only `poll` waits, hands out rebalances, and keeps the membership alive.
  ///
  /// Use up what you get before the next call to the consumer: the records count as delivered, so one that is left is
  /// not delivered again before the next `assign`.
  public func ready(limit: Int) -> ReadyMessages {
    var messages: [UnsafeMutablePointer<rd_kafka_message_t>?] = Array(repeating: nil, count: limit)
    let count = turn.withLock { look in
      guard !isClosed.load(ordering: .acquiring) else { return 0 }
      let count = max(0, rd_kafka_consume_batch_queue(queue.raw, 0, &messages, limit))
      var bytes = 0
      for message in messages[..<count] { bytes &+= message?.pointee.len ?? 0 }
      note(count, bytes, &look)
      return count
    }
    return ReadyMessages(messages, count: count, of: self)
  }

  private func pollLibrary(_ timeoutMillis: Int32) -> LibraryMessage? {
    turn.withLock { look in
      guard !isClosed.load(ordering: .acquiring),
        let message = rd_kafka_consumer_poll(client.raw, timeoutMillis)
      else { return nil }
      note(1, message.pointee.len, &look)
      return LibraryMessage(raw: message)
    }
  }

  /// Counts what was taken from the queue, and looks at it now and then.
  private func note(_ messages: Int, _ bytes: Int, _ look: inout Look) {
    look.messages &+= messages
    look.bytes &+= bytes
    if look.messages >= FetchWaker.stride {
      waker?.look(messages: look.messages, bytes: look.bytes)
      look = Look()
    }
  }

  /// The event that the library's message stands for; takes the message over.
  func event(of message: LibraryMessage) -> ConsumerEvent {
    if message.raw.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
      return .message(ConsumerMessage(consuming: message.raw, of: client))
    }
    defer { rd_kafka_message_destroy(message.raw) }
    return errorEvent(message.raw)
  }

  /// Answers `.assigned`: fetches each partition from the given offset; also starts partitions without any group.
  public func assign(_ offsets: [(TopicPartition, Int64)]) throws(KafkaError) {
    try checkOpen()
    let list = PartitionList(offsets)
    waker?.assign(offsets.map(\.0))
    state.owesAnswer.store(false, ordering: .releasing)
    defer { settle() }
    try KafkaError.check(rd_kafka_assign(client.raw, list.pointer), "cannot take the assignment")
  }

  /// Answers `.revoked`: stops fetching everything.
  public func unassign() throws(KafkaError) {
    try checkOpen()
    state.owesAnswer.store(false, ordering: .releasing)
    defer { settle() }
    try KafkaError.check(rd_kafka_assign(client.raw, nil), "cannot give up the assignment")
  }

  /// Waits until the library's thread has stopped the partitions that an assignment took away.
  ///
  /// Another change before that stops them twice, for which the library aborts the process
  /// (confluentinc/librdkafka#5573). Its thread does one thing after the other, so what is asked of it now is answered
  /// behind the stops, and whatever is asked later comes behind what follows from them.
  private func settle() {
    var list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    if rd_kafka_assignment(client.raw, &list) == RD_KAFKA_RESP_ERR_NO_ERROR {
      rd_kafka_topic_partition_list_destroy(list)
    }
  }

  /// Whether the partitions of the last `.revoked` already belong to others, so that a commit for them is pointless.
  public var isAssignmentLost: Bool { rd_kafka_assignment_lost(client.raw) != 0 }

  /// Makes a poll that is waiting on another thread return now; without one, the next poll.
  public func wake() { rd_kafka_queue_yield(queue.raw) }

  /// librdkafka's latest statistics as JSON, refreshed every `statistics.interval.ms` by polls; nil before the first.
  public func latestStatistics() -> String? { state.statistics.withLock { $0 } }

  /// Leaves the group and stops; the last revocation is answered here and never surfaces. Safe to repeat.
  ///
  /// Commit first what is to be committed. A poll under way on another thread is woken and finished.
  public func close() {
    state.isClosing.store(true, ordering: .releasing)
    guard !isClosed.exchange(true, ordering: .acquiringAndReleasing) else { return }
    wake()
    turn.withLock { _ in
      // A rebalance that nobody answered would make the library wait for the answer for ever.
      if state.owesAnswer.load(ordering: .acquiring) {
        rd_kafka_assign(client.raw, nil)
        settle()
      }
      rd_kafka_consumer_close(client.raw)
    }
  }

  func checkOpen() throws(KafkaError) {
    guard !isClosed.load(ordering: .acquiring) else {
      throw KafkaError(RD_KAFKA_RESP_ERR__STATE, "the consumer is closed")
    }
  }

  private static func event(_ notice: CallbackState.Notice) -> ConsumerEvent {
    switch notice {
    case .assigned(let partitions): .assigned(partitions)
    case .revoked(let partitions): .revoked(partitions)
    case .error(let error): .error(error)
    case .fatal(let error): .fatal(error)
    }
  }

  /// The event of a message that carries an error instead of a record.
  private func errorEvent(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> ConsumerEvent {
    let place = message.pointee.rkt.map {
      TopicPartition(topic: String(cString: rd_kafka_topic_name($0)), partition: message.pointee.partition)
    }
    if message.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF, let place {
      return .endOfPartition(place, offset: message.pointee.offset)
    }
    if let fatal = client.fatalError { return .fatal(fatal) }
    let text = rd_kafka_message_errstr(message).map { String(cString: $0) }
    return .error(KafkaError(message.pointee.err, text, at: place))
  }
}
