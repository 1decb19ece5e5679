import CoreMetrics
import Landing
import Storage
import Telemetry
import Testing

@testable import Maintenance

@Suite("Limits of a watching compaction")
struct WatchingTests {
  @Test(
    "hours of the day, over midnight as well",
    arguments: [
      ("22-6", 22 * 3_600, 0), ("22-6", 6 * 3_600 - 1, 0), ("22-6", 6 * 3_600, 16 * 3_600), ("0-24", 5, 0),
      ("22-24", 0, 22 * 3_600), ("0-1", 3_600, 23 * 3_600), ("9-17", 86_400 * 20_000 + 12 * 3_600, 0),
      ("9-17", -1, 32_401),
    ] as [(String, Int64, Int64)])
  func hours(text: String, time: Int64, wait: Int64) throws {
    #expect(try #require(DayHours(parsing: text)).wait(at: time) == wait)
  }

  @Test("no hours", arguments: ["", "5", "5-5", "24-3", "3-25", "-3-4", "3-4-5", "a-b", "003-4", "+3-4"])
  func noHours(text: String) { #expect(DayHours(parsing: text) == nil) }

  @Test("what was spent has to be paid before the next call; what was not spent is not saved up")
  func budget() {
    let budget = RateBudget(bytesPerSecond: 100)
    let start = ContinuousClock.now
    #expect(budget.wait(now: start) == .zero)
    budget.spend(50, now: start)
    budget.spend(100, now: start)
    #expect(budget.wait(now: start) == .milliseconds(1_500))
    #expect(budget.wait(now: start + .seconds(1)) == .milliseconds(500))
    budget.spend(100, now: start + .seconds(60))
    #expect(budget.wait(now: start + .seconds(60)) == .seconds(1))
  }

  @Test("a store within its rate does the same as without")
  func throttled() async throws {
    let base = MemoryFileStore()
    let store = ThrottledStore(base, bytesPerSecond: 1 << 40)
    let fixture = TableFixture(store)
    for start in stride(from: Int64(0), to: 30, by: 10) { try await fixture.append(start..<start + 10) }
    #expect(try await Compactor(store: store, options: TableFixture.options).run().groups.map(\.rows) == [30])
    #expect(try await TableCheck(store: store).run().isWhole)
    #expect(store.root == base.root)
  }

  @Test("a compaction ends before the next partition when it may not go on")
  func mayNotGoOn() async throws {
    let fixture = TableFixture()
    for start in stride(from: Int64(0), to: 40, by: 10) {
      try await fixture.append(start..<start + 10, day: 1 + Int(start / 20))
    }
    let compactor = Compactor(store: fixture.store, options: TableFixture.options)
    let left = Latest(1)
    let report = try await compactor.run(mayGoOn: {
      left.value -= 1
      return left.value >= 0
    })
    #expect(report.groups.count == 1)
    #expect(try await compactor.run().groups.count == 1)
  }

  @Test("metrics of a round, and whether it lives and is ready")
  func metrics() {
    let registry = PrometheusRegistry()
    let care = CareMetrics(factory: registry)
    let start = ContinuousClock.now
    #expect(care.isAlive(now: start) && care.trouble() == "no round has begun yet")
    care.begin(mergeableFiles: 7, now: start)
    #expect(
      care.isAlive(now: start + .seconds(599)) && !care.isAlive(now: start + .seconds(601)) && care.trouble() == nil)
    care.progress(now: start + .seconds(500))
    #expect(care.isAlive(now: start + .seconds(601)))
    var group = CompactedGroup(partition: "", filesBefore: 7, bytesBefore: 70)
    (group.filesAfter, group.bytesAfter, group.rows, group.conflicts) = (1, 50, 30, 2)
    care.count(group)
    care.end(trouble: nil, time: .seconds(2), unixSeconds: 1_700_000_000)
    #expect(care.trouble() == nil && care.isAlive(now: start + .seconds(90_000)))
    care.end(trouble: "HDFS is away", time: .seconds(1), unixSeconds: 1_700_000_100)
    #expect(care.trouble() == "HDFS is away")
    let lines = registry.text().split(separator: "\n").map(String.init)
    for line in [
      "vitals_compact_rounds_total 2", "vitals_compact_failures_total 1", "vitals_compact_partitions_total 1",
      "vitals_compact_conflicts_total 2", "vitals_compact_rows_total 30", "vitals_compact_files_read_total 7",
      "vitals_compact_files_written_total 1", "vitals_compact_bytes_read_total 70",
      "vitals_compact_bytes_written_total 50", "vitals_compact_mergeable_files 7",
      "vitals_compact_last_success_timestamp_seconds 1700000000", "vitals_compact_round_seconds_sum 3",
    ] { #expect(lines.contains(line), "\(line)") }
  }
}
