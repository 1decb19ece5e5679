import Foundation
import Storage
import Synchronization
import Testing
import WebHDFS

/// A real pair of NameNodes over shared edits, one active and one standing by.
@Suite(.enabled(if: TestCluster.isThere, "\(TestCluster.reason)"))
struct LiveFailoverTests {
  @Test func everythingFollowsTheActiveNameNode() async throws {
    try await OwnCluster.with(["--ha", "--datanodes", "2"]) { (cluster) async throws in
      var configuration = try TestCluster.configuration(cluster.url)
      #expect(configuration.nameNodes.count == 2)
      // The standby first: it refuses everything but GETHOMEDIRECTORY and the first leg of CREATE.
      configuration.nameNodes.reverse()
      configuration.retry.patience = .seconds(60)
      configuration.retry.attempts = 30
      let client = WebHDFSClient(configuration: configuration)
      let store = WebHDFSFileStore(client: client, root: "/t", writer: "w")
      let content = testBytes(300_000)
      #expect(try await store.create("first", content) == .created)

      try await cluster.command("failover", "2")
      #expect(try await store.read("first", limit: content.count) == content)
      #expect(try await store.create("second", content) == .created)
      try await client.append("/t/second", BytesUpload([1]))
      #expect(try await store.status("second")?.size == 300_001)
      try await client.rename("/t/second", to: "/t/third")
      try await client.setPermission("/t/third", 0o600)
      #expect(try await client.checksum("/t/third").bytesPerCRC == 512)
      try await store.delete("third")

      try await survive(cluster, store, content)
      // A DataNode that died is asked around, before the NameNode has missed it.
      try await cluster.command("kill-datanode", "1")
      for index in 0..<6 { #expect(try await store.create("late/\(index)", content) == .created) }
    }
  }

  /// Files come and go while the active NameNode dies and the other one takes over.
  private func survive(_ cluster: OwnCluster, _ store: WebHDFSFileStore, _ content: [UInt8]) async throws {
    let made = Mutex<[String]>([])
    let unclear = Mutex<[String]>([])
    let writing = Task {
      for index in 0..<200_000 where !Task.isCancelled {
        let path = "many/\(index)"
        do throws(StorageError) {
          if try await store.create(path, Array(content[..<(1_000 + index)])) == .created {
            made.withLock { $0.append(path) }
          }
        } catch {
          unclear.withLock { $0.append(path) }
        }
      }
    }
    while made.withLock({ $0.count }) < 3 { try await Task.sleep(for: .milliseconds(10)) }
    try await cluster.command("kill-namenode", "2")
    try await cluster.command("failover", "1")
    let before = made.withLock { $0.count }
    let start = ContinuousClock.now
    while made.withLock({ $0.count }) < before + 5, .now - start < .seconds(120) {
      try await Task.sleep(for: .milliseconds(50))
    }
    writing.cancel()
    await writing.value
    #expect(made.withLock { $0.count } >= before + 5)
    for path in made.withLock({ $0 }) {
      let index = try #require(Int(path.dropFirst(5)))
      #expect(try await store.read(path, limit: 300_000) == Array(content[..<(1_000 + index)]))
    }
    // What is under a final name is whole, also where the outcome was told as unknown.
    for entry in try await store.list("many") {
      let index = try #require(Int(entry.path.dropFirst(5)))
      #expect(entry.size == Int64(1_000 + index))
    }
  }
}
