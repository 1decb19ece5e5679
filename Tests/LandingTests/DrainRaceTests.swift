import Delta
import Storage
import Synchronization
import Testing

@testable import Landing

/// A store that lets something happen in the midst of a commit: before the first log entry that is written after it
/// was set.
private final class InterruptedStore: FileStore {
  let base: MemoryFileStore
  private let interruption = Mutex<(@Sendable () async throws -> Void)?>(nil)

  init(_ base: MemoryFileStore) { self.base = base }

  func interruptNextCommit(_ body: @escaping @Sendable () async throws -> Void) {
    interruption.withLock { $0 = body }
  }

  var root: String { base.root }
  func list(_ directory: String) async throws(StorageError) -> [FileStatus] { try await base.list(directory) }
  func status(_ path: String) async throws(StorageError) -> FileStatus? { try await base.status(path) }
  func read(_ path: String, limit: Int) async throws(StorageError) -> [UInt8] {
    try await base.read(path, limit: limit)
  }
  func open(_ path: String) async throws(StorageError) -> any RandomAccess { try await base.open(path) }
  func replace(_ path: String, _ content: [UInt8]) async throws(StorageError) {
    try await base.replace(path, content)
  }
  func delete(_ path: String) async throws(StorageError) { try await base.delete(path) }

  func create(_ path: String, _ content: [UInt8]) async throws(StorageError) -> CreateOutcome {
    if path.hasSuffix(".json"), let body = interruption.withLock({ $0.take() }) {
      do { try await body() } catch { Issue.record(error) }
    }
    return try await base.create(path, content)
  }
}

/// The spools of two hosts that hold dead letters of the same offsets: after each drain, or a drain beside a sink, a
/// letter was there twice, because only sinks told each other of their letters.
@Suite("Dead letters of two hosts")
struct DrainRaceTests {
  /// A host that has spooled batches while the table was away.
  private func spooled(_ ranges: [Range<Int64>], like table: LanderFixture) async throws -> LanderFixture {
    let host = try LanderFixture()
    var configuration = host.configuration()
    configuration.table = TableStores(rows: table.rows, deadLetters: table.letters)
    table.isTableAway = true
    let lander = Lander(configuration, log: host.log)
    _ = try await lander.knowledge(of: [0])
    for range in ranges { #expect(try await lander.land(host.batch(range)).isSpooled) }
    table.isTableAway = false
    return host
  }

  private func drainer(_ host: LanderFixture, rows: any FileStore, letters: any FileStore) -> SpoolDrainer {
    SpoolDrainer(
      spool: TableStores(rows: host.spoolRows, deadLetters: host.spoolLetters),
      table: TableStores(rows: rows, deadLetters: letters), engine: "test", log: host.log)
  }

  @Test("two drains at once bring each letter home once", arguments: [0..<25, 0..<40, 10..<20] as [Range<Int64>])
  func twoDrains(other: Range<Int64>) async throws {
    let table = try LanderFixture()
    let first = try await spooled([0..<15, 15..<30], like: table)
    let second = try await spooled([0..<other.upperBound], like: table)
    // The tables are there, and so are letters of both, before either has landed a row.
    _ = try await table.lander(hasSpool: false).knowledge(of: [0])
    let letters = InterruptedStore(table.letters)
    let slow = drainer(first, rows: table.rows, letters: letters)
    let quick = drainer(second, rows: table.rows, letters: table.letters)
    letters.interruptNextCommit { _ = try await quick.drain() }
    #expect(try await slow.drain().remaining == 0)
    let end = max(30, other.upperBound)
    #expect(try await table.deadLetters() == LanderFixture.bad(0..<end))
    #expect(try await table.landed() == LanderFixture.good(0..<end))
  }

  @Test("a sink repeats no letter that a drain of another host brought without its rows")
  func drainBesideSink() async throws {
    let table = try LanderFixture()
    let sink = table.lander(hasSpool: false)
    _ = try await sink.knowledge(of: [0])
    try await sink.takeUp([0: 0])
    let host = try await spooled([0..<15, 15..<30], like: table)
    table.rows.failNext(.create, .refuse(.permissionDenied), pathSuffix: ".parquet")
    await #expect(throws: LandingError.self) {
      try await drainer(host, rows: table.rows, letters: table.letters).drain()
    }
    #expect(try await table.deadLetters() == LanderFixture.bad(0..<30))
    _ = try await sink.land(table.batch(0..<25))
    _ = try await sink.land(table.batch(25..<40))
    #expect(try await table.deadLetters() == LanderFixture.bad(0..<40))
    #expect(try await table.landed() == LanderFixture.good(0..<40))
    // A later drain finds all of its own at home.
    #expect(try await drainer(host, rows: table.rows, letters: table.letters).drain().remaining == 0)
    #expect(try await table.deadLetters() == LanderFixture.bad(0..<40))
  }

  /// The rows of the later batch went home in the same drain, and its letters then counted as landed: they were lost.
  @Test("what is spooled while a drain is at the letters waits for the next one, rows and letters")
  func spoolingMeanwhile() async throws {
    let table = try LanderFixture()
    let lander = Lander(table.configuration(), log: table.log)
    _ = try await lander.knowledge(of: [0])
    table.isTableAway = true
    _ = try await lander.land(table.batch(0..<15))
    table.isTableAway = false
    let letters = InterruptedStore(table.letters)
    letters.interruptNextCommit {
      let receipt = try await lander.land(table.batch(15..<35))
      #expect(receipt.isSpooled)
    }
    let drainer = drainer(table, rows: table.rows, letters: letters)
    _ = try await drainer.drain()
    #expect(try await table.watermark() == 15)
    #expect(try await table.landed() == LanderFixture.good(0..<15))
    _ = try await drainer.drain()
    #expect(try await table.landed() == LanderFixture.good(0..<35))
    #expect(try await table.deadLetters() == LanderFixture.bad(0..<35))
  }

  @Test("a commit of letters always leaves another mark")
  func marks() {
    let range = OffsetRange(partition: 0, start: 0, next: 20)
    #expect(DeadLetterLedger.mark(after: nil, of: range) == 20)
    #expect(DeadLetterLedger.mark(after: 5, of: range) == 20)
    #expect(DeadLetterLedger.mark(after: 20, of: range) == 21)
    #expect(DeadLetterLedger.mark(after: 90, of: range) == 91)
  }
}
