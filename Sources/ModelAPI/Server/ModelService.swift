internal import Forest
internal import HTTPTypes
internal import JSON

/// Answers requests, whatever carries them: no socket, no clock, no log.
///
/// A request takes one model off the shelf and keeps it to its end.
struct ModelService: Sendable {
  /// A request, its body at hand.
  struct Request: Sendable {
    var method: String
    var path: String
    var contentType: String?
    var body: [UInt8] = []
    /// What names the request in an audit trail.
    var id = ""
  }

  let shelf: ModelShelf
  let limits: ServerLimits
  /// Whether answers tell what they say of patients, for an audit trail.
  var keepsAccount = false
  /// The metrics as Prometheus reads them.
  let metrics: @Sendable () -> String

  /// What stands at the request's path, with the method it has.
  func route(_ method: String, _ path: String) throws(Refusal) -> ModelRoute {
    guard let route = ModelRoute(path: path) else { throw Refusal(.noSuchPath) }
    // HEAD is answered as GET is; its body is left out by who carries it.
    guard route.isPost ? method == "POST" : method == "GET" || method == "HEAD" else {
      throw Refusal(.notAllowed(route.isPost ? "POST" : "GET, HEAD"))
    }
    return route
  }

  /// The answer to a request.
  func answer(_ request: Request) -> Reply {
    do throws(Refusal) {
      return try answer(request, to: try route(request.method, request.path))
    } catch {
      return error.problem.reply
    }
  }

