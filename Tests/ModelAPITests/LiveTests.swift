import Foundation
import Logging
import Synchronization
import Testing

@testable import ModelAPI
@testable import Serving

/// A server on a free port of this machine, for as long as a test runs.
private func withServer(
  _ shelf: ModelShelf, limits: ServerLimits = ServerLimits(), tokens: AccessTokens? = nil,
  _ body: (_ port: Int) async throws -> Void
) async throws {
  var log = Logger(label: "test")
  log.logLevel = .critical
  let server = ModelServer(shelf, at: .init(host: "127.0.0.1", port: 0), limits: limits, tokens: tokens, log: log)
  let (ports, report) = AsyncStream.makeStream(of: Int.self)
  let task = Task { try await server.run { report.yield($0) } }
  var iterator = ports.makeAsyncIterator()
  let port = try #require(await iterator.next())
  do { try await body(port) } catch {
    task.cancel()
    throw error
  }
  task.cancel()
  try await task.value
}

/// What came of a load.
private final class Tally: Sendable {
  let isDone = Atomic(false)
  let answered = Atomic(0)
  let wrong = Atomic(0)
  let versions = Mutex<Set<String>>([])
}

/// Asks with curl; gives status and body.
private func curl(_ port: Int, _ exchange: Exchange, headers: [String] = []) throws -> (status: Int, body: String) {
  let folder = try TemporaryFolder()
  let (sent, got) = ("\(folder.path)/sent", "\(folder.path)/got")
  try Data(exchange.body.utf8).write(to: URL(filePath: sent))
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/curl")
  var arguments = ["--noproxy", "*", "-s", "-S", "-m", "20", "-o", got, "-w", "%{http_code}", "-X", exchange.method]
  if exchange.method == "POST" { arguments += ["--data-binary", "@\(sent)"] }
  arguments += ["-H", "Content-Type:" + (exchange.contentType.map { " \($0)" } ?? "")]
  process.arguments = arguments + headers.flatMap { ["-H", $0] } + ["http://127.0.0.1:\(port)\(exchange.path)"]
  let pipe = Pipe()
  process.standardOutput = pipe
  let end = try process.start()
  end.wait()
  let status = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  let body = (try? Data(contentsOf: URL(filePath: got))) ?? Data()
  return (Int(status) ?? 0, String(decoding: body, as: UTF8.self))
}

