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
    let start = ContinuousClock.now
    let now = inFlight.enter()
    defer { inFlight.leave() }
    var label = "other"
    let reply: Reply
    do throws(Refusal) {
      let route = try service.route(request.method.rawValue, request.uri.path)
      label = route.label
      reply = try await answer(request, route, isBusy: now > limits.requests)
    } catch {
      reply = error.problem.reply
    }
    let time = ContinuousClock.now - start
    metrics.count(label, status: reply.status, time: time)
    // No address of a patient and no body: method, route and figures.
    log?.info(
      "request",
      metadata: [
        "method": "\(request.method.rawValue.prefix(10))", "route": "\(label)", "status": "\(reply.status)",
        "milliseconds": "\(time / .milliseconds(1))", "bytes": "\(reply.body.count)",
      ])
    return response(reply, isHead: request.method == .head)
  }

  private func answer(_ request: Request, _ route: ModelRoute, isBusy: Bool) async throws(Refusal) -> Reply {
    if let tokens, !route.isOpen, !tokens.allow(request.headers[.authorization]) { throw Refusal(.unauthorized) }
    if isBusy, !route.isOpen { throw Refusal(.busy) }
    var body: [UInt8] = []
    if route.isPost { body = try await self.body(of: request, limit: limits.bodyBytes(of: route)) }
    var asked = ModelService.Request(
      method: request.method.rawValue, path: request.uri.path, contentType: request.headers[.contentType], body: body)
    guard let audit, route.isPost else { return try service.answer(asked, to: route) }
    asked.id = UUID().uuidString.lowercased()
    var reply = try service.answer(asked, to: route)
    try await audit.note(reply.said, route: route.label)
    reply.headers.append(.init(name: "request-id", value: asked.id))
    return reply
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

  private func response(_ reply: Reply, isHead: Bool) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = reply.contentType
    headers[.cacheControl] = "no-store"
    for header in reply.headers {
      if let name = HTTPField.Name(header.name) { headers[name] = header.value }
    }
    headers[.contentLength] = String(reply.body.count)
    return Response(
      status: .init(code: reply.status), headers: headers,
      body: isHead ? .init() : .init(byteBuffer: ByteBuffer(bytes: reply.body)))
  }
}
