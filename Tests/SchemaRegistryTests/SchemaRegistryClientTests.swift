import Synchronization
import Testing

@testable import SchemaRegistry

@Suite("Schema registry")
struct SchemaRegistryClientTests {
  private func client(_ urls: String, _ change: (inout SchemaRegistryClient.Configuration) -> Void = { _ in }) throws
    -> SchemaRegistryClient
  {
    var configuration = try SchemaRegistryClient.Configuration(urls: urls)
    configuration.timeout = .seconds(2)
    change(&configuration)
    return SchemaRegistryClient(configuration)
  }

  /// What a registry answers, and what that means.
  static let answers: [(Int, String, SchemaAnswer)] = [
    (200, #"{"schema":"\"int\""}"#, .schema(Array(#""int""#.utf8))),
    (200, #"{"schema":"\"int\"","schemaType":"AVRO","references":[]}"#, .schema(Array(#""int""#.utf8))),
    (200, #"{"schema":"message M {}","schemaType":"PROTOBUF"}"#, .unfit("schema 7 is no Avro schema")),
    (
      200, #"{"schema":"\"x.Y\"","references":[{"name":"x.Y","subject":"y","version":1}]}"#,
      .unfit("schema 7 refers to other schemas, which is not supported")
    ),
    (404, #"{"error_code":40403,"message":"Schema not found"}"#, .unknown),
  ]

  @Test("a number is looked up", arguments: answers)
  func lookUp(status: Int, body: String, meaning: SchemaAnswer) throws {
    let server = StandInRegistry { _ in (status, body) }
    let answer = try server.serving(1) { try client(server.url).schema(id: 7) }
    #expect(answer == meaning)
    #expect(server.requests.withLock { $0.first?.hasPrefix("GET /schemas/ids/7 HTTP/1.1\r\n") } == true)
  }

  @Test(
    "whoever does not answer as a registry is away, and no record is condemned for it",
    arguments: [
      (404, "<html>not here</html>"), (404, #"{"error_code":404,"message":"HTTP 404 Not Found"}"#), (200, "<html>"),
      (200, #"{"other":1}"#), (301, ""), (401, ""), (403, "{}"), (429, ""), (500, ""), (503, "{}"),
    ])
  func notARegistry(status: Int, body: String) throws {
    let server = StandInRegistry { _ in (status, body) }
    let answer = try server.serving(1) { try client(server.url).schema(id: 7) }
    guard case .unavailable(let reason) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(reason.contains(server.url) && !reason.contains("\n"))
  }

  @Test("connections that are refused, closed or never answered")
  func away() throws {
    let gone = StandInRegistry { _ in nil }.url
    let closing = StandInRegistry { _ in nil }
    let silent = StandInRegistry { _ in nil }
    let quick = try client(silent.url) { $0.timeout = .milliseconds(200) }
    for answer in [
      try client(gone).schema(id: 1), try closing.serving(1) { try client(closing.url).schema(id: 1) },
      quick.schema(id: 1),
    ] {
      guard case .unavailable = answer else {
        Issue.record("\(answer)")
        continue
      }
    }
  }

  @Test("the next address is asked where one is away")
  func several() throws {
    let (bad, good) = (
      StandInRegistry { _ in (500, "") }, StandInRegistry { _ in (200, #"{"schema":"\"int\""}"#) }
    )
    let answer = try bad.serving(1) {
      try good.serving(1) { try client("http://127.0.0.1:1,\(bad.url)/, \(good.url)").schema(id: 1) }
    }
    #expect(answer == .schema(Array(#""int""#.utf8)))
  }

  @Test("an answer without end is cut off")
  func endless() throws {
    let long = String(repeating: "x", count: SchemaRegistryClient.answerLimit + 1)
    let server = StandInRegistry { _ in (200, long) }
    let answer = try server.serving(1) { try client(server.url).schema(id: 1) }
    guard case .unavailable(let reason) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(reason.contains("longer than"))
  }

  @Test("a schema is registered under its subject, with user and password")
  func register() throws {
    let server = StandInRegistry { _ in (200, #"{"id":258}"#) }
    let id = try server.serving(1) {
      try client(server.url) { ($0.user, $0.password) = ("ann", "secret") }
        .register(Array(#"{"type":"string"}"#.utf8), subject: "ward 1/vitals-value")
    }
    #expect(id == 258)
    let request = server.requests.withLock { $0[0] }
    #expect(request.hasPrefix("POST /subjects/ward%201%2Fvitals-value/versions HTTP/1.1\r\n"))
    #expect(request.contains("Authorization: Basic YW5uOnNlY3JldA==\r\n"))
    #expect(request.contains("Content-Type: application/vnd.schemaregistry.v1+json\r\n"))
    #expect(request.hasSuffix(#"{"schema":"{\"type\":\"string\"}"}"#))
  }

  @Test("a registry that refuses says so, without the password")
  func refusal() throws {
    let server = StandInRegistry { _ in (401, "") }
    let error = #expect(throws: SchemaRegistryError.self) {
      try server.serving(1) {
        try client(server.url) { ($0.user, $0.password) = ("ann", "secret") }.register([], subject: "x")
      }
    }
    #expect(error?.description == "\(server.url) answers with status 401; check user and password")
  }

  @Test("what is no address is refused, and not repeated", arguments: ["", "host:8081", "ftp://x", "http://a:b@c"])
  func addresses(text: String) {
    let error = #expect(throws: SchemaRegistryError.self) { try SchemaRegistryClient.Configuration(urls: text) }
    #expect(error?.description.contains("a:b") == false)
  }
}
