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

/// How far the reading has come; it ends where the topic ended when the partitions were assigned.
private struct Count {
  private(set) var records = 0
  private(set) var seconds = 0.0
  /// Where each partition ends, by its number.
  private var ends: [Int32: Int64] = [:]
  private var unfinished = 0
  private var hasAssignment = false
  private let clock = ContinuousClock()
  private var first: ContinuousClock.Instant?

  /// Takes one event; false when nothing is left.
  mutating func goOn(with consumer: KafkaConsumer) throws -> Bool {
    guard let event = consumer.poll(timeoutMillis: 1000) else { return true }
    switch consume event {
    case .message(let message):
      if first == nil { first = clock.now }
      records += 1
      if message.offset + 1 == ends[message.partition] { unfinished -= 1 }
    case .assigned(let partitions):
      let marks = try partitions.map { ($0, try consumer.watermarks($0, timeoutMillis: 10_000)) }
      ends = Dictionary(uniqueKeysWithValues: marks.map { ($0.0.partition, $0.1.high) })
      unfinished = marks.count { $0.1.low < $0.1.high }
      hasAssignment = true
      try consumer.assign(marks.map { ($0.0, $0.1.low) })
    case .revoked: try consumer.unassign()
    case .endOfPartition: break
    case .error: break  // Passing troubles of the connection; librdkafka goes on by itself.
    case .fatal(let error): throw error
    }
    guard hasAssignment, unfinished == 0 else { return true }
    if let first { seconds = (clock.now - first) / .seconds(1) }
    return false
  }
}
