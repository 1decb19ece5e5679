import CRdKafka
import Synchronization

/// An idempotent producer: `acks=all`, order kept per partition, every delivery report checked.
///
/// Calls may block; use it from a thread of its own. Several threads may send.
public final class KafkaProducer: Sendable {
  private let client: Client
  private let topics = Mutex(TopicHandles())
  private let onError: (@Sendable (KafkaError) -> Void)?

  /// The topic objects of this producer, and how often one was asked for.
  private struct TopicHandles {
    var byName: [String: LibraryPointer<OpaquePointer>] = [:]
    var last: (name: String, handle: LibraryPointer<OpaquePointer>)?
    var tries = 0
  }

  /// Starts a producer; brokers are contacted in the background.
  ///
  /// - Parameters:
  ///   - onError: told of lost connections and the like, which the client recovers from; called during `send`, `poll`
  ///     and `flush`.
  ///   - onDeliveryFailure: told of each message given up; called during `send`, `poll` and `flush`.
  /// - Throws: an unknown or unfit property.
  public init(
    configuration: KafkaConfiguration, onError: (@Sendable (KafkaError) -> Void)? = nil,
    onDeliveryFailure: (@Sendable (DeliveryFailure) -> Void)? = nil
  ) throws(KafkaError) {
    let properties = try ClientProperties(
      configuration, defaults: Self.defaults,
      fixed: [
        ("bootstrap.servers", configuration.bootstrapServers), ("acks", "all"), ("enable.idempotence", "true"),
      ])
    client = try Client(
      RD_KAFKA_PRODUCER, properties: properties,
      state: CallbackState(
        logHandler: configuration.logHandler, deliveries: DeliveryLog(onFailure: onDeliveryFailure)))
    self.onError = onError
  }

  /// At most 128 MiB wait locally; a message is given up after two minutes.
  private static let defaults: [(String, String)] = [
    ("compression.codec", "lz4"), ("queue.buffering.max.kbytes", "131072"), ("queue.buffering.max.messages", "100000"),
    ("linger.ms", "5"), ("delivery.timeout.ms", "120000"), ("partitioner", "murmur2_random"),
  ]

  deinit {
    topics.withLock { for handle in $0.byName.values { rd_kafka_topic_destroy(handle.raw) } }
  }

  /// Takes a copy of one message for sending; waits while the local queue is full.
  ///
  /// - Parameters:
  ///   - partition: nil lets the key's hash choose (murmur2 as in Java's client), or chance without a key.
  ///   - value: nil is a tombstone.
  ///   - timestampMillis: milliseconds since 1970 UTC; nil for now.
  ///   - tag: comes back in the message's `DeliveryFailure`.
  /// - Throws: a refusal such as a message above `message.max.bytes`, or the client's fatal error.
  public func send(
    topic: String, partition: Int32? = nil, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
    timestampMillis: Int64? = nil, headers: [(name: String, value: [UInt8]?)] = [], tag: Int = 0
  ) throws(KafkaError) {
    while try !trySend(
      topic: topic, partition: partition, key: key, value: value, timestampMillis: timestampMillis, headers: headers,
      tag: tag)
    {
      poll(timeoutMillis: 50)  // waits for reports, which make room
    }
  }

  /// As `send`, but does not wait.
  ///
  /// - Returns: false where the local queue is full: poll, then try again.
  public func trySend(
    topic: String, partition: Int32? = nil, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
    timestampMillis: Int64? = nil, headers: [(name: String, value: [UInt8]?)] = [], tag: Int = 0
  ) throws(KafkaError) -> Bool {
    let ticket = try ticket(for: topic)
    if ticket.tries & 0xff == 0 { poll(timeoutMillis: 0) }
    let code = produce(ticket.topic, partition, key, value, timestampMillis, headers, tag)
    switch code {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return true
    case RD_KAFKA_RESP_ERR__QUEUE_FULL: return false
    case RD_KAFKA_RESP_ERR__FATAL: throw client.fatalError ?? KafkaError(code)
    default:
      throw KafkaError(
        code, "cannot send: \(String(cString: rd_kafka_err2str(code)))",
        at: TopicPartition(topic: topic, partition: partition ?? RD_KAFKA_PARTITION_UA))
    }
  }

  /// Takes a copy of one message for sending, from arrays; see the pointer form.
  public func send(
    topic: String, partition: Int32? = nil, key: [UInt8]?, value: [UInt8]?, timestampMillis: Int64? = nil,
    headers: [(name: String, value: [UInt8]?)] = [], tag: Int = 0
  ) throws(KafkaError) {
    try withBytes(key) { (key) throws(KafkaError) in
      try withBytes(value) { (value) throws(KafkaError) in
        try send(
          topic: topic, partition: partition, key: key, value: value, timestampMillis: timestampMillis,
          headers: headers, tag: tag)
      }
    }
  }

