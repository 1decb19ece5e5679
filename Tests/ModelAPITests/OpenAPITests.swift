import JSON
import Testing

@testable import ModelAPI

@Suite("OpenAPI document")
struct OpenAPITests {
  private func document() async throws -> JSONValue {
    try JSONValue(
      parsing: OpenAPIDocument(
        [try await Samples.model(), try await Samples.model("other", seed: 2)], ServerLimits()
      ).bytes)
  }

  /// All references in a value.
  private func references(_ value: JSONValue) -> [String] {
    switch value {
    case .object(let members):
      members.flatMap { $0.name == "$ref" ? [$0.value.text ?? ""] : references($0.value) }
    case .array(let values): values.flatMap(references)
    default: []
    }
  }

  @Test("every reference leads somewhere")
  func closed() async throws {
    let document = try await document()
    let schemas = document["components"]?["schemas"]
    let all = references(document)
    #expect(all.count > 10)
    for reference in all {
      #expect(reference.hasPrefix("#/components/schemas/"))
      #expect(schemas?[String(reference.dropFirst(21))] != nil, "\(reference)")
    }
  }

  @Test("every path that it names is answered with its method, and no other path is")
  func paths() async throws {
    guard case .object(let paths) = try await document()["paths"] else {
      Issue.record("no paths")
      return
    }
    // Seven of the server, four of the first model, five of each of two models by name.
    #expect(paths.count == 21)
    for path in paths {
      let route = try #require(ModelRoute(path: path.name), "\(path.name)")
      #expect(path.value[route.isPost ? "post" : "get"] != nil)
      #expect(path.name.hasSuffix(route.label) || path.name.hasPrefix("/models/"))
    }
    for path in ["/", "/predict/x", "/models/a/b/c/d", "/model/x", "/models/x/model", "/models/x/health"] {
      #expect(ModelRoute(path: path) == nil, "\(path)")
    }
    #expect(ModelRoute(path: "/predict/?a=b") == .predict(nil))
  }

  @Test("the page shows texts as texts")
  func page() async throws {
    let page = String(decoding: DocsPage([try await Samples.model("a<b")], ServerLimits()).bytes, as: UTF8.self)
    #expect(page.contains("<h2>a&lt;b</h2>"))
    #expect(!page.contains("a<b"))
  }
}
