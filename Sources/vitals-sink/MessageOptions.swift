import ArgumentParser
import Avro
import CommandSupport
import Landing
import SchemaRegistry
import Vitals

/// How messages are written.
struct MessageOptions: ParsableArguments {
  /// The forms by their names.
  enum Form: String, CaseIterable, ExpressibleByArgument {
    case json, avro, confluent
  }

  @Option(
    help: """
      The form of a message: json, avro (binary, by the schema of the table or --writer-schema), or confluent (avro \
      behind the number of its schema in a registry).
      """)
  var messageFormat = Form.json

  @Option(help: "An Avro schema by which messages are written, where it is another than the table's.")
  var writerSchema: String?

  @Option(help: ArgumentHelp("The schema registry. \(Setting.schemaRegistry.help)", valueName: "url"))
  var schemaRegistry: String?

  @Flag(help: "Leave out fields that writers add, instead of making them columns.")
  var fixedSchema = false

  func validate() throws {
    if writerSchema != nil, messageFormat != .avro {
      throw ValidationError("--writer-schema goes with --message-format avro")
    }
    if schemaRegistry != nil || fixedSchema, messageFormat != .confluent {
      throw ValidationError("--schema-registry and --fixed-schema go with --message-format confluent")
    }
  }

  /// The format, for a topic whose table has the columns of a schema in Avro's JSON form.
  func format(tableSchema: [UInt8], _ settings: Settings) throws(CommandError) -> MessageFormat {
    switch messageFormat {
    case .json: return .json
    case .avro:
      let text = if let writerSchema { try SmallFile.read(writerSchema) } else { tableSchema }
      do throws(SchemaError) { return .avro(try AvroSchema.parse(text)) } catch {
        throw CommandError("\(writerSchema ?? "--schema"): \(error)", exit: .usage)
      }
    case .confluent:
      return .confluent(
        SchemaRegistryClient(try SchemaRegistryClient.Configuration(flag: schemaRegistry, settings)))
    }
  }
}
