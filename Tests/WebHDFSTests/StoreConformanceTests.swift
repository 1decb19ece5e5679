import Foundation
import Storage
import Testing
import WebHDFS

/// The stores that must all behave alike.
enum StoreKind: String, CaseIterable, Sendable {
  case memory, local, hdfs

  static let available: [StoreKind] = {
    if !TestCluster.isThere { print("skipped: the conformance of the HDFS store (\(TestCluster.reason))") }
    return allCases.filter { $0 != .hdfs || TestCluster.isThere }
  }()

  /// Runs a body with an empty store, removed afterwards.
  func with(_ body: (any FileStore) async throws -> Void) async throws {
    switch self {
    case .memory: try await body(MemoryFileStore())
    case .local:
      let directory = FileManager.default.temporaryDirectory.appendingPathComponent("vitals-lake-\(UUID().uuidString)")
      defer { try? FileManager.default.removeItem(at: directory) }
      try await body(LocalFileStore(root: directory.path))
    case .hdfs:
      try await TestCluster.withDirectory { (client, directory) async throws in
        try await body(WebHDFSFileStore(client: client, root: "\(directory)/root"))
      }
    }
  }
}

@Suite struct StoreConformanceTests {
  @Test(arguments: StoreKind.available)
  func createsReadsAndLists(kind: StoreKind) async throws {
    try await kind.with { (store) async throws in
      #expect(try await store.list("d") == [])
      #expect(try await store.status("d/a") == nil)
      let content = testBytes(70_000)
      #expect(try await store.create("d/e/b", content) == .created)
      #expect(try await store.create("d/a", [1, 2, 3]) == .created)
      #expect(try await store.read("d/e/b", limit: 70_000) == content)
      let entries = try await store.list("d")
      #expect(entries.map(\.path) == ["d/a", "d/e"])
      #expect(entries.map(\.size) == [3, 0])
      #expect(entries.map(\.isDirectory) == [false, true])
      let status = try #require(try await store.status("d/e/b"))
      #expect(status.path == "d/e/b" && status.size == 70_000 && !status.isDirectory)
      #expect(status.modificationTime > 1_600_000_000_000)
      #expect(try await store.status("")?.isDirectory == true)
      #expect(try await store.list("").contains { $0.path == "d" && $0.isDirectory })
    }
  }

  @Test(arguments: StoreKind.available)
  func replacesWholly(kind: StoreKind) async throws {
    try await kind.with { (store) async throws in
      try await store.replace("log/pointer", [1, 1])
      #expect(try await store.read("log/pointer", limit: 10) == [1, 1])
      try await store.replace("log/pointer", [2])
      #expect(try await store.read("log/pointer", limit: 10) == [2])
      #expect(try await store.list("log").map(\.path) == ["log/pointer"])
      let error = await failure(StorageError.self) { try await store.replace("log", [3]) }
      #expect(error != nil)
      #expect(try await store.list("log").map(\.path) == ["log/pointer"])
    }
  }

  @Test(arguments: StoreKind.available)
  func createNeverOverwrites(kind: StoreKind) async throws {
    try await kind.with { (store) async throws in
      #expect(try await store.create("log/0.json", [1]) == .created)
      #expect(try await store.create("log/0.json", [2, 2]) == .alreadyExists)
      #expect(try await store.read("log/0.json", limit: 10) == [1])
      #expect(try await store.create("log", [3]) == .alreadyExists)
      let error = await failure(StorageError.self) { _ = try await store.create("log/0.json/below", [1]) }
      #expect(error?.code == .wrongKind)
    }
  }

  @Test(arguments: StoreKind.available)
  func emptyFiles(kind: StoreKind) async throws {
    try await kind.with { (store) async throws in
      #expect(try await store.create("d/empty", []) == .created)
      #expect(try await store.read("d/empty", limit: 0) == [])
      let file = try await store.open("d/empty")
      #expect(file.size == 0)
      #expect(try await file.read(0..<0) == [])
    }
  }

  @Test(arguments: StoreKind.available)
  func rangedReads(kind: StoreKind) async throws {
    try await kind.with { (store) async throws in
      let content = testBytes(10_000)
      #expect(try await store.create("f", content) == .created)
      let file = try await store.open("f")
      #expect(file.size == 10_000)
      for range in [0..<10_000, 0..<1, 9_999..<10_000, 511..<513, 5_000..<5_000] as [Range<Int64>] {
        #expect(try await file.read(range) == Array(content[Int(range.lowerBound)..<Int(range.upperBound)]))
      }
      for range in [0..<10_001, 10_000..<10_001, 20_000..<20_001] as [Range<Int64>] {
        let error = await failure(StorageError.self) { _ = try await file.read(range) }
        #expect(error?.code == .truncated)
      }
    }
  }

