import Foundation
import JSON
import Testing

@testable import ModelAPI

@Suite("Model service")
struct ServiceTests {
  @Test("requests get the answers of the table", arguments: Exchange.all)
  func exchanges(exchange: Exchange) async throws {
    let service = Samples.service([try await Samples.model()])
    let reply = service.answer(
      .init(
        method: exchange.method, path: exchange.path, contentType: exchange.contentType, body: Array(exchange.body.utf8)
      ))
    let text = String(decoding: reply.body, as: UTF8.self)
    #expect(reply.status == exchange.status, "\(text)")
    for part in exchange.holds { #expect(text.contains(part), "\(text)") }
    if reply.contentType.contains("json") { #expect(throws: Never.self) { try JSONValue(parsing: reply.body) } }
    #expect(reply.isProblem == (exchange.status >= 400))
    #expect((reply.contentType == "application/problem+json") == reply.isProblem)
  }

  @Test("an explanation adds up to the probability, the largest part first")
  func explanation() async throws {
    let model = try await Samples.model()
    let reply = Samples.service([model]).answer(
      .init(method: "POST", path: "/explain", contentType: "application/json", body: Array(Exchange.patient.utf8)))
    let answer = try #require(try JSONSerialization.jsonObject(with: Data(reply.body)) as? [String: Any])
    let shap = try #require(answer["shap"] as? [[String: Any]])
    let values = shap.compactMap { $0["shap"] as? Double }
    let base = try #require(answer["base_value"] as? Double)
    let probability = try #require(answer["probability"] as? Double)
    #expect(values.count == 3)
    #expect(abs(base + values.reduce(0, +) - probability) < 1e-12)
    #expect(values.map(abs) == values.map(abs).sorted(by: >))
    #expect(Set(shap.compactMap { $0["feature"] as? String }) == ["glucose", "bmi", "age"])
  }

  @Test("a what-if differs from the record by its changes alone")
  func whatIf() async throws {
    let service = Samples.service([try await Samples.model()])
    func answer(_ path: String, _ body: String) throws -> [String: Any] {
      let reply = service.answer(
        .init(method: "POST", path: path, contentType: "application/json", body: Array(body.utf8)))
      return try #require(try JSONSerialization.jsonObject(with: Data(reply.body)) as? [String: Any])
    }
    let both = try answer(
      "/explain/what-if", #"{"record":\#(Exchange.patient),"changes":{"glucose":0,"bmi":20}}"#)
    let before = try answer("/explain", Exchange.patient)
    let after = try answer("/explain", #"{"glucose":null,"bmi":20,"age":47}"#)
    #expect(NSDictionary(dictionary: before) == NSDictionary(dictionary: both["before"] as? [String: Any] ?? [:]))
    #expect(NSDictionary(dictionary: after) == NSDictionary(dictionary: both["after"] as? [String: Any] ?? [:]))
  }

  @Test("problems repeat no value that was sent")
  func privacy() async throws {
    let service = Samples.service([try await Samples.model()])
    for body in [
      #"{"glucose":"s3cret","bmi":777123,"age":47}"#, #"{"glucose":777123,"bmi":44,"#, #"["s3cret", 777123]"#,
    ] {
      let reply = service.answer(
        .init(method: "POST", path: "/predict", contentType: "application/json", body: Array(body.utf8)))
      let text = String(decoding: reply.body, as: UTF8.self)
      #expect(reply.isProblem)
      #expect(!text.contains("s3cret") && !text.contains("777123"), "\(text)")
    }
  }

  @Test("a long list of faults is cut, and a list of too many patients refused")
  func bounds() async throws {
    var service = Samples.service([try await Samples.model()])
    let faults = "{" + (0..<5_000).map { "\"x\($0)\":1" }.joined(separator: ",") + "}"
    let reply = service.answer(
      .init(method: "POST", path: "/predict", contentType: "application/json", body: Array(faults.utf8)))
    #expect(reply.status == 422)
    #expect(reply.body.count < 20_000)
    service = ModelService(shelf: service.shelf, limits: Self.small, metrics: service.metrics)
    let three = "[" + [Exchange.patient, Exchange.patient, Exchange.patient].joined(separator: ",") + "]"
    let refused = service.answer(
      .init(method: "POST", path: "/predict/batch", contentType: "application/json", body: Array(three.utf8)))
    #expect(refused.status == 422)
  }

  private static var small: ServerLimits {
    var limits = ServerLimits()
    limits.batchRows = 2
    return limits
  }

  @Test("random bodies get an answer, and no good one unless they are a patient")
  func noise() async throws {
    let service = Samples.service([try await Samples.model()])
    var random = SystemRandomNumberGenerator()
    let alphabet = Array("{}[]\",:\\u0123456789.eE+-glucosebmiage nultrf".utf8) + [0xFF]
    for round in 0..<4_000 {
      var body = Array(Exchange.patient.utf8)
      if round % 2 == 0 {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          body[Int.random(in: 0..<body.count, using: &random)] = alphabet.randomElement(using: &random) ?? 0
        }
      } else {
        body = (0..<Int.random(in: 0..<60, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? 0 }
      }
      for path in ["/predict", "/predict/batch", "/explain/what-if"] {
        let reply = service.answer(
          .init(method: "POST", path: path, contentType: "application/json", body: body))
        let isObject = (try? JSONValue(parsing: body)).map { if case .object = $0 { true } else { false } } ?? false
        if reply.status == 200 { #expect(isObject || body.first == UInt8(ascii: "[") || path != "/predict") }
        #expect([200, 400, 422].contains(reply.status))
      }
    }
  }
}
