import Columnar
import Parquet
import Storage
import Testing

@testable import Delta

private let everyFive = ["delta.checkpointInterval": "5"]

/// What a snapshot holds, to compare two of them.
private func expectSame(_ a: Snapshot, _ b: Snapshot, sourceLocation: SourceLocation = #_sourceLocation) {
  #expect(a.version == b.version, sourceLocation: sourceLocation)
  #expect(a.metadata == b.metadata, sourceLocation: sourceLocation)
  #expect(a.tableProtocol == b.tableProtocol, sourceLocation: sourceLocation)
  #expect(a.schema == b.schema, sourceLocation: sourceLocation)
  #expect(a.filesByPath == b.filesByPath, sourceLocation: sourceLocation)
  #expect(a.transactions == b.transactions, sourceLocation: sourceLocation)
}

/// The snapshot by the entries alone.
private func replayed(_ store: MemoryFileStore) async throws -> Snapshot {
  var snapshot = Snapshot(root: store.root)
  try await LogReader(store: store).catchUp(&snapshot)
  return snapshot
}

@Suite("Checkpoints")
struct CheckpointTests {
  @Test("a table with checkpoints reads as one without")
  func sameTable() async throws {
    let store = MemoryFileStore()
    var table = try await TableFixture.table(store, commits: 12, settings: everyFive)
    try await table.commit(TableFixture.remove(TableFixture.file("f2"), at: 1_700_000_000_000))
    try await table.commit(
      CommitRequest(operation: "WRITE", engine: "test") { _ in
        [.transaction(Transaction(appId: "app", version: 9, lastUpdated: 1))]
      })
    try await table.commit(TableFixture.append(TableFixture.file("last")))
    #expect(table.maintenanceFailure == nil)
    #expect(try await store.read(LogFileName.pointer, limit: 100).starts(with: Array(#"{"version":15,"#.utf8)))
    let opened = try await DeltaTable.open(store: store)
    expectSame(opened.snapshot, try await replayed(store))
    expectSame(opened.snapshot, table.snapshot)
    #expect(opened.snapshot.removedByPath == table.snapshot.removedByPath)
  }

  @Test("opening by the pointer lists nothing and reads little")
  func cost() async throws {
    let store = MemoryFileStore()
    _ = try await TableFixture.table(store, commits: 51, settings: everyFive)
    let before = store.callCounts
    var table = try await DeltaTable.open(store: store)
    let opened = store.callCounts
    #expect(table.snapshot.version == 51)
    #expect(opened[.list] == before[.list])
    // The pointer, the one entry behind the checkpoint, and the looks for those behind it.
    #expect((opened[.read] ?? 0) - (before[.read] ?? 0) <= 4)
    try await table.refresh()
    #expect((store.callCounts[.read] ?? 0) - (opened[.read] ?? 0) == 1)
    #expect((store.callCounts[.status] ?? 0) - (opened[.status] ?? 0) == 1)
  }

  @Test(
    "a pointer that is missing, torn or wrong costs nothing but a listing",
    arguments: [
      nil, "", #"{"vers"#, #"{"version":10,"size":3,"parts":2}"#, #"{"version":999,"size":3}"#,
      #"{"version":5,"size":1}"#,
    ])
  func pointer(text: String?) async throws {
    let store = MemoryFileStore()
    let table = try await TableFixture.table(store, commits: 12, settings: everyFive)
    try await store.delete(LogFileName.pointer)
    if let text { try await store.replace(LogFileName.pointer, Array(text.utf8)) }
    expectSame(try await DeltaTable.open(store: store).snapshot, table.snapshot)
  }

  @Test("a damaged checkpoint is passed over for an older one, or for the entries", arguments: [[10], [5, 10]])
  func damaged(versions: [Int64]) async throws {
    let store = MemoryFileStore()
    let table = try await TableFixture.table(store, commits: 12, settings: everyFive)
    for version in versions {
      let path = CheckpointName(version: version, parts: nil).paths[0]
      let bytes = try await store.read(path, limit: 1 << 20)
      try await store.replace(path, Array(bytes[..<(bytes.count / 2)]))
    }
    expectSame(try await DeltaTable.open(store: store).snapshot, table.snapshot)
  }

  @Test("a store that fails is no damaged checkpoint")
  func unavailable() async throws {
    let store = MemoryFileStore()
    _ = try await TableFixture.table(store, commits: 6, settings: everyFive)
    store.failNext(.open, .refuse(.unavailable))
    let error = await #expect(throws: DeltaError.self) { try await DeltaTable.open(store: store) }
    #expect(error?.code == .storage(.unavailable))
  }

