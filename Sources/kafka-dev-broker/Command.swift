import ArgumentParser
import CommandSupport
import Kafka
import Logging

/// `kafka-dev-broker`: librdkafka's mock cluster as a process.
@main
struct Command: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kafka-dev-broker",
    abstract: "Run a Kafka broker in memory, for development and tests.",
    discussion: """
      Speaks Kafka's protocol on loopback and prints its bootstrap address alone on standard output. It keeps at most \
      5 MiB of compressed batches a partition and forgets everything when it ends, by SIGTERM or SIGINT. A topic that \
      is not named here is created on first use, with four partitions.
      """,
    version: ProductVersion.current)

  @Option(help: "The port of the bootstrap address; 0 for any free one. (The brokers behind it take free ports.)")
  var port = 0

  @Option(
    name: .customLong("topic"), help: ArgumentHelp("A topic to create; may be repeated.", valueName: "name:partitions"))
  var topics: [TopicSpecification] = []

  @Option(help: "How many brokers.")
  var brokers = 1

  @Option(help: ArgumentHelp("Also write the bootstrap address to this file, all at once.", valueName: "file"))
  var addressFile: String?

  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port is 0 to 65535, not \(port)") }
    guard (1...100).contains(brokers) else { throw ValidationError("--brokers is 1 to 100, not \(brokers)") }
  }

  mutating func run() async throws {
    common.bootstrapLogging()
    let (port, topics, brokers, addressFile) = (port, topics, brokers, addressFile)
    try await runCommand("kafka-dev-broker") {
      try await withShutdownSignals {
        let cluster = try MockCluster(brokers: brokers)
        for topic in topics { try cluster.createTopic(topic.name, partitions: topic.partitions) }
        let forwarder = try port == 0 ? nil : PortForwarder(from: port, to: cluster.bootstrapServers)
        let address = forwarder?.address ?? cluster.bootstrapServers
        if let addressFile { try AddressFile.write(address, to: addressFile) }
        try StandardOutput.print(address)
        Logger(label: "kafka-dev-broker").info("serving", metadata: ["brokers": "\(cluster.bootstrapServers)"])
        defer { withExtendedLifetime((cluster, forwarder)) {} }
        while true { try await Task.sleep(for: .seconds(3600)) }
      }
    }
  }
}

/// `NAME:PARTITIONS`.
struct TopicSpecification: ExpressibleByArgument, Sendable {
  var name: String
  var partitions: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, let count = Int(parts[1]), (1...10_000).contains(count) else {
      return nil
    }
    name = String(parts[0])
    partitions = count
  }
}
