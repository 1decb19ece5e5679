import Columnar
import Storage
import Testing

@testable import Delta

/// A schema for tables that only hold progress marks.
private let schema = Schema([Field("a", .int(bits: 64)), Field("date", .date)])

private func table(_ store: MemoryFileStore) async throws -> DeltaTable {
  try await .openOrCreate(store: store, schema: schema, partitionColumns: ["date"], engine: "test")
}

/// Moves a progress mark from one value to the next, or has nothing to do when it has moved.
private func step(_ app: String, from: Int64?, to: Int64) -> CommitRequest {
  CommitRequest(operation: "WRITE", engine: "test") { snapshot in
    guard snapshot.transactions[app]?.version == from else { return nil }
    return [.transaction(Transaction(appId: app, version: to, lastUpdated: 1))]
  }
}

@Suite("Delta tables")
struct DeltaTableTests {
  @Test("a table is made once and opened ever after")
  func create() async throws {
    let store = MemoryFileStore()
    let made = try await table(store)
    let opened = try await table(store)
    #expect(made.snapshot.version == 0)
    #expect(opened.snapshot.metadata?.id == made.snapshot.metadata?.id)
    #expect(opened.snapshot.schema == schema)
    #expect(opened.snapshot.fileSchema == Schema([schema.fields[0]]))
  }

  @Test("where there is no log there is no table")
  func notATable() async throws {
    let error = await #expect(throws: DeltaError.self) { try await DeltaTable.open(store: MemoryFileStore()) }
    #expect(error?.code == .notATable)
  }

  @Test("commits follow each other, and another reader sees them")
  func commits() async throws {
    let store = MemoryFileStore()
    var writer = try await table(store)
    var reader = try await table(store)
    let add = AddFile(path: "f.parquet", partitionValues: ["date": "2026-01-02"], size: 3, modificationTime: 1)
    let put = CommitRequest(operation: "WRITE", engine: "test") { _ in [.add(add)] }
    #expect(try await writer.commit(put) == 1)
    let drop = CommitRequest(operation: "DELETE", engine: "test") { _ in [.remove(RemoveFile(add, at: 2))] }
    #expect(reader.snapshot.files.isEmpty)
    try await reader.refresh()
    #expect(reader.snapshot.files == [add])
    #expect(try await writer.commit(drop) == 2)
    try await reader.refresh()
    #expect(reader.snapshot.files.isEmpty)
  }

  @Test("a writer behind the table takes in the winners before it commits")
  func conflict() async throws {
    let store = MemoryFileStore()
    var first = try await table(store)
    var second = first
    #expect(try await first.commit(step("x", from: nil, to: 1)) == 1)
    #expect(try await second.commit(step("y", from: nil, to: 1)) == 2)
    #expect(try await first.commit(step("x", from: 0, to: 9)) == nil)
    #expect(second.snapshot.transactions["x"]?.version == 1)
  }

  @Test("many writers at once: every commit lands once, no version is skipped")
  func race() async throws {
    let store = MemoryFileStore()
    _ = try await table(store)
    await withThrowingTaskGroup(of: Void.self) { group in
      for writer in 0..<8 {
        group.addTask {
          var own = try await table(store)
          for turn in 0..<10 {
            let version = try await own.commit(
              step("w\(writer)", from: turn == 0 ? nil : Int64(turn), to: Int64(turn + 1)))
            #expect(version != nil)
          }
        }
      }
    }
    let end = try await table(store)
    #expect(end.snapshot.version == 80)
    #expect((0..<8).allSatisfy { end.snapshot.transactions["w\($0)"]?.version == 10 })
  }

  @Test("a lost answer to a commit that landed is known by its token")
  func lostAnswer() async throws {
    let store = MemoryFileStore()
    var writer = try await table(store)
    store.failNext(.create, .loseAnswer(.outcomeUnknown), pathSuffix: "1.json")
    #expect(try await writer.commit(step("x", from: nil, to: 1)) == 1)
    #expect(try await writer.commit(step("x", from: 1, to: 2)) == 2)
  }

  @Test("a commit that was never written, its answer lost, is an unknown outcome and may be repeated")
  func lostRequest() async throws {
    let store = MemoryFileStore()
    var writer = try await table(store)
    store.failNext(.create, .refuse(.outcomeUnknown), pathSuffix: "1.json")
    let error = await #expect(throws: DeltaError.self) { try await writer.commit(step("x", from: nil, to: 1)) }
    #expect(error?.code == .storage(.outcomeUnknown))
    #expect(error?.isRetriable == true)
    #expect(try await writer.commit(step("x", from: nil, to: 1)) == 1)
  }

  @Test("a version won above a hole is not taken for a success")
  func hole() async throws {
    let store = MemoryFileStore()
    var sleeper = try await table(store)
    #expect(try await sleeper.commit(step("x", from: nil, to: 1)) == 1)
    try await store.delete("_delta_log/00000000000000000001.json")
    let error = await #expect(throws: DeltaError.self) { try await sleeper.commit(step("x", from: 1, to: 2)) }
    #expect(error?.code == .malformedLog)
  }

  @Test("a log whose beginning is gone is refused, not read as empty")
  func beheaded() async throws {
    let store = MemoryFileStore()
    _ = try await store.create("_delta_log/00000000000000000010.json", Array("{}\n".utf8))
    let error = await #expect(throws: DeltaError.self) { try await DeltaTable.open(store: store) }
    #expect(error?.code == .malformedLog)
  }
}
