import Columnar
import Delta
import Storage
import Testing

@testable import Landing
@testable import Maintenance

@Suite("Removal of rows")
struct RowRemovalTests {
  private let fixture = TableFixture()

  private func removal(_ condition: String?, in filter: PartitionFilter? = nil) -> RowRemoval {
    RowRemoval(store: fixture.store, condition: condition, in: filter, options: TableFixture.options)
  }

  @Test("one patient's rows go, all others stay, also of files that are sorted")
  func onePatient() async throws {
    for start in stride(from: Int64(0), to: 300, by: 100) { try await fixture.append(start..<start + 100) }
    _ = try await Compactor(store: fixture.store, options: TableFixture.options).run()
    try await fixture.append(300..<400, day: 2)
    let before = try await fixture.rows().byOrigin
    let expected = before.filter { $0.patient != "P3" }
    let dry = try await removal("patient_id = 'P3'").run(isDryRun: true)
    #expect(Int(dry.rows) == before.count - expected.count && dry.rows > 0)
    #expect(try await fixture.rows().byOrigin == before)
    let report = try await removal("patient_id = 'P3'").run()
    #expect(report.rows == dry.rows && report.rewritten == 2 && report.removed == 0)
    #expect(report.versions.count == 1 && report.oldFiles.count == 2 && report.logVersions == [1, 2, 3, 4, 5])
    #expect(try await fixture.rows().byOrigin == expected)
    #expect(try await removal("patient_id = 'P3'").run().rows == 0)
    let files = try await fixture.open().snapshot.files
    #expect(files.flatMap { RangeTags.marks($0) }.compactMap { $0.last?.offset }.max() == 399)
    #expect(try await TableCheck(store: fixture.store).run().isWhole)
  }

  @Test("a condition that cannot be answered keeps rows, and files of which all rows go leave as a whole")
  func wholeFiles() async throws {
    try await fixture.append(0..<10)
    try await fixture.append(10..<20, day: 2)
    #expect(try await removal("heart_rate > 1e9").run().rows == 0)
    let report = try await removal("date = '2026-01-02'").run()
    #expect(report.removed == 1 && report.rewritten == 0 && report.rows == 10)
    #expect(try await fixture.rows().origins == (Int64(0)..<10).map { [0, $0] })
    let third = try await removal(nil, in: PartitionFilter("date <= '2026-01-01'")).run()
    #expect(third.removed == 1 && third.rows == 10)
    #expect(try await fixture.rows().isEmpty)
  }

  @Test("rows that land meanwhile are searched as well, and a compaction meanwhile is given way to")
  func races() async throws {
    let store = HookedStore()
    let others = TableFixture(store.base)
    for start in stride(from: Int64(0), to: 200, by: 100) { try await others.append(start..<start + 100) }
    let state = Latest(0)
    store.hook(before: { path in
      guard path.contains("compacted-") else { return }
      state.value += 1
      if state.value == 1 { try await others.append(200..<300) }
      if state.value == 2 { _ = try await Compactor(store: others.store, options: TableFixture.options).run() }
    })
    let expected = TableFixture.readings(0..<300).filter { $0.patient != "P3" }
    _ = try await RowRemoval(store: store, condition: "patient_id = 'P3'", options: TableFixture.options).run()
    #expect(try await others.rows().byOrigin == expected)
  }

  @Test("a death after any change leaves all rows or those that stay, and the next run finishes", arguments: 0...5)
  func death(changes: Int) async throws {
    let store = MemoryFileStore()
    let fixture = TableFixture(store)
    for start in stride(from: Int64(0), to: 300, by: 100) { try await fixture.append(start..<start + 100) }
    let before = try await fixture.rows().byOrigin
    let expected = before.filter { $0.patient != "P3" }
    let removal = RowRemoval(store: store, condition: "patient_id = 'P3'", options: TableFixture.options)
    store.cutOff(afterChanges: changes)
    _ = try? await removal.run()
    store.mend()
    let left = try await fixture.rows().byOrigin
    #expect(left == (changes < 4 ? before : expected))
    _ = try await removal.run()
    #expect(try await fixture.rows().byOrigin == expected)
  }

  @Test("files that a removal wrote in vain are taken away")
  func inVain() async throws {
    let store = HookedStore()
    let others = TableFixture(store.base)
    try await others.append(0..<100)
    store.hook(before: { path in
      guard path.contains("compacted-") else { return }
      _ = try await Compactor(store: others.store, options: TableFixture.rewritingAll).run()
    })
    _ = try? await RowRemoval(store: store, condition: "patient_id = 'P3'", options: TableFixture.options).run()
    #expect(try await TableCheck(store: others.store).run().orphans.isEmpty)
  }

  @Test("an append-only table gives up no row, and a wrong condition is refused")
  func refused() async throws {
    try await fixture.append(0..<10)
    let wrong = await #expect(throws: MaintenanceError.self) { try await removal("no_such = 1").run() }
    #expect(wrong?.code == .refused)
    // Texts in double quotes are columns: the error must not repeat what may be a patient.
    for condition in ["patient_id = \"P0042\"", "patient_id = 'P0042", "P0042(patient_id)", "'P0042' < 1 < date"] {
      let error = await #expect(throws: MaintenanceError.self) { try await removal(condition).run() }
      #expect(error?.code == .refused && error?.message.contains("P0042") == false, "\(condition)")
    }
    var table = try await fixture.open()
    var metadata = try #require(table.snapshot.metadata)
    metadata.configuration["delta.appendOnly"] = "true"
    let change = metadata
    try await table.commit(CommitRequest(operation: "X", engine: "test") { _ in [.metadata(change)] })
    let error = await #expect(throws: DeltaError.self) { try await removal("patient_id is null").run() }
    #expect(error?.code == .forbidden)
    #expect(try await fixture.rows().count == 10)
  }
}
