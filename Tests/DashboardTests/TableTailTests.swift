import Columnar
import Delta
import Storage
import Testing

@testable import Dashboard
@testable import Features

@Suite("Following a table")
struct TableTailTests {
  private static func table(_ store: MemoryFileStore) async throws -> DeltaTable {
    try await .openOrCreate(
      store: store, schema: Samples.batch([]).schema, partitionColumns: [], engine: "test")
  }

  private static func rows(_ tail: inout TableTail) async throws -> [Int] {
    var counts: [Int] = []
    while let (batches, _) = try await tail.next() { counts.append(batches.reduce(0) { $0 + $1.rowCount }) }
    return counts
  }

  @Test("each look brings what is new, and only that")
  func news() async throws {
    let store = MemoryFileStore()
    var tail = TableTail(store: store, mindsRemovals: true)
    #expect(try await tail.look() == .noTable)
    var table = try await Self.table(store)
    try await table.append(Samples.batch([.init("a", 0)]), engine: "test")
    #expect(try await tail.look() == .onward)
    #expect(try await Self.rows(&tail) == [1])
    #expect(try await tail.look() == .onward)
    #expect(try await Self.rows(&tail) == [])
    try await table.append(Samples.batch([.init("a", 1), .init("b", 1)]), engine: "test")
    try await table.append(Samples.batch([.init("c", 1)]), engine: "test")
    #expect(try await tail.look() == .onward)
    #expect(try await Self.rows(&tail) == [2, 1])
    #expect(tail.size.files == 3 && tail.size.rows == 4)
  }

  @Test("a compaction repeats no reading; an erasure makes all be read anew")
  func compaction() async throws {
    let store = MemoryFileStore()
    var table = try await Self.table(store)
    try await table.append(Samples.batch([.init("a", 0)]), engine: "test")
    try await table.append(Samples.batch([.init("a", 1)]), engine: "test")
    var tail = TableTail(store: store, mindsRemovals: true)
    _ = try await tail.look()
    #expect(try await Self.rows(&tail) == [1, 1])
    let files = table.snapshot.files
    let request = CommitRequest(operation: "OPTIMIZE", engine: "test", isBlindAppend: false) { _ in
      var merged = files[0]
      merged.dataChange = false
      merged.path = "merged.parquet"
      return [.add(merged)] + files.map { .remove(RemoveFile($0, at: 0, dataChange: false)) }
    }
    _ = try await table.commit(request)
    #expect(try await tail.look() == .onward)
    #expect(try await Self.rows(&tail) == [])
    let erasure = CommitRequest(operation: "DELETE", engine: "test", isBlindAppend: false) { snapshot in
      snapshot.files.map { .remove(RemoveFile($0, at: 0)) }
    }
    _ = try await table.commit(erasure)
    #expect(try await tail.look() == .forget)
    #expect(try await Self.rows(&tail) == [])
  }

  @Test("a damaged file is counted and passed over; a store that is away is asked again")
  func faults() async throws {
    let store = MemoryFileStore()
    var table = try await Self.table(store)
    try await table.append(Samples.batch([.init("a", 0)]), engine: "test")
    try await table.append(Samples.batch([.init("a", 1), .init("a", 2)]), engine: "test")
    let files = TableTail.newest(table.snapshot)
    try await store.replace(files[0].path, Array("PAR1 nothing of the kind PAR1".utf8))
    var tail = TableTail(store: store, mindsRemovals: true)
    _ = try await tail.look()
    store.failNext(.open)
    await #expect(throws: DeltaError.self) { _ = try await tail.next() }
    #expect(tail.damaged == 0 && tail.waitingCount == 2)
    #expect(try await Self.rows(&tail) == [FileStatistics.rowCount(files[1].stats).map { Int($0) }])
    #expect(tail.damaged == 1 && tail.damage != nil)
  }

  @Test("of a long table the newest rows are read, the oldest of them first")
  func newest() async throws {
    let store = MemoryFileStore()
    var table = try await Self.table(store)
    for count in 1...4 {
      try await table.append(Samples.batch((0..<count).map { .init("a", Int64($0)) }), engine: "test")
    }
    let rows = TableTail.newest(table.snapshot, rows: 5).map { FileStatistics.rowCount($0.stats) }
    #expect(rows.count < 4 && rows.allSatisfy { $0 != nil })
  }

  @Test("a table that was made anew is read anew")
  func madeAnew() async throws {
    let store = MemoryFileStore()
    var table = try await Self.table(store)
    try await table.append(Samples.batch([.init("a", 0)]), engine: "test")
    var tail = TableTail(store: store, mindsRemovals: true)
    _ = try await tail.look()
    _ = try await Self.rows(&tail)
    try await store.delete("_delta_log")
    #expect(try await tail.look() == .forget)
    table = try await Self.table(store)
    try await table.append(Samples.batch([.init("b", 0), .init("c", 0)]), engine: "test")
    #expect(try await tail.look() != .noTable)
    #expect(try await Self.rows(&tail) == [2])
  }
}
