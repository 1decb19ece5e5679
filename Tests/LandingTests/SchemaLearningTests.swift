import Avro
import Columnar
import Delta
import SchemaRegistry
import Testing
import Vitals

@testable import Landing

private let now = LanderFixture.now

/// A registry with these schemas.
private struct Registry: SchemaLookup {
  func schema(id: UInt32) -> SchemaAnswer { .unknown }
}

private func message(_ id: UInt32, _ body: AvroBytes) -> [UInt8] {
  var bytes: [UInt8] = []
  ConfluentHeader.append(schemaID: id, to: &bytes)
  return bytes + body.bytes
}

@Suite("Schemas of writers")
final class SchemaLearningTests {
  private let record: RecordSchema
  private var assembler: BatchAssembler

  init() throws {
    record = try AvroFixture.reader(#"{"name":"id","type":"string"},{"name":"rate","type":["null","double"]}"#)
    assembler = BatchAssembler(layout: TableLayout(record: record))
    try assembler.read(.confluent(Registry()))
    assembler.open(partition: 0, at: 0)
  }

  private func plan(_ fields: String, _ reader: RecordSchema? = nil) throws -> WriterSchema {
    .plan(try AvroPlan(writer: try AvroFixture.writer(fields), reader: reader ?? record))
  }

  private func add(_ bytes: [UInt8], _ offset: Int64) -> Rejection? {
    bytes.withUnsafeBytes {
      unsafe assembler.append($0, partition: 0, offset: offset, timestampMillis: now, nowMillis: now)
    }
  }

  @Test("a schema is asked for once, and each message read by its own")
  func each() throws {
    let first = message(1, .text("P1") + .double(70))
    #expect(first.withUnsafeBytes { unsafe assembler.schemaToLearn($0) } == 1)
    assembler.learn(1, try plan(#"{"name":"id","type":"string"},{"name":"rate","type":"double"}"#))
    #expect(first.withUnsafeBytes { unsafe assembler.schemaToLearn($0) } == nil)
    assembler.learn(2, try plan(#"{"name":"rate","type":["null","int"]},{"name":"id","type":"string"}"#))
    #expect(add(first, 0) == nil)
    #expect(add(message(2, .raw(2) + .long(71) + .text("P2")), 1) == nil)
    #expect(add(message(1, .text("P3") + .double(72)), 2) == nil)
    let buffer = try #require(assembler.take().partitions.first?.buffers.first)
    let rows = buffer.batch(layout: assembler.layout, partition: 0, incarnation: 0)
    #expect((0..<3).map { rows.column("rate")?.scalar(at: $0) } == [.double(70), .double(71), .double(72)])
    #expect(rows.column("id")?.scalar(at: 1) == .bytes(Array("P2".utf8)))
  }

  @Test("no number, an unknown one and one that does not fit are dead letters with their reasons")
  func refusals() throws {
    for bytes in [[1, 0, 0, 0, 1, 2], [0, 0, 0], Array("{}".utf8)] as [[UInt8]] {
      #expect(bytes.withUnsafeBytes { unsafe assembler.schemaToLearn($0) } == nil)
      #expect(add(bytes, 0) == .noSchemaID)
    }
    assembler.learn(3, .refused(.unknownSchema(id: 3)))
    #expect(add(message(3, .raw()), 1) == .unknownSchema(id: 3))
    assembler.learn(4, .refused(.schemaMismatch(id: 4, reason: "why")))
    #expect(add(message(4, .raw()), 2)?.description == "schema 4 does not fit the table: why")
    #expect(assembler.schemaToLearn(nil) == nil)
  }

  @Test("what a registry did not know is asked again after a while, and only that")
  func again() throws {
    var schemas = WriterSchemas()
    let start = Moment.now
    schemas.add(1, try plan(#"{"name":"id","type":"string"}"#), now: start)
    schemas.add(2, .refused(.unknownSchema(id: 2)), now: start)
    schemas.add(3, .refused(.schemaMismatch(id: 3, reason: "")), now: start)
    let soon = start + .seconds(59)
    let late = start + .seconds(61)
    #expect([1, 2, 3, 4].map { schemas.knows($0, now: soon) } == [true, true, true, false])
    #expect([1, 2, 3, 4].map { schemas.knows($0, now: late) } == [true, false, true, false])
    schemas.add(2, try plan(#"{"name":"id","type":"string"}"#), now: late)
    #expect(schemas.knows(2, now: late + .seconds(3_600)))
  }

  @Test("numbers out of messages do not fill the memory")
  func bounded() {
    var schemas = WriterSchemas()
    for id in 0..<UInt32(WriterSchemas.limit + 5) { schemas.add(id, .refused(.unknownSchema(id: id))) }
    #expect(!schemas.knows(0) && schemas.knows(UInt32(WriterSchemas.limit + 4)))
  }

  @Test("fields that readers may do without join at the end, as far as they fit a column")
  func growth() throws {
    let writer = try AvroFixture.writer(
      """
      {"name":"must","type":"double"},{"name":"id","type":"string"},{"name":"score","type":["null","int"]},
      {"name":"list","type":["null",{"type":"array","items":"int"}]},{"name":"note","type":["string","null"]},
      {"name":"kind","type":["null",{"type":"enum","name":"E","symbols":["A"]}]},{"name":"RATE","type":["null","int"]},
      {"name":"day","type":["null",{"type":"int","logicalType":"date"}]},{"name":"date","type":["null","string"]},
      {"name":"flag","type":"boolean","default":false},{"name":"many","type":["null","int","string"]},
      {"name":"_kafka_offset","type":["null","long"]},
      {"name":"amount","type":["null",{"type":"bytes","logicalType":"decimal","precision":9}]}
      """)
    let grown = try #require(record.grown(by: writer, reserved: ["_kafka_offset", "date"]))
    #expect(grown.fields.prefix(2) == record.fields[...])
    #expect(grown.fields.dropFirst(2).map(\.name) == ["score", "note", "kind", "day", "flag"])
    #expect(grown.fields.dropFirst(2).map(\.type) == [.int, .string, .string, .date, .boolean])
    #expect(grown.fields.dropFirst(2).map(\.isNullable) == [true, true, true, true, true])
    #expect(grown.grown(by: writer, reserved: ["_kafka_offset", "date"]) == nil)
  }

  /// A record with one field more, and the plan for messages that have it.
  private func grown() throws -> (record: RecordSchema, plan: WriterSchema) {
    let fields = #"{"name":"id","type":"string"},{"name":"score","type":["null","int"]}"#
    let grown = try #require(record.grown(by: try AvroFixture.writer(fields), reserved: []))
    return (grown, try plan(fields, grown))
  }

  // Apart from the asynchronous tests: in one function with them it crashes the optimiser of Swift 6.3.1.
  /// A row before the schema grows, and two after.
  @inline(never)
  private func gatherGrowing(_ grown: RecordSchema, _ grownPlan: WriterSchema) throws -> LandingBatch {
    assembler.learn(1, try plan(#"{"name":"id","type":"string"}"#))
    #expect(add(message(1, .text("P1")), 0) == nil)
    let (layout, source) = (assembler.layout, TopicSource(topic: "vitals"))
    try assembler.closeLeastRecent { buffer, partition throws(LandingError) in
      try EncodedBatch.file(
        buffer, layout: layout, source: source, range: OffsetRange(partition: partition, start: 0, next: 0),
        createdBy: "test")
    }
    assembler.grow(to: grown)
    assembler.learn(2, grownPlan)
    #expect(add(message(2, .text("P2") + .raw(2) + .long(5)), 1) == nil)
    #expect(add(message(1, .text("P3")), 2) == nil)
    return assembler.take()
  }

  @Test("rows before and after the growth land in one batch, and only the later ones have the field")
  func growing() async throws {
    let (grown, plan) = try grown()
    let layout = assembler.layout
    let batch = try gatherGrowing(grown, plan)
    #expect(batch.layout.record == grown && batch.rowCount == 3)
    let fixture = try LanderFixture()
    var configuration = fixture.configuration()
    configuration.layout = layout
    let lander = Lander(configuration, log: fixture.log)
    _ = try await lander.knowledge(of: [0])
    #expect(await lander.clash(with: TableLayout(record: grown)) == nil)
    let receipt = try await lander.land(batch)
    #expect(receipt.rows == 3 && receipt.files == 2)
    let table = try await DeltaTable.open(store: fixture.rows)
    #expect(table.snapshot.schema.fields.contains { $0.name == "score" && $0.type == .int(bits: 32) && $0.isNullable })
    #expect(try await fixture.landed() == [0, 1, 2])
    var clashing = grown
    clashing.fields[2].type = .string
    #expect(await lander.clash(with: TableLayout(record: clashing)) == "the column score has another type in the table")
  }

  @Test("a schema that grew during an outage reaches the table when the spool is drained")
  func spooledGrowth() async throws {
    let fixture = try LanderFixture()
    var configuration = fixture.configuration()
    configuration.layout = assembler.layout
    let lander = Lander(configuration, log: fixture.log)
    _ = try await lander.knowledge(of: [0])
    let (grown, plan) = try grown()
    let batch = try gatherGrowing(grown, plan)
    fixture.isTableAway = true
    #expect(try await lander.land(batch).isSpooled)
    fixture.isTableAway = false
    let report = try await fixture.drainer.drain()
    #expect(report.files == 2)
    let table = try await DeltaTable.open(store: fixture.rows)
    #expect(table.snapshot.schema.fields.contains { $0.name == "score" })
    #expect(try await fixture.landed() == [0, 1, 2])
  }
}
