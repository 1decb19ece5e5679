internal import FoundationEssentials
internal import HTTPTypes
internal import JSON
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Serving

/// Carries requests from the server to ``ModelService`` and answers back: limits, tokens, counts and the access log.
struct ModelResponder: HTTPResponder {
  typealias Context = BasicRequestContext

  let service: ModelService
  let tokens: AccessTokens?
  let audit: AuditTrail?
  let metrics: RequestMetrics
  let limits: ServerLimits
  let log: Logger?
  /// How many requests are being answered.
  let inFlight: InFlight

  func respond(to request: Request, context: Context) async -> Response {
    let (start, now) = (ContinuousClock.now, inFlight.enter())
    defer { inFlight.leave() }
    var label = "other"
    let reply: Reply
    do throws(Refusal) {
      let route = try service.route(request.method.rawValue, request.uri.path)
      label = route.label
      try admit(route, request.headers[.authorization], isBusy: now > limits.requests)
      reply = try await answer(request, route)
    } catch {
      reply = error.problem.reply
    }
    note(request.method.rawValue, label, reply, since: start)
    var fields = HTTPFields(headers(reply))
    fields[.contentLength] = String(reply.body.count)
    return Response(
      status: .init(code: reply.status), headers: fields,
      body: request.method == .head ? .init() : .init(byteBuffer: ByteBuffer(bytes: reply.body)))
  }

  private func answer(_ request: Request, _ route: ModelRoute) async throws(Refusal) -> Reply {
    var body: [UInt8] = []
    if route.isPost { body = try await self.body(of: request, limit: limits.bodyBytes(of: route)) }
    var asked = ModelService.Request(
      method: request.method.rawValue, path: request.uri.path, contentType: request.headers[.contentType], body: body)
    guard let audit, route.isPost else { return try service.answer(asked, to: route) }
    asked.id = UUID().uuidString.lowercased()
    var reply = try service.answer(asked, to: route)
    try await audit.note(reply.said, route: route.label)
    if let name = HTTPField.Name.requestID { reply.headers.append(HTTPField(name: name, value: asked.id)) }
    return reply
  }

  /// Refuses who has no token, and whom there is no room for.
  private func admit(_ route: ModelRoute, _ authorization: String?, isBusy: Bool) throws(Refusal) {
    if route.isOpen { return }
    if let tokens, !tokens.allow(authorization) { throw Refusal(.unauthorized) }
    if isBusy { throw Refusal(.busy) }
  }

  /// Counts a request. No address of a patient and no body: method, route and figures.
  private func note(_ method: String, _ label: String, _ reply: Reply, since start: ContinuousClock.Instant) {
    let time = ContinuousClock.now - start
    metrics.count(label, status: reply.status, time: time)
    log?.info(
      "request",
      metadata: [
        "method": "\(method.prefix(10))", "route": "\(label)", "status": "\(reply.status)",
        "milliseconds": "\(time / .milliseconds(1))", "bytes": "\(reply.body.count)",
      ])
  }

  /// The body, if it is short enough and comes in time.
  private func body(of request: Request, limit: Int) async throws(Refusal) -> [UInt8] {
    do {
      return try await request.wholeBody(limit: limit, patience: limits.patience)
    } catch {
      switch error {
      case .tooLarge(let limit): throw Refusal(.tooLarge(limit))
      case .tooSlow(let seconds): throw Refusal(.tooSlow(seconds))
      // The client went away in the middle: nobody reads what is answered.
      case .endsEarly(let count): throw Refusal(.badJSON(.init(position: count, message: "the body ends early")))
      }
    }
  }

  /// The headers that an answer has, whichever way it goes.
  private func headers(_ reply: Reply) -> [HTTPField] {
    (reply.contentType == Self.json.value ? [Self.json] : [HTTPField(name: .contentType, value: reply.contentType)])
      + [Self.notStored] + reply.headers
  }

  private static let json = HTTPField(name: .contentType, value: "application/json")
  private static let notStored = HTTPField(name: .cacheControl, value: "no-store")
}

/// One patient's answer is found sooner than a request is handed over to another thread.
extension ModelResponder: PromptResponder {
  var promptBodyLimit: Int { limits.bodyBytes }

  func isPrompt(method: String, path: String) -> Bool {
    // An account is kept by who may have to wait.
    guard method == "POST", audit == nil, let route = ModelRoute(path: path) else { return false }
    return route.isPost && limits.bodyBytes(of: route) == limits.bodyBytes
  }

  func answer(_ request: PromptRequest) -> PromptAnswer {
    let (start, now) = (ContinuousClock.now, inFlight.enter())
    defer { inFlight.leave() }
    var label = "other"
    let reply: Reply
    do throws(Refusal) {
      let route = try service.route(request.method, request.path)
      label = route.label
      try admit(route, request.header("authorization"), isBusy: now > limits.requests)
      let asked = ModelService.Request(
        method: request.method, path: request.path, contentType: request.header("content-type"), body: request.body)
      reply = try service.answer(asked, to: route)
    } catch {
      reply = error.problem.reply
    }
    note(request.method, label, reply, since: start)
    return PromptAnswer(status: reply.status, headers: headers(reply), body: reply.body)
  }
}
