import Foundation
import Kafka
import Synchronization
import Testing

@Suite struct ConfigurationTests {
  struct Refusal: Sendable, CustomTestStringConvertible {
    var property: String
    var value: String
    var says: String
    var testDescription: String { "\(property)=\(value)" }
  }

  static let refusals = [
    Refusal(property: "no.such.property", value: "1", says: "librdkafka knows no property no.such.property"),
    Refusal(property: "session.timeout.ms", value: "soon", says: "session.timeout.ms"),
    Refusal(property: "fetch.min.bytes", value: "-5", says: "fetch.min.bytes"),
    Refusal(property: "enable.auto.commit", value: "true", says: "enable.auto.commit is set by the program"),
    Refusal(property: "auto.offset.reset", value: "latest", says: "auto.offset.reset is set by the program"),
    Refusal(property: "ssl.key.password.x", value: "hunter2", says: "ssl.key.password.x"),
  ]

  @Test(arguments: refusals) func aRefusedPropertyIsNamed(_ refusal: Refusal) throws {
    let error = #expect(throws: KafkaError.self) {
      try KafkaConsumer(
        configuration: KafkaConfiguration(
          bootstrapServers: "127.0.0.1:1", extra: [refusal.property: refusal.value]), groupID: "g")
    }
    #expect(error?.description.contains(refusal.says) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("hunter2") == false)
    #expect(error?.description.contains("\n") == false)
    #expect(error?.isRetriable == false)
  }

  @Test func aProducersGuaranteesCannotBeTurnedOff() {
    for property in ["acks", "enable.idempotence", "bootstrap.servers"] {
      #expect(throws: KafkaError.self) {
        try KafkaProducer(
          configuration: KafkaConfiguration(bootstrapServers: "127.0.0.1:1", extra: [property: "0"]))
      }
    }
  }

  @Test func aSecretReachesNeitherDescriptionNorError() {
    let configuration = KafkaConfiguration(
      bootstrapServers: "127.0.0.1:1", clientID: "c",
      extra: ["sasl.password": "hunter2", "security.protocol": "sasl_plaintext", "ssl.key.pem": "hunter3"])
    #expect(configuration.description == "c at 127.0.0.1:1 with sasl.password, security.protocol, ssl.key.pem")
    let error = #expect(throws: KafkaError.self) {
      try KafkaConsumer(configuration: configuration, groupID: "g")
    }
    #expect(error?.description.contains("hunter") == false)
  }

  @Test func logLinesGoToTheHandler() throws {
    let lines = Mutex<[String]>([])
    let bench = try Bench(partitions: 1)
    var configuration = bench.configuration(["debug": "broker"])
    configuration.logHandler = { level, facility, message in
      lines.withLock { $0.append("\(level) \(facility) \(message)") }
    }
    let producer = try KafkaProducer(configuration: configuration)
    _ = try producer.partitions(of: "vitals", timeoutMillis: 5_000)
    #expect(lines.withLock { $0.contains { $0.hasPrefix("7 ") } })
  }

  @Test func theMockClusterRefusesNonsense() throws {
    #expect(throws: KafkaError.self) { try MockCluster(brokers: 0) }
    let cluster = try MockCluster(brokers: 3)
    #expect(cluster.bootstrapServers.split(separator: ",").count == 3)
    #expect(throws: KafkaError.self) { try cluster.createTopic("vitals", partitions: 0) }
    try cluster.createTopic("vitals", partitions: 2)
    #expect(throws: KafkaError.self) { try cluster.createTopic("vitals", partitions: 2) }
  }

  @Test func aLeaderlessPartitionRecoversWithItsLeader() throws {
    let bench = try Bench(partitions: 1, brokers: 2)
    bench.cluster.setLeader(of: bench.place(0), to: 2)
    let producer = try bench.producer(["retry.backoff.ms": "20", "topic.metadata.refresh.fast.interval.ms": "50"])
    try producer.send(topic: "vitals", partition: 0, key: nil, value: [1])
    #expect(producer.flush(timeoutMillis: 10_000))
    bench.cluster.setLeader(of: bench.place(0), to: 1)
    bench.cluster.setRoundTrip(ofBroker: 1, millis: 50)
    try producer.send(topic: "vitals", partition: 0, key: nil, value: [2])
    #expect(producer.flush(timeoutMillis: 20_000))
    #expect(producer.counts.delivered == 2)
  }
}
