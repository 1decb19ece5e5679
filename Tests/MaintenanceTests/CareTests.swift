import Columnar
import Delta
import Storage
import Testing

@testable import Landing
@testable import Maintenance

@Suite("Sizes of a table")
struct TableSizesTests {
  @Test("files, bytes, rows and classes by partition, and what a compaction gains")
  func sizes() async throws {
    let fixture = TableFixture()
    var bytes: Int64 = 0
    for start in stride(from: Int64(0), to: 50, by: 10) { bytes += try await fixture.append(start..<start + 10).size }
    try await fixture.append(50..<60, day: 2)
    let sizes = TableSizes(try await fixture.open().snapshot, options: TableFixture.options)
    #expect(sizes.partitions.map(\.name) == ["date=2026-01-01", "date=2026-01-02"])
    let first = try #require(sizes.partitions.first)
    #expect(first.files == 5 && first.bytes == bytes && first.rows == 50 && first.uncounted == 0)
    #expect(first.histogram == [5, 0, 0, 0, 0, 0] && first.mergeable == 5 && first.merged == 1)
    #expect(sizes.partitions[1].mergeable == 0 && sizes.partitions[1].merged == 0)
  }

  @Test(
    "a class ends with its limit",
    arguments: [(Int64(0), 0), (64 << 10, 0), (64 << 10 | 1, 1), (128 << 20, 4), (.max, 5)])
  func classes(size: Int64, expected: Int) {
    var part = TableSizes.Partition(name: "")
    part.add(AddFile(path: "a", partitionValues: [:], size: size, modificationTime: 0))
    #expect(part.histogram.firstIndex(of: 1) == expected && part.uncounted == 1)
  }
}

@Suite("Check of a table")
struct TableCheckTests {
  private let fixture = TableFixture()

  private func check() async throws -> TableCheckReport { try await TableCheck(store: fixture.store).run() }

  @Test("a whole table, before and after a compaction, whose old files wait for a vacuum")
  func whole() async throws {
    for start in stride(from: Int64(0), to: 50, by: 10) { try await fixture.append(start..<start + 10) }
    try await fixture.append(0..<10, partition: 1)
    let before = try await check()
    #expect(before.isWhole && before.files == 6 && before.rows == 60 && before.removed == 0 && before.orphans.isEmpty)
    _ = try await Compactor(store: fixture.store, options: TableFixture.options).run()
    _ = try await fixture.store.create("date=2026-01-01/left-over.parquet", [1])
    let after = try await check()
    #expect(after.isWhole && after.files == 1 && after.rows == 60 && after.removed == 6)
    #expect(after.orphans.map(\.path) == ["date=2026-01-01/left-over.parquet"])
  }

  @Test("a file that is missing, shorter, or damaged inside")
  func files() async throws {
    let files = [
      try await fixture.append(0..<100), try await fixture.append(100..<200), try await fixture.append(200..<300),
    ]
    try await fixture.store.delete(files[0].path)
    let short = try await fixture.store.read(files[1].path, limit: 1 << 20)
    try await fixture.store.replace(files[1].path, short.dropLast())
    var damaged = try await fixture.store.read(files[2].path, limit: 1 << 20)
    for index in 40..<60 { damaged[index] ^= 0x55 }
    try await fixture.store.replace(files[2].path, damaged)
    let report = try await check()
    #expect(report.problemCount == 3)
    #expect(report.problems[0] == "\(files[0].path): missing")
    #expect(report.problems[1].contains("\(short.count - 1) bytes, and the log says \(short.count)"))
    #expect(report.problems[2].hasPrefix(files[2].path))
  }

  @Test("an offset that is there twice, and one above its watermark")
  func offsets() async throws {
    try await fixture.append(0..<20)
    try await fixture.append(15..<25, day: 2)
    try await fixture.append(10..<12, partition: 3)
    var table = try await fixture.open()
    let lowered = Transaction(appId: TableFixture.topic.watermarkID(3), version: 11, lastUpdated: 1)
    try await table.commit(CommitRequest(operation: "X", engine: "test") { _ in [.transaction(lowered)] })
    #expect(
      try await check().problems == [
        "Kafka partition 0: 5 offsets are there more than once, one of them 15",
        "Kafka partition 3: offset 11 is there, and the watermark stands at 11",
      ])
  }

  @Test("offsets in chunks, those that meet at the border of one too")
  func numberSet() {
    var set = NumberSet()
    let offsets: [Int64] = [0, 1, 65_535, 65_536, .max, 5 << 40]
    let first = offsets.map { set.insert($0) }
    let second = offsets.map { set.insert($0) }
    #expect(!first.contains(false) && !second.contains(true))
    #expect(set.count == 6)
    #expect(offsets.allSatisfy { set.contains($0) } && !set.contains(2) && !set.contains(65_537))
  }
}

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
}

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
