import Avro
import Columnar
import Dispatch
import Kafka
import Logging
import SchemaRegistry
import Vitals

/// A writer's schema that the registry was asked for without an answer.
struct AwaitedSchema {
  let id: UInt32
  var backoff = Backoff()
  var next: Moment
  /// The question that is out.
  var question: SchemaQuestion?
}

/// A question to the registry, asked on a thread of its own: the consumer's has its membership to keep, and a shutdown
/// to see, while the registry takes its time.
final class SchemaQuestion: Sendable {
  private let answer = Latest<SchemaAnswer?>(nil)
  private let answered = DispatchSemaphore(value: 0)

  /// - Parameter wake: called on the other thread when the answer is there.
  init(_ registry: any SchemaLookup, id: UInt32, wake: @escaping @Sendable () -> Void) {
    DispatchQueue(label: "vitals-sink.schemas").async { [answer, answered] in
      answer.value = registry.schema(id: id)
      answered.signal()
      wake()
    }
  }

  /// The answer, if it is there within a time. To be asked for no more once it was given.
  func answer(within time: DispatchTimeInterval) -> SchemaAnswer? {
    answered.wait(timeout: .now() + time) == .success ? answer.value : nil
  }
}

// Schemas of writers: learnt when the first message of one comes, awaited while the registry is away.
extension SinkLoop {
  /// Takes up the format of the messages.
  mutating func readFormat() throws(LandingError) {
    do throws(AvroMismatch) { try assembler.read(configuration.format) } catch {
      throw LandingError(.stopped, "the writer's schema does not fit the table's: \(error)")
    }
  }

  /// Asks for the schema of the next message. False while the registry is away: the message, and all that come after
  /// it, are read again once it answers.
  mutating func learnSchema(_ id: UInt32) throws(LandingError) -> Bool {
    if awaitedSchema != nil { return false }
    var awaited = AwaitedSchema(id: id, next: .now)
    // A registry that is well answers before the pause is worth its while.
    guard try !ask(&awaited, within: .milliseconds(200)) else { return true }
    awaitedSchema = awaited
    try hold(.schemaAway)
    return false
  }

  /// Whether a schema is still awaited; when it has come, reading goes on where it was broken off.
  mutating func awaitsSchema() throws(LandingError) -> Bool {
    guard var awaited = awaitedSchema else { return false }
    guard Moment.now >= awaited.next, try ask(&awaited, within: .nanoseconds(0)) else {
      awaitedSchema = awaited
      return true
    }
    awaitedSchema = nil
    log.notice("the schema registry has answered; reading on")
    try hold(nil)
    // What was fetched since was passed over: all is fetched again from the positions.
    try reassign()
    return false
  }

  /// Asks the registry, or waits on for its answer; true when that was taken in.
  private mutating func ask(
    _ awaited: inout AwaitedSchema, within time: DispatchTimeInterval
  ) throws(LandingError) -> Bool {
    guard case .confluent(let registry) = configuration.format else { return true }
    let (id, consumer) = (awaited.id, consumer)
    let question = awaited.question ?? SchemaQuestion(registry, id: id) { consumer.wake() }
    awaited.question = question
    guard let answer = question.answer(within: time) else { return false }
    awaited.question = nil
    switch answer {
    case .schema(let text, let references): try takeIn(id, text, references)
    case .unknown:
      log.warning("the schema registry does not know a schema of the topic", metadata: ["schema": "\(id)"])
      assembler.learn(id, .refused(.unknownSchema(id: id)))
    case .unfit(let reason): refuse(id, reason)
    case .unavailable(let reason):
      awaited.next = .now + awaited.backoff.next()
      if awaited.backoff.shouldReport(reason) {
        log.warning(
          "the schema registry does not serve; reading is paused until it does",
          metadata: ["schema": "\(id)", "reason": "\(reason)"])
      }
      return false
    }
    return true
  }

  private mutating func refuse(_ id: UInt32, _ reason: String) {
    log.warning(
      "a schema of the topic does not fit the table; its records become dead letters",
      metadata: ["schema": "\(id)", "reason": "\(reason)"])
    assembler.learn(id, .refused(.schemaMismatch(id: id, reason: reason)))
  }

  /// Resolves a writer's schema, and lets the table grow by its new fields.
  private mutating func takeIn(_ id: UInt32, _ text: [UInt8], _ references: [[UInt8]]) throws(LandingError) {
    let writer: AvroSchema
    do throws(SchemaError) { writer = try AvroSchema.parse(text, references: references) } catch {
      return refuse(id, error.description)
    }
    let reserved = (TableLayout.originFields + assembler.layout.partitionFields).map(\.name)
    if configuration.growsSchema, let record = assembler.layout.record.grown(by: writer, reserved: reserved) {
      let layout = TableLayout(record: record, partitioning: assembler.layout.partitioning)
      let lander = lander
      if let clash = try blocking({ () async throws(LandingError) in await lander.clash(with: layout) }) {
        return refuse(id, clash)
      }
      // Rows with fewer columns are closed, and land with the batch.
      while assembler.bufferCount > 0 { try closeOneBuffer() }
      let names = record.fields.dropFirst(assembler.layout.record.fields.count).map(\.name)
      assembler.grow(to: record)
      log.notice(
        "writers have new fields, which become columns",
        metadata: ["schema": "\(id)", "added": "\(names.joined(separator: ", "))"])
    }
    do throws(AvroMismatch) {
      assembler.learn(id, .plan(try AvroPlan(writer: writer, reader: assembler.layout.record)))
    } catch {
      refuse(id, error.description)
    }
  }
}