  @Test("where the entries below are gone, the checkpoint alone will do, and without any there is no table")
  func alone() async throws {
    let store = MemoryFileStore()
    let table = try await TableFixture.table(store, commits: 11, settings: everyFive)
    for version in 0...10 as ClosedRange<Int64> { try await store.delete(LogEntry.path(version)) }
    expectSame(try await DeltaTable.open(store: store).snapshot, table.snapshot)
    try await store.delete(LogFileName.pointer)
    expectSame(try await DeltaTable.open(store: store).snapshot, table.snapshot)
    for version in [5, 10] as [Int64] {
      try await store.replace(CheckpointName(version: version, parts: nil).paths[0], [0])
    }
    let error = await #expect(throws: DeltaError.self) { try await DeltaTable.open(store: store) }
    #expect(error?.code == .malformedLog)
  }

  @Test("checkpoints in several parts are read, and only whole ones")
  func parts() async throws {
    let store = MemoryFileStore()
    let table = try await TableFixture.table(store, commits: 8)
    let actions = table.snapshot.checkpointActions(at: 0)
    let name = CheckpointName(version: 8, parts: 3)
    for (index, path) in name.paths.enumerated() {
      let rows = actions.enumerated().filter { $0.offset % 3 == index }.map(\.element)
      _ = try await store.create(path, try CheckpointFile.encode(rows))
    }
    for version in 0..<8 as Range<Int64> { try await store.delete(LogEntry.path(version)) }
    expectSame(try await DeltaTable.open(store: store).snapshot, table.snapshot)
    try await store.replace(LogFileName.pointer, LastCheckpoint(name: name, size: 1).bytes)
    expectSame(try await DeltaTable.open(store: store).snapshot, table.snapshot)
    try await store.delete(name.paths[1])
    _ = await #expect(throws: DeltaError.self) { try await DeltaTable.open(store: store) }
  }

  @Test("a table whose only checkpoints are of the V2 kind is refused by the feature's name")
  func secondKind() async throws {
    let store = MemoryFileStore()
    let table = try await TableFixture.table(store, commits: 3)
    _ = try await store.create("_delta_log/\(LogFileName.digits(2)).checkpoint.0f.json", Array("{}".utf8))
    // While the log is whole, its protocol alone decides.
    expectSame(try await DeltaTable.open(store: store).snapshot, table.snapshot)
    for version in 0...2 as ClosedRange<Int64> { try await store.delete(LogEntry.path(version)) }
    let error = await #expect(throws: DeltaError.self) { try await DeltaTable.open(store: store) }
    #expect(error?.code == .notSupported && error?.message.contains("v2Checkpoint") == true)
  }

  @Test("a hole in the log is an error, never a shorter table")
  func hole() async throws {
    let store = MemoryFileStore()
    _ = try await TableFixture.table(store, commits: 9, settings: everyFive)
    try await store.delete(LogEntry.path(7))
    try await store.delete(LogFileName.pointer)
    let error = await #expect(throws: DeltaError.self) { try await DeltaTable.open(store: store) }
    #expect(error?.code == .malformedLog)
  }

  @Test("versions before a checkpoint are reached while their entries stand", arguments: 0...12 as ClosedRange<Int64>)
  func timeTravel(version: Int64) async throws {
    let store = MemoryFileStore()
    _ = try await TableFixture.table(store, commits: 12, settings: everyFive)
    #expect(try await DeltaTable.open(store: store, at: .version(version)).snapshot.files.count == Int(version))
  }

  @Test("a checkpoint of 50,000 files in several batches")
  func large() throws {
    var snapshot = Snapshot(root: "t")
    snapshot.take(.metadata(TableMetadata(id: "i", schemaString: "", partitionColumns: ["date"], createdTime: nil)))
    for number in 0..<50_000 { snapshot.take(.add(TableFixture.file("f\(number)", day: number % 9 + 1))) }
    let bytes = try CheckpointFile.encode(snapshot.checkpointActions(at: 0))
    #expect(bytes.count < 4_000_000)
  }
}

@Suite("Crashes while the log is kept")
struct MaintenanceCrashTests {
  @Test("wherever a writer dies, the table stays readable and whole", arguments: 0...6)
  func dies(changes: Int) async throws {
    let store = MemoryFileStore()
    var table = try await TableFixture.table(store, commits: 9, settings: everyFive)
    store.cutOff(afterChanges: changes)
    var landed: Int64 = 9
    for number in 10...16 {
      guard (try? await table.commit(TableFixture.append(TableFixture.file("f\(number)")))) != nil else { break }
      landed = Int64(number)
    }
    store.mend()
    let opened = try await DeltaTable.open(store: store)
    #expect(opened.snapshot.version == landed)
    expectSame(opened.snapshot, try await replayed(store))
    // The next writer carries on, checkpoints included.
    var next = opened
    for number in 0..<6 { try await next.commit(TableFixture.append(TableFixture.file("g\(number)"))) }
    #expect(next.maintenanceFailure == nil)
    expectSame(try await DeltaTable.open(store: store).snapshot, try await replayed(store))
  }

