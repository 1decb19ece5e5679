import Foundation
import Storage
import Testing
import WebHDFS

/// Every operation against a real HDFS.
@Suite(.enabled(if: TestCluster.isThere, "\(TestCluster.reason)"))
struct LiveClientTests {
  private func kind(_ body: () async throws -> Void) async -> WebHDFSError.Kind? {
    await failure(WebHDFSError.self, body)?.kind
  }

  @Test func namesAndProperties() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      try await client.makeDirectories("\(directory)/a/b", permission: 0o750)
      #expect(try await client.status("\(directory)/a/b").permission == 0o750)
      try await client.makeDirectories("\(directory)/a/b", permission: 0o700)
      #expect(try await client.status("\(directory)/a/b").permission == 0o750)
      try await client.create("\(directory)/a/f", BytesUpload([1, 2, 3]))
      #expect(await kind { try await client.makeDirectories("\(directory)/a/f") } == .alreadyExists)
      let status = try await client.status("\(directory)/a/f")
      #expect(status.permission == 0o644 && status.replication == 1 && !status.isDirectory && status.fileID > 0)
      try await client.setPermission("\(directory)/a/f", 0o1600)
      try await client.setOwner("\(directory)/a/f", owner: "ann", group: "ward+1")
      let changed = try await client.status("\(directory)/a/f")
      #expect(changed.permission == 0o1600 && changed.owner == "ann" && changed.group == "ward+1")
      #expect(try await client.list("\(directory)/a").map(\.name) == ["b", "f"])
      #expect(try await client.list("\(directory)/a/f").map(\.name) == [""])
      let summary = try await client.contentSummary(directory)
      #expect(summary.fileCount == 1 && summary.directoryCount == 3 && summary.length == 3 && summary.quota == -1)
      #expect(await kind { try await client.delete("\(directory)/a") } == .directoryNotEmpty)
      #expect(try await client.delete("\(directory)/a", recursive: true))
      #expect(try await client.delete("\(directory)/a", recursive: true) == false)
      #expect(try await client.statusIfPresent("\(directory)/a") == nil)
      #expect(await kind { _ = try await client.list("\(directory)/a") } == .notFound)
    }
  }

  @Test func renames() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      try await client.create("\(directory)/a+b c", BytesUpload([1]))
      try await client.create("\(directory)/taken", BytesUpload([2]))
      let id = try await client.status("\(directory)/a+b c").fileID
      #expect(await kind { try await client.rename("\(directory)/a+b c", to: "\(directory)/taken") } == .alreadyExists)
      #expect(await kind { try await client.rename("\(directory)/no", to: "\(directory)/x") } == .notFound)
      #expect(await kind { try await client.rename("\(directory)/taken", to: "\(directory)/no/x") } == .notFound)
      try await client.rename("\(directory)/a+b c", to: "\(directory)/d+e ?#&f")
      #expect(try await client.status("\(directory)/d+e ?#&f").fileID == id)
      try await client.rename("\(directory)/d+e ?#&f", to: "\(directory)/taken", overwrite: true)
      #expect(try await client.read("\(directory)/taken", limit: 10) == [1])
      #expect(try await client.status("\(directory)/taken").fileID == id)
    }
  }

  @Test func readsRangesOverBlocks() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      var options = WebHDFSClient.CreateOptions()
      options.blockSize = 1 << 20
      let bytes = testBytes(2_500_000)
      try await client.create("\(directory)/f", BytesUpload(bytes), options)
      #expect(try await client.writeState("\(directory)/f").blockLengths == [1 << 20, 1 << 20, 2_500_000 - (2 << 20)])
      for (offset, length) in [(0, 1), (1_048_575, 2), (0, 2_500_000), (2_499_999, 1), (1_000_000, 1_200_000), (5, 0)] {
        #expect(
          try await client.read("\(directory)/f", offset: Int64(offset), length: length)
            == Array(bytes[offset..<offset + length]))
      }
      #expect(try await client.read("\(directory)/f", limit: 2_500_000) == bytes)
      #expect(await kind { _ = try await client.read("\(directory)/f", limit: 2_499_999) } == .responseTooLarge)
      let beyond = await failure(WebHDFSError.self) {
        _ = try await client.read("\(directory)/f", offset: 2_499_999, length: 2)
      }
      #expect(beyond?.kind == .truncated, "\(beyond.map(\.description) ?? "no error")")
      #expect(await kind { _ = try await client.read(directory, limit: 10) } == .isADirectory)
    }
  }

  @Test func createsOnlyWhatIsNew() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      try await client.create("\(directory)/f", BytesUpload([1]))
      #expect(await kind { try await client.create("\(directory)/f", BytesUpload([2])) } == .alreadyExists)
      #expect(await kind { try await client.create(directory, BytesUpload([2])) } == .isADirectory)
      #expect(await kind { try await client.create("\(directory)/f/g", BytesUpload([2])) } == .notADirectory)
      var options = WebHDFSClient.CreateOptions()
      options.overwrite = true
      options.permission = 0o600
      try await client.create("\(directory)/f", BytesUpload([3]), options)
      #expect(try await client.read("\(directory)/f", limit: 1) == [3])
      options.blockSize = 1_000
      #expect(await kind { try await client.create("\(directory)/g", BytesUpload([2]), options) } != nil)
    }
  }

  @Test func othersAreRefused() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      try await client.setPermission(directory, 0o755)
      let ann = try TestCluster.client(user: "ann")
      #expect(await kind { try await ann.makeDirectories("\(directory)/x") } == .permissionDenied)
      #expect(await kind { try await ann.create("\(directory)/x", BytesUpload([1])) } == .permissionDenied)
      try await client.setPermission(directory, 0o700)
      #expect(await kind { _ = try await ann.list(directory) } == .permissionDenied)
      let store = WebHDFSFileStore(client: ann, root: "\(directory)/table")
      let error = await failure(StorageError.self) { _ = try await store.create("f", [1]) }
      #expect(error?.code == .permissionDenied)
      // Acting for another is a right of its own.
      var configuration = try TestCluster.configuration(user: "ann")
      configuration.doAs = "bob"
      #expect(await kind { _ = try await WebHDFSClient(configuration: configuration).list("/") } == .permissionDenied)
      var allowed = try TestCluster.configuration()
      allowed.doAs = "bob"
      #expect(await kind { _ = try await WebHDFSClient(configuration: allowed).list(directory) } == .permissionDenied)
    }
  }

  @Test func largeListings() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      try await withThrowingTaskGroup(of: Void.self) { (group) in
        for worker in 0..<8 {
          group.addTask {
            for index in stride(from: worker, to: 400, by: 8) {
              try await client.makeDirectories("\(directory)/d\(index)")
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await client.list(directory).count == 400)
      var configuration = try TestCluster.configuration()
      configuration.answerByteLimit = 1_000
      let limited = WebHDFSClient(configuration: configuration)
      #expect(await kind { _ = try await limited.list(directory) } == .responseTooLarge)
    }
  }

  @Test func deadNameNodesAreSkipped() async throws {
    let live = try TestCluster.configuration().nameNodes
    let client = WebHDFSClient(
      configuration: WebHDFSConfiguration(
        nameNodes: [Endpoint(host: "127.0.0.1", port: 1)] + live, user: TestCluster.superuser))
    #expect(try await client.status("/").isDirectory)
  }

  @Test func proxyVariablesAreIgnored() async throws {
    setenv("http_proxy", "http://127.0.0.1:1", 1)
    defer { unsetenv("http_proxy") }
    #expect(try await TestCluster.client().status("/").isDirectory)
    var configuration = try TestCluster.configuration()
    configuration.proxy = "http://127.0.0.1:1"
    configuration.retry.attempts = 1
    #expect(await kind { _ = try await WebHDFSClient(configuration: configuration).status("/") } == .notConnected)
  }

  @Test func theHostMapTellsWhereToConnect() async throws {
    let port = try TestCluster.configuration().nameNodes[0].port
    var configuration = WebHDFSConfiguration(
      nameNodes: [Endpoint(host: "namenode.invalid", port: port)], user: TestCluster.superuser)
    configuration.retry.attempts = 1
    #expect(await kind { _ = try await WebHDFSClient(configuration: configuration).status("/") } == .notConnected)
    configuration.hostMap = ["namenode.invalid": "127.0.0.1"]
    #expect(try await WebHDFSClient(configuration: configuration).status("/").isDirectory)
    configuration.hostMap = ["namenode.invalid:\(port)": "127.0.0.1:\(port)"]
    #expect(try await WebHDFSClient(configuration: configuration).status("/").isDirectory)
  }

  @Test func filesAreUploadedFromDisk() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("vitals-\(UUID().uuidString)").path
      defer { unlink(path) }
      let bytes = testBytes(3_000_001)
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let store = WebHDFSFileStore(client: client, root: directory)
      #expect(try await store.create("f", from: FileUpload(path: path)) == .created)
      #expect(try await store.read("f", limit: bytes.count) == bytes)
      #expect(try await store.create("f", from: BytesUpload([1]), overwrite: true) == .created)
      #expect(try await store.read("f", limit: 1) == [1])
      #expect(throws: StorageError.self) { _ = try FileUpload(path: "/none/such") }
      #expect(throws: StorageError.self) { _ = try FileUpload(path: "/tmp") }
    }
  }

  /// An upload that a dead NameNode broke off lay under `_landing` for good, since nobody knew whose it was.
  @Test func leftoversOfEndedProcessesGoAtOnceAndOthersByAge() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      let store = WebHDFSFileStore(client: client, root: directory, writer: "w")
      let own = WriterIdentity.current.prefix + "own.tmp"
      let child = try await endedProcess("/bin/true", [])
      let fields = own.split(separator: "-")
      let ended = "\(fields[0])-\(child.processIdentifier)-1-ended.tmp"
      for name in ["w/\(own)", "w/\(ended)", "w/unknown.tmp", "other/00000000-1-1-foreign.tmp"] {
        try await client.create("\(directory)/_landing/\(name)", BytesUpload([1]))
      }
      #expect(try await store.removeAbandonedTemporaries() == 2)
      #expect(try await store.list("_landing/w").map(\.path) == ["_landing/w/unknown.tmp"])
      #expect(try await store.removeAbandonedTemporaries(olderThan: .seconds(-60)) == 2)
      #expect(try await store.list("_landing/other").isEmpty)
    }
  }

  @Test func cancellingEndsTheRequest() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      let upload = Task { try await client.create("\(directory)/big", SlowUpload()) }
      try await Task.sleep(for: .milliseconds(300))
      let start = ContinuousClock.now
      upload.cancel()
      #expect(await kind { try await upload.value } == .cancelled)
      // The upload itself would take days.
      #expect(ContinuousClock.now - start < .seconds(120))
      // A task that is cancelled beforehand sends nothing.
      let early = Task {
        try? await Task.sleep(for: .seconds(600))
        _ = try await client.status("/")
      }
      early.cancel()
      #expect(await kind { try await early.value } == .cancelled)
    }
  }
}

/// Endless content that comes in drops.
private struct SlowUpload: UploadSource {
  var byteCount: Int64 { 1 << 40 }

  func copyBytes(from offset: Int64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    usleep(1_000)
    return min(buffer.count, 1_000)
  }
}
