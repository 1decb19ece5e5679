import Storage
import Testing

@testable import Delta

private let day: Int64 = 86_400_000

/// A log of entries 0 to `last`, one an hour, with checkpoints at these versions.
private func log(last: Int64, checkpoints: [Int64], without missing: Range<Int64> = 0..<0) -> LogListing {
  func file(_ name: String, _ version: Int64) -> FileStatus {
    FileStatus(
      path: "_delta_log/\(LogFileName.digits(version))\(name)", size: 1, isDirectory: false,
      modificationTime: version * 3_600_000)
  }
  return LogListing(
    (0...last).filter { !missing.contains($0) }.map { file(".json", $0) }
      + checkpoints.map { file(".checkpoint.parquet", $0) })
}

@Suite("Cleaning the log up")
struct LogCleanUpTests {
  private func planned(_ listing: LogListing, retentionDays: Int64 = 30) -> LogCleanUp? {
    LogCleanUp(listing, now: (listing.entries.last?.modificationTime ?? 0), retention: retentionDays * day)
  }

  @Test("what lies before the newest checkpoint at or below the cut-off goes, the oldest first")
  func oldest() throws {
    let plan = try #require(planned(log(last: 3_000, checkpoints: [500, 1_000, 1_900, 2_100, 3_000])))
    // The last 1,000 versions stay, that is 2,001 and above, and what is needed to read them.
    #expect(plan.base == CheckpointName(version: 1_900, parts: nil))
    #expect(plan.paths.count == 1_900 + 2)
    #expect(plan.paths.first == "_delta_log/00000000000000000500.checkpoint.parquet")
    #expect(plan.paths.last == LogEntry.path(1_899))
    #expect(Array(plan.paths.dropFirst(2)) == (0..<1_900).map { LogEntry.path($0) })
  }

  @Test("the last thirty days stay, however many versions they have")
  func days() throws {
    let plan = try #require(planned(log(last: 9_000, checkpoints: [1_000, 6_000, 8_000]), retentionDays: 200))
    // 200 days are 4,800 hours: version 4,200 is the first that stays.
    #expect(plan.base.version == 1_000)
  }

  @Test(
    "nothing goes that a reader may need",
    arguments: [
      log(last: 900, checkpoints: [100, 500]), log(last: 3_000, checkpoints: []),
      log(last: 3_000, checkpoints: [2_500]), log(last: 3_000, checkpoints: [0]),
    ])
  func nothing(listing: LogListing) {
    #expect(planned(listing) == nil)
  }

  @Test("wherever a clean-up breaks off, what is left can be read and no version stands below a gap")
  func interrupted() throws {
    let whole = log(last: 2_500, checkpoints: [100, 1_200, 2_400])
    let plan = try #require(planned(whole, retentionDays: 40))
    #expect(plan.base.version == 1_200)
    for count in stride(from: 0, through: plan.paths.count, by: 13) {
      let gone = Set(plan.paths.prefix(count))
      let left = log(last: 2_500, checkpoints: [100, 1_200, 2_400]).remaining(without: gone)
      let entries = left.entries.map(\.version)
      #expect(entries == Array((entries.first ?? 0)...2_500))
      #expect(left.checkpoints.contains(CheckpointName(version: 1_200, parts: nil)))
    }
  }

  @Test("an entry in a hole, written lately by a sleeper, stays until it is old")
  func void() throws {
    var files = (2_000...5_000).map { version in
      FileStatus(
        path: LogEntry.path(Int64(version)), size: 1, isDirectory: false, modificationTime: Int64(version) * 3_600_000)
    }
    files.append(
      FileStatus(path: LogEntry.path(7), size: 1, isDirectory: false, modificationTime: 5_000 * 3_600_000))
    for version in [2_000, 3_500] as [Int64] {
      files.append(
        FileStatus(
          path: CheckpointName(version: version, parts: nil).paths[0], size: 1, isDirectory: false,
          modificationTime: version * 3_600_000))
    }
    let plan = try #require(planned(LogListing(files)))
    #expect(plan.base.version == 3_500)
    #expect(!plan.paths.contains(LogEntry.path(7)))
  }
}

extension LogListing {
  /// The listing after some files are gone.
  fileprivate func remaining(without gone: Set<String>) -> LogListing {
    let files =
      entries.map {
        FileStatus(
          path: LogEntry.path($0.version), size: 1, isDirectory: false, modificationTime: $0.modificationTime)
      } + checkpointFiles.map(\.status)
    return LogListing(files.filter { !gone.contains($0.path) })
  }
}
