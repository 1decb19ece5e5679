import Dispatch
import Kafka
import Logging
import SchemaRegistry
import Storage
import Testing

@testable import Landing

/// The lines of a log as they come, to wait for one of them.
private struct LogTap: LogHandler {
  let lines: AsyncStream<String>.Continuation
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.debug

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) { lines.yield("\(event.message)") }
}

/// A registry that says when it is asked, and answers nothing before it is let.
private final class SilentRegistry: SchemaLookup {
  let asked: AsyncStream<Void>.Continuation
  let gate = DispatchSemaphore(value: 0)

  init(asked: AsyncStream<Void>.Continuation) { self.asked = asked }

  func schema(id: UInt32) -> SchemaAnswer {
    asked.yield()
    gate.wait()
    return .unavailable("let go")
  }
}

@Suite("A sink that is told to stop")
struct SinkStopTests {
  /// A topic of one partition with one message behind a schema's number.
  private func cluster() throws -> MockCluster {
    let cluster = try MockCluster()
    try cluster.createTopic("vitals", partitions: 1)
    let producer = try KafkaProducer(
      configuration: KafkaConfiguration(bootstrapServers: cluster.bootstrapServers, clientID: "test"))
    try producer.send(topic: "vitals", partition: 0, key: nil, value: [0, 0, 0, 0, 7, 2])
    #expect(producer.flush(timeoutMillis: 10_000))
    return cluster
  }

  private func consumer(_ servers: String) throws -> KafkaConsumer {
    try KafkaConsumer(
      configuration: KafkaConfiguration(bootstrapServers: servers, clientID: "test"), groupID: "stop")
  }

  @Test("does not wait for a registry that takes its time, and passes nothing over", .timeLimit(.minutes(1)))
  func registry() async throws {
    let fixture = try LanderFixture()
    let cluster = try cluster()
    let (questions, asked) = AsyncStream<Void>.makeStream()
    let registry = SilentRegistry(asked: asked)
    var configuration = fixture.configuration(hasSpool: false)
    configuration.format = .confluent(registry)
    let sink = Sink(configuration, consumer: try consumer(cluster.bootstrapServers), log: fixture.log)
    async let report = sink.run()
    var asking = questions.makeAsyncIterator()
    _ = await asking.next()
    await sink.stop()
    // It ends although the question is still out: nobody opens the gate before.
    let ended = try await report
    registry.gate.signal()
    #expect(ended.rows == 0 && ended.deadLetters == 0)
    #expect(try await fixture.watermark() == nil)
  }

  @Test("leaves partitions that it has not taken up yet, and ends well", .timeLimit(.minutes(1)))
  func takingUp() async throws {
    let fixture = try LanderFixture()
    let cluster = try cluster()
    fixture.isTableAway = true
    var configuration = fixture.configuration(hasSpool: false)
    configuration.drainWithin = .milliseconds(10)
    let (lines, tap) = AsyncStream<String>.makeStream()
    let log = Logger(label: "test") { _ in LogTap(lines: tap) }
    let sink = Sink(configuration, consumer: try consumer(cluster.bootstrapServers), log: log)
    async let report = sink.run()
    for await line in lines where line.hasPrefix("opening the table failed") { break }
    await sink.stop()
    #expect(try await report.rows == 0)
  }

  /// The end of the partition comes behind the message whose schema is awaited: taken at its word, it moved the
  /// position past that message, which was lost then.
  @Test("the end of a partition moves nothing while a schema is awaited")
  func end() throws {
    let fixture = try LanderFixture()
    var configuration = fixture.configuration(hasSpool: false)
    configuration.format = .confluent(SilentRegistry(asked: AsyncStream<Void>.makeStream().continuation))
    let consumer = try consumer("127.0.0.1:1")
    defer { consumer.close() }
    var loop = SinkLoop(
      configuration: configuration, consumer: consumer, lander: Lander(configuration, log: fixture.log),
      metrics: SinkMetrics(topic: "vitals"), log: fixture.log, isStopping: { false })
    loop.assigned = [SinkLoop.Assigned(end: 9)]
    loop.cursors = [SinkLoop.Cursor(position: 5)]
    loop.awaitedSchema = AwaitedSchema(id: 7, next: .now)
    loop.passEnd(0, 9)
    let (held, isEmpty) = (loop.cursors[0].position, loop.assembler.isEmpty)
    #expect(held == 5 && isEmpty)
    loop.awaitedSchema = nil
    loop.passEnd(0, 9)
    let (passed, isEmptyThen) = (loop.cursors[0].position, loop.assembler.isEmpty)
    #expect(passed == 9 && !isEmptyThen)
  }
}
