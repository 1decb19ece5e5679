import Foundation
import Storage
import Synchronization
import Testing

@testable import WebHDFS

/// Connections that are dropped, reset, cut short, held back or silent, at chosen bytes, on the way to a real HDFS.
@Suite(.enabled(if: TestCluster.isThere, "\(TestCluster.reason)"), .serialized)
struct BrokenConnectionTests {
  /// A client whose every connection goes through proxies, and a directory of its own.
  private struct Setup {
    let nameNode: FaultProxy
    let dataNode: FaultProxy
    let store: WebHDFSFileStore
    /// The same place without proxies.
    let direct: WebHDFSFileStore
  }

  /// - Parameter stall: The longest silence, which here decides only tests whose fault is a silence.
  private func with(stall: Duration = .seconds(2), _ body: (Setup) async throws -> Void) async throws {
    try await TestCluster.withDirectory { (client, directory) async throws in
      let nameNode = try FaultProxy(target: try TestCluster.configuration().nameNodes[0].port)
      let dataNode = try FaultProxy(target: try await dataNodePort(client, directory))
      for proxy in [nameNode, dataNode] { proxy.start() }
      defer { for proxy in [nameNode, dataNode] { proxy.stop() } }
      var configuration = WebHDFSConfiguration(
        nameNodes: [Endpoint(host: "localhost", port: nameNode.port)], user: TestCluster.superuser)
      // Redirects name 127.0.0.1, which leads to the proxy, whatever the port.
      configuration.hostMap = ["127.0.0.1": "127.0.0.1:\(dataNode.port)"]
      // A DataNode of 2.7 sleeps up to half a second in each close, on a thread that others wait for.
      configuration.stallTimeout = stall
      configuration.retry.attempts = 2
      configuration.retry.patience = .seconds(5)
      try await body(
        Setup(
          nameNode: nameNode, dataNode: dataNode,
          store: WebHDFSFileStore(
            client: WebHDFSClient(configuration: configuration), root: directory, writer: "w"),
          direct: WebHDFSFileStore(client: client, root: directory, writer: "direct")))
    }
  }

  /// Asks a NameNode where it would send the content of a new file.
  private func dataNodePort(_ client: WebHDFSClient, _ directory: String) async throws -> Int {
    let url = RequestURL.make(
      .create, try HDFSPath("\(directory)/port", for: .create), at: client.configuration.nameNodes[0],
      isSecure: false, identity: .init(user: TestCluster.superuser), parameters: [])
    let answer = try await CurlTransport(settings: CurlSettings()).send(
      HTTPRequest(
        method: .put, url: url, body: nil, connectTimeout: .seconds(5), stallTimeout: .seconds(5),
        totalTimeout: .seconds(10), answerByteLimit: 1_000))
    return try #require(Redirect(answer.location ?? "")).endpoint.port
  }

  private static let faults: [Fault] = [
    .closeAfterSending(0), .closeAfterSending(100), .closeAfterSending(90_000), .closeAfterSending(200_100),
    .closeAfterAnswering(0), .closeAfterAnswering(10), .closeAfterAnswering(60), .resetAfterSending(0),
    .resetAfterSending(90_000), .resetAfterAnswering(0), .resetAfterAnswering(25), .stallAfterSending(0),
    .stallAfterSending(90_000), .stallAfterAnswering(0), .stallAfterAnswering(20), .delay(50),
  ]

  @Test(arguments: faults)
  func anUploadIsWholeOrNotThere(fault: Fault) async throws {
    let content = testBytes(200_000)
    try await with { (setup) async throws in
      for (name, proxy) in [("d", setup.dataNode), ("n", setup.nameNode)] {
        // Always, and then only for the first connection, so that a second try may do better.
        for (index, connections) in [Int.max, 1].enumerated() {
          let path = "\(name)\(index)"
          proxy.set(fault, connections: connections)
          let error = await failure(StorageError.self) {
            let outcome = try await setup.store.create(path, content)
            #expect(outcome == .created)
          }
          proxy.set(.none)
          if error == nil {
            #expect(try await setup.direct.read(path, limit: content.count) == content, "\(fault) \(path)")
          } else if error?.code != .outcomeUnknown {
            #expect(try await setup.direct.status(path) == nil, "\(fault) \(path)")
          } else if let status = try await setup.direct.status(path) {
            #expect(status.size == 200_000, "\(fault) \(path)")
          }
          // Whatever happened, the same file finds its place afterwards.
          let again = try await setup.direct.create(path, content)
          #expect(again == .created || error == nil || error?.code == .outcomeUnknown, "\(fault) \(path)")
          #expect(try await setup.direct.read(path, limit: content.count) == content)
        }
      }
    }
  }

