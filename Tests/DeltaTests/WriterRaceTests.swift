import Storage
import Testing

@testable import Delta

/// Several writers on one table while the store fails at random.
@Suite("Writers under fire")
struct WriterRaceTests {
  private static let writers = 4
  private static let turns = 25

  /// One writer: appends its files one by one, each known by its name and guarded by no watermark.
  private func write(_ number: Int, _ store: MemoryFileStore, seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed &* 31 &+ UInt64(number))
    var table = try await retrying { () throws(DeltaError) in try await DeltaTable.open(store: store) }
    for turn in 0..<Self.turns {
      let request = TableFixture.append(TableFixture.file("w\(number)-\(turn)"))
      while true {
        if Int.random(in: 0..<4, using: &random) == 0 { injectFault(store, &random) }
        do throws(DeltaError) {
          _ = try await table.commit(request)
          break
        } catch {
          guard error.isRetriable else { throw error }
          // Between two attempts a writer may look at the table, and must not forget what it had in doubt.
          if Bool.random(using: &random) { try? await table.refresh() }
        }
        await Task.yield()
      }
    }
  }

  private func injectFault(_ store: MemoryFileStore, _ random: inout SeededGenerator) {
    let calls: [MemoryFileStore.Call] = [.create, .create, .create, .read, .status, .list, .open, .replace]
    let faults: [MemoryFileStore.Fault] = [
      .refuse(.unavailable), .refuse(.outcomeUnknown), .loseAnswer(.outcomeUnknown),
    ]
    let call = calls.randomElement(using: &random) ?? .create
    let fault = faults.randomElement(using: &random) ?? .refuse(.unavailable)
    store.failNext(call, call.isChange ? fault : .refuse(.unavailable))
  }

  private func retrying<T>(_ body: () async throws(DeltaError) -> T) async throws(DeltaError) -> T {
    while true {
      do throws(DeltaError) {
        return try await body()
      } catch {
        guard error.isRetriable else { throw error }
      }
    }
  }

  @Test("no commit is lost, none lands twice, no version is skipped", arguments: 1...10 as ClosedRange<UInt64>)
  func race(seed: UInt64) async throws {
    let store = MemoryFileStore()
    _ = try await TableFixture.make(store, settings: ["delta.checkpointInterval": "7"])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<Self.writers {
        group.addTask { try await write(number, store, seed: seed) }
      }
      try await group.waitForAll()
    }
    store.mend()
    let versions = try await TableFixture.addedPaths(store)
    let expected = (0..<Self.writers).flatMap { number in
      (0..<Self.turns).map { TableFixture.file("w\(number)-\($0)").path }
    }
    #expect(versions.flatMap(\.self).sorted() == expected.sorted())
    #expect(versions.count == expected.count + 1)
    let table = try await DeltaTable.open(store: store)
    #expect(table.snapshot.version == Int64(expected.count))
    #expect(table.snapshot.files.map(\.path) == expected.sorted())
  }
}
