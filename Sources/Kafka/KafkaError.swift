import CRdKafka

/// What librdkafka refused or reports: one line, without any payload.
///
/// Codes below zero are librdkafka's own, the others the Kafka protocol's
/// (<https://kafka.apache.org/protocol#protocol_error_codes>).
public struct KafkaError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The error code: negative for the client library's own, else the Kafka protocol's.
  public var code: Int32
  /// The code's symbol, such as `_TRANSPORT` or `UNKNOWN_TOPIC_OR_PART`.
  public var name: String
  /// What failed, in words.
  public var message: String
  /// The partition that the error is about, where it is about one.
  public var topicPartition: TopicPartition?
  /// Whether the client can do nothing more: it must be closed.
  public var isFatal: Bool
  /// Whether the same call may succeed later without a change.
  public var isRetriable: Bool

  /// The error in one line: name, what failed, and where.
  public var description: String {
    let place = topicPartition.map { " (\($0))" } ?? ""
    return "Kafka \(name): \(message)\(place)"
  }
}

extension KafkaError {
  /// An error from a bare code; `message` falls back to the library's own text.
  init(_ code: rd_kafka_resp_err_t, _ message: String? = nil, at place: TopicPartition? = nil, isFatal: Bool = false) {
    self.init(
      code: code.rawValue, name: String(cString: rd_kafka_err2name(code)),
      message: message ?? String(cString: rd_kafka_err2str(code)), topicPartition: place, isFatal: isFatal,
      isRetriable: !isFatal && Self.retriable.contains(code.rawValue))
  }

  /// An error from the library's error object, which this call frees.
  init(consuming error: OpaquePointer, doing what: String? = nil) {
    let text = String(cString: rd_kafka_error_string(error))
    self.init(rd_kafka_error_code(error), what.map { "\($0): \(text)" } ?? text)
    isFatal = rd_kafka_error_is_fatal(error) != 0
    isRetriable = isRetriable || rd_kafka_error_is_retriable(error) != 0
    rd_kafka_error_destroy(error)
  }

  /// Throws unless `code` says success.
  static func check(
    _ code: rd_kafka_resp_err_t, _ what: @autoclosure () -> String, at place: TopicPartition? = nil
  ) throws(KafkaError) {
    guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
    throw KafkaError(code, "\(what()): \(String(cString: rd_kafka_err2str(code)))", at: place)
  }

  /// Whether it says no more than that brokers cannot be reached, which the client library reports in several ways.
  public var isOutage: Bool {
    code == RD_KAFKA_RESP_ERR__TRANSPORT.rawValue || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue
      || code == RD_KAFKA_RESP_ERR__RESOLVE.rawValue
  }

  /// Whether the broker holds no record at the position that is to be read next.
  public var isOffsetOutOfRange: Bool {
    code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET.rawValue || code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE.rawValue
  }

  /// Codes after which the same request may succeed: lost connections, elections, rebalances, time-outs, full queues.
  private static let retriable: Set<Int32> = Set(
    [
      RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TIMED_OUT,
      RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR__WAIT_COORD,
      RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__RETRY, RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED,
      RD_KAFKA_RESP_ERR__IN_PROGRESS, RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS,
      RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
      RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
      RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION,
      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
      RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
      RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED,
    ].map(\.rawValue))
}
