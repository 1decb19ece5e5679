import Columnar
import Delta
import Foundation
import Storage
import Testing

@testable import Landing
@testable import Maintenance

@Suite("Erasure of somebody")
struct ErasureTests {
  private let fixture = TableFixture()
  private let erasure = Erasure(Mention(of: ["P3"], column: "patient_id"), options: TableFixture.options)

  /// A table of dead letters with these values.
  private func letters(_ values: [String], in store: any FileStore) async throws {
    let letters = values.enumerated().map { offset, value in
      DeadLetter(
        offset: Int64(offset), timestampMillis: 1, reason: .notJSON(offset: 0), key: Array("k".utf8),
        value: Array(value.utf8),
        headers: nil)
    }
    var table = try await DeltaTable.openOrCreate(
      store: store, schema: TableLayout.deadLetterSchema, partitionColumns: [], engine: "test")
    try await table.append(DeadLetter.batch(letters, source: TableFixture.topic, partition: 0), engine: "test")
  }

  @Test("rows, dead letters and audit trails, each in their own way; nobody else's")
  func everywhere() async throws {
    for start in stride(from: Int64(0), to: 200, by: 100) { try await fixture.append(start..<start + 100) }
    let (dead, audit) = (MemoryFileStore(), MemoryFileStore())
    try await letters(["{\"patient_id\":\"P3\",", "{\"patient_id\":\"P33\"", "?"], in: dead)
    let schema = Schema([Field("request", .string)])
    var table = try await DeltaTable.openOrCreate(store: audit, schema: schema, partitionColumns: [], engine: "test")
    var texts = ByteStrings()
    for text in ["score of P3", "score of P4"] { texts.append(text.utf8) }
    try await table.append(
      RecordBatch(schema: schema, columns: [Column(type: .string, values: .bytes(texts))]), engine: "test")
    let places = [
      Erasure.Place(name: "audit", store: audit), Erasure.Place(name: "letters", store: dead),
      Erasure.Place(name: "nowhere", store: MemoryFileStore()), Erasure.Place(name: "rows", store: fixture.store),
    ]
    let before = try await fixture.rows().byOrigin
    let dry = try await erasure.run(places, isDryRun: true)
    #expect(dry.map(\.name) == ["audit", "letters", "rows"] && dry.map(\.removal.rows)[..<2] == [1, 1])
    #expect(try await fixture.rows().byOrigin == before)
    let reports = try await erasure.run(places)
    #expect(reports.map(\.removal.rows) == dry.map(\.removal.rows))
    #expect(try await fixture.rows().byOrigin == before.filter { $0.patient != "P3" })
    for (store, rows) in [(dead, Int64(2)), (audit, 1)] {
      let whole = try await TableCheck(store: store).run()
      #expect(whole.isWhole && whole.rows == rows)
    }
    #expect(try await erasure.run(places).allSatisfy { $0.removal.rows == 0 })
  }

  @Test("entries and checkpoints whose statistics hold the id are named, and no others")
  func logFiles() async throws {
    // Bounds of a file are the only texts that a log holds of rows.
    func add(_ low: String, _ high: String, version: Int) async throws {
      var table = try await fixture.open()
      let stats =
        "{\"numRecords\":1,\"minValues\":{\"patient_id\":\"\(low)\"},\"maxValues\":{\"patient_id\":\"\(high)\"}}"
      let file = AddFile(
        path: "date=2026-01-01/\(version).parquet", partitionValues: ["date": "2026-01-01"], size: 1,
        modificationTime: 1, stats: stats)
      try await table.commit(CommitRequest(operation: "X", engine: "test") { _ in [.add(file)] })
    }
    try await add("P1", "P2", version: 1)
    try await add("P2", "P3", version: 2)
    try await add("P2", "P33", version: 3)
    try await fixture.open().writeCheckpoint()
    let search = LogSearch(store: fixture.store, mention: Mention(of: ["P3"], column: "patient_id"))
    #expect(
      try await search.files() == [
        "_delta_log/00000000000000000002.json", "_delta_log/00000000000000000003.checkpoint.parquet",
      ])
  }

  @Test("a spool is erased under its lock, keeps its marks, and leaves no old files")
  func spool() async throws {
    let folder = NSTemporaryDirectory() + "spool-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let spool = TableFixture(LocalFileStore(root: folder))
    let old = try await spool.append(0..<100)
    var table = try await spool.open()
    let chain = Transaction(appId: TableFixture.topic.chainID(0), version: 0, lastUpdated: 1)
    try await table.commit(CommitRequest(operation: "X", engine: "test") { _ in [.transaction(chain)] })
    let before = try await spool.rows().byOrigin
    let places = [Erasure.Place(name: "spool", store: spool.store, lockDirectory: folder)]
    _ = try await SpoolLock.holding(folder) { () async throws(LandingError) in
      let busy = try? await erasure.run(places)
      #expect(busy?.map(\.isBusy) == [true])
    }
    #expect(try await spool.rows().byOrigin == before)
    let report = try #require(try await erasure.run(places).first)
    #expect(report.removal.rows > 0 && report.isUnlinked && !report.isBusy)
    #expect(try await spool.rows().byOrigin == before.filter { $0.patient != "P3" })
    #expect(try await spool.store.status(old.path) == nil)
    let file = try #require(try await spool.open().snapshot.files.first)
    #expect(RangeTags.parse(file)?.range == OffsetRange(partition: 0, start: 0, next: 100))
  }

  @Test("a table whose folders are by id loses the folder's rows")
  func partitioned() async throws {
    let store = MemoryFileStore()
    let schema = Schema([Field("spo2", .double), Field("patient_id", .string)])
    var table = try await DeltaTable.openOrCreate(
      store: store, schema: schema, partitionColumns: ["patient_id"], engine: "test")
    let batch = RecordBatch(
      schema: Schema([Field("spo2", .double)]), columns: [Column(type: .double, values: .double([1, 2]))])
    for patient in ["P3", "P4"] { try await table.append(batch, partition: ["patient_id": patient], engine: "test") }
    let reports = try await erasure.run([Erasure.Place(name: "rows", store: store)])
    #expect(reports.map(\.removal.rows) == [2] && reports.map(\.removal.removed) == [1])
    let left = try await DeltaTable.open(store: store).snapshot.files
    #expect(left.map(\.partitionValues) == [["patient_id": "P4"]])
  }
}
