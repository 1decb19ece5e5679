import Foundation
import Storage
import Testing
import WebHDFS

/// The less common operations against a real HDFS 2.7.3, and how it refuses those of later releases.
@Suite(.enabled(if: TestCluster.isThere, "\(TestCluster.reason)"))
struct LiveOperationTests {
  private func kind(_ body: () async throws -> Void) async -> WebHDFSError.Kind? {
    await failure(WebHDFSError.self, body)?.kind
  }

  @Test func appendTruncateAndConcat() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      let (a, b) = ("\(directory)/a", "\(directory)/b")
      try await client.create(a, BytesUpload([1, 2, 3]))
      try await client.append(a, BytesUpload([4, 5]))
      #expect(try await client.read(a, limit: 10) == [1, 2, 3, 4, 5])
      #expect(await kind { try await client.append("\(directory)/none", BytesUpload([1])) } == .notFound)
      try await client.create(b, BytesUpload([6]))
      try await client.concatenate(a, appending: [b])
      #expect(try await client.read(a, limit: 10) == [1, 2, 3, 4, 5, 6])
      #expect(try await client.statusIfPresent(b) == nil)
      #expect(await kind { try await client.concatenate(a, appending: ["\(directory)/x,y"]) } == .invalidPath)
      // At a block's end there is nothing to recover.
      #expect(try await client.truncate(a, length: 5))
      #expect(try await client.read(a, limit: 10) == [1, 2, 3, 4, 5])
      #expect(try await client.truncate(a, length: 2) == false)
      // While the server recovers the last block it refuses to add to it: tried again until it is ready.
      var patient = try TestCluster.configuration()
      patient.retry.patience = .seconds(60)
      patient.retry.attempts = 60
      try await WebHDFSClient(configuration: patient).append(a, BytesUpload([9]))
      #expect(try await client.read(a, limit: 10) == [1, 2, 9])
    }
  }

  @Test func timesReplicationAndAccess() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      let path = "\(directory)/f"
      try await client.create(path, BytesUpload([1]))
      try await client.setTimes(path, modified: 1_700_000_000_123)
      let first = try await client.status(path)
      #expect(first.modificationTime == 1_700_000_000_123 && first.accessTime > 1_700_000_000_123)
      #expect(try await client.setReplication(path, 2))
      #expect(try await client.status(path).replication == 2)
      #expect(try await client.setReplication(directory, 2) == false)
      #expect(try await client.checkAccess(path, [.read, .write]))
      let ann = try TestCluster.client(user: "ann")
      #expect(try await ann.checkAccess(path, .read))
      #expect(try await ann.checkAccess(path, .write) == false)
      #expect(try await client.homeDirectory() == "/user/\(TestCluster.superuser)")
      #expect(await kind { try await client.createSymlink("\(directory)/l", to: path) } == .unsupported)
    }
  }

  @Test func attributes() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      try await client.setAttribute(directory, "user.ward", "a b+c", isNew: true)
      #expect(await kind { try await client.setAttribute(directory, "user.ward", "x", isNew: true) } == .refused)
      try await client.setAttribute(directory, "user.ward", "3", isNew: false)
      #expect(try await client.attributeNames(directory) == ["user.ward"])
      #expect(try await client.attributes(directory, ["user.ward"]) == ["user.ward": "\"3\""])
      #expect(try await client.attributes(directory, encoding: .hex) == ["user.ward": "0x33"])
      try await client.removeAttribute(directory, "user.ward")
      #expect(try await client.attributeNames(directory) == [])
    }
  }

  @Test func accessControlEntriesAreSwitchedOff() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      let changes: [() async throws -> Void] = [
        { _ = try await client.aclStatus(directory) },
        { try await client.setACL(directory, ["user::rwx", "group::r-x", "other::---"]) },
        { try await client.modifyACL(directory, ["user:ann:r-x"]) },
        { try await client.removeACLEntries(directory, ["user:ann"]) },
        { try await client.removeDefaultACL(directory) }, { try await client.removeACL(directory) },
      ]
      for change in changes {
        let error = await failure(WebHDFSError.self, change)
        #expect(error?.exceptionClass == "AclException", "\(String(describing: error))")
      }
    }
  }

  @Test func snapshotsNeedAnAdministrator() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      let error = await failure(WebHDFSError.self) { _ = try await client.createSnapshot(directory, "s") }
      #expect(error?.exceptionClass == "SnapshotException")
      #expect(await kind { try await client.renameSnapshot(directory, "s", to: "t") } == .refused)
      #expect(await kind { try await client.deleteSnapshot(directory, "s") } == .refused)
    }
  }

  @Test func securityIsOff() async throws {
    let client = try TestCluster.client()
    #expect(await kind { _ = try await client.delegationToken() } == .unsupported)
    let secret = "wrongwrongwrong"
    for call in [
      { _ = try await client.renew(DelegationToken(secret)) }, { try await client.cancel(DelegationToken(secret)) },
    ] as [() async throws -> Void] {
      let error = await failure(WebHDFSError.self, call)
      #expect(error != nil && error?.description.contains(secret) == false)
    }
  }

  @Test func whatTheServerLacksIsSaidSo() async throws {
    let client = try TestCluster.client()
    let calls: [(String, () async throws -> Void)] = [
      ("2.9.0", { _ = try await client.listPage("/") }), ("3.1.3", { _ = try await client.quotaUsage("/") }),
      ("3.1.4", { _ = try await client.blockLocations("/") }), ("2.9.0", { _ = try await client.trashRoot(of: "/") }),
      ("3.4.0", { _ = try await client.trashRoots() }), ("2.8.0", { _ = try await client.storagePolicies() }),
      ("2.8.0", { _ = try await client.storagePolicy("/") }),
      ("2.8.0", { try await client.setStoragePolicy("/", "HOT") }),
      ("2.8.0", { try await client.unsetStoragePolicy("/") }),
      ("3.3.0", { try await client.satisfyStoragePolicy("/") }),
      ("3.1.4", { _ = try await client.erasureCodingPolicy("/") }),
      ("3.4.0", { _ = try await client.erasureCodingPolicies() }),
      ("3.4.0", { _ = try await client.erasureCodingCodecs() }),
      ("3.1.4", { try await client.enableErasureCodingPolicy("x") }),
      ("3.1.4", { try await client.disableErasureCodingPolicy("x") }),
      ("3.1.4", { try await client.setErasureCodingPolicy("/", "x") }),
      ("3.1.4", { try await client.unsetErasureCodingPolicy("/") }),
      ("2.8.3", { _ = try await client.serverDefaults() }),
      ("3.0.3", { _ = try await client.snapshotDiff("/", from: "a", to: "b") }),
      ("3.4.0", { _ = try await client.snapshotDiffPage("/", from: "a", to: "b") }),
      ("3.1.0", { _ = try await client.snapshottableDirectories() }),
      ("3.4.0", { _ = try await client.snapshots("/") }), ("3.4.0", { _ = try await client.linkTarget("/") }),
      ("3.4.0", { _ = try await client.linkStatus("/") }), ("3.4.0", { _ = try await client.capacity() }),
      ("2.8.0", { try await client.allowSnapshots("/") }), ("2.8.0", { try await client.disallowSnapshots("/") }),
      ("3.2.2", { try await client.setQuota("/", names: 9) }),
      ("3.2.2", { try await client.setQuota("/", storageType: "SSD", space: 9) }),
    ]
    for (release, call) in calls {
      let error = await failure(WebHDFSError.self, call)
      #expect(error?.kind == .unsupported, "\(String(describing: error))")
      #expect(error?.message.contains(release) == true, "\(String(describing: error))")
    }
  }

  @Test func longPathsAndStrangeNames() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      let part = String(repeating: "lä", count: 60)
      let path = "\(directory)/" + (0..<8).map { "\($0)\(part)" }.joined(separator: "/")
      #expect(path.count > 1_000)
      #expect(try await client.upload(BytesUpload([7]), to: path) == .created)
      #expect(try await client.read(path, limit: 1) == [7])
      for bad in ["a%20b", "a:b", "a\0b", "a\u{FFFD}b", "a//b/../c", String(repeating: "x", count: 256)] {
        #expect(
          await kind { try await client.create("\(directory)/\(bad)", BytesUpload([1])) } == .invalidPath, "\(bad)")
      }
    }
  }

  @Test func listingsGoPageByPageWhereTheServerCan() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      for name in ["b", "a", "c"] { try await client.makeDirectories("\(directory)/\(name)") }
      var names: [String] = []
      for try await page in client.pages(of: directory) { names += page.map(\.name) }
      #expect(names == ["a", "b", "c"])
    }
  }

  @Test func contentOfUnknownLengthArrivesWhole() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      let bytes = testBytes(9_000_000)
      let portions = stride(from: 0, to: bytes.count, by: 700_001).map {
        Array(bytes[$0..<min($0 + 700_001, bytes.count)])
      }
      let stream = AsyncStream { (continuation) in
        for portion in portions { continuation.yield(portion) }
        continuation.finish()
      }
      #expect(try await client.upload(stream: stream, to: "\(directory)/f") == .created)
      var back: [UInt8] = []
      for try await portion in try await client.content("\(directory)/f", portion: 1 << 20) { back += portion }
      #expect(back == bytes)
      let empty = AsyncStream<[UInt8]> { $0.finish() }
      #expect(try await client.upload(stream: empty, to: "\(directory)/empty") == .created)
      #expect(try await client.status("\(directory)/empty").length == 0)
      #expect(try await client.upload(stream: empty, to: "\(directory)/f") == .alreadyExists)
    }
  }

  @Test func aStreamThatFailsLeavesNothing() async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      let stream = AsyncThrowingStream<[UInt8], any Error> { (continuation) in
        continuation.yield(testBytes(1_000_000))
        continuation.finish(throwing: Trouble())
      }
      let error = await failure(Trouble.self) {
        _ = try await client.upload(stream: stream, to: "\(directory)/f")
      }
      #expect(error != nil)
      #expect(try await client.list(directory).isEmpty)
    }
  }

  private struct Trouble: Error {}
}