  @Test(arguments: StoreKind.available)
  func failuresHaveTheirCodes(kind: StoreKind) async throws {
    try await kind.with { (store) async throws in
      _ = try await store.create("d/f", [1, 2, 3])
      let cases: [(StorageError.Code, () async throws -> Void)] = [
        (.notFound, { _ = try await store.read("d/none", limit: 1) }),
        (.notFound, { _ = try await store.open("none") }),
        (.wrongKind, { _ = try await store.open("d") }),
        (.wrongKind, { _ = try await store.list("d/f") }),
        (.failed, { _ = try await store.read("d/f", limit: 2) }),
        (.invalidPath, { _ = try await store.create("", [1]) }),
        (.invalidPath, { _ = try await store.create("/d/g", [1]) }),
        (.invalidPath, { _ = try await store.create("d//g", [1]) }),
        (.invalidPath, { _ = try await store.create("d/../g", [1]) }),
        (.invalidPath, { _ = try await store.create("d/./g", [1]) }),
        (.invalidPath, { _ = try await store.create("d/g\0", [1]) }),
        (.invalidPath, { _ = try await store.status(String(repeating: "x", count: 256)) }),
        (.invalidPath, { try await store.delete("") }),
      ]
      for (index, item) in cases.enumerated() {
        let error = await failure(StorageError.self, item.1)
        #expect(error?.code == item.0, "case \(index): \(error.map(String.init(describing:)) ?? "no error")")
      }
    }
  }

  @Test(arguments: StoreKind.available)
  func deletes(kind: StoreKind) async throws {
    try await kind.with { (store) async throws in
      try await store.delete("nothing")
      for path in ["d/a", "d/e/b", "d/e/c/d", "dd"] { _ = try await store.create(path, [1]) }
      try await store.delete("d/a")
      #expect(try await store.list("d").map(\.path) == ["d/e"])
      try await store.delete("d")
      #expect(try await store.status("d") == nil)
      #expect(try await store.status("dd") != nil)
      // The parents are made again, although they were known to exist.
      #expect(try await store.create("d/e/b", [2]) == .created)
    }
  }

  @Test(arguments: StoreKind.available)
  func namesOfAllKinds(kind: StoreKind) async throws {
    try await kind.with { (store) async throws in
      let names = [
        "a b", "a+b", "a?b", "a#b", "a&b=c;d,e", "date=2024-01-01", "ärzte", "\u{E9}", "🩺", "日本", "'\"\\",
        String(repeating: "n", count: 255), String(repeating: "ä", count: 127), "~", "..x", "x..", "a\tb",
      ]
      for (index, name) in names.enumerated() {
        #expect(try await store.create("names/\(name)", [UInt8(index)]) == .created, "\(name)")
      }
      for (index, name) in names.enumerated() {
        #expect(try await store.read("names/\(name)", limit: 1) == [UInt8(index)], "\(name)")
      }
      let listed = try await store.list("names").map { Array($0.path.utf8) }
      let expected = names.map { Array("names/\($0)".utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
      #expect(listed == expected)
    }
  }

  @Test(arguments: StoreKind.available)
  func exactlyOneOfFourRacersWins(kind: StoreKind) async throws {
    try await kind.with { (store) async throws in
      for round in 0..<(kind == .hdfs ? 15 : 100) {
        let outcomes = try await withThrowingTaskGroup(of: (UInt8, CreateOutcome).self) { (group) in
          for racer in 0..<4 as Range<UInt8> {
            group.addTask { (racer, try await store.create("race/\(round)", [racer])) }
          }
          return try await group.reduce(into: [(UInt8, CreateOutcome)]()) { $0.append($1) }
        }
        let winners = outcomes.filter { $0.1 == .created }
        #expect(winners.count == 1)
        #expect(try await store.read("race/\(round)", limit: 1) == [winners[0].0])
      }
      let left = try await store.list("_landing")
      for directory in left { #expect(try await store.list(directory.path) == []) }
    }
  }
}
