import CRdKafka

/// librdkafka's mock of a Kafka cluster: the real protocol on loopback ports, in memory, in this process.
///
/// It keeps at most 5 MiB of compressed batches a partition, then drops the oldest; it creates topics on first use
/// with four partitions.
public final class MockCluster: Sendable {
  private let client: Client
  private let cluster: LibraryPointer<OpaquePointer>

  /// The request kinds that errors can be injected into, by the protocol's number.
  public enum Request: Int16, Sendable {
    case produce = 0, fetch = 1, listOffsets = 2, metadata = 3, offsetCommit = 8, offsetFetch = 9
    case findCoordinator = 10, joinGroup = 11, heartbeat = 12, syncGroup = 14, initProducerId = 22
  }

  /// Starts `brokers` brokers, with numbers from 1.
  public init(brokers: Int = 1) throws(KafkaError) {
    let properties = try ClientProperties(
      KafkaConfiguration(bootstrapServers: "", clientID: "mock-cluster"), defaults: [], fixed: [])
    client = try Client(RD_KAFKA_PRODUCER, properties: properties, state: CallbackState(logHandler: nil))
    guard (1...100).contains(brokers), let new = rd_kafka_mock_cluster_new(client.raw, Int32(brokers)) else {
      throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "cannot start \(brokers) mock brokers")
    }
    cluster = LibraryPointer(raw: new)
  }

  deinit { rd_kafka_mock_cluster_destroy(cluster.raw) }

  /// The brokers' addresses, separated by commas.
  public var bootstrapServers: String { String(cString: rd_kafka_mock_cluster_bootstraps(cluster.raw)) }

  /// Creates a topic.
  ///
  /// - Throws: where it exists already, or `partitions` is out of range.
  public func createTopic(_ name: String, partitions: Int) throws(KafkaError) {
    guard (1...10_000).contains(partitions) else {
      throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "a topic has 1 to 10000 partitions, not \(partitions)")
    }
    let code = rd_kafka_mock_topic_create(cluster.raw, name, Int32(partitions), 1)
    try KafkaError.check(code, "cannot create the topic \(name)")
  }

  /// Lets the next requests of one kind fail with these protocol codes, one each; `transportFailure` cuts the line.
  public func failNext(_ request: Request, with codes: [Int32]) {
    let errors = codes.map { rd_kafka_resp_err_t($0) }
    rd_kafka_mock_push_request_errors_array(cluster.raw, request.rawValue, errors.count, errors)
  }

  /// The code that makes the broker cut the connection instead of answering.
  public static var transportFailure: Int32 { RD_KAFKA_RESP_ERR__TRANSPORT.rawValue }

  /// Forgets the failures still waiting for requests of one kind.
  public func clearFailures(of request: Request) { rd_kafka_mock_clear_request_errors(cluster.raw, request.rawValue) }

  /// Cuts a broker's connections and takes no more; nil for all brokers.
  public func stopBroker(_ id: Int32?) { rd_kafka_mock_broker_set_down(cluster.raw, id ?? -1) }

  /// Lets a stopped broker take connections again; nil for all brokers.
  public func startBroker(_ id: Int32?) { rd_kafka_mock_broker_set_up(cluster.raw, id ?? -1) }

  /// Delays every answer of a broker by this many milliseconds; nil for all brokers.
  public func setRoundTrip(ofBroker id: Int32?, millis: Int32) {
    rd_kafka_mock_broker_set_rtt(cluster.raw, id ?? -1, millis)
  }

  /// Moves a partition to another broker; nil leaves it without a leader.
  public func setLeader(of partition: TopicPartition, to broker: Int32?) {
    rd_kafka_mock_partition_set_leader(cluster.raw, partition.topic, partition.partition, broker ?? -1)
  }

  /// Moves a group's coordinator to another broker.
  public func setCoordinator(ofGroup group: String, to broker: Int32) {
    rd_kafka_mock_coordinator_set(cluster.raw, "group", group, broker)
  }
}
