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
    (200, #"{"schema":"\"int\""}"#, .schema(Array(#""int""#.utf8), references: [])),
    (
      200, #"{"schema":"\"int\"","schemaType":"AVRO","references":[]}"#,
      .schema(Array(#""int""#.utf8), references: [])
    ),
    (200, #"{"schema":"message M {}","schemaType":"PROTOBUF"}"#, .unfit("schema 7 is no Avro schema")),
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

  /// A schema's text, and what it refers to as subject and version, as a registry answers.
  private static func reply(_ schema: String, _ references: (String, Int)...) -> String {
    let list = references.map { #"{"name":"x","subject":"\#($0.0)","version":\#($0.1)}"# }.joined(separator: ",")
    return #"{"schema":"\#(schema)","references":[\#(list)]}"#
  }

  /// The registry's answers by path; what is not there is unknown to it.
  private func server(_ answers: [String: String]) -> StandInRegistry {
    StandInRegistry { request in
      let path = request.split(separator: " ").dropFirst().first.map(String.init) ?? ""
      return answers[path].map { (200, $0) } ?? (404, #"{"error_code":40402,"message":"Version not found"}"#)
    }
  }

  @Test("schemas that one refers to are fetched, each once and behind those that it refers to itself")
  func references() throws {
    let server = server([
      "/schemas/ids/7": Self.reply("main", ("ward a", 2), ("bed", 1)),
      "/subjects/ward%20a/versions/2": Self.reply("ward", ("bed", 1), ("unit", 3)),
      "/subjects/bed/versions/1": Self.reply("bed"), "/subjects/unit/versions/3": Self.reply("unit", ("ward a", 2)),
    ])
    let answer = try server.serving(4) { try client(server.url).schema(id: 7) }
    #expect(answer == .schema(Array("main".utf8), references: ["bed", "unit", "ward"].map { Array($0.utf8) }))
  }

  @Test("a schema that refers to one that is not there, or is no Avro, does not fit")
  func missingReferences() throws {
    let missing = server(["/schemas/ids/7": Self.reply("main", ("gone", 1))])
    #expect(
      try missing.serving(2) { try client(missing.url).schema(id: 7) }
        == .unfit("schema 7 refers to a schema that the registry does not have"))
    let foreign = server([
      "/schemas/ids/7": Self.reply("main", ("proto", 1)),
      "/subjects/proto/versions/1": #"{"schema":"","schemaType":"PROTOBUF"}"#,
    ])
    #expect(
      try foreign.serving(2) { try client(foreign.url).schema(id: 7) }
        == .unfit("a schema that schema 7 refers to is no Avro schema"))
  }

  @Test("schemas that refer to ever more of their kind come to an end")
  func endlessReferences() throws {
    let server = StandInRegistry { request in
      let path = request.split(separator: " ").dropFirst().first ?? ""
      let version = path.split(separator: "/").last.flatMap { Int($0) } ?? 0
      return (200, Self.reply("next", ("s", version + 1)))
    }
    let limit = SchemaRegistryClient.referenceLimit
    let answer = try server.serving(limit + 1) { try client(server.url).schema(id: 7) }
    #expect(answer == .unfit("schema 7 refers to more than \(limit) other schemas"))
  }

  @Test("a registry that goes away between two schemas is away, and condemns nothing")
  func halfWay() throws {
    let server = StandInRegistry { request in
      request.contains("/schemas/ids/") ? (200, Self.reply("main", ("s", 1))) : (503, "")
    }
    let answer = try server.serving(2) { try client(server.url).schema(id: 7) }
    guard case .unavailable = answer else {
      Issue.record("\(answer)")
      return
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
    #expect(answer == .schema(Array(#""int""#.utf8), references: []))
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
