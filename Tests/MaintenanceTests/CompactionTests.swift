import Columnar
import Delta
import Parquet
import Storage
import Testing

@testable import Landing
@testable import Maintenance

@Suite("Compaction")
struct CompactionTests {
  private let fixture = TableFixture()

  /// Five files of two Kafka partitions on one day and two on another.
  private func furnish() async throws {
    for start in stride(from: Int64(0), to: 300, by: 100) { try await fixture.append(start..<start + 100) }
    try await fixture.append(0..<50, partition: 1)
    try await fixture.append(50..<80, partition: 1)
    try await fixture.append(300..<400, day: 2)
    try await fixture.append(400..<450, day: 2)
  }

  private func compactor(_ change: (inout CompactionOptions) -> Void = { _ in }) -> Compactor {
    var options = TableFixture.options
    change(&options)
    return Compactor(store: fixture.store, options: options)
  }

  @Test("small files of a partition become one, sorted, with all rows and columns")
  func merges() async throws {
    try await furnish()
    let before = try await fixture.rows()
    let report = try await compactor().run()
    #expect(report.groups.map(\.partition) == ["date=2026-01-01", "date=2026-01-02"])
    #expect(report.groups.map(\.filesBefore) == [5, 2] && report.groups.map(\.filesAfter) == [1, 1])
    #expect(report.groups.map(\.rows) == [380, 150])
    let table = try await fixture.open()
    #expect(table.snapshot.files.count == 2)
    for file in table.snapshot.files {
      let rows = try await fixture.rows(of: file)
      #expect(rows == rows.sorted(), "rows with equal keys keep their order, so this is one order only")
      #expect(!file.dataChange && FileStatistics.rowCount(file.stats) == Int64(rows.count))
      let parquet = try await ParquetFile.open(try await fixture.store.open(file.path))
      #expect(parquet.metadata.rowGroups.allSatisfy { $0.sortingColumns.map(\.column) == [0, 1] })
    }
    #expect(try await fixture.rows().byOrigin == before.byOrigin)
  }

