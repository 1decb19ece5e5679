import Columnar
import Delta
import Storage
import Testing

@testable import Landing
@testable import Maintenance

@Suite("Going back to an older version")
struct RestoringTests {
  private let fixture = TableFixture()
  private var restoring: Restoring { Restoring(store: fixture.store, engine: "test") }

  private func furnish() async throws {
    try await fixture.append(0..<10)
    try await fixture.append(0..<10, partition: 1)
    try await fixture.append(10..<20)  // version 3
    try await fixture.append(20..<30)
    try await fixture.append(30..<40, day: 2)
    try await fixture.append(5..<8, partition: 2)
  }

  private func watermarks() async throws -> [Int64?] {
    let snapshot = try await fixture.open().snapshot
    return (Int32(0)...2).map { snapshot.transactions[TableFixture.topic.watermarkID($0)]?.version }
  }

  @Test("rows as they were, watermarks as they are, and what is lacking is told")
  func keepsWatermarks() async throws {
    try await furnish()
    let before = try await fixture.rows(.version(3)).byOrigin
    let dry = try await restoring.run(to: 3, isDryRun: true)
    #expect(dry.version == nil && dry.removed == 3 && dry.added == 0)
    #expect(try await fixture.rows().count == 53)
    let report = try await restoring.run(to: 3)
    #expect(report.version == 7 && report.removed == 3)
    #expect(try await fixture.rows().byOrigin == before)
    #expect(try await watermarks() == [40, 10, 8])
    #expect(report.lacks.map(\.partition) == [0, 2])
    #expect(report.lacks.map(\.start) == [20, 5] && report.lacks.map(\.next) == [40, 8])
    #expect(try await restoring.run(to: 3).version == nil)
  }

  @Test("with rewinding the watermarks are those of the older version, and sinks may land the rest again")
  func rewinds() async throws {
    try await furnish()
    _ = try await restoring.run(to: 3, rewinds: true)
    #expect(try await watermarks() == [20, 10, 5])
    #expect(try await TableCheck(store: fixture.store).run().isWhole)
  }

  @Test("behind a compaction, whose old files come back")
  func behindCompaction() async throws {
    try await furnish()
    let all = try await fixture.rows().byOrigin
    _ = try await Compactor(store: fixture.store, options: TableFixture.options).run()
    let report = try await restoring.run(to: 6)
    #expect(report.added == 5 && report.removed == 1 && report.lacks.isEmpty)
    #expect(try await fixture.rows().byOrigin == all)
    #expect(try await fixture.open().snapshot.files.count == 6)
  }

  @Test("a death leaves the table as it was or as it is to be", arguments: 0...2)
  func death(changes: Int) async throws {
    let store = MemoryFileStore()
    let fixture = TableFixture(store)
    for start in stride(from: Int64(0), to: 40, by: 10) { try await fixture.append(start..<start + 10) }
    store.cutOff(afterChanges: changes)
    _ = try? await Restoring(store: store, engine: "test").run(to: 2, rewinds: true)
    store.mend()
    let snapshot = try await fixture.open().snapshot
    let next: Int64 = changes == 0 ? 40 : 20
    #expect(snapshot.transactions[TableFixture.topic.watermarkID(0)]?.version == next)
    #expect(try await fixture.rows().origins == (0..<next).map { [0, $0] })
  }

  @Test("a version whose files a vacuum has removed is refused, and nothing changes")
  func vacuumed() async throws {
    try await furnish()
    _ = try await Compactor(store: fixture.store, options: TableFixture.options).run()
    let gone = try #require(try await DeltaTable.open(store: fixture.store, at: .version(2)).snapshot.files.first)
    try await fixture.store.delete(gone.path)
    let version = try await fixture.open().snapshot.version
    let error = await #expect(throws: MaintenanceError.self) { try await restoring.run(to: 2) }
    #expect(error?.code == .file && error?.message.contains(gone.path) == true)
    #expect(try await fixture.open().snapshot.version == version)
    let unknown = await #expect(throws: DeltaError.self) { try await restoring.run(to: 99) }
    #expect(unknown?.code == .noSuchVersion)
  }

  /// Files that left the table long ago may be taken by any vacuum at any time: it might have listed them before the
  /// restore, and taken them after it.
  @Test("what a vacuum may take comes back as a copy, and the vacuum takes the original")
  func beforeVacuum() async throws {
    let store = MemoryFileStore()
    let fixture = TableFixture(store)
    try await fixture.append(0..<10)
    try await fixture.append(10..<20)
    let before = try await fixture.rows().byOrigin
    try await fixture.remove(at: 1)
    #expect(try await fixture.rows().isEmpty)
    let report = try await Restoring(store: store, engine: "test").run(to: 2)
    #expect(report.added == 2)
    let files = try await fixture.open().snapshot.files
    #expect(files.allSatisfy { $0.path.contains("restored-") })
    #expect(files.flatMap { RangeTags.marks($0) }.map(\.range.next).sorted() == [10, 20])
    var table = try await fixture.open()
    store.setTime(1_700_000_000_000 + 10 * 86_400_000)
    #expect(try await table.vacuum().files.count == 2)
    #expect(try await fixture.rows().byOrigin == before)
    #expect(try await TableCheck(store: store).run().isWhole)
  }

  @Test("files come back while a vacuum takes files away: it looks again and spares them")
  func duringVacuum() async throws {
    let store = HookedStore()
    let fixture = TableFixture(store.base)
    for start in stride(from: Int64(0), to: 400, by: 10) { try await fixture.append(start..<start + 10) }
    let now = WallClock.milliseconds()
    try await fixture.remove(at: now)
    store.base.setTime(now + 2 * 86_400_000)
    let deleted = Latest(0)
    store.hook(deleting: { path in
      guard path.hasSuffix(".parquet") else { return }
      deleted.value += 1
      // Another engine's restore, which brings back what is there still.
      if deleted.value == 5 { try await fixture.bringBack(last: 10) }
    })
    var table = try await DeltaTable.open(store: store)
    let report = try await table.vacuum(retention: .seconds(0))
    #expect(report.files.count == 30)
    #expect(try await fixture.rows().count == 100)
    #expect(try await TableCheck(store: store.base).run().isWhole)
  }

  @Test("a file that is gone when the commit stands: the commit is taken back")
  func takenBack() async throws {
    let store = HookedStore()
    let fixture = TableFixture(store.base)
    for start in stride(from: Int64(0), to: 30, by: 10) { try await fixture.append(start..<start + 10) }
    _ = try await Compactor(store: store.base, options: TableFixture.options).run()
    try await fixture.append(30..<40)
    let (before, mark) = (try await fixture.rows().byOrigin, TableFixture.topic.watermarkID(0))
    let gone = try #require(try await DeltaTable.open(store: store, at: .version(2)).snapshot.files.first)
    store.hook(before: { path in
      if path.hasSuffix("6.json") { try await store.base.delete(gone.path) }
    })
    let error = await #expect(throws: MaintenanceError.self) {
      try await Restoring(store: store, engine: "test").run(to: 2, rewinds: true)
    }
    #expect(error?.code == .file && error?.message.hasSuffix("the table is as it was before") == true)
    #expect(try await fixture.rows().byOrigin == before)
    #expect(try await fixture.open().snapshot.transactions[mark]?.version == 40)
    #expect(try await TableCheck(store: store.base).run().isWhole)
  }
}
