import Storage
import Testing

@testable import Delta

private let start: Int64 = 1_700_000_000_000

/// Versions 0 to 4, a second apart.
private func fiveVersions(_ store: MemoryFileStore) async throws {
  store.setTime(start)
  var table = try await TableFixture.make(store)
  for number in 1...4 {
    store.setTime(start + Int64(number) * 1_000)
    try await table.commit(TableFixture.append(TableFixture.file("f\(number)")))
  }
}

@Suite("Time travel")
struct TimeTravelTests {
  @Test("any version that the log holds can be opened", arguments: 0...4)
  func version(number: Int64) async throws {
    let store = MemoryFileStore()
    try await fiveVersions(store)
    let table = try await DeltaTable.open(store: store, at: .version(number))
    #expect(table.snapshot.version == number)
    #expect(table.snapshot.files.count == Int(number))
  }

  @Test("a version that is not there is told apart from a broken log", arguments: [5, -1] as [Int64])
  func missing(number: Int64) async throws {
    let store = MemoryFileStore()
    try await fiveVersions(store)
    let error = await #expect(throws: DeltaError.self) { try await DeltaTable.open(store: store, at: .version(number)) }
    #expect(error?.code == .noSuchVersion)
  }

  @Test(
    "a time means the version that was the newest then",
    arguments: [(0, 0), (999, 0), (1_000, 1), (3_999, 3), (4_000, 4), (9_999_999, 4)] as [(Int64, Int64)])
  func time(offset: Int64, version: Int64) async throws {
    let store = MemoryFileStore()
    try await fiveVersions(store)
    let table = try await DeltaTable.open(store: store, at: .timestamp(start + offset))
    #expect(table.snapshot.version == version)
  }

  @Test("before the first version there is no table")
  func tooEarly() async throws {
    let store = MemoryFileStore()
    try await fiveVersions(store)
    let error = await #expect(throws: DeltaError.self) {
      try await DeltaTable.open(store: store, at: .timestamp(start - 1))
    }
    #expect(error?.code == .noSuchVersion)
  }

  @Test("times that fall count as rising")
  func fallingClock() {
    let entries = [5, 9, 2, 2, 20].enumerated().map {
      LogListing.Entry(version: Int64($0), modificationTime: $1)
    }
    let times = CommitTimes(entries)
    #expect(times.entries.map(\.modificationTime) == [5, 9, 10, 11, 20])
    #expect(times.version(at: 10) == 2)
    #expect(times.version(at: 4) == nil)
  }

  @Test("tables with in-commit timestamps go by these, and by the files before they were switched on")
  func inCommit() async throws {
    let store = MemoryFileStore()
    try await fiveVersions(store)
    var table = try await DeltaTable.open(store: store)
    var metadata = try #require(table.snapshot.metadata)
    metadata.configuration["delta.enableInCommitTimestamps"] = "true"
    metadata.configuration["delta.inCommitTimestampEnablementVersion"] = "5"
    for (version, time) in [(5, 100_000), (6, 200_000), (7, 300_000)] as [(Int64, Int64)] {
      var info = CommitInfo(timestamp: 0, operation: "WRITE", isBlindAppend: nil, engineInfo: nil, txnId: nil)
      info.inCommitTimestamp = start + time
      let change: [Action] = version == 5 ? [.metadata(metadata)] : []
      _ = try await store.create(LogEntry.path(version), LogEntry.encode([.commitInfo(info)] + change))
    }
    for (offset, version) in [(2_500, 2), (99_999, 4), (100_000, 5), (250_000, 6), (900_000, 7)] as [(Int64, Int64)] {
      let found = try await DeltaTable.open(store: store, at: .timestamp(start + offset))
      #expect(found.snapshot.version == version)
    }
    // We do not write the times, so we must not write to the table.
    let error = await #expect(throws: DeltaError.self) {
      try await table.commit(TableFixture.append(TableFixture.file("x")))
    }
    #expect(error?.code == .notSupported)
    #expect(try await table.history().first?.timestamp == start + 300_000)
  }
}

@Suite("History")
struct HistoryTests {
  @Test("the newest versions come first, with who and why")
  func newestFirst() async throws {
    let store = MemoryFileStore()
    try await fiveVersions(store)
    let table = try await DeltaTable.open(store: store)
    let history = try await table.history(limit: 3)
    #expect(history.map(\.version) == [4, 3, 2])
    #expect(history.map(\.timestamp) == [start + 4_000, start + 3_000, start + 2_000])
    #expect(history.allSatisfy { $0.info?.operation == "WRITE" && $0.info?.engineInfo == "test" })
    #expect(try await table.history().last?.info?.operation == "CREATE TABLE")
    #expect(try await table.history(limit: 0).isEmpty)
  }

  @Test("details of an operation are kept, those of others too")
  func details() async throws {
    let store = MemoryFileStore()
    var table = try await TableFixture.make(store)
    let request = CommitRequest(operation: "WRITE", parameters: ["acceptedGap": "3:10-20"], engine: "test") { _ in [] }
    try await table.commit(request)
    let foreign = #"{"commitInfo":{"operation":"MERGE","operationParameters":{"n":[1,2],"s":"x"},"timestamp":"odd"}}"#
    _ = try await store.create(LogEntry.path(2), Array(foreign.utf8))
    let history = try await table.history()
    #expect(history[0].info?.operationParameters == ["n": "[1,2]", "s": "x"])
    #expect(history[0].info?.timestamp == nil)
    #expect(history[1].info?.operationParameters == ["acceptedGap": "3:10-20"])
  }
}