  @Test("what is compacted is not compacted again, and a dry run changes nothing")
  func isDone() async throws {
    try await furnish()
    let plan = try await compactor().plan()
    #expect(plan.groups.map(\.filesBefore) == [5, 2] && plan.groups.allSatisfy { $0.version == nil })
    let version = try await fixture.open().snapshot.version
    _ = try await compactor().run()
    #expect(try await fixture.open().snapshot.version == version + 2)
    #expect(try await compactor().run().groups.isEmpty)
    #expect(try await compactor { $0.rewritesAll = true }.run().groups.isEmpty)
    #expect(
      try await compactor {
        $0.rewritesAll = true; $0.order = RowOrder(["event_time"])
      }.run().groups.count == 2)
  }

  @Test("every version that a reader may hold stays whole")
  func olderVersions() async throws {
    try await furnish()
    _ = try await compactor().run()
    let newest = try await fixture.open().snapshot.version
    let all = try await fixture.rows().origins
    for version in (newest - 2)...newest {
      #expect(try await fixture.rows(.version(version)).origins == all)
    }
  }

  /// By the marks of the files a sink knows after a restart whether the topic is still the one it landed.
  @Test("watermarks, and the marks by which a sink knows its topic again, survive")
  func marks() async throws {
    try await furnish()
    let before = try await fixture.open().snapshot
    _ = try await compactor().run()
    let after = try await fixture.open().snapshot
    #expect(after.transactions == before.transactions && after.transactions.count == 2)
    let marks = after.files.flatMap { RangeTags.marks($0) }.sorted { $0.range.next < $1.range.next }
    #expect(
      marks.map(\.range) == [
        OffsetRange(partition: 1, start: 0, next: 80), OffsetRange(partition: 0, start: 0, next: 300),
        OffsetRange(partition: 0, start: 300, next: 450),
      ])
    #expect(marks.map { $0.last?.offset } == [79, 299, 449])
    try await fixture.append(450..<460)
    try await fixture.append(460..<470)
    _ = try await compactor().run()
    let again = try await fixture.open().snapshot.files.flatMap { RangeTags.marks($0) }
    #expect(again.filter { $0.range.partition == 0 }.compactMap { $0.last?.offset }.max() == 469)
    #expect(again.contains { $0.range == OffsetRange(partition: 1, start: 0, next: 80) })
  }

  @Test("a condition chooses partitions")
  func condition() async throws {
    try await furnish()
    let report = try await compactor().run(PartitionFilter("date > '2026-01-01'"))
    #expect(report.groups.map(\.partition) == ["date=2026-01-02"])
    #expect(try await compactor().plan(PartitionFilter("date is null")).groups.isEmpty)
    let error = await #expect(throws: MaintenanceError.self) {
      try await compactor().plan(PartitionFilter("patient_id = 'P1'"))
    }
    #expect(error?.code == .refused && error?.message.hasPrefix("--where: ") == true)
  }

  @Test("without an order rows stay as they came, in files of the wanted size")
  func unsorted() async throws {
    for start in stride(from: Int64(0), to: 4_000, by: 500) { try await fixture.append(start..<start + 500) }
    let before = try await fixture.rows()
    let report = try await compactor { $0.order = .none }.run()
    #expect(report.groups.map(\.filesAfter) == [1])
    #expect(try await fixture.rows() == before)
  }

  @Test("large files are left as they are, and what is written is cut at the wanted size")
  func sizes() async throws {
    let size = try await fixture.append(0..<70_000).size
    try await fixture.append(70_000..<140_000)
    try await fixture.append(140_000..<210_000)
    #expect(try await compactor { $0.targetBytes = size }.plan().groups.isEmpty)
    // 65,536 rows in the order of patients take about 120 kB: two such batches make a file, and the rest another.
    let report = try await compactor {
      $0.targetBytes = 150_000; $0.order.slicedBy = nil
    }.run()
    #expect(report.groups.map(\.filesBefore) == [3] && report.groups.map(\.filesAfter) == [2])
    let files = try await fixture.open().snapshot.files
    #expect(files.map { $0.tags?[CompactionPlan.fullTag] ?? nil } == ["150000", nil])
    #expect(try await compactor { $0.targetBytes = 150_000 }.plan().groups.isEmpty)
    #expect(try await fixture.rows().origins.count == 210_000)
  }

  /// Sizes are guessed while a file is written. Such files once were below three quarters of the wanted size, and each
  /// round merged them anew.
  @Test("files that were cut at the wanted size and became smaller are not merged again and again")
  func guessedSizes() {
    let files = ["a", "b"].map { path in
      AddFile(
        path: path, partitionValues: [:], size: 10, modificationTime: 1, tags: [CompactionPlan.fullTag: "100"])
    }
    #expect(CompactionPlan(files, targetBytes: 100, order: .none).groups.isEmpty)
    #expect(CompactionPlan(files, targetBytes: 101, order: .none).groups.map(\.bytes) == [20])
  }

  @Test("columns that are new in the table are null in the rows of older files")
  func newColumn() async throws {
    let old = TableFixture.schema.fields.dropLast().filter { $0.name != "heart_rate" }
    try await fixture.append(0..<10, fields: old)
    try await fixture.append(10..<20)
    _ = try await compactor().run()
    let rows = try await fixture.rows().byOrigin
    #expect(rows.prefix(10).allSatisfy { $0.rate == nil })
    #expect(Array(rows.suffix(10)) == TableFixture.readings(10..<20))
  }

  @Test("a file with a column that the table does not have, or one that is damaged, is left alone and named")
  func odd() async throws {
    try await fixture.append(0..<10)
    try await fixture.append(10..<20)
    let odd = try await fixture.append(20..<30)
    try await fixture.store.delete(odd.path)
    _ = try await fixture.store.create(odd.path, Array(repeating: 1, count: Int(odd.size)))
    let report = try await compactor().run()
    #expect(report.groups.map(\.filesBefore) == [2])
    #expect(report.leftAlone.count == 1 && report.leftAlone.first?.contains(odd.path) == true)
    #expect(try await fixture.open().snapshot.files.count == 2)
  }

  @Test("a column that the table lacks is refused only where it was asked for")
  func unknownColumn() async throws {
    try await furnish()
    let asked = compactor {
      $0.order = RowOrder(["no_such"])
      $0.demandsOrder = true
    }
    let error = await #expect(throws: MaintenanceError.self) { try await asked.run() }
    #expect(error?.code == .refused)
    #expect(try await compactor { $0.order = RowOrder(["no_such", "event_time"]) }.run().groups.count == 2)
  }

  @Test("row groups are copied as they are where neither order nor columns ask for more")
  func copies() async throws {
    for start in stride(from: Int64(0), to: 300, by: 100) { try await fixture.append(start..<start + 100) }
    let narrow = Array(TableFixture.schema.fields.dropLast()).filter { $0.name != "heart_rate" }
    try await fixture.append(300..<350, fields: narrow)
    let before = try await fixture.rows()
    let report = try await compactor {
      $0.order = .none
      $0.leastCopied = 1
    }.run()
    #expect(report.groups.map(\.rows) == [350] && report.groups.map(\.filesAfter) == [2])
    var groups: [Int] = []
    for file in try await fixture.open().snapshot.files {
      let parquet = try await ParquetFile.open(try await fixture.store.open(file.path))
      groups.append(parquet.metadata.rowGroups.count)
      #expect(FileStatistics.rowCount(file.stats) == parquet.metadata.rowCount)
    }
    #expect(groups == [3, 1])
    #expect(try await fixture.rows() == before)
    #expect(try await TableCheck(store: fixture.store).run().isWhole)
  }

  @Test("copied files have the wanted size, and small row groups are made fewer")
  func copiesInPieces() async throws {
    for start in stride(from: Int64(0), to: 600, by: 100) { try await fixture.append(start..<start + 100) }
    let first = try #require(try await fixture.open().snapshot.files.first)
    let footer = try await ParquetFile.open(try await fixture.store.open(first.path)).metadata
    let pages = footer.rowGroups.flatMap(\.columns).reduce(0) { $0 + $1.totalCompressedSize }
    _ = try await compactor {
      ($0.order, $0.leastCopied, $0.targetBytes, $0.rewritesAll) = (.none, 1, pages + pages / 2, true)
    }.run()
    let files = try await fixture.open().snapshot.files
    #expect(files.count == 3 && files.allSatisfy { FileStatistics.rowCount($0.stats) == 200 })
    _ = try await compactor { $0.order = .none }.run()
    let one = try await fixture.open().snapshot.files
    let parquet = try await ParquetFile.open(try await fixture.store.open(try #require(one.first).path))
    #expect(one.count == 1 && parquet.metadata.rowGroups.count == 1 && parquet.metadata.rowCount == 600)
    #expect(try await fixture.rows().byOrigin == TableFixture.readings(0..<600))
  }

  @Test("in Z-order a file's pages are narrow in each of the columns, and it is marked so")
  func zOrder() async throws {
    for start in stride(from: Int64(0), to: 4_000, by: 1_000) { try await fixture.append(start..<start + 1_000) }
    let order = RowOrder(["patient_id", "event_time"], isZOrder: true)
    let report = try await compactor { $0.order = order }.run()
    #expect(report.groups.map(\.rows) == [4_000])
    let file = try #require(try await fixture.open().snapshot.files.first)
    #expect(RowOrder(file) == order)
    let rows = try await fixture.rows(of: file)
    #expect(rows.byOrigin == TableFixture.readings(0..<4_000))
    // Sixteen parts of the file cover little of both columns, where lines cover all of the second.
    let narrow = Self.coverage(rows)
    #expect(narrow.patients < 0.6 && narrow.times < 0.6, "\(narrow)")
    let lines = Self.coverage(rows.sorted())
    #expect(lines.patients < 0.2 && lines.times > 0.9, "\(lines)")
    #expect(try await compactor { ($0.order, $0.rewritesAll) = (order, true) }.run().groups.isEmpty)
    let other = RowOrder(["patient_id", "event_time"])
    #expect(try await compactor { ($0.order, $0.rewritesAll) = (other, true) }.run().groups.count == 1)
  }

  /// Which share of all patients and of all times a sixteenth of rows spans, on average.
  private static func coverage(_ rows: [Reading]) -> (patients: Double, times: Double) {
    let all = Double(Set(rows.map(\.patient)).count)
    var sum = (patients: 0.0, times: 0.0)
    let size = rows.count / 16
    for start in stride(from: 0, to: 16 * size, by: size) {
      let part = rows[start..<start + size]
      let (low, high) = (part.map(\.time).min() ?? 0, part.map(\.time).max() ?? 0)
      sum.patients += Double(Set(part.map(\.patient)).count) / all / 16
      sum.times += Double(rows.count { (low...high).contains($0.time) }) / Double(rows.count) / 16
    }
    return sum
  }

  @Test("the spool of a sink is refused")
  func spool() async throws {
    try await furnish()
    var table = try await fixture.open()
    let chain = Transaction(appId: TableFixture.topic.chainID(0), version: 0, lastUpdated: 1)
    try await table.commit(CommitRequest(operation: "X", engine: "test") { _ in [.transaction(chain)] })
    let error = await #expect(throws: MaintenanceError.self) { try await compactor().run() }
    #expect(error?.code == .table(.forbidden))
    // The dead letters beside it have no such mark.
    let beside = await #expect(throws: DeltaError.self) {
      try await Spools.refuseDeadLetters(besideRowsIn: fixture.store)
    }
    #expect(beside?.code == .forbidden && beside?.path == "memory:_dead_letters")
    try await Spools.refuseDeadLetters(besideRowsIn: MemoryFileStore())
  }

  @Test("an append-only table may be compacted, since no row leaves it")
  func appendOnly() async throws {
    try await furnish()
    var table = try await fixture.open()
    var metadata = try #require(table.snapshot.metadata)
    metadata.configuration["delta.appendOnly"] = "true"
    let change = metadata
    try await table.commit(CommitRequest(operation: "X", engine: "test") { _ in [.metadata(change)] })
    #expect(try await compactor().run().groups.count == 2)
  }
}
