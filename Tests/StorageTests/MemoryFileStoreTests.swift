import Storage
import Testing

@Suite struct MemoryFileStoreTests {
  private func code(_ body: () async throws -> Void) async -> StorageError.Code? {
    do {
      try await body()
      return nil
    } catch {
      return (error as? StorageError)?.code
    }
  }

  @Test func failsAsOftenAsPlanned() async throws {
    let store = MemoryFileStore()
    store.failNext(.create, .refuse(.outOfSpace), count: 2)
    #expect(await code { _ = try await store.create("a", [1]) } == .outOfSpace)
    #expect(await code { _ = try await store.create("a", [1]) } == .outOfSpace)
    #expect(try await store.create("a", [1]) == .created)
    #expect(store.callCounts[.create] == 3)
  }

  @Test func aLostAnswerHasItsEffect() async throws {
    let store = MemoryFileStore()
    store.failNext(.create, .loseAnswer(.outcomeUnknown))
    #expect(await code { _ = try await store.create("a", [1]) } == .outcomeUnknown)
    #expect(try await store.read("a", limit: 1) == [1])
    #expect(try await store.create("a", [2]) == .alreadyExists)
  }

  @Test func faultsAreAimedByPath() async throws {
    let store = MemoryFileStore()
    store.failNext(.create, pathSuffix: ".json")
    #expect(try await store.create("a.parquet", [1]) == .created)
    #expect(await code { _ = try await store.create("0.json", [1]) } == .unavailable)
    #expect(try await store.create("0.json", [1]) == .created)
  }

  @Test func aWriterThatDiesChangesNothingMore() async throws {
    let store = MemoryFileStore()
    store.cutOff(afterChanges: 1)
    #expect(try await store.create("a", [1]) == .created)
    #expect(await code { try await store.replace("a", [2]) } == .unavailable)
    #expect(await code { try await store.delete("a") } == .unavailable)
    #expect(try await store.read("a", limit: 1) == [1])
    store.mend()
    try await store.replace("a", [2])
    #expect(try await store.read("a", limit: 1) == [2])
  }

  @Test func unavailableUntilSwitchedBack() async throws {
    let store = MemoryFileStore()
    _ = try await store.create("a", [1])
    store.isUnavailable = true
    #expect(await code { _ = try await store.list("") } == .unavailable)
    #expect(await code { _ = try await store.status("a") } == .unavailable)
    #expect(await code { try await store.delete("a") } == .unavailable)
    store.isUnavailable = false
    #expect(try await store.read("a", limit: 1) == [1])
  }

  @Test func theClockIsSet() async throws {
    let store = MemoryFileStore()
    store.setTime(42)
    _ = try await store.create("a", [1])
    #expect(try await store.status("a")?.modificationTime == 42)
  }
}