  /// As `trySend` with pointers, from arrays.
  public func trySend(topic: String, key: [UInt8]?, value: [UInt8]?) throws(KafkaError) -> Bool {
    try withBytes(key) { (key) throws(KafkaError) in
      try withBytes(value) { (value) throws(KafkaError) in try trySend(topic: topic, key: key, value: value) }
    }
  }

  /// Serves delivery reports and errors, waiting up to `timeoutMillis` for the first.
  public func poll(timeoutMillis: Int32) {
    rd_kafka_poll(client.raw, timeoutMillis)
    reportErrors()
  }

  /// Waits until every message sent has its report.
  ///
  /// - Returns: whether all have; false after `timeoutMillis`.
  public func flush(timeoutMillis: Int32) -> Bool {
    let code = rd_kafka_flush(client.raw, timeoutMillis)
    reportErrors()
    return code == RD_KAFKA_RESP_ERR_NO_ERROR
  }

  /// Gives up every message without a report, those on their way included; each is then reported as failed.
  ///
  /// For the end after a fatal error or a deadline: a message on its way may still arrive.
  public func purge() {
    rd_kafka_purge(client.raw, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
    _ = flush(timeoutMillis: 1_000)
  }

  /// Messages taken that have no report yet.
  public var pending: Int { Int(rd_kafka_outq_len(client.raw)) }

  /// Messages delivered and given up so far, as far as polls have seen.
  public var counts: DeliveryCounts { client.state.deliveries.counts }

  /// The first message that was given up.
  public var firstFailure: DeliveryFailure? { client.state.deliveries.firstFailure }

  /// The error after which this producer can send nothing more.
  public var fatalError: KafkaError? { client.fatalError }

  /// librdkafka's latest statistics as JSON; nil unless `statistics.interval.ms` is set.
  public func latestStatistics() -> String? { client.state.statistics.withLock { $0 } }

  /// The partition numbers of a topic, ascending.
  public func partitions(of topic: String, timeoutMillis: Int32) throws(KafkaError) -> [Int32] {
    try client.partitions(of: topic, timeoutMillis: timeoutMillis)
  }

  private func reportErrors() {
    while let notice = client.state.takeNotice() {
      switch notice {
      case .error(let error), .fatal(let error): onError?(error)
      case .assigned, .revoked: break  // producers have no group
      }
    }
  }

  /// The topic's object, made at its first use, and how often `send` was tried.
  private func ticket(for topic: String) throws(KafkaError) -> Ticket {
    try topics.withLock { (topics) throws(KafkaError) in
      topics.tries &+= 1
      if let last = topics.last, last.name == topic { return Ticket(topic: last.handle, tries: topics.tries) }
      let handle: LibraryPointer<OpaquePointer>
      if let known = topics.byName[topic] {
        handle = known
      } else {
        guard let new = rd_kafka_topic_new(client.raw, topic, nil) else {
          throw KafkaError(rd_kafka_last_error(), "cannot name the topic \(topic)")
        }
        handle = LibraryPointer(raw: new)
        topics.byName[topic] = handle
      }
      topics.last = (topic, handle)
      return Ticket(topic: handle, tries: topics.tries)
    }
  }

  private struct Ticket {
    var topic: LibraryPointer<OpaquePointer>
    var tries: Int
  }

  private func produce(
    _ topic: LibraryPointer<OpaquePointer>, _ partition: Int32?, _ key: UnsafeRawBufferPointer?,
    _ value: UnsafeRawBufferPointer?,
    _ timestampMillis: Int64?, _ headers: [(name: String, value: [UInt8]?)], _ tag: Int
  ) -> rd_kafka_resp_err_t {
    // An empty buffer may have no address, which the library would take for no value: any address will do.
    let anywhere = UnsafeRawPointer(topic.raw)
    let list = headers.isEmpty ? nil : headerList(headers)
    let code = crdkafka_produce(
      client.raw, topic.raw, partition ?? Int32(RD_KAFKA_PARTITION_UA), value.map { $0.baseAddress ?? anywhere },
      value?.count ?? 0, key.map { $0.baseAddress ?? anywhere }, key?.count ?? 0, timestampMillis ?? 0, list,
      UnsafeMutableRawPointer(bitPattern: tag))
    if code != RD_KAFKA_RESP_ERR_NO_ERROR, let list { rd_kafka_headers_destroy(list) }
    return code
  }

  private func headerList(_ headers: [(name: String, value: [UInt8]?)]) -> OpaquePointer? {
    let list = rd_kafka_headers_new(headers.count)
    for header in headers {
      withBytes(header.value) { bytes in
        _ = rd_kafka_header_add(list, header.name, -1, bytes?.baseAddress, bytes?.count ?? 0)
      }
    }
    return list
  }
}

/// Lends the bytes of an array that may be missing.
private func withBytes<Result, Failure: Error>(
  _ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) throws(Failure) -> Result
) throws(Failure) -> Result {
  guard let bytes else { return try body(nil) }
  return try bytes.withUnsafeBufferPointer { (buffer) throws(Failure) in try body(UnsafeRawBufferPointer(buffer)) }
}
