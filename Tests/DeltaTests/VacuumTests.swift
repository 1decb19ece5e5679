import Storage
import Testing

@testable import Delta

private let day: Int64 = 86_400_000
private let now: Int64 = 1_700_000_000_000

/// A table and its files: kept, removed long ago, removed lately, never committed, and under way.
private func furnished(_ store: MemoryFileStore, settings: [String: String] = [:]) async throws -> DeltaTable {
  store.setTime(now - 40 * day)
  var table = try await TableFixture.make(store, settings: settings)
  for name in ["kept", "long-gone", "lately-gone", "orphan"] {
    _ = try await store.create("date=2026-01-01/\(name).parquet", [1, 2, 3])
  }
  for name in ["kept", "long-gone", "lately-gone"] {
    try await table.commit(TableFixture.append(TableFixture.file(name)))
  }
  try await table.commit(TableFixture.remove(TableFixture.file("long-gone"), at: now - 8 * day))
  try await table.commit(TableFixture.remove(TableFixture.file("lately-gone"), at: now - 6 * day))
  _ = try await store.create("_landing/host/upload.tmp", [1])
  _ = try await store.create(".hidden", [1])
  _ = try await store.create("_c=1/orphan.parquet", [1])
  store.setTime(now - day / 2)
  _ = try await store.create("date=2026-01-01/young.parquet", [1])
  store.setTime(now)
  return table
}

@Suite("Vacuum")
struct VacuumTests {
  @Test("files go that no version of the last seven days needs")
  func byDefault() async throws {
    let store = MemoryFileStore()
    var table = try await furnished(store)
    let dry = try await table.vacuum(isDryRun: true)
    #expect(
      dry.files == ["_c=1/orphan.parquet", "date=2026-01-01/long-gone.parquet", "date=2026-01-01/orphan.parquet"])
    #expect(dry.bytes == 7 && dry.examined == 6)
    #expect(try await store.status("date=2026-01-01/orphan.parquet") != nil)
    let report = try await table.vacuum()
    #expect(report == dry)
    let left = try await store.list("date=2026-01-01").map(\.path)
    #expect(left.map { $0.split(separator: "/")[1] } == ["kept.parquet", "lately-gone.parquet", "young.parquet"])
    #expect(try await store.status("_landing/host/upload.tmp") != nil)
    #expect(try await store.status(".hidden") != nil)
    #expect(try await table.vacuum().files.isEmpty)
  }

  @Test("no retention, however short, takes a file without reference that is younger than a day")
  func forced() async throws {
    let store = MemoryFileStore()
    var table = try await furnished(store)
    let report = try await table.vacuum(retention: .seconds(0))
    #expect(report.files.contains("date=2026-01-01/lately-gone.parquet"))
    #expect(!report.files.contains("date=2026-01-01/young.parquet"))
    #expect(!report.files.contains("date=2026-01-01/kept.parquet"))
  }

  @Test("a table's own retention counts", arguments: [("interval 30 days", 2), ("interval 1 day", 4)])
  func setting(text: String, count: Int) async throws {
    let store = MemoryFileStore()
    var table = try await furnished(store, settings: ["delta.deletedFileRetentionDuration": text])
    #expect(try await table.vacuum().files.count == count)
  }

  @Test("a retention that is not understood removes nothing")
  func unclear() async throws {
    let store = MemoryFileStore()
    var table = try await furnished(store, settings: ["delta.deletedFileRetentionDuration": "interval 1 month"])
    _ = await #expect(throws: DeltaError.self) { try await table.vacuum() }
    #expect(try await table.vacuum(retention: .seconds(7 * 86_400)).files.count == 3)
  }

  @Test("a file committed by another writer meanwhile is seen")
  func staleSnapshot() async throws {
    let store = MemoryFileStore()
    var table = try await furnished(store)
    var other = try await DeltaTable.open(store: store)
    try await other.commit(TableFixture.append(TableFixture.file("orphan")))
    #expect(try await !table.vacuum().files.contains("date=2026-01-01/orphan.parquet"))
  }

  @Test("a table that asks for more than we do is left alone")
  func unknownFeature() async throws {
    let store = MemoryFileStore()
    var table = try await furnished(store)
    let raised = TableProtocol(minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ["changeDataFeed"])
    _ = try await store.create(LogEntry.path(6), LogEntry.encode([.tableProtocol(raised)]))
    let error = await #expect(throws: DeltaError.self) { try await table.vacuum() }
    #expect(error?.code == .notSupported)
    #expect(try await store.status("date=2026-01-01/orphan.parquet") != nil)
  }

  @Test(
    "a death after any removal leaves all files of the table, and the next vacuum removes the rest", arguments: 0...5)
  func death(changes: Int) async throws {
    let store = MemoryFileStore()
    var table = try await furnished(store)
    store.cutOff(afterChanges: changes)
    _ = try? await table.vacuum()
    store.mend()
    for file in table.snapshot.files { #expect(try await store.status(file.path) != nil) }
    _ = try await table.vacuum()
    let left = try await store.list("date=2026-01-01").map { $0.path.split(separator: "/")[1] }
    #expect(left == ["kept.parquet", "lately-gone.parquet", "young.parquet"])
  }
}
