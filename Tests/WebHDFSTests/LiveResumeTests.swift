import Foundation
import Storage
import Synchronization
import Testing

@testable import WebHDFS

/// Uploads in parts, against the real server, with parts of 1 MiB so that a small file has many.
@Suite(.enabled(if: TestCluster.isThere, "\(TestCluster.reason)"))
struct LiveResumeTests {
  private static let content = testBytes((5 << 20) + 1_000)

  /// A local file, a directory on HDFS, and what uploads the one to the other.
  private struct Setup {
    let client: WebHDFSClient
    let directory: String
    let path: String

    var target: String { "\(directory)/big" }
    var home: String { "\(directory)/.big.parts" }

    /// Uploads; gives the outcome and how many bytes were told of.
    @discardableResult
    func put(overwrite: Bool = false) async throws -> CreateOutcome {
      let file = try FileUpload(path: path)
      return try await client.upload(
        resuming: file, to: target, 0o640, overwrite, 2, PartsPlan(length: file.byteCount, partLength: 1 << 20)
      ) { _ in }
    }

    /// Lays a part where an earlier attempt would have left it.
    func lay(_ bytes: [UInt8], _ part: Int) async throws {
      let name = "\(home)/\(try FileUpload(path: path).version)/\(PartsPlan.name(part))"
      var options = WebHDFSClient.CreateOptions()
      options.blockSize = 1 << 20
      try await client.create(name, BytesUpload(bytes), options)
    }

    func isWhole(_ content: [UInt8]) async throws -> Bool {
      let names = try await client.list(directory).map(\.name)
      let status = try await client.status(target)
      return try await client.read(target, limit: 16 << 20) == content && names == ["big"] && status.permission == 0o640
        && status.blockSize == 1 << 20
    }
  }

  private func with(_ body: (Setup) async throws -> Void) async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      let path = FileManager.default.temporaryDirectory.appending(path: "resume-\(UUID().uuidString)").path
      try Data(Self.content).write(to: URL(filePath: path))
      defer { try? FileManager.default.removeItem(atPath: path) }
      try await body(Setup(client: client, directory: directory, path: path))
    }
  }

  private static func part(_ index: Int) -> [UInt8] {
    Array(content[(index << 20)..<min((index + 1) << 20, content.count)])
  }

  @Test func aFileGoesInPartsAndIsOne() async throws {
    try await with { (setup) async throws in
      #expect(try await setup.put() == .created)
      #expect(try await setup.isWhole(Self.content))
      // Joined, it has the checksum of a file that was sent at once.
      let sent = HDFSChecksumBuilder.checksum(of: BytesUpload(Self.content), blockSize: 1 << 20)
      #expect(try await setup.client.checksum(setup.target) == sent)
      #expect(try await setup.put() == .created)
      try Data([1, 2]).write(to: URL(filePath: setup.path))
      #expect(try await setup.put() == .alreadyExists)
      #expect(try await setup.isWhole(Self.content))
    }
  }

  @Test func whatAnEarlierAttemptLeftIsUsedAndNotSentAgain() async throws {
    try await with { (setup) async throws in
      for part in [0, 2, 5] { try await setup.lay(Self.part(part), part) }
      let version = try FileUpload(path: setup.path).version
      let before = try await setup.client.list("\(setup.home)/\(version)").map(\.fileID)
      // The first part becomes the file.
      #expect(try await setup.put() == .created)
      #expect(try await setup.client.status(setup.target).fileID == before[0])
      #expect(try await setup.isWhole(Self.content))
    }
  }

  /// Killed between two batches of joining, and between joining and the rename.
  @Test(arguments: [3, 6]) func joinedPartsAreKnownAgain(_ joined: Int) async throws {
    try await with { (setup) async throws in
      for part in 0..<6 { try await setup.lay(Self.part(part), part) }
      let directory = "\(setup.home)/\(try FileUpload(path: setup.path).version)"
      let names = (0..<6).map { "\(directory)/\(PartsPlan.name($0))" }
      try await setup.client.concatenate(names[0], appending: Array(names[1..<joined]))
      #expect(try await setup.put() == .created)
      #expect(try await setup.isWhole(Self.content))
    }
  }

  /// What was damaged, or is of other content under the same name, is sent anew.
  @Test func wrongPartsAreNotBelieved() async throws {
    try await with { (setup) async throws in
      try await setup.lay(Self.part(1), 0)
      try await setup.lay(Array(Self.part(1).dropLast()), 1)
      try await setup.lay(Self.part(2).map { $0 ^ 1 }, 2)
      try await setup.lay(Self.part(3), 3)
      #expect(try await setup.put() == .created)
      #expect(try await setup.isWhole(Self.content))
    }
  }

  @Test func aChangedFileBeginsAnew() async throws {
    try await with { (setup) async throws in
      try await setup.lay(Self.part(0), 0)
      try await setup.lay(Self.part(1), 1)
      let other = Self.content.map { $0 &+ 1 }
      try Data(other).write(to: URL(filePath: setup.path))
      #expect(try await setup.put() == .created)
      // The parts of the version before are gone, too.
      #expect(try await setup.isWhole(other))
    }
  }

  /// Two people put the same file: one of them brings it home, neither does harm.
  @Test func twoAtATimeDoNoHarm() async throws {
    try await with { (setup) async throws in
      let outcomes = await withTaskGroup(of: Bool.self) { (group) in
        for _ in 0..<2 { group.addTask { (try? await setup.put()) != nil } }
        return await group.reduce(into: []) { $0.append($1) }
      }
      if outcomes == [false, false] { #expect(try await setup.put() == .created) }
      #expect(try await setup.client.read(setup.target, limit: 16 << 20) == Self.content)
      #expect(try await setup.put() == .created)
      #expect(try await setup.isWhole(Self.content))
    }
  }

  /// Connections break at any byte of any part; attempts follow each other until one comes through.
  @Test func brokenConnectionsLeavePartsThatServe() async throws {
    try await with { (setup) async throws in
      let nameNode = setup.client.configuration.nameNodes[0]
      let proxy = try FaultProxy(target: nameNode.port)
      proxy.start()
      defer { proxy.stop() }
      var configuration = WebHDFSConfiguration(
        nameNodes: [Endpoint(host: "127.0.0.1", port: proxy.port)], user: TestCluster.superuser)
      configuration.stallTimeout = .seconds(2)
      configuration.retry.attempts = 1
      for bytes in stride(from: 200, to: 20_000, by: 900) {
        proxy.set(.resetAfterAnswering(bytes))
        let broken = Setup(
          client: WebHDFSClient(configuration: configuration), directory: setup.directory, path: setup.path)
        if (try? await broken.put()) != nil { break }
        let status = try await setup.client.statusIfPresent(setup.target)
        #expect(status == nil || status?.length == Int64(Self.content.count))
      }
      #expect(try await setup.put() == .created)
      #expect(try await setup.isWhole(Self.content))
    }
  }
}
