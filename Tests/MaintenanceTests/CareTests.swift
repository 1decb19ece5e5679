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

  /// Rows do not say which topic they are of: the same offset of two topics was once taken for one row there twice.
  @Test("several topics in one table, whose offsets are told apart, also behind a compaction")
  func topics() async throws {
    let other = TopicSource(topic: "alarms")
    for start in stride(from: Int64(0), to: 30, by: 10) {
      try await fixture.append(start..<start + 10)
      try await fixture.append(start..<start + 10, of: other)
    }
    #expect(try await check().isWhole)
    let report = try await Compactor(store: fixture.store, options: TableFixture.options).run()
    #expect(report.groups.map(\.filesBefore) == [3, 3])
    let whole = try await check()
    #expect(whole.isWhole && whole.files == 2 && whole.rows == 60 && whole.unattributed == 0)
    try await fixture.append(25..<35, day: 2, of: other)
    var table = try await fixture.open()
    let lowered = Transaction(appId: TableFixture.topic.watermarkID(0), version: 20, lastUpdated: 1)
    try await table.commit(CommitRequest(operation: "X", engine: "test") { _ in [.transaction(lowered)] })
    #expect(
      try await check().problems == [
        "Kafka partition 0 of alarms: 5 offsets are there more than once, one of them 25",
        "Kafka partition 0 of vitals: offset 29 is there, and the watermark stands at 20",
      ])
  }

  @Test("rows of a file without marks are those of the one topic, and of no one where there are several")
  func withoutMarks() async throws {
    func rewriteWithoutMarks() async throws {
      var table = try await fixture.open()
      let changed = table.snapshot.files.map { file in
        var file = file
        file.tags = nil
        return file
      }
      try await table.commit(CommitRequest(operation: "X", engine: "test") { _ in changed.map { .add($0) } })
    }
    try await fixture.append(0..<10)
    try await fixture.append(5..<15, day: 2)
    try await rewriteWithoutMarks()
    #expect(try await check().problems == ["Kafka partition 0: 5 offsets are there more than once, one of them 5"])
    try await fixture.append(0..<10, day: 3, of: TopicSource(topic: "alarms"))
    try await rewriteWithoutMarks()
    let report = try await check()
    #expect(report.isWhole && report.unattributed == 30)
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
