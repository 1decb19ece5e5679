import Storage
import Synchronization
import Testing

@testable import WebHDFS

/// A transport that answers from a script and remembers what was asked.
final class ScriptedTransport: HTTPTransport {
  typealias Answer = Result<HTTPResponse, TransportError>
  private let answers: Mutex<[Answer]>
  private let asked = Mutex<[HTTPRequest]>([])

  init(_ answers: [Answer]) {
    self.answers = Mutex(answers)
  }

  var requests: [HTTPRequest] { asked.withLock { $0 } }

  func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
    asked.withLock { $0.append(request) }
    let next = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    return try (next ?? .failure(TransportError(kind: .misuse, message: "the script is over"))).get()
  }

  static func json(_ body: String, status: Int = 200, location: String? = nil) -> Answer {
    .success(HTTPResponse(status: status, location: location, body: Array(body.utf8), announcedLength: nil))
  }

  static func exception(_ name: String, _ message: String = "m", status: Int = 403) -> Answer {
    json(#"{"RemoteException":{"exception":"\#(name)","message":"\#(message)"}}"#, status: status)
  }

  static func failed(_ kind: TransportError.Kind) -> Answer {
    .failure(TransportError(kind: kind, message: "it broke"))
  }
}

@Suite struct ScriptedTransportTests {
  private let file = ScriptedTransport.json(#"{"FileStatus":{"type":"FILE","length":5,"fileId":9,"pathSuffix":""}}"#)

  private func client(
    _ transport: ScriptedTransport, nameNodes: [Endpoint] = [Endpoint(host: "n1", port: 1)]
  ) -> WebHDFSClient {
    var configuration = WebHDFSConfiguration(nameNodes: nameNodes, user: "ann")
    configuration.retry.firstDelay = .milliseconds(1)
    return WebHDFSClient(configuration: configuration, transport: transport)
  }

  private let pair = [Endpoint(host: "n1", port: 1), Endpoint(host: "n2", port: 2)]

  @Test(arguments: [
    ScriptedTransport.exception("StandbyException"), ScriptedTransport.exception("RetriableException"),
    ScriptedTransport.failed(.notConnected), ScriptedTransport.failed(.timedOut), ScriptedTransport.failed(.lost),
  ])
  func failsOverAndStays(first: ScriptedTransport.Answer) async throws {
    let transport = ScriptedTransport([first, file, file])
    let client = client(transport, nameNodes: pair)
    #expect(try await client.status("/a").fileID == 9)
    #expect(try await client.status("/a").length == 5)
    #expect(transport.requests.map { String($0.url.prefix(11)) } == ["http://n1:1", "http://n2:2", "http://n2:2"])
  }

  @Test func aLostRenameIsNotSentAgain() async throws {
    let transport = ScriptedTransport([ScriptedTransport.failed(.lost)])
    let client = client(transport, nameNodes: pair)
    let error = await failure(WebHDFSError.self) { try await client.rename("/a", to: "/b") }
    #expect(error?.kind == .connectionLost)
    #expect(transport.requests.count == 1)
    // A kept connection could be repeated behind our back.
    #expect(transport.requests[0].reusesConnection == false)
  }

  @Test func aRenameThatDidNotHappenIsSentAgain() async throws {
    let transport = ScriptedTransport([ScriptedTransport.exception("StandbyException"), ScriptedTransport.json("")])
    try await client(transport, nameNodes: pair).rename("/a", to: "/b")
    #expect(transport.requests.count == 2)
  }

  @Test func theOldFormOfRenameIsNeverBelieved() async throws {
    let transport = ScriptedTransport([ScriptedTransport.json(#"{"boolean":true}"#)])
    let error = await failure(WebHDFSError.self) { try await client(transport).rename("/a", to: "/b") }
    #expect(error?.kind == .unexpectedAnswer)
  }

  @Test func createHasTwoLegs() async throws {
    let location = "http://dn:7/webhdfs/v1/a?op=CREATE&delegation=secret"
    let transport = ScriptedTransport([
      ScriptedTransport.json("", status: 307, location: location), ScriptedTransport.json("", status: 201),
    ])
    try await client(transport).create("/a", BytesUpload([1, 2, 3]))
    let requests = transport.requests
    #expect(requests.count == 2)
    #expect(requests[0].body == nil && requests[0].method == .put)
    #expect(requests[0].url.hasSuffix("op=CREATE&user.name=ann&overwrite=false&permission=644"))
    #expect(requests[1].url == location)
    #expect(requests[1].body?.byteCount == 3 && requests[1].method == .put && !requests[1].reusesConnection)
  }

  @Test func aDeadDataNodeIsExcluded() async throws {
    let transport = ScriptedTransport([
      ScriptedTransport.json("", status: 307, location: "http://dn1:7/x"), ScriptedTransport.failed(.notConnected),
      ScriptedTransport.json("", status: 307, location: "http://dn2:7/x"), ScriptedTransport.json("", status: 201),
    ])
    try await client(transport).create("/a", BytesUpload([1]))
    #expect(transport.requests[2].url.hasSuffix("&excludedatanodes=dn1"))
  }

  @Test func aShortBodyIsAnError() async throws {
    let redirect = ScriptedTransport.json("", status: 307, location: "http://dn1:7/x")
    let transport = ScriptedTransport([
      redirect, ScriptedTransport.json("abc"), redirect, ScriptedTransport.json("abcd"),
    ])
    #expect(try await client(transport).read("/a", offset: 0, length: 4) == Array("abcd".utf8))
    let dead = ScriptedTransport(Array(repeating: [redirect, ScriptedTransport.json("abc")], count: 4).flatMap { $0 })
    let error = await failure(WebHDFSError.self) { _ = try await client(dead).read("/a", offset: 0, length: 4) }
    #expect(error?.kind == .truncated)
    #expect(error?.server == "DataNode dn1:7")
  }

  @Test func onlyCreatedIsSuccess() async throws {
    let redirect = ScriptedTransport.json("", status: 307, location: "http://dn1:7/x")
    let transport = ScriptedTransport([redirect, ScriptedTransport.json("", status: 200)])
    let error = await failure(WebHDFSError.self) { try await client(transport).create("/a", BytesUpload([1])) }
    #expect(error?.kind == .unexpectedAnswer)
  }

  @Test func secretsStayOutOfErrors() async throws {
    let location = "http://dn:7/webhdfs/v1/a?op=CREATE&delegation=secret"
    let transport = ScriptedTransport([
      ScriptedTransport.json("", status: 307, location: location), ScriptedTransport.failed(.lost),
    ])
    var configuration = WebHDFSConfiguration(nameNodes: pair, user: "ann")
    configuration.doAs = "bob"
    let client = WebHDFSClient(configuration: configuration, transport: transport)
    let error = try #require(
      await failure(WebHDFSError.self) { try await client.create("/a", BytesUpload([1])) })
    #expect(error.description == "/a: CREATE failed at DataNode dn:7: it broke")
    #expect(transport.requests[0].url.contains("doas=bob"))
  }

  @Test func strangersAreRecognised() async throws {
    let transport = ScriptedTransport([ScriptedTransport.json("<html>Welcome</html>")])
    let error = await failure(WebHDFSError.self) { _ = try await client(transport).list("/") }
    #expect(error?.kind == .unexpectedAnswer)
    #expect(error?.message.contains("is this a NameNode") == true)
  }

  @Test("a name that is taken while nobody answers by whom is a lost race, or an outcome nobody knows")
  func theNameIsTakenAndNobodyAnswers() async throws {
    for (removal, expected) in [
      (ScriptedTransport.json(#"{"boolean":true}"#), CreateOutcome.alreadyExists),
      (ScriptedTransport.json(#"{"boolean":false}"#), nil),
    ] {
      let transport = ScriptedTransport([
        ScriptedTransport.exception("FileAlreadyExistsException", "rename destination /b already exists"),
        ScriptedTransport.exception("AccessControlException"), removal,
      ])
      let upload = SafeUpload(
        client: client(transport), content: BytesUpload([1]), temporaryPrefix: "/.", target: "/b",
        filePermission: 0o644, overwrite: false)
      let staged = SafeUpload.Staged(path: "/.t.tmp", fileID: 7)
      if let expected {
        #expect(try await upload.publish(staged) { (_) throws(StorageError) in } == expected)
      } else {
        let error = await failure(StorageError.self) {
          _ = try await upload.publish(staged) { (_) throws(StorageError) in }
        }
        #expect(error?.code == .outcomeUnknown)
      }
      #expect(transport.requests.map(\.method) == [.put, .get, .delete])
    }
  }

  @Test func theReplyOfTheRenameIsLost() async throws {
    let redirect = ScriptedTransport.json("", status: 307, location: "http://dn1:7/x")
    let missing = ScriptedTransport.exception("FileNotFoundException", status: 404)
    let done = ScriptedTransport.json(#"{"boolean":true}"#)
    let blocks = ScriptedTransport.json(
      #"{"LocatedBlocks":{"fileLength":5,"isUnderConstruction":false,"locatedBlocks":[]}}"#)
    let sum = try #require(HDFSChecksumBuilder.checksum(of: BytesUpload([1, 2, 3, 4, 5]), blockSize: 1 << 20))
    let checksum = ScriptedTransport.json(
      #"{"FileChecksum":{"algorithm":"\#(sum.algorithm)","bytes":"\#(sum.hex)00000000","length":28}}"#)
    let staged = [missing, done, redirect, ScriptedTransport.json("", status: 201), blocks, file, redirect, checksum]
    // The answer is lost; the final name then holds our inode.
    let transport = ScriptedTransport(staged + [done, ScriptedTransport.failed(.lost), file, missing])
    let store = WebHDFSFileStore(client: client(transport), root: "/t", writer: "w")
    #expect(try await store.create("d/f", [1, 2, 3, 4, 5]) == .created)
    #expect(transport.requests.count == 12)
    // Somebody else's inode: the name is taken, and our temporary file is removed.
    let other = ScriptedTransport.json(#"{"FileStatus":{"type":"FILE","length":5,"fileId":10,"pathSuffix":""}}"#)
    let taken = ScriptedTransport(
      staged + [done, ScriptedTransport.exception("FileAlreadyExistsException"), other, file, done])
    let second = WebHDFSFileStore(client: client(taken), root: "/t", writer: "w")
    #expect(try await second.create("d/f", [1, 2, 3, 4, 5]) == .alreadyExists)
    #expect(taken.requests.last?.method == .delete)
    // Nobody answers any more: the outcome is unknown, and the temporary file stays as a witness.
    let silent = ScriptedTransport(staged + [done, ScriptedTransport.failed(.lost)])
    let third = WebHDFSFileStore(client: client(silent), root: "/t", writer: "w")
    let error = await failure(StorageError.self) { _ = try await third.create("d/f", [1, 2, 3, 4, 5]) }
    #expect(error?.code == .outcomeUnknown)
  }
}
