import Delta
import Storage
import Testing

@testable import Landing

@Suite struct SpoolMergingTests {
  private func step(_ start: Int64, _ sizes: [String: Int64], cutBelow: Int64? = nil) -> DrainPlan.Step {
    let range = OffsetRange(partition: 0, start: start, next: start + 10)
    let files = sizes.sorted { $0.key < $1.key }.map { day, size in
      AddFile(path: "\(day)/\(start)", partitionValues: ["date": day], size: size, modificationTime: 0)
    }
    return DrainPlan.Step(range: range, files: files, cutBelow: cutBelow)
  }

  private func groups(_ steps: [DrainPlan.Step], merges: Bool = true) -> [[String]] {
    MergePlan(steps, merges: merges).groups.map { $0.files.map(\.path) }
  }

  @Test func smallFilesOfOneFolderGoTogether() {
    let steps = [step(0, ["a": 1_000, "b": 1_000]), step(10, ["a": 1_000]), step(20, ["b": 1_000])]
    #expect(groups(steps) == [["a/0", "a/10"], ["b/0", "b/20"]])
    #expect(groups(steps, merges: false) == [["a/0"], ["b/0"], ["a/10"], ["b/20"]])
    let plan = MergePlan(steps, merges: true)
    #expect(plan.groups.map(\.range.start) == [0, 0] && plan.groups.map(\.range.next) == [20, 30])
  }

