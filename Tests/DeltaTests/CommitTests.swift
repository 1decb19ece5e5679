import Columnar
import Storage
import Testing

@testable import Delta

@Suite("Commits")
struct CommitTests {
  @Test("a commit whose answer was lost, found by its token after the table moved on")
  func lostThenOvertaken() async throws {
    let store = MemoryFileStore()
    var first = try await TableFixture.make(store)
    var second = first
    let request = TableFixture.append(TableFixture.file("x"))
    // The entry lands, its answer is lost, and the look for it fails too: nobody can tell.
    store.failNext(.create, .loseAnswer(.outcomeUnknown), pathSuffix: "1.json")
    store.failNext(.read, pathSuffix: "1.json")
    let error = await #expect(throws: DeltaError.self) { try await first.commit(request) }
    #expect(error?.code == .storage(.outcomeUnknown))
    #expect(try await second.commit(TableFixture.append(TableFixture.file("y"))) == 2)
    try await first.refresh()
    #expect(first.snapshot.version == 2)
    // A plain append has no watermark to go by: without the token it would land twice.
    #expect(try await first.commit(request) == 1)
    #expect(try await TableFixture.addedPaths(store).flatMap(\.self).count == 2)
  }

  @Test("a commit that won and then could not be confirmed is in doubt, and known again")
  func unconfirmed() async throws {
    let store = MemoryFileStore()
    var table = try await TableFixture.make(store)
    let request = TableFixture.append(TableFixture.file("x"))
    store.failNext(.status, pathSuffix: "0.json")
    let error = await #expect(throws: DeltaError.self) { try await table.commit(request) }
    #expect(error?.code == .storage(.outcomeUnknown))
    store.failNext(.create, .refuse(.unavailable))
    // A later attempt that is refused does not settle the earlier one.
    _ = await #expect(throws: DeltaError.self) { try await table.commit(request) }
    #expect(try await table.commit(request) == 1)
    #expect(table.snapshot.version == 1)
  }

  @Test("a plain failure leaves no trace, and the same request lands once")
  func refused() async throws {
    let store = MemoryFileStore()
    var table = try await TableFixture.make(store)
    let request = TableFixture.append(TableFixture.file("x"))
    store.failNext(.create, .refuse(.outOfSpace))
    let error = await #expect(throws: DeltaError.self) { try await table.commit(request) }
    #expect(error?.code == .storage(.outOfSpace) && error?.isRetriable == true)
    #expect(try await table.commit(request) == 1)
  }

  @Test("of two that remove one file, the second is told to do its work again")
  func removedTwice() async throws {
    let store = MemoryFileStore()
    var first = try await TableFixture.table(store, commits: 1)
    var second = first
    let file = TableFixture.file("f1")
    #expect(try await first.commit(TableFixture.remove(file, at: 1, dataChange: false)) == 2)
    let error = await #expect(throws: DeltaError.self) {
      try await second.commit(TableFixture.remove(file, at: 1, dataChange: false))
    }
    #expect(error?.code == .conflict && error?.isRetriable == false)
    #expect(second.snapshot.version == 2)
  }

  @Test("an append-only table gives its rows other files, and never away")
  func appendOnly() async throws {
    let store = MemoryFileStore()
    var table = try await TableFixture.table(store, commits: 2, settings: ["delta.appendOnly": "true"])
    let error = await #expect(throws: DeltaError.self) {
      try await table.commit(TableFixture.remove(TableFixture.file("f1"), at: 1))
    }
    #expect(error?.code == .forbidden)
    #expect(try await table.commit(TableFixture.remove(TableFixture.file("f1"), at: 1, dataChange: false)) == 3)
  }

  @Test(
    "what would break the table is refused before it is written",
    arguments: [
      .add(AddFile(path: "../x", partitionValues: ["date": nil], size: 1, modificationTime: 1)),
      .add(AddFile(path: "x", partitionValues: [:], size: 1, modificationTime: 1)),
      .add(AddFile(path: "x", partitionValues: ["date": nil, "b": nil], size: 1, modificationTime: 1)),
      .metadata(TableMetadata(id: "i", schemaString: "{", partitionColumns: [], createdTime: nil)),
      .metadata(
        TableMetadata(
          id: "i", schemaString: #"{"type":"struct","fields":[]}"#, partitionColumns: ["x"], createdTime: nil)),
      .tableProtocol(TableProtocol(minReaderVersion: 2, minWriterVersion: 5)),
      .tableProtocol(TableProtocol(minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["deletionVectors"])),
    ] as [Action])
  func invalid(action: Action) async throws {
    let store = MemoryFileStore()
    var table = try await TableFixture.make(store)
    _ = await #expect(throws: DeltaError.self) {
      try await table.commit(CommitRequest(operation: "WRITE", engine: "test") { _ in [action] })
    }
    #expect(try await store.status(LogEntry.path(1)) == nil)
  }

  @Test("a protocol that another writer raised stops a writer that does not know it")
  func raisedProtocol() async throws {
    let store = MemoryFileStore()
    var table = try await TableFixture.make(store)
    let raised = TableProtocol(minReaderVersion: 1, minWriterVersion: 7, writerFeatures: ["rowTracking"])
    _ = try await store.create(LogEntry.path(1), LogEntry.encode([.tableProtocol(raised)]))
    let error = await #expect(throws: DeltaError.self) {
      try await table.commit(TableFixture.append(TableFixture.file("x")))
    }
    #expect(error?.message.contains("rowTracking") == true)
    #expect(try await store.status(LogEntry.path(2)) == nil)
    #expect(try await DeltaTable.open(store: store).snapshot.version == 1)
  }

  @Test("two spellings of one path are one file")
  func spellings() async throws {
    let store = MemoryFileStore()
    var table = try await TableFixture.make(store)
    func entry(_ json: String) -> [UInt8] { Array(json.utf8) }
    let add =
      #"{"add":{"path":"a%20b","partitionValues":{"date":null},"size":1,"modificationTime":1,"dataChange":true}}"#
    _ = try await store.create(LogEntry.path(1), entry(add))
    _ = try await store.create(LogEntry.path(2), entry(#"{"remove":{"path":"a b","dataChange":true}}"#))
    try await table.refresh()
    #expect(table.snapshot.files.isEmpty)
    #expect(table.snapshot.removedByPath.count == 1)
  }

  @Test("a file with a deletion vector is refused, not read with its deleted rows")
  func deletionVector() async throws {
    let store = MemoryFileStore()
    var table = try await TableFixture.make(store)
    let add = """
      {"add":{"path":"x","partitionValues":{"date":null},"size":1,"modificationTime":1,"dataChange":true,\
      "deletionVector":{"storageType":"u","pathOrInlineDv":"x","sizeInBytes":1,"cardinality":1}}}
      """
    _ = try await store.create(LogEntry.path(1), Array(add.utf8))
    let error = await #expect(throws: DeltaError.self) { try await table.refresh() }
    #expect(error?.code == .notSupported && error?.message.contains("deletionVectors") == true)
  }
}
