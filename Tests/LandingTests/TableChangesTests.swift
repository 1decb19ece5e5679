import Columnar
import Delta
import Storage
import Testing
import Vitals

@testable import Landing

/// A schema of one required text and these optional numbers.
private func record(_ numbers: String...) throws -> RecordSchema {
  let fields = numbers.map { #",{"name":"\#($0)","type":["null","double"],"default":null}"# }.joined()
  return try RecordSchema.parse(
    avro: Array(#"{"type":"record","name":"R","fields":[{"name":"id","type":"string"}\#(fields)]}"#.utf8))
}

@Suite("Changes of a table")
struct TableChangesTests {
  private func open(
    _ fixture: LanderFixture, _ layout: TableLayout
  ) async throws(DeltaError) -> LandingTables {
    try await LandingTables.open(
      TableStores(rows: fixture.rows, deadLetters: fixture.letters), layout: layout, engine: "test")
  }

  @Test("a new optional field becomes a column that older rows have as null, whoever adds another at the same time")
  func newColumns() async throws {
    let fixture = try LanderFixture()
    var first = try await open(fixture, TableLayout(record: try record("a")))
    let before = first.rows.snapshot.version
    try await first.fit(TableLayout(record: try record("a")), engine: "test")
    #expect(first.rows.snapshot.version == before, "nothing is committed when nothing is missing")
    // Both know the table as it was; the second finds the first one's column when it commits.
    var second = first
    try await first.fit(TableLayout(record: try record("a", "b")), engine: "test")
    try await second.fit(TableLayout(record: try record("c")), engine: "test")
    let names = second.rows.snapshot.schema.fields.map(\.name)
    #expect(names.filter { ["a", "b", "c"].contains($0) } == ["a", "b", "c"])
    #expect(!second.rows.snapshot.schema.fields.contains { !$0.isNullable })
    #expect(
      try await open(fixture, TableLayout(record: try record("b"))).rows.snapshot.schema.fields.count == names.count)
  }

  @Test("one name and two types, a name in another case, and other folders are refused")
  func clashes() async throws {
    let fixture = try LanderFixture()
    _ = try await open(fixture, TableLayout(record: try record("a")))
    let text = #"{"type":"record","name":"R","fields":[{"name":"id","type":"long"}]}"#
    let otherType = TableLayout(record: try RecordSchema.parse(avro: Array(text.utf8)))
    let error = await #expect(throws: DeltaError.self) { try await open(fixture, otherType) }
    #expect(error?.message.contains("id") ?? false)
    await #expect(throws: DeltaError.self) { try await open(fixture, TableLayout(record: try record("A"))) }
    let byHour = TableLayout(record: try record("a"), partitioning: .dateAndHour)
    let folders = await #expect(throws: DeltaError.self) { try await open(fixture, byHour) }
    #expect(folders?.message.contains("--partition-by") ?? false)
  }

  @Test("a new incarnation lands beside the old rows, and a sink of the old one is refused")
  func incarnation() async throws {
    let fixture = try LanderFixture()
    let old = fixture.lander()
    _ = try await old.knowledge(of: [0])
    _ = try await old.land(fixture.batch(0..<25))
    let new = fixture.lander()
    _ = try await new.knowledge(of: [0])
    try await new.raiseIncarnation()
    #expect(await new.source.incarnation == 1)
    #expect(try await new.knowledge(of: [0])[0]?.watermark == nil)
    #expect(try await new.land(fixture.batch(0..<10)).verdicts[0] == .commit)
    #expect(try await old.land(fixture.batch(25..<30)).verdicts[0] == .superseded(incarnation: 1))
    let later = fixture.lander()
    _ = try await later.knowledge(of: [0])
    #expect(await later.source.incarnation == 1)
    // The same offsets are there in both incarnations.
    #expect(try await fixture.landed() == (LanderFixture.good(0..<25) + LanderFixture.good(0..<10)).sorted())
  }

  @Test("two sinks that are told of a new incarnation raise it once")
  func raisedOnce() async throws {
    let fixture = try LanderFixture()
    let sinks = [fixture.lander(), fixture.lander()]
    for sink in sinks { _ = try await sink.knowledge(of: [0]) }
    for sink in sinks { try await sink.raiseIncarnation() }
    for sink in sinks { #expect(await sink.source.incarnation == 1) }
  }

  @Test("while the table is away the spool knows the incarnation")
  func spooledIncarnation() async throws {
    let fixture = try LanderFixture()
    let first = fixture.lander()
    _ = try await first.knowledge(of: [0])
    try await first.raiseIncarnation()
    fixture.isTableAway = true
    #expect(try await first.land(fixture.batch(0..<15)).isSpooled)
    let second = fixture.lander()
    #expect(try await second.knowledge(of: [0])[0]?.chain?.end == 15)
    #expect(await second.source.incarnation == 1)
    fixture.isTableAway = false
    #expect(try await fixture.drainer.drain().stopped.isEmpty)
    #expect(try await fixture.landed() == LanderFixture.good(0..<15))
  }

  @Test("an accepted gap is in the table's log")
  func acceptedGap() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    var batch = fixture.batch(40..<50)
    batch.acceptedGaps = [OffsetRange(partition: 0, start: 20, next: 40)]
    _ = try await lander.land(batch)
    let log = try await fixture.rows.read("_delta_log/00000000000000000001.json", limit: 1 << 20)
    #expect(String(decoding: log, as: UTF8.self).contains("vitals/0: 20 to 39"))
  }

  @Test("a batch whose dead letters reached the table before an outage does not spool them again")
  func lettersBeforeOutage() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    fixture.rows.isUnavailable = true
    #expect(try await lander.land(fixture.batch(0..<25)).isSpooled)
    fixture.rows.isUnavailable = false
    _ = try await fixture.drainer.drain()
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<25))
    #expect(try await fixture.landed() == LanderFixture.good(0..<25))
  }

  @Test("a full spool is told as such, and nothing is dropped")
  func fullSpool() async throws {
    let fixture = try LanderFixture()
    var configuration = fixture.configuration()
    configuration.spool?.limits.size = 1
    let lander = Lander(configuration, log: fixture.log)
    _ = try await lander.knowledge(of: [0])
    fixture.isTableAway = true
    await lander.giveUp(at: .now + .milliseconds(300))
    let error = await #expect(throws: LandingError.self) { try await lander.land(fixture.batch(0..<25)) }
    #expect(error?.code == .gaveUp)
    #expect(error?.message.contains("full") ?? false)
    #expect(lander.status.isSpoolFull)
    #expect(try await fixture.spooled() == [])
  }

  @Test("the last record of a file is told by its marks, by which a topic made anew is known")
  func lastRecord() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    _ = try await lander.land(fixture.batch(0..<25))
    _ = try await lander.land(fixture.batch(25..<30))
    let known = try await fixture.lander().knowledge(of: [0, 1])
    #expect(known[0]?.lastLanded == RecordMark(offset: 29, timestampMillis: LanderFixture.now))
    #expect(known[1]?.lastLanded == nil)
  }
}

