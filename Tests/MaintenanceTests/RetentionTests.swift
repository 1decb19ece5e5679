import Columnar
import Delta
import Parquet
import Storage
import Testing

@testable import Landing
@testable import Maintenance

/// The dead-letter table has no sort columns of its own and tells by its marks which letters are kept already.
@Suite("Compaction of dead letters")
struct DeadLetterCompactionTests {
  private func letters(_ offsets: [Int64], partition: Int32, in store: MemoryFileStore) async throws {
    let source = TableFixture.topic
    let rows = offsets.map {
      DeadLetter(offset: $0, timestampMillis: 1, reason: .tombstone, key: nil, value: [1, 2], headers: nil)
    }
    let range = OffsetRange(partition: partition, start: offsets[0], next: offsets[offsets.count - 1] + 1)
    let file = try DataFile(
      DeadLetter.batch(rows, source: source, partition: partition), source: source, range: range, folder: .none,
      createdBy: "test")
    let added = try await Upload.all([file.upload(at: 1)], to: store)
    var table = try await DeltaTable.openOrCreate(
      store: store, schema: TableLayout.deadLetterSchema, partitionColumns: [], engine: "test")
    try await table.commit(CommitRequest(operation: "X", engine: "test") { _ in added.map { .add($0) } })
  }

  /// A sink that dies between the commit of dead letters and that of rows once would have kept them twice, had a
  /// compaction come in between.
  @Test("a sink still finds the letters at and above its watermark, those of each partition apart")
  func stillFound() async throws {
    let store = MemoryFileStore()
    try await letters([3, 7], partition: 0, in: store)
    try await letters([10, 20], partition: 0, in: store)
    try await letters([5, 15, 25], partition: 1, in: store)
    let report = try await Compactor(store: store, options: TableFixture.options).run()
    #expect(report.groups.map(\.rows) == [7])
    let table = try await DeltaTable.open(store: store)
    #expect(table.snapshot.files.count == 1)
    #expect(try await table.deadLetterOffsets(TableFixture.topic, partition: 0, from: 7) == [7, 10, 20])
    #expect(try await table.deadLetterOffsets(TableFixture.topic, partition: 1, from: 6) == [15, 25])
    #expect(try await table.deadLetterOffsets(TableFixture.topic, partition: 2, from: 0) == [])
    let other = TopicSource(topic: "vitals", incarnation: 1)
    #expect(try await table.deadLetterOffsets(other, partition: 0, from: 0) == [])
    #expect(try await TableCheck(store: store).run().isWhole)
  }
}

@Suite("Retention")
struct RetentionTests {
  private let fixture = TableFixture()
  private static let day: Int64 = 86_400_000
  /// 2026-01-03T01:00:00Z
  private static let now: Int64 = 1_767_402_000_000

  private func retention(days: Int, held: [String] = []) -> Retention {
    Retention(
      store: fixture.store, age: .seconds(days * 86_400), held: held, holdColumn: "patient_id",
      options: TableFixture.options)
  }

  @Test("days that are too old go, the day at the border stays")
  func days() async throws {
    try await fixture.append(0..<10)
    try await fixture.append(10..<20, day: 2)
    try await fixture.append(20..<30, day: 3)
    #expect(try await retention(days: 2).run(now: Self.now).rows == 0)
    #expect(try await retention(days: 1).run(now: Self.now, isDryRun: true).rows == 10)
    #expect(try await retention(days: 1).run(now: Self.now).rows == 10)
    #expect(try await fixture.rows().origins == (Int64(10)..<30).map { [0, $0] })
  }

  @Test("rows under a legal hold stay, whatever their age")
  func held() async throws {
    try await fixture.append(0..<200)
    let all = TableFixture.readings(0..<200)
    let report = try await retention(days: 1, held: ["P3", "it's \"quoted\""]).run(now: Self.now)
    let kept = all.filter { $0.patient == "P3" }
    #expect(Int(report.rows) == all.count - kept.count && !kept.isEmpty)
    #expect(try await fixture.rows().byOrigin == kept)
    #expect(try await retention(days: 1, held: ["P3"]).run(now: Self.now).rows == 0)
  }

  @Test("what holds rows must be a column, or all of them would go")
  func unknownColumn() async throws {
    try await fixture.append(0..<10)
    let retention = Retention(
      store: fixture.store, age: .seconds(1), held: ["P3"], holdColumn: "patient", options: TableFixture.options)
    let error = await #expect(throws: MaintenanceError.self) { try await retention.run(now: Self.now) }
    #expect(error?.code == .refused && error?.message.hasSuffix("no column patient, which rows are held by") == true)
    #expect(try await fixture.rows().count == 10)
  }

  @Test("names and values are quoted, and an odd name commands nothing")
  func quoting() {
    #expect(Retention.condition(held: ["a'b"], column: "x\"y") == "\"x\"\"y\" is null or \"x\"\"y\" not in ('a''b')")
    #expect(Retention.condition(held: [], column: "x") == nil)
    #expect(Retention.filter(column: "date", age: .seconds(1), now: -1) == "\"date\" < date '1969-12-31'")
  }
}
