import Columnar
import Delta
import Storage
import Synchronization
import Testing

@testable import Landing
@testable import Maintenance

/// Whatever happens between the reading of files and the commit that replaces them, each row is there once.
@Suite("Races and deaths of a compaction")
struct CompactionRaceTests {
  private let store = HookedStore()
  /// The same store without hooks, for the other writers.
  private var others: TableFixture { TableFixture(store.base) }

  private var compactor: Compactor { Compactor(store: store, options: TableFixture.options) }

  /// Does something once, before the first file of a compaction is put.
  private func once(_ work: @escaping @Sendable (TableFixture) async throws -> Void) {
    let isDone = Mutex(false)
    store.hook(before: { [others] path in
      guard path.contains("compacted-"), !isDone.withLock({ $0.exchange(true) }) else { return }
      try await work(others)
    })
  }

  private func furnish() async throws {
    for start in stride(from: Int64(0), to: 50, by: 10) { try await others.append(start..<start + 10) }
  }

  private func expectEachOnce(_ offsets: Range<Int64>) async throws {
    #expect(try await others.rows().origins == offsets.map { [0, $0] })
  }

  @Test("a sink that appends meanwhile causes no conflict")
  func append() async throws {
    try await furnish()
    once { try await $0.append(50..<60) }
    let report = try await compactor.run()
    #expect(report.groups.map(\.conflicts) == [0] && report.groups.map(\.filesBefore) == [5])
    #expect(try await others.open().snapshot.files.count == 2)
    #expect(try await others.open().snapshot.transactions[TableFixture.topic.watermarkID(0)]?.version == 60)
    try await expectEachOnce(0..<60)
  }

  @Test("a file that another writer removes meanwhile stays removed, and the rest is compacted")
  func remove() async throws {
    try await furnish()
    once { other in
      var table = try await other.open()
      let gone = table.snapshot.files[1]
      try await table.commit(
        CommitRequest(operation: "DELETE", engine: "test", isBlindAppend: false) { _ in
          [.remove(RemoveFile(gone, at: 1))]
        })
    }
    let report = try await compactor.run()
    #expect(report.groups.map(\.conflicts) == [1] && report.groups.map(\.filesBefore) == [4])
    #expect(try await others.rows().origins == (Array(0..<10) + Array(20..<50)).map { [0, $0] })
  }

  @Test("another compaction that is faster wins, and nothing is done twice")
  func otherCompaction() async throws {
    try await furnish()
    once { other in _ = try await Compactor(store: other.store, options: TableFixture.options).run() }
    let report = try await compactor.run()
    #expect(report.groups.isEmpty && report.contended.isEmpty)
    #expect(try await others.open().snapshot.files.count == 1)
    try await expectEachOnce(0..<50)
  }

  @Test("a partition that others change all the time is given up and named")
  func contention() async throws {
    for start in stride(from: Int64(0), to: 200, by: 10) { try await others.append(start..<start + 10) }
    store.hook(before: { [others] path in
      guard path.contains("compacted-") else { return }
      var table = try await others.open()
      let gone = table.snapshot.files[0]
      try await table.commit(
        CommitRequest(operation: "DELETE", engine: "test", isBlindAppend: false) { _ in
          [.remove(RemoveFile(gone, at: 1))]
        })
    })
    let report = try await compactor.run()
    #expect(report.groups.isEmpty && report.contended == ["date=2026-01-01"])
    #expect(try await others.open().snapshot.files.count == 15)
  }

  @Test("files that were written in vain are taken away: after a conflict, and where a later file cannot be read")
  func inVain() async throws {
    try await furnish()
    once { other in
      var table = try await other.open()
      let gone = table.snapshot.files[1]
      try await table.commit(
        CommitRequest(operation: "DELETE", engine: "test", isBlindAppend: false) { _ in
          [.remove(RemoveFile(gone, at: WallClock.milliseconds()))]
        })
    }
    #expect(try await compactor.run().groups.map(\.conflicts) == [1])
    #expect(try await TableCheck(store: store.base).run().orphans.isEmpty)
    // One row a file: the first of them stand when the last file turns out to be damaged.
    var options = TableFixture.rewritingAll
    (options.targetBytes, options.order) = (1, .none)
    try await others.append(50..<60)
    try await others.append(60..<70, day: 2)
    let last = try await others.append(70..<80, day: 2)
    var bytes = try await store.base.read(last.path, limit: 1 << 20)
    for index in 40..<60 { bytes[index] ^= 0x55 }
    try await store.base.replace(last.path, bytes)
    let report = try await Compactor(store: store, options: options).run()
    #expect(report.leftAlone.count == 1)
    #expect(try await TableCheck(store: store.base).run().orphans.isEmpty)
  }

  @Test("columns that a sink adds meanwhile do not disturb")
  func addedColumn() async throws {
    try await furnish()
    once { other in
      var table = try await other.open()
      var wider = TableFixture.schema
      wider.fields.insert(.init("note", .string), at: 0)
      let added = wider
      try await table.commit(
        CommitRequest(operation: "ADD COLUMNS", engine: "test") { snapshot throws(DeltaError) in
          try snapshot.metadata(joining: added).map { [.metadata($0)] }
        })
    }
    #expect(try await compactor.run().groups.map(\.conflicts) == [0])
    try await expectEachOnce(0..<50)
  }

  @Test("a lost answer of the commit is settled, not repeated")
  func lostAnswer() async throws {
    try await furnish()
    store.base.failNext(.create, .loseAnswer(.outcomeUnknown), pathSuffix: "6.json")
    #expect(try await compactor.run().groups.count == 1)
    #expect(try await others.open().snapshot.files.count == 1)
    try await expectEachOnce(0..<50)
  }

  @Test("a death after any change leaves each row once, and the next run finishes", arguments: 0...6)
  func death(changes: Int) async throws {
    for start in stride(from: Int64(0), to: 80, by: 10) {
      try await others.append(start..<start + 10, day: 1 + Int(start / 40))
    }
    store.base.cutOff(afterChanges: changes)
    let outcome = await Result { () async throws in try await compactor.run() }
    store.base.mend()
    try await expectEachOnce(0..<80)
    if case .success = outcome { return }
    _ = try await compactor.run()
    #expect(try await others.open().snapshot.files.count == 2)
    try await expectEachOnce(0..<80)
  }

  @Test("compactors and sinks all at once")
  func allAtOnce() async throws {
    try await furnish()
    await withTaskGroup(of: Void.self) { group in
      for partition in Int32(1)...2 {
        group.addTask { [others] in
          for start in stride(from: Int64(0), to: 200, by: 10) {
            _ = try? await others.append(start..<start + 10, partition: partition)
          }
        }
      }
      for _ in 0..<3 {
        group.addTask { [compactor] in
          for _ in 0..<5 { _ = try? await compactor.run() }
        }
      }
    }
    var expected: [[Int64]] = (0..<50).map { [0, $0] }
    for partition in Int64(1)...2 { expected += (Int64(0)..<200).map { [partition, $0] } }
    #expect(try await others.rows().origins == expected)
    _ = try await compactor.run()
    #expect(try await others.rows().origins == expected)
    #expect(try await others.open().snapshot.files.count == 1)
  }
}

extension Bool {
  /// Sets the value and gives the one before.
  fileprivate mutating func exchange(_ value: Bool) -> Bool {
    defer { self = value }
    return self
  }
}

extension Result where Failure == any Error {
  /// What an asynchronous call came to.
  fileprivate init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}