  @Test func largeAndCutFilesGoAlone() {
    let large = MergePlan.small
    // What comes behind a large file does not join what came before it: rows stay in the order of their offsets.
    #expect(
      groups([step(0, ["a": 1]), step(10, ["a": large]), step(20, ["a": 1]), step(30, ["a": 1])])
        == [["a/0"], ["a/10"], ["a/20", "a/30"]])
    #expect(groups([step(0, ["a": 1], cutBelow: 5), step(10, ["a": 1])]) == [["a/0"], ["a/10"]])
  }

  @Test func aGroupEndsAtItsLimit() {
    let size = MergePlan.small - 1
    let count = Int(MergePlan.limit / size)
    let steps = (0..<count + 1).map { step(Int64($0) * 10, ["a": size]) }
    #expect(groups(steps).map(\.count) == [count, 1])
  }

  private func mergingDrainer(_ fixture: LanderFixture) -> SpoolDrainer {
    var options = DrainOptions()
    options.mergesSmallFiles = true
    return SpoolDrainer(
      spool: TableStores(rows: fixture.spoolRows, deadLetters: fixture.spoolLetters),
      table: TableStores(rows: fixture.rows, deadLetters: fixture.letters), engine: "test", log: fixture.log,
      options: options)
  }

  @Test func manySpooledRangesComeHomeAsOneFile() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    fixture.isTableAway = true
    for start in stride(from: Int64(0), to: 400, by: 20) {
      _ = try await lander.land(fixture.batch(start..<start + 20))
    }
    #expect(try await fixture.spooled() == LanderFixture.good(0..<400))
    fixture.isTableAway = false
    var options = DrainOptions()
    options.mergesSmallFiles = true
    options.readsBack = true
    let drainer = SpoolDrainer(
      spool: TableStores(rows: fixture.spoolRows, deadLetters: fixture.spoolLetters),
      table: TableStores(rows: fixture.rows, deadLetters: fixture.letters), engine: "test", log: fixture.log,
      options: options)
    // A commit that fails is made up for by the next run, and nothing lands twice.
    fixture.rows.failNext(.create, .loseAnswer(.outcomeUnknown), pathSuffix: ".json")
    _ = try? await drainer.drain()
    let report = try await drainer.drain()
    #expect(report.remaining == 0 && report.stopped == [])
    #expect(try await fixture.landed() == LanderFixture.good(0..<400))
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<400))
    #expect(try await fixture.watermark() == 400)
    #expect(try await DeltaTable.open(store: fixture.rows).snapshot.files.count == 1)
    #expect(try await fixture.spooled() == [])
  }

  /// A log may write paths with more escapes than ours. Such a spool went home, but its files were never taken out of
  /// it: each run sent none and called them left.
  @Test func aSpoolWhoseLogEscapesMoreIsEmptiedToo() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    fixture.isTableAway = true
    _ = try await lander.land(fixture.batch(0..<20))
    fixture.isTableAway = false
    for entry in try await fixture.spoolRows.list("_delta_log") where entry.path.hasSuffix(".json") {
      let text = String(decoding: try await fixture.spoolRows.read(entry.path, limit: 1 << 20), as: UTF8.self)
      let escaped = text.replacing(#""path":"date="#, with: #""path":"date%3D"#)
      try await fixture.spoolRows.replace(entry.path, Array(escaped.utf8))
    }
    let escaped = try await DeltaTable.open(store: fixture.spoolRows).snapshot.files
    #expect(!escaped.isEmpty && escaped.allSatisfy { $0.path.hasPrefix("date%3D") })
    let report = try await fixture.drainer.drain()
    #expect(report.remaining == 0 && report.stopped == [])
    #expect(try await fixture.landed() == LanderFixture.good(0..<20))
    #expect(try await fixture.spooled() == [])
  }

  /// Each partition had commits of its own, and each file of dead letters was sent alone after all that were home had
  /// been read again: under load, a spool of ten minutes was never empty.
  @Test func partitionsComeHomeTogetherInFewRequests() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    let partitions: [Int32] = [0, 1, 2]
    _ = try await lander.knowledge(of: partitions)
    fixture.isTableAway = true
    for start in stride(from: Int64(0), to: 200, by: 20) {
      for partition in partitions { _ = try await lander.land(fixture.batch(start..<start + 20, partition: partition)) }
    }
    fixture.isTableAway = false
    let report = try await mergingDrainer(fixture).drain()
    #expect(report.remaining == 0 && report.files == 60 && report.tableFiles == 6)
    for partition in partitions {
      #expect(try await fixture.landed(partition: partition) == LanderFixture.good(0..<200))
      #expect(try await fixture.deadLetters(partition: partition) == LanderFixture.bad(0..<200))
      #expect(try await fixture.watermark(partition: partition) == 200)
    }
    // One commit each, besides the tables' creation.
    #expect(try await DeltaTable.open(store: fixture.rows).snapshot.version == 1)
    #expect(try await DeltaTable.open(store: fixture.letters).snapshot.version == 1)
  }

  /// HDFS went away between the letters of a batch and its rows: the letters at home made every later file of letters
  /// go home alone, and the spool of ten minutes took longer to empty than it had taken to fill.
  @Test func lettersThatGotHomeBeforeTheOutageDoNotPartTheOthers() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    let partitions: [Int32] = [0, 1, 2]
    _ = try await lander.knowledge(of: partitions)
    fixture.rows.isUnavailable = true
    for partition in partitions { _ = try await lander.land(fixture.batch(0..<20, partition: partition)) }
    fixture.isTableAway = true
    for start in stride(from: Int64(20), to: 200, by: 20) {
      for partition in partitions { _ = try await lander.land(fixture.batch(start..<start + 20, partition: partition)) }
    }
    fixture.isTableAway = false
    let before = try await DeltaTable.open(store: fixture.letters).snapshot.files.count
    let report = try await mergingDrainer(fixture).drain()
    #expect(before > 0 && report.remaining == 0)
    for partition in partitions {
      #expect(try await fixture.landed(partition: partition) == LanderFixture.good(0..<200))
      #expect(try await fixture.deadLetters(partition: partition) == LanderFixture.bad(0..<200))
    }
    let after = try await DeltaTable.open(store: fixture.letters).snapshot.files.count
    #expect(after == before + partitions.count)
  }

  @Test func aPartitionThatAnotherWriterMovedIsLeftOutOfTheCommit() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0, 1])
    fixture.isTableAway = true
    for partition in [0, 1] as [Int32] { _ = try await lander.land(fixture.batch(0..<40, partition: partition)) }
    fixture.isTableAway = false
    // Another host lands a part of one partition first: its rows are cut off, and the other goes home as it is.
    let other = fixture.lander(hasSpool: false)
    _ = try await other.knowledge(of: [1])
    _ = try await other.land(fixture.batch(0..<15, partition: 1))
    let report = try await fixture.drainer.drain()
    #expect(report.remaining == 0 && report.stopped == [])
    for partition in [0, 1] as [Int32] {
      #expect(try await fixture.landed(partition: partition) == LanderFixture.good(0..<40))
      #expect(try await fixture.deadLetters(partition: partition) == LanderFixture.bad(0..<40))
    }
  }
}