@Suite("Folders")
struct FolderTests {
  @Test("folders are named by day, or by day and hour, in UTC")
  func names() {
    let daily = TableLayout(record: VitalsSchema.bundled)
    let hourly = TableLayout(record: VitalsSchema.bundled, partitioning: .dateAndHour)
    #expect(daily.folder(bucket: 20_455).path == "date=2026-01-02")
    #expect(hourly.folder(bucket: 20_455 * 24 + 23).path == "date=2026-01-02/hour=23")
    #expect(hourly.folder(bucket: 20_455 * 24 + 23).values == ["date": "2026-01-02", "hour": "23"])
    #expect(hourly.folder(bucket: -1).path == "date=1969-12-31/hour=23")
    #expect(daily.folder(bucket: nil).path == "date=__HIVE_DEFAULT_PARTITION__")
    #expect(daily.folder(bucket: nil).values == ["date": nil])
    #expect(hourly.tableSchema.fields.suffix(2).map(\.name) == ["date", "hour"])
  }

  @Test("beyond the cap the buffer left the longest time ago becomes a file, and nothing of it is committed")
  func earlyClosing() throws {
    let layout = TableLayout(record: VitalsSchema.bundled, partitioning: .dateAndHour)
    let source = TopicSource(topic: "vitals")
    var assembler = BatchAssembler(layout: layout)
    assembler.open(partition: 0, at: 0)
    for offset in 0..<Int64(30) {
      // Ten hours in turn, three rows each.
      let time = LanderFixture.now - (offset % 10) * 3_600_000
      let bytes = Array(#"{"patient_id":"P","event_time":\#(time),"heart_rate":70}"#.utf8)
      let rejection = bytes.withUnsafeBytes {
        assembler.append(
          $0, partition: 0, offset: offset, timestampMillis: time, nowMillis: LanderFixture.now)
      }
      #expect(rejection == nil)
      if assembler.bufferCount > 4 {
        try assembler.closeLeastRecent { buffer, partition throws(LandingError) in
          try EncodedBatch.file(
            buffer, layout: layout, source: source, range: OffsetRange(partition: partition, start: 0, next: 0),
            createdBy: "test")
        }
      }
      #expect(assembler.bufferCount <= 4)
    }
    #expect(assembler.rowCount == 30)
    let batch = try EncodedBatch(assembler.take(), source: source, createdBy: "test")
    #expect(batch.files.reduce(0) { $0 + $1.rowCount } == 30)
    #expect(batch.files.count == 30)
    #expect(batch.files.allSatisfy { $0.range == OffsetRange(partition: 0, start: 0, next: 30) })
    #expect(Set(batch.files.map { $0.path(attempt: 0) }).count == 30)
  }

  @Test("dropping a partition drops its finished files too")
  func drop() throws {
    let layout = TableLayout(record: VitalsSchema.bundled)
    var assembler = BatchAssembler(layout: layout)
    assembler.open(partition: 0, at: 0)
    let bytes = Array(#"{"patient_id":"P","event_time":\#(LanderFixture.now),"heart_rate":70}"#.utf8)
    for offset in 0..<Int64(3) {
      _ = bytes.withUnsafeBytes {
        assembler.append($0, partition: 0, offset: offset, timestampMillis: nil, nowMillis: LanderFixture.now)
      }
      try assembler.closeLeastRecent { buffer, partition throws(LandingError) in
        try EncodedBatch.file(
          buffer, layout: layout, source: TopicSource(topic: "t"),
          range: OffsetRange(partition: partition, start: 0, next: 0), createdBy: "test")
      }
    }
    assembler.drop(partition: 0)
    #expect(assembler.isEmpty && assembler.rowCount == 0 && assembler.byteCount == 0 && assembler.bufferCount == 0)
  }
}
