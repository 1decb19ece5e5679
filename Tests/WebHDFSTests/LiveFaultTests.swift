import Foundation
import Storage
import Testing
import WebHDFS

/// Servers that refuse, die and hang: each test starts an instance of its own and stops it.
@Suite(.enabled(if: TestCluster.isThere, "\(TestCluster.reason)"), .serialized)
struct LiveFaultTests {
  private func store(
    _ cluster: OwnCluster, _ change: (inout WebHDFSConfiguration) -> Void = { _ in }
  ) throws -> WebHDFSFileStore {
    var configuration = try TestCluster.configuration(cluster.url)
    change(&configuration)
    return WebHDFSFileStore(client: WebHDFSClient(configuration: configuration), root: "/t", writer: "w")
  }

  private func code(_ body: () async throws -> Void) async -> StorageError.Code? {
    await failure(StorageError.self, body)?.code
  }

  @Test func refusals() async throws {
    try await OwnCluster.with { (cluster) async throws in
      let store = try store(cluster)
      #expect(try await store.create("before", [1]) == .created)

      // Safe mode: nothing is written, everything can be read.
      try await cluster.command("safemode", "enter")
      #expect(await code { _ = try await store.create("a", [1]) } == .unavailable)
      #expect(await code { try await store.delete("before") } == .unavailable)
      #expect(try await store.read("before", limit: 1) == [1])
      // Only the second leg notices.
      let direct = await failure(WebHDFSError.self) { try await store.client.create("/t/x", BytesUpload([1])) }
      #expect(direct?.kind == .safeMode)
      try await cluster.command("safemode", "leave")
      #expect(try await store.create("a", [1]) == .created)

      // A space quota below one block: the server says 201 and stores nothing.
      try await store.client.makeDirectories("/q")
      try await cluster.command("quota", "/q", "--space", "3000000")
      let small = WebHDFSFileStore(client: store.client, root: "/q", writer: "w")
      #expect(try await small.create("one", testBytes(1_000)) == .created)
      let error = await failure(StorageError.self) { _ = try await small.create("big", testBytes(3_500_000)) }
      #expect(error?.code == .outOfSpace, "\(error.map(\.description) ?? "no error")")
      #expect(try await small.status("big") == nil)
      #expect(try await small.list("_landing/w") == [])
      #expect(try await small.create("two", testBytes(1_000)) == .created)

      // A quota of names.
      try await store.client.makeDirectories("/n")
      try await cluster.command("quota", "/n", "--names", "4")
      let few = WebHDFSFileStore(client: store.client, root: "/n", writer: "w")
      #expect(try await few.create("one", [1]) == .created)
      #expect(await code { _ = try await few.create("two", [1]) } == .outOfSpace)
      #expect(try await few.list("").map(\.path) == ["_landing", "one"])
    }
  }

  @Test func theNameNodeDiesAndHangs() async throws {
    try await OwnCluster.with { (cluster) async throws in
      let store = try store(cluster) {
        $0.stallTimeout = .seconds(2)
        $0.connectTimeout = .seconds(1)
        $0.retry.attempts = 2
      }
      #expect(try await store.create("before", [1]) == .created)

      try await cluster.command("suspend-namenode")
      var start = ContinuousClock.now
      #expect(await code { _ = try await store.status("before") } == .unavailable)
      #expect(ContinuousClock.now - start < .seconds(12))
      start = .now
      #expect(await code { try await store.delete("before") } == .outcomeUnknown)
      #expect(ContinuousClock.now - start < .seconds(12))
      // Cancelling does not wait for the time limit.
      let asking = Task { try await store.status("before") }
      try await Task.sleep(for: .milliseconds(200))
      start = .now
      asking.cancel()
      #expect(await code { _ = try await asking.value } == .failed)
      #expect(ContinuousClock.now - start < .seconds(1))
      try await cluster.command("resume-namenode")

      try await cluster.command("kill-namenode")
      start = .now
      #expect(await code { _ = try await store.create("after", [1]) } == .unavailable)
      #expect(ContinuousClock.now - start < .seconds(3))
      try await cluster.command("start-namenode")
      #expect(try await store.create("after", [1]) == .created)
      #expect(try await store.read("after", limit: 1) == [1])
    }
  }

  @Test func theDataNodeDies() async throws {
    try await OwnCluster.with { (cluster) async throws in
      let store = try store(cluster) {
        $0.stallTimeout = .seconds(3)
        $0.retry.attempts = 2
      }
      #expect(try await store.create("before", testBytes(100_000)) == .created)
      try await cluster.command("kill-datanode")
      let file = try await store.open("before")
      #expect(await code { _ = try await file.read(0..<100_000) } == .unavailable)
      #expect(await code { _ = try await store.create("during", [1]) } == .unavailable)
      #expect(try await store.status("during") == nil)
      try await cluster.command("start-datanode")
      #expect(try await file.read(0..<100_000) == testBytes(100_000))
      #expect(try await store.create("during", [1]) == .created)
    }
  }

  @Test func theDataNodeDiesWhileWeSend() async throws {
    try await OwnCluster.with { (cluster) async throws in
      let store = try store(cluster) { $0.retry.attempts = 2 }
      let content = testBytes(60_000_000)
      let upload = Task { try await store.create("big", content) }
      try await Task.sleep(for: .milliseconds(60))
      try await cluster.command("kill-datanode")
      let outcome = await code { _ = try await upload.value }
      // Either it was quicker than the kill, or nothing is there.
      #expect(outcome == nil || outcome == .unavailable)
      let status = try await store.status("big")
      #expect(status?.size == (outcome == nil ? 60_000_000 : nil))
    }
  }
}