  @Test("a checkpoint that fails is told, and the commit stands", arguments: [MemoryFileStore.Call.create, .replace])
  func failure(call: MemoryFileStore.Call) async throws {
    let store = MemoryFileStore()
    var table = try await TableFixture.table(store, commits: 4, settings: everyFive)
    store.failNext(call, .refuse(.outOfSpace), pathSuffix: call == .create ? ".parquet" : "_last_checkpoint")
    #expect(try await table.commit(TableFixture.append(TableFixture.file("x"))) == 5)
    #expect(table.maintenanceFailure?.code == .storage(.outOfSpace))
    #expect(try await DeltaTable.open(store: store).snapshot.version == 5)
    for number in 0..<5 { try await table.commit(TableFixture.append(TableFixture.file("y\(number)"))) }
    #expect(table.maintenanceFailure == nil)
  }

  @Test("an older checkpoint does not take the pointer back")
  func slowWriter() async throws {
    let store = MemoryFileStore()
    var table = try await TableFixture.table(store, commits: 3)
    let slow = table
    try await table.commit(TableFixture.append(TableFixture.file("x")))
    try await table.writeCheckpoint()
    try await slow.writeCheckpoint()
    #expect(try await LogReader(store: store).pointer()?.name.version == 4)
  }
}

@Suite("Writers that sleep through a clean-up")
struct SleeperTests {
  private static let day: Int64 = 86_400_000

  /// A table of 2,100 versions over 70 days, cleaned up by its last commit; and a writer that fell asleep at
  /// version 3.
  private func slept(_ store: MemoryFileStore) async throws -> (sleeper: DeltaTable, awake: DeltaTable) {
    var now: Int64 = 1_700_000_000_000
    store.setTime(now)
    var table = try await TableFixture.make(store, settings: ["delta.checkpointInterval": "300"])
    var sleeper = table
    for number in 1...2_100 {
      now += Self.day / 30
      store.setTime(now)
      try await table.commit(TableFixture.append(TableFixture.file("f\(number)")))
      if number == 3 { sleeper = table }
    }
    #expect(table.maintenanceFailure == nil)
    // Thirty days and a thousand versions reach back to 1,101; the checkpoint below that is the one of 900.
    #expect(try await store.status(LogEntry.path(899)) == nil)
    #expect(try await store.status(LogEntry.path(900)) != nil)
    return (sleeper, table)
  }

  @Test("a version won in a hole is void: the writer starts anew and lands at the end")
  func wakes() async throws {
    let store = MemoryFileStore()
    var (sleeper, awake) = try await slept(store)
    #expect(try await store.status(LogEntry.path(4)) == nil)
    #expect(try await sleeper.commit(TableFixture.append(TableFixture.file("late"))) == 2_101)
    // The void entry stands where nobody reads it.
    #expect(try await store.status(LogEntry.path(4)) != nil)
    try await awake.refresh()
    #expect(awake.snapshot.filesByPath[TableFixture.file("late").path] != nil)
    #expect(try await TableFixtureCount.occurrences(of: "late", in: store, from: 1_000) == 1)
    try await store.delete(LogFileName.pointer)
    expectSame(try await DeltaTable.open(store: store).snapshot, awake.snapshot)
  }

  @Test("a second sleeper does not build on the void entry of the first")
  func two() async throws {
    let store = MemoryFileStore()
    let (first, _) = try await slept(store)
    var (one, two) = (first, first)
    #expect(try await one.commit(TableFixture.append(TableFixture.file("one"))) == 2_101)
    #expect(try await two.commit(TableFixture.append(TableFixture.file("two"))) == 2_102)
    var reader = first
    try await reader.refresh()
    #expect(reader.snapshot.version == 2_102)
    #expect(reader.snapshot.files.count == 2_102)
  }

  @Test("a reader that slept sees the newest version, not the one it fell asleep on")
  func reader() async throws {
    let store = MemoryFileStore()
    var (sleeper, awake) = try await slept(store)
    try await sleeper.refresh()
    expectSame(sleeper.snapshot, awake.snapshot)
    let error = await #expect(throws: DeltaError.self) { try await DeltaTable.open(store: store, at: .version(3)) }
    #expect(error?.code == .noSuchVersion)
    let kept = try await DeltaTable.open(store: store, at: .version(1_500))
    #expect(kept.snapshot.files.count == 1_500)
    try await awake.refresh()
    #expect(awake.snapshot.version == 2_100)
  }
}

/// Counts in the log.
private enum TableFixtureCount {
  /// How often a file was added at or above a version.
  static func occurrences(of name: String, in store: MemoryFileStore, from first: Int64) async throws -> Int {
    let path = TableFixture.file(name).path
    var count = 0
    for entry in try await LogReader(store: store).listing().entries where entry.version >= first {
      for case .add(let file) in try await LogReader(store: store).entry(entry.version) ?? [] where file.path == path {
        count += 1
      }
    }
    return count
  }
}