  @Test(arguments: faults)
  func aDownloadIsWholeOrAnError(fault: Fault) async throws {
    let content = testBytes(200_000)
    try await with { (setup) async throws in
      _ = try await setup.direct.create("f", content)
      for proxy in [setup.dataNode, setup.nameNode] {
        for connections in [Int.max, 1] {
          proxy.set(fault, connections: connections)
          let error = await failure(StorageError.self) {
            let bytes = try await setup.store.open("f").read(100..<199_999)
            #expect(bytes == Array(content[100..<199_999]), "\(fault)")
          }
          let sink = CollectingSink()
          let broken = await failure(WebHDFSError.self) {
            try await setup.store.client.read("\(setup.store.rootPath)/f", offset: 0, length: 200_000, into: sink)
          }
          let bytes = sink.bytes
          #expect(broken == nil ? bytes == content : content.starts(with: bytes), "\(fault)")
          #expect(error == nil || error?.code == .unavailable, "\(fault): \(error.map(\.description) ?? "")")
          proxy.set(.none)
          #expect(try await setup.direct.read("f", limit: 200_000) == content)
        }
      }
    }
  }

  @Test func aDownloadGoesOnWhereItBrokeOff() async throws {
    let content = testBytes(8_000_000)
    try await with(stall: .seconds(300)) { (setup) async throws in
      _ = try await setup.direct.create("f", content)
      setup.dataNode.set(.resetAfterAnswering(3_000_000), connections: 1)
      let before = setup.dataNode.connections
      let sink = CollectingSink()
      try await setup.store.client.read("\(setup.store.rootPath)/f", offset: 0, length: 8_000_000, into: sink)
      #expect(sink.bytes == content)
      #expect(setup.dataNode.connections == before + 2)
    }
  }

  @Test(arguments: [Fault.resetAfterAnswering(0), .closeAfterSending(0), .stallAfterAnswering(5)])
  func changesThatLoseTheirAnswerTellTheTruth(fault: Fault) async throws {
    try await with { (setup) async throws in
      let (root, client) = (setup.store.rootPath, setup.store.client)
      for name in ["a", "c", "s"] { _ = try await setup.direct.create(name, [1]) }
      // Nothing is repeated that must not be: each connection is hit, so that only the first try can have happened.
      let changes: [(String, () async throws -> Void)] = [
        ("rename", { try await client.rename("\(root)/a", to: "\(root)/b") }),
        ("delete", { try await client.delete("\(root)/c") }),
        ("mkdirs", { try await client.makeDirectories("\(root)/d") }),
        ("permission", { try await client.setPermission("\(root)/s", 0o600) }),
        ("times", { try await client.setTimes("\(root)/s", modified: 1_000) }),
        ("concat", { try await client.concatenate("\(root)/s", appending: ["\(root)/x"]) }),
      ]
      for (name, change) in changes {
        var error: WebHDFSError?
        // On a busy machine a connection may fail before anything is sent, which is not what is asked here.
        for _ in 0..<3 {
          setup.nameNode.set(fault)
          error = await failure(WebHDFSError.self, change)
          setup.nameNode.set(.none)
          if error?.kind != .notConnected { break }
        }
        #expect(error?.kind == .connectionLost || error?.kind == .timedOut, "\(name): \(String(describing: error))")
        #expect(error?.kind.wasNotCarriedOut == false, "\(name)")
      }
      // A lost answer is an unknown outcome: exactly one of the names has the file.
      let names = try await setup.direct.list("").map(\.path).filter { $0 == "a" || $0 == "b" }
      #expect(names.count == 1)
    }
  }

  @Test(.timeLimit(.minutes(5))) func cancellingClosesTheSocket() async throws {
    try await with(stall: .seconds(3_000)) { (setup) async throws in
      _ = try await setup.direct.create("f", testBytes(100_000))
      setup.dataNode.set(.stallAfterAnswering(300))
      let reading = Task { try await setup.store.open("f").read(0..<100_000) }
      while setup.dataNode.openConnections == 0 { try await Task.sleep(for: .milliseconds(5)) }
      reading.cancel()
      _ = try? await reading.value
      let start = ContinuousClock.now
      while setup.dataNode.openConnections > 0, .now - start < .seconds(60) {
        try await Task.sleep(for: .milliseconds(5))
      }
      #expect(setup.dataNode.openConnections == 0)
    }
  }
}

/// Keeps what comes.
final class CollectingSink: DownloadSink {
  private let kept = Mutex<[UInt8]>([])

  var bytes: [UInt8] { kept.withLock { $0 } }

  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    kept.withLock { $0 += Array(bytes) }
    return true
  }
}
