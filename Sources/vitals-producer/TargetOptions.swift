import ArgumentParser
import Avro
import CommandSupport
import Kafka
import Logging
import SchemaRegistry
import Simulator
import Vitals

/// In what form a message carries a reading.
enum MessageFormat: String, CaseIterable, ExpressibleByArgument {
  case json, avro, confluent
}

/// Writes readings as messages.
enum MessageWriter: Sendable {
  case json(ReadingJSON)
  case avro(ReadingAvro)
  /// Behind a header with the number of the schema.
  case confluent(ReadingAvro, schemaID: UInt32)

  /// Appends one message.
  func append(_ reading: Reading, to out: inout [UInt8]) {
    switch self {
    case .json(let writer): writer.append(reading, to: &out)
    case .avro(let writer): writer.append(reading, to: &out)
    case .confluent(let writer, let id):
      ConfluentHeader.append(schemaID: id, to: &out)
      writer.append(reading, to: &out)
    }
  }
}

/// What becomes the key of a message.
enum KeyChoice: String, CaseIterable, ExpressibleByArgument {
  case patient, none
}

/// Where the readings go, and how.
struct TargetOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The Kafka brokers to ask first. \(Setting.bootstrapServers.help)", valueName: "host:port,…"))
  var bootstrapServers: String?

  @Option(help: "The Kafka topic. \(Setting.topic.help)")
  var topic: String?

  @Option(help: "What the messages' key is; one patient's readings keep their order by it.")
  var keyBy = KeyChoice.patient

  @Option(
    help: "The form of a message: JSON, Avro by the vitals schema, or Avro behind the number of its registered schema.")
  var messageFormat = MessageFormat.json

  @Option(
    help: ArgumentHelp(
      "Where --message-format confluent registers the schema, as <topic>-value. \(Setting.schemaRegistry.help)",
      valueName: "url"))
  var schemaRegistry: String?

  func validate() throws {
    if printsOnly, messageFormat != .json { throw ValidationError("--print goes with --message-format json") }
    if schemaRegistry != nil, messageFormat != .confluent {
      throw ValidationError("--schema-registry goes with --message-format confluent")
    }
  }

  /// The writer of the messages; the schema is registered where their form asks for it.
  func writer(_ settings: Settings) throws -> MessageWriter {
    switch messageFormat {
    case .json: return .json(ReadingJSON())
    case .avro: return .avro(ReadingAvro())
    case .confluent:
      let configuration = try SchemaRegistryClient.Configuration(flag: schemaRegistry, settings)
      let topic = settings.string(flag: topic, .topic)
      do throws(SchemaRegistryError) {
        let id = try SchemaRegistryClient(configuration)
          .register(Array(VitalsSchema.avro.utf8), subject: "\(topic)-value")
        return .confluent(ReadingAvro(), schemaID: id)
      } catch {
        throw CommandError("the schema cannot be registered: \(error)", exit: .unavailable)
      }
    }
  }

  @Option(
    name: .customShort("X"), help: ArgumentHelp("A librdkafka property; may be repeated.", valueName: "name=value"),
    transform: KafkaProperty.init)
  var properties: [KafkaProperty] = []

  @Flag(name: .customLong("print"), help: "Write the messages to standard output, one a line, instead of to Kafka.")
  var printsOnly = false

  /// Opens the way out.
  func outlet(_ settings: Settings) throws -> any Outlet {
    if printsOnly { return PrintOutlet() }
    return try KafkaOutlet(
      try kafka(settings), topic: settings.string(flag: topic, .topic), isKeyed: keyBy == .patient)
  }

  /// How to reach the brokers.
  func kafka(_ settings: Settings) throws(KafkaError) -> KafkaConfiguration {
    let log = Logger(label: "librdkafka")
    let byHand = Dictionary(properties.map { ($0.name, $0.value) }) { $1 }
    return KafkaConfiguration(
      bootstrapServers: settings.string(flag: bootstrapServers, .bootstrapServers), clientID: "vitals-producer",
      extra: try KafkaSecurity.properties(byHand: byHand) { settings.string($0) },
      logHandler: { level, facility, message in
        log.log(level: level <= 2 ? .critical : .debug, "\(message)", metadata: ["facility": "\(facility)"])
      })
  }
}

/// `name=value` for librdkafka.
struct KafkaProperty: Sendable {
  var name, value: String

  init(_ argument: String) throws {
    guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else {
      // The text may hold a secret, so it is not repeated.
      throw ValidationError("a property is name=value")
    }
    name = String(argument[..<sign])
    value = String(argument[argument.index(after: sign)...])
  }
}