@Suite("Model server", .serialized)
struct LiveTests {
  @Test("requests get the answers of the table over a socket")
  func exchanges() async throws {
    try await withServer(ModelShelf(models: [try await Samples.model()])) { (port) async throws in
      for exchange in Exchange.all {
        let answer = try curl(port, exchange)
        #expect(answer.status == exchange.status, "\(exchange.testDescription): \(answer.body)")
        for part in exchange.holds { #expect(answer.body.contains(part), "\(exchange.testDescription)") }
      }
      let metrics = try curl(
        port,
        Exchange(testDescription: "", method: "GET", path: "/metrics", contentType: nil, body: "", status: 200))
      #expect(metrics.body.contains(#"vitals_serve_requests_total{route="/predict",status="200"} "#))
      #expect(metrics.body.contains(#"vitals_serve_request_seconds_bucket{route="/explain",le="1"} "#))
    }
  }

  @Test("a body that is too long is refused, said beforehand or not")
  func tooLong() async throws {
    try await withServer(ModelShelf(models: [try await Samples.model()])) { (port) async throws in
      let long = Exchange(
        testDescription: "", body: String(repeating: " ", count: 10 << 20) + Exchange.patient, status: 413)
      #expect(try curl(port, long).status == 413)
      #expect(try curl(port, long, headers: ["Transfer-Encoding: chunked"]).status == 413)
      #expect(try curl(port, Exchange.all[0]).status == 200)
    }
  }

  @Test("slow clients and idle connections starve nobody, and are let go")
  func slow() async throws {
    var limits = ServerLimits()
    limits.patience = .seconds(2)
    try await withServer(ModelShelf(models: [try await Samples.model()]), limits: limits) { (port) async throws in
      let idle = (0..<300).compactMap { _ in RawClient(port: port) }
      #expect(idle.count == 300)
      let head = try #require(RawClient(port: port))
      head.send("POST /predict HTTP/1.1\r\nHost: ")
      let body = try #require(RawClient(port: port))
      body.send("POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{")
      #expect(try curl(port, Exchange.all[0]).status == 200)
      // A byte now and then keeps a connection busy, and helps no longer than the patience.
      var answer: (status: Int, head: String, body: String)?
      for _ in 0..<12 {
        try await Task.sleep(for: .milliseconds(250))
        if !body.send(" ") { break }
      }
      answer = body.answer()
      #expect(answer == nil || answer?.status == 408)
      #expect(head.isClosedByServer())
      #expect(idle.allSatisfy { $0.isClosedByServer() })
    }
  }

  @Test("requests that come at once, in pieces or one behind the other are answered in their order")
  func order() async throws {
    try await withServer(ModelShelf(models: [try await Samples.model()])) { (port) async throws in
      func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n" }
      let client = try #require(RawClient(port: port))
      let expected = try #require(client.post("/predict", Exchange.patient))
      #expect(expected.status == 200 && expected.head.lowercased().contains("\r\ndate: "))
      client.send(
        get("/models") + post(Exchange.patient) + post("{") + get("/health") + post(Exchange.patient)
          + post("[\(Exchange.patient)]").replacing("/predict", with: "/predict/batch") + post(Exchange.patient))
      let answers = (0..<7).map { _ in client.answer() }
      #expect(answers.map { $0?.status } == [200, 200, 400, 200, 200, 200, 200])
      #expect(answers[0]?.body.contains("\"models\"") == true && answers[3]?.body == #"{"status":"healthy"}"#)
      for place in [1, 4, 6] { #expect(answers[place]?.body == expected.body) }
      // A body that comes late, byte by byte.
      let slow = post(Exchange.patient)
      for part in [slow.prefix(40), slow.dropFirst(40).dropLast(9), slow.suffix(9)] {
        client.send(String(part))
        try await Task.sleep(for: .milliseconds(50))
      }
      client.send(post(Exchange.patient))
      #expect(client.answer()?.body == expected.body)
      #expect(client.answer()?.body == expected.body)
      // A body in chunks.
      let length = String(Exchange.patient.utf8.count, radix: 16)
      client.send(
        "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "\(length)\r\n\(Exchange.patient)\r\n0\r\n\r\n")
      #expect(client.answer()?.body == expected.body)
      client.send(post(Exchange.patient, "Connection: close\r\n"))
      #expect(client.answer()?.body == expected.body)
      #expect(client.isClosedByServer())
    }
  }

  @Test("who asks and asks and does not read is not heard until it reads, and then has all its answers")
  func unread() async throws {
    try await withServer(ModelShelf(models: [try await Samples.model()])) { (port) async throws in
      let request = post(Exchange.patient)
      let client = try #require(RawClient(port: port))
      // Buffers of sockets hold a few megabytes; a server that went on reading would take all.
      let sent = client.sendUntilFull(request, limit: 100 << 20)
      #expect(sent < 100 << 20)
      let whole = sent / request.utf8.count
      #expect(client.count("HTTP/1.1 200 OK", upTo: whole) == whole)
      // Bytes, since a line's end is two of them and one character.
      client.send(String(decoding: request.utf8.dropFirst(sent % request.utf8.count), as: UTF8.self))
      client.endSending()
      #expect(client.count("HTTP/1.1 200 OK", upTo: .max) == 1)
    }
  }

  @Test("a connection in use outlives the patience, and who ends its side after asking gets its answer")
  func use() async throws {
    var limits = ServerLimits()
    limits.patience = .seconds(1)
    try await withServer(ModelShelf(models: [try await Samples.model()]), limits: limits) { (port) async throws in
      let client = try #require(RawClient(port: port))
      for _ in 0..<15 {
        #expect(client.post("/predict", Exchange.patient)?.status == 200)
        try await Task.sleep(for: .milliseconds(200))
      }
      #expect(client.isClosedByServer())
      for _ in 0..<20 {
        let client = try #require(RawClient(port: port))
        client.send(post(Exchange.patient))
        client.endSending()
        #expect(client.answer()?.status == 200)
      }
    }
  }

  @Test("the header date is written as HTTP has it")
  func date() {
    #expect(DateHeader.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(DateHeader.text(951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
  }

  @Test("a token is asked for where the server has some")
  func tokens() async throws {
    let tokens = try AccessTokens(lines: "# the ward\n\nabcdefghijklmnop\n0123456789abcdef0\n")
    try await withServer(ModelShelf(models: [try await Samples.model()]), tokens: tokens) { (port) async throws in
      let patient = Exchange.all[0]
      #expect(try curl(port, patient).status == 401)
      #expect(try curl(port, patient, headers: ["Authorization: Bearer abcdefghijklmnoX"]).status == 401)
      #expect(try curl(port, patient, headers: ["Authorization: Basic abcdefghijklmnop"]).status == 401)
      #expect(try curl(port, patient, headers: ["Authorization: Bearer abcdefghijklmnop"]).status == 200)
      #expect(try curl(port, patient, headers: ["Authorization: bearer 0123456789abcdef0"]).status == 200)
      let health = try #require(Exchange.all.first { $0.path == "/health" })
      #expect(try curl(port, health).status == 200)
    }
    #expect(throws: ServingError.self) { try AccessTokens(lines: "# none\n") }
    #expect(throws: ServingError.self) { try AccessTokens(lines: "short") }
  }

  @Test("a port that is taken is said so")
  func takenPort() async throws {
    let shelf = ModelShelf(models: [try await Samples.model()])
    try await withServer(shelf) { (port) async throws in
      let second = ModelServer(shelf, at: .init(host: "127.0.0.1", port: port), log: Logger(label: "test"))
      await #expect(throws: ServingError.self) { try await second.run() }
    }
  }

  @Test("models are swapped under load: no request fails, and each answer comes from one whole model")
  func swap() async throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/diabetes"
    let files = [try await Samples.files(seed: 1), try await Samples.files(seed: 2)]
    let models = try files.map { files in try ServedModel { files[$0] } }
    // What each model says of the patient, by its version.
    let expected = Dictionary(
      uniqueKeysWithValues: models.map { model in
        let reply = Samples.service([model]).answer(
          .init(method: "POST", path: "/predict", contentType: "application/json", body: Array(Exchange.patient.utf8)))
        return (model.version, String(decoding: reply.body, as: UTF8.self))
      })
    try Samples.write(files[0], to: path)
    let shelf = try ModelShelf([ModelFolder(path)])
    try await withServer(shelf) { (port) async throws in
      let tally = Tally()
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          for round in 1...4 {
            try? await Task.sleep(for: .milliseconds(1_200))
            try? Samples.write(files[round % 2], to: path)
          }
          try? await Task.sleep(for: .milliseconds(1_200))
          tally.isDone.store(true, ordering: .releasing)
        }
        group.addTask {
          guard let client = RawClient(port: port) else { return }
          while !tally.isDone.load(ordering: .acquiring) {
            let answer = client.post("/predict", Exchange.patient)
            let version = answer?.head.lowercased().split(separator: "\r\n")
              .first { $0.hasPrefix("model-version: ") }.map { String($0.dropFirst(15)) }
            if let answer, answer.status == 200, let version, expected[version] == answer.body {
              tally.answered.wrappingAdd(1, ordering: .relaxed)
              tally.versions.withLock { _ = $0.insert(version) }
            } else {
              tally.wrong.wrappingAdd(1, ordering: .relaxed)
            }
          }
        }
      }
      #expect(tally.wrong.load(ordering: .relaxed) == 0)
      #expect(tally.answered.load(ordering: .relaxed) > 100)
      #expect(tally.versions.withLock { $0 } == Set(models.map(\.version)))
    }
  }
}

/// A request for a prediction.
private func post(_ body: String, _ headers: String = "") -> String {
  "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\(headers)"
    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
}
