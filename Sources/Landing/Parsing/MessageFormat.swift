public import Avro
public import SchemaRegistry

/// How the messages of a topic are written.
public enum MessageFormat: Sendable {
  /// One JSON object a message.
  case json
  /// Avro's binary encoding, by this schema of the writer.
  case avro(AvroSchema)
  /// The number of the writer's schema, then Avro's binary encoding by it; the schemas are looked up here.
  case confluent(any SchemaLookup)
}

extension RecordParser {
  /// How messages are read.
  enum Form: Sendable {
    case json
    case avro(AvroPlan)
    case confluent
  }
}

/// What a parser of Avro messages keeps from one to the next.
final class AvroState {
  /// The schemas of writers by their numbers, as far as they are known.
  var writers = WriterSchemas()
  /// What was found wrong with a value of this message that was read to its end.
  var unfit: Rejection?
}

/// How messages of a writer's schema are read, or why they are not.
enum WriterSchema: Sendable {
  case plan(AvroPlan)
  case refused(Rejection)
}

/// The schemas of writers that a sink has learnt, by their numbers.
///
/// The numbers come out of messages, so there is a limit on how many are held; what a registry did not know is asked
/// again after a while, since it may be registered late.
struct WriterSchemas: Sendable {
  static let limit = 1_000
  static let unknownFor = Duration.seconds(60)

  private var plans: [UInt32: WriterSchema] = [:]
  private var unknownUntil: [UInt32: Moment] = [:]

  subscript(id: UInt32) -> WriterSchema? { plans[id] }

  /// Whether a message of this schema can be read, or refused, without asking.
  func knows(_ id: UInt32, now: @autoclosure () -> Moment = .now) -> Bool {
    guard plans[id] != nil else { return false }
    return unknownUntil.isEmpty || unknownUntil[id].map { now() < $0 } ?? true
  }

  /// Takes a schema in.
  mutating func add(_ id: UInt32, _ schema: WriterSchema, now: Moment = .now) {
    if plans.count >= Self.limit {
      plans = [:]
      unknownUntil = [:]
    }
    plans[id] = schema
    unknownUntil[id] = if case .refused(.unknownSchema) = schema { now + Self.unknownFor } else { nil }
  }
}
