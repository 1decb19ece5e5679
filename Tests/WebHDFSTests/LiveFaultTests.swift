import Foundation
import Storage
import Synchronization
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
      // Where servers are well nothing hangs on how quick they are.
      let patient = try self.store(cluster) { $0.stallTimeout = .seconds(3_000) }
      #expect(try await patient.create("before", [1]) == .created)

      try await cluster.command("suspend-namenode")
      // The limits of a silent connection count, not those of a whole request, of which one alone is a minute.
      var start = ContinuousClock.now
      #expect(await code { _ = try await store.status("before") } == .unavailable)
      #expect(ContinuousClock.now - start < .seconds(60))
      start = .now
      #expect(await code { try await store.delete("before") } == .outcomeUnknown)
      #expect(ContinuousClock.now - start < .seconds(60))
      // Cancelling does not wait for the time limit.
      let asking = Task { try await patient.status("before") }
      try await Task.sleep(for: .milliseconds(200))
      start = .now
      asking.cancel()
      #expect(await code { _ = try await asking.value } == .failed)
      #expect(ContinuousClock.now - start < .seconds(50))
      try await cluster.command("resume-namenode")

      try await cluster.command("kill-namenode")
      #expect(await code { _ = try await store.create("after", [1]) } == .unavailable)
      try await cluster.command("start-namenode")
      #expect(try await patient.create("after", [1]) == .created)
      #expect(try await patient.read("after", limit: 1) == [1])
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

  @Test func aFullDiskIsNoSuccess() async throws {
    try await OwnCluster.with { (cluster) async throws in
      let store = try store(cluster) { $0.retry.attempts = 2 }
      #expect(try await store.create("before", [1]) == .created)
      try await cluster.command("full-datanode")
      for content in [[2], testBytes(3_000_000)] {
        let error = await failure(StorageError.self) { _ = try await store.create("full", content) }
        #expect(error?.code == .unavailable || error?.code == .outOfSpace, "\(error as Any)")
        #expect(try await store.status("full") == nil)
      }
      // An append that cannot be stored leaves the old length, or the file open, whose last block then does not count.
      _ = await failure(WebHDFSError.self) { try await store.client.append("/t/before", BytesUpload([9])) }
      let state = try await store.client.writeState("/t/before")
      #expect(state.length == 1 || state.isUnderConstruction && state.length == 0)
      try await cluster.command("kill-datanode")
      try await cluster.command("start-datanode")
      #expect(try await store.create("full", [2]) == .created)
    }
  }

  @Test func anotherWriterTakesTheName() async throws {
    try await OwnCluster.with { (cluster) async throws in
      let store = try store(cluster)
      let other = try self.store(cluster)
      // While we send, another client makes the final name, and a third one removes our temporary file.
      let slow = HeldUpload(testBytes(400_000))
      let named = Task { try await store.client.upload(slow, to: "/t/name") }
      try await slow.hasBegun()
      #expect(try await other.create("name", [7]) == .created)
      slow.release()
      #expect(try await named.value == .alreadyExists)
      #expect(try await store.read("name", limit: 10) == [7])
      let held = HeldUpload(testBytes(400_000))
      let robbed = Task { try await store.client.upload(held, to: "/t/robbed") }
      try await held.hasBegun()
      // The bytes are on their way before the server has made the file that they are for.
      var temporary: [String] = []
      for _ in 0..<500 where temporary.isEmpty {
        try await Task.sleep(for: .milliseconds(10))
        temporary = try await other.client.list("/t").map(\.name).filter { $0.hasSuffix(".tmp") }
      }
      #expect(temporary.count == 1)
      for name in temporary { try await other.client.delete("/t/\(name)") }
      held.release()
      // A second try may bring it home; a success must be a whole file.
      if (try? await robbed.value) == .created {
        #expect(try await store.read("robbed", limit: 400_000) == testBytes(400_000))
      } else {
        #expect(try await store.status("robbed") == nil)
      }
      #expect(try await store.list("").filter { $0.path.hasSuffix(".tmp") } == [])
    }
  }

  /// All of them take minutes: `VITALS_FAULTS=all` asks for that, as `tools/webhdfs-faults` does.
  private static let interrupted =
    ProcessInfo.processInfo.environment["VITALS_FAULTS"] == "all"
    ? ["create", "read", "append", "rename", "delete", "mkdirs", "checksum", "concat", "list"] : ["create", "rename"]

  @Test func theNameNodeDiesInTheMiddle() async throws {
    try await OwnCluster.with { (cluster) async throws in
      for operation in Self.interrupted { try await interrupt(operation, on: cluster) }
    }
  }

  private func interrupt(_ operation: String, on cluster: OwnCluster) async throws {
    let store = try store(cluster) {
      $0.stallTimeout = .seconds(3)
      $0.connectTimeout = .seconds(1)
      $0.retry.patience = .seconds(3)
    }
    let client = store.client
    let root = "/\(operation)"
    try await client.makeDirectories(root)
    let content = testBytes(100_000)
    for index in 0..<40 where ["read", "append", "rename", "delete", "checksum", "concat"].contains(operation) {
      if index % 4 == 0 || operation == "rename" || operation == "delete" {
        var options = WebHDFSClient.CreateOptions()
        options.blockSize = 1 << 20
        try await client.create("\(root)/\(index)", BytesUpload(content), options)
      }
    }
    let progress = Progress()
    let work = Self.hammer(operation, client, root, content, progress)
    while progress.done.load(ordering: .acquiring) < 4 { try await Task.sleep(for: .milliseconds(1)) }
    try await cluster.command("kill-namenode")
    // What is under way comes to its own end.
    progress.isOver.store(true, ordering: .releasing)
    let outcomes = await work.value
    try await cluster.command("start-namenode")
    try await Self.judge(operation, store, root, outcomes, content)
  }

  /// What became of a numbered operation: done, or how it failed.
  private struct Result: Sendable {
    var index: Int
    var kind: WebHDFSError.Kind?
  }

  /// How many operations have ended, and whether no more are to begin.
  private final class Progress: Sendable {
    let done = Atomic(0)
    let isOver = Atomic(false)
  }

  /// Forty operations, four at a time, until it is over.
  private static func hammer(
    _ operation: String, _ client: WebHDFSClient, _ root: String, _ content: [UInt8], _ progress: Progress
  ) -> Task<[Result], Never> {
    Task {
      await withTaskGroup(of: [Result].self) { (group) in
        for worker in 0..<4 {
          group.addTask {
            var results: [Result] = []
            for index in stride(from: worker, to: 40, by: 4) where !progress.isOver.load(ordering: .acquiring) {
              let error = await failure(WebHDFSError.self) { try await once(operation, client, root, index, content) }
              results.append(Result(index: index, kind: error?.kind))
              progress.done.add(1, ordering: .releasing)
            }
            return results
          }
        }
        return await group.reduce(into: []) { $0 += $1 }
      }
    }
  }

  private static func once(
    _ operation: String, _ client: WebHDFSClient, _ root: String, _ index: Int, _ content: [UInt8]
  ) async throws {
    let path = "\(root)/\(index)"
    switch operation {
    case "create": try await client.create(path, BytesUpload(content))
    case "read": _ = try await client.read("\(root)/\(index / 4 * 4)", offset: 0, length: content.count)
    case "append": try await client.append("\(root)/\(index % 4 * 4)", BytesUpload([UInt8(index)]))
    case "rename": try await client.rename(path, to: "\(path)-new")
    case "delete": #expect(try await client.delete(path))
    case "mkdirs": try await client.makeDirectories(path)
    case "checksum": _ = try await client.checksum("\(root)/\(index / 4 * 4)")
    case "concat" where index % 8 == 4: try await client.concatenate("\(root)/0", appending: [path])
    case "concat": break
    default: _ = try await client.list(root)
    }
  }

  /// What was told as done is done, what was told as not done is not; only lost answers leave a doubt.
  private static func judge(
    _ operation: String, _ store: WebHDFSFileStore, _ root: String, _ outcomes: [Result],
    _ content: [UInt8]
  ) async throws {
    let client = store.client
    for (index, kind) in outcomes.map({ ($0.index, $0.kind) }) {
      let isDone = kind == nil
      let isDoubtful = kind.map { !$0.wasNotCarriedOut } ?? false
      let path = "\(root)/\(index)"
      switch operation {
      case "rename":
        let moved = try await client.statusIfPresent("\(path)-new") != nil
        let stays = try await client.statusIfPresent(path) != nil
        #expect(moved != stays && (isDoubtful || moved == isDone), "\(operation) \(index) \(String(describing: kind))")
      case "delete":
        // A lost answer is asked again, and then finds nothing: "false" is a failed expectation above.
        let stays = try await client.statusIfPresent(path) != nil
        #expect(isDoubtful || stays != isDone, "\(operation) \(index) \(String(describing: kind))")
      case "mkdirs" where isDone: #expect(try await client.status(path).isDirectory)
      case "read", "checksum": #expect(kind.map(\.isTransient) ?? true, "\(operation) \(String(describing: kind))")
      default: break
      }
    }
  }

  @Test func theDataNodeDiesWhileWeSend() async throws {
    try await OwnCluster.with { (cluster) async throws in
      let store = try store(cluster) { $0.retry.attempts = 2 }
      let held = HeldUpload(testBytes(8_000_000))
      let upload = Task { try await store.client.upload(held, to: "/t/big") }
      try await held.hasBegun()
      try await cluster.command("kill-datanode")
      held.release()
      #expect(await code { _ = try await upload.value } == .unavailable)
      #expect(try await store.status("big") == nil)
    }
  }
}

/// Content whose second half waits for ``release()``, so that something else can happen while it is being sent. Its
/// client's event loop waits with it: what happens meanwhile takes another client.
private final class HeldUpload: UploadSource {
  private let bytes: [UInt8]
  private let state = Mutex((hasBegun: false, isReleased: false))

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var byteCount: Int64 { Int64(bytes.count) }

  func copyBytes(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let half = bytes.count / 2
    guard offset >= half else {
      return BytesUpload(bytes).copyBytes(
        from: offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, half - Int(offset))]))
    }
    state.withLock { $0.hasBegun = true }
    for _ in 0..<12_000 where !state.withLock({ $0.isReleased }) { usleep(5_000) }
    return BytesUpload(bytes).copyBytes(from: offset, into: buffer)
  }

  /// Returns once the first half has been handed out.
  func hasBegun() async throws {
    while !state.withLock({ $0.hasBegun }) { try await Task.sleep(for: .milliseconds(5)) }
  }

  /// Lets the rest go.
  func release() { state.withLock { $0.isReleased = true } }
}