  /// The answer to a request at a route.
  func answer(_ request: Request, to route: ModelRoute) throws(Refusal) -> Reply {
    switch route {
    case .health: return Reply(body: Array(#"{"status":"healthy"}"#.utf8))
    case .readiness: return Reply(body: Array(#"{"status":"ready"}"#.utf8))
    case .metrics:
      return Reply(contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(metrics().utf8))
    case .document: return Reply(body: OpenAPIDocument(shelf.all, limits).bytes)
    case .docs: return Reply(contentType: "text/html; charset=utf-8", body: DocsPage(shelf.all, limits).bytes)
    case .models: return list
    case .model(let name):
      var text = JSONText()
      let model = try model(name)
      model.write(to: &text)
      return reply(text, model)
    case .predict(let name):
      return try one(request, try model(name)) { row, model, text in
        let prediction = Prediction(row, model)
        prediction.write(row, model, to: &text)
        return prediction
      }
    case .explain(let name):
      let model = try model(name)
      guard let explainer = model.explainer else { throw Refusal(.notExplainable) }
      return try one(request, model) { row, model, text in
        let explanation = Explanation(row, model, explainer)
        explanation.write(row, model, to: &text)
        return explanation.prediction
      }
    case .batch(let name): return try batch(request, try model(name))
    case .whatIf(let name): return try whatIf(request, try model(name))
    }
  }

  private func model(_ name: String?) throws(Refusal) -> ServedModel {
    guard let model = shelf.model(name) else { throw Refusal(.noSuchModel) }
    return model
  }

  private func reply(_ text: JSONText, _ model: ServedModel, _ said: [Said] = []) -> Reply {
    Reply(headers: model.versionHeader, body: text.bytes, said: said)
  }

  private func note(
    _ row: PatientRow, _ model: ServedModel, _ prediction: Prediction, _ request: Request, in said: inout [Said]
  ) {
    guard keepsAccount else { return }
    said.append(
      Said(
        request: request.id, model: model.name, version: model.version, record: row.json(model),
        probability: prediction.probability, level: prediction.level.rawValue))
  }

  private var list: Reply {
    var text = JSONText()
    text.open()
    text.open("models", "[")
    for model in shelf.all {
      text.open()
      text.member("name", model.name)
      text.member("version", model.version)
      text.member("predicts", model.saved.schema.label)
      text.close()
    }
    text.close("]")
    text.close()
    return Reply(body: text.bytes)
  }

  // MARK: - Bodies

  /// Reads a whole body; what is no JSON, is of another shape, or leaves something behind, is refused.
  private func read(
    _ request: Request, _ body: (inout JSONScanner, inout [Problem.Field]) throws(JSONError) -> Void
  ) throws(Refusal) {
    guard request.isJSON else { throw Refusal(.notJSON) }
    var scanner = JSONScanner(request.body)
    var problems: [Problem.Field] = []
    do throws(JSONError) {
      try body(&scanner, &problems)
      guard scanner.isAtEnd else { throw scanner.failure("something follows the value") }
    } catch {
      // Whether it is bad JSON or good JSON of another shape, a reading of the whole tells.
      let isJSON = (try? JSONValue(parsing: request.body)) != nil
      throw Refusal(isJSON ? .shape("At byte \(error.position): \(error.message).") : .badJSON(error))
    }
    guard problems.isEmpty else { throw Refusal(.fields(problems)) }
  }

  private func one(
    _ request: Request, _ model: ServedModel, write: (PatientRow, ServedModel, inout JSONText) -> Prediction
  ) throws(Refusal) -> Reply {
    var text = JSONText()
    var said: [Said] = []
    try read(request) { (scanner, problems) throws(JSONError) in
      let row = try PatientRow(&scanner, model, problems: &problems)
      guard problems.isEmpty else { return }
      text.open()
      note(row, model, write(row, model, &text), request, in: &said)
      text.close()
    }
    return reply(text, model, said)
  }

  /// `[{…}, {…}]`: a prediction for each, in their order.
  private func batch(_ request: Request, _ model: ServedModel) throws(Refusal) -> Reply {
    var text = JSONText()
    var said: [Said] = []
    text.open()
    text.open("predictions", "[")
    try read(request) { (scanner, problems) throws(JSONError) in
      var count = 0
      try scanner.openArray()
      while try scanner.nextValue(&count) {
        guard count <= limits.batchRows else {
          throw scanner.failure("at most \(limits.batchRows) patients are taken at once")
        }
        let row = try PatientRow(&scanner, model, pointer: "/\(count - 1)", problems: &problems)
        guard problems.isEmpty else { continue }
        let prediction = Prediction(row, model)
        text.open()
        prediction.write(row, model, to: &text)
        text.close()
        note(row, model, prediction, request, in: &said)
      }
    }
    text.close("]")
    text.close()
    return reply(text, model, said)
  }

  /// `{"record": {…}, "changes": {…}}`: how the explanation of a record would be with some values changed.
  private func whatIf(_ request: Request, _ model: ServedModel) throws(Refusal) -> Reply {
    guard let explainer = model.explainer else { throw Refusal(.notExplainable) }
    var text = JSONText()
    var said: [Said] = []
    try read(request) { (scanner, problems) throws(JSONError) in
      let parts = try WhatIfParts(&scanner)
      var part = JSONScanner(scanner.bytes, in: parts.record)
      let record = try PatientRow(&part, model, pointer: "/record", problems: &problems)
      part = JSONScanner(scanner.bytes, in: parts.changes)
      let changed = try PatientRow(&part, model, pointer: "/changes", over: record, problems: &problems)
      guard problems.isEmpty else { return }
      text.open()
      for (name, row) in [("before", record), ("after", changed)] {
        let explanation = Explanation(row, model, explainer)
        text.open(name)
        explanation.write(row, model, to: &text)
        text.close()
        note(row, model, explanation.prediction, request, in: &said)
      }
      text.close()
    }
    return reply(text, model, said)
  }
}

/// Where the two objects of a what-if body stand.
private struct WhatIfParts {
  var record, changes: Range<Int>

  init(_ scanner: inout JSONScanner) throws(JSONError) {
    var parts: [String: Range<Int>] = [:]
    var count = 0
    try scanner.openObject()
    while let key = try scanner.nextKey(&count) {
      guard key == "record" || key == "changes", parts[key] == nil else {
        throw scanner.failure("record and changes are expected, each once")
      }
      parts[key] = try scanner.skip()
    }
    guard let record = parts["record"], let changes = parts["changes"] else {
      throw scanner.failure("record and changes are expected")
    }
    (self.record, self.changes) = (record, changes)
  }
}

/// A request that is not answered as it asks.
struct Refusal: Error {
  let problem: Problem

  init(_ problem: Problem) { self.problem = problem }
}

extension ModelService.Request {
  /// Whether the body says that it is JSON, with or without a character set.
  var isJSON: Bool {
    guard let contentType else { return false }
    // What is sent most is not taken apart.
    if contentType == "application/json" { return true }
    let type = contentType.prefix { $0 != ";" && $0 != " " }.lowercased()
    return type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json"))
  }
}
