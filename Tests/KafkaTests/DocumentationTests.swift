import Kafka
import Testing

/// The examples of the documentation, as they stand there, on a broker of their own.
@Suite struct DocumentationTests {
  @Test("the landing page: send two records and read them", .timeLimit(.minutes(2)))
  func landingPage() throws {
    let cluster = try MockCluster()
    try cluster.createTopic("vitals", partitions: 1)
    try send(cluster.bootstrapServers)
    #expect(try receive(KafkaConfiguration(bootstrapServers: cluster.bootstrapServers)) == ["0/0", "0/1"])
  }

  private func send(_ servers: String) throws {
    func print(_ counts: DeliveryCounts) { Issue.record("\(counts)") }
    let settings = KafkaConfiguration(bootstrapServers: servers)
    let producer = try KafkaProducer(configuration: settings)
    try producer.send(topic: "vitals", key: Array("P1".utf8), value: Array(#"{"pulse":72}"#.utf8))
    try producer.send(topic: "vitals", key: Array("P1".utf8), value: Array(#"{"pulse":74}"#.utf8))
    guard producer.flush(timeoutMillis: 10_000), producer.counts.failed == 0 else { return print(producer.counts) }
  }

  private func receive(_ settings: KafkaConfiguration) throws -> [String] {
    var seen: [String] = []
    let consumer = try KafkaConsumer(configuration: settings, groupID: "readers")
    try consumer.subscribe(["vitals"])
    while seen.count < 2 {
      switch consumer.poll(timeoutMillis: 100) {
      case .message(let message): seen.append("\(message.partition)/\(message.offset)")
      case .assigned(let partitions): try consumer.assign(partitions.map { ($0, 0) })
      case .revoked: try consumer.unassign()
      case .fatal(let error): throw error
      default: break
      }
    }
    return seen
  }
}
