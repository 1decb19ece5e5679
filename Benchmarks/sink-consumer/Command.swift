import ArgumentParser
import Kafka

/// The floor under every sink: reads a topic from its first record to its last and does nothing with it.
@main
struct Command: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sink-consumer",
    abstract: "Read a topic to its end without parsing, and say how many records a second came.")

  @Option(help: "Addresses of the brokers.")
  var bootstrapServers: String
  @Option(help: "The topic.")
  var topic = "vitals"
  @Option(help: "The consumer group.")
  var groupID = "sink-consumer"

  func run() throws {
    let consumer = try KafkaConsumer(
      configuration: KafkaConfiguration(bootstrapServers: bootstrapServers), groupID: groupID)
    defer { consumer.close() }
    try consumer.subscribe([topic])
    var count = Count()
    while try count.goOn(with: consumer) {}
    print(#"{"records":\#(count.records),"seconds":\#(count.seconds)}"#)
  }
}

/// How far the reading has come.
private struct Count {
  private(set) var records = 0
  private(set) var seconds = 0.0
  private var unfinished: Set<TopicPartition> = []
  private let clock = ContinuousClock()
  private var first: ContinuousClock.Instant?

  /// Takes one event; false at the end of the last partition.
  mutating func goOn(with consumer: KafkaConsumer) throws -> Bool {
    guard let event = consumer.poll(timeoutMillis: 1000) else { return true }
    switch consume event {
    case .message:
      if first == nil { first = clock.now }
      records += 1
    case .assigned(let partitions):
      unfinished = Set(partitions)
      try consumer.assign(partitions.map { ($0, try consumer.watermarks($0, timeoutMillis: 10_000).low) })
    case .revoked: try consumer.unassign()
    case .endOfPartition(let partition, _):
      unfinished.remove(partition)
      guard unfinished.isEmpty else { return true }
      if let first { seconds = (clock.now - first) / .seconds(1) }
      return false
    case .error: break  // Passing troubles of the connection; librdkafka goes on by itself.
    case .fatal(let error): throw error
    }
    return true
  }
}
