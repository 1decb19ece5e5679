internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Serving
internal import Storage

/// Carries requests from the server to ``DashboardService`` and answers back: limits, logins, counts, and the log of
/// who looked at whom.
struct DashboardResponder: HTTPResponder {
  typealias Context = DashboardContext

  let service: DashboardService
  /// Whether it answers over TLS itself, rather than a proxy before it.
  let isSecure: Bool
  let metrics: RequestMetrics
  let limits: DashboardLimits
  let views: ViewLog?
  let log: Logger
  let inFlight: InFlight

  func respond(to request: Request, context: Context) async -> Response {
    let start = ContinuousClock.now
    let now = inFlight.enter()
    defer { inFlight.leave() }
    let route = DashboardRoute(path: request.uri.path)
    var response: Response
    if let route, route == .events, request.method == .get, viewer(request) != nil {
      response = stream(request, context)
    } else {
      response = Self.response(
        await answer(request, route, context, isBusy: now > limits.requests), isHead: request.method == .head)
    }
    for (name, value) in Answer.policy { response.headers[name] = value }
    metrics.count(route?.label ?? "other", status: response.status.code, time: ContinuousClock.now - start)
    return response
  }

  private func viewer(_ request: Request) -> String? {
    service.viewer(cookie: request.headers[.cookie], authorization: request.headers[.authorization])
  }

  private func answer(
    _ request: Request, _ route: DashboardRoute?, _ context: Context, isBusy: Bool
  ) async -> Answer {
    guard let route else { return .notFound }
    let isPost = request.method == .post
    guard isPost ? route.isPost || route == .login : !route.isPost && [.get, .head].contains(request.method) else {
      var answer = Answer.problem(405, "This is not done so", "The page takes another method.")
      answer.headers.append((.allow, route.isPost ? "POST" : "GET, HEAD"))
      return answer
    }
    let who = viewer(request)
    guard who != nil || route.isOpen else { return .seeOther("/login") }
    if isBusy, !route.isOpen {
      return .problem(503, "Too many requests are being answered", "Try again in a moment.")
    }
    if isPost, !Self.isOurs(request) {
      return .problem(403, "This came from another site", "Forms are taken from our own pages only.")
    }
    var asked = DashboardService.Request(who: who ?? "")
    asked.query = FormText.parse((request.uri.query ?? "").utf8)
    if isPost {
      do {
        asked.body = try await request.wholeBody(limit: limits.bodyBytes, patience: limits.patience)
      } catch {
        return Self.refusal(error)
      }
      if route == .login { return await login(asked, request) }
    }
    let answer = await service.answer(asked, to: route)
    guard let viewed = route.viewed, answer.status == 200, let views else { return answer }
    // Nobody is shown whose view cannot be accounted for.
    let isNoted = views.note(who: asked.who, from: context.address, patient: viewed.key, view: viewed.view)
    if isNoted { return answer }
    log.error("the log of views cannot be written; no patient is shown")
    return .problem(503, "The log of views cannot be written", "Tell who runs this server.")
  }

  private func login(_ asked: DashboardService.Request, _ request: Request) async -> Answer {
    let answer = service.login(asked.body, isSecure: isSecure || request.headers[Self.forwarded] == "https")
    // Who guesses, waits.
    if answer.status == 401 { try? await Task.sleep(for: .milliseconds(500)) }
    return answer
  }

  private static let forwarded = HTTPField.Name("x-forwarded-proto") ?? .via
  private static let fetchSite = HTTPField.Name("sec-fetch-site") ?? .via

  /// Whether a form comes from our own pages. Programs, which send neither header, are not what is guarded against.
  private static func isOurs(_ request: Request) -> Bool {
    if let site = request.headers[fetchSite] { return site == "same-origin" || site == "none" }
    guard let origin = request.headers[.origin] else { return true }
    return origin.hasSuffix("://\(request.head.authority ?? "")")
  }

  private static func refusal(_ failure: BodyFailure) -> Answer {
    var answer =
      switch failure {
      case .tooLarge(let limit): Answer.problem(413, "This is too long", "At most \(limit) bytes are taken here.")
      case .tooSlow(let seconds): Answer.problem(408, "This came too slowly", "\(seconds) seconds are the limit.")
      case .endsEarly: Answer.problem(400, "This ended early", "Try again.")
      }
    if let name = HTTPField.Name("connection") { answer.headers.append((name, "close")) }
    return answer
  }

  private static func response(_ answer: Answer, isHead: Bool) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = answer.contentType
    headers[.cacheControl] = "no-store"
    for (name, value) in answer.headers { headers[name] = value }
    headers[.contentLength] = String(answer.body.count)
    return Response(
      status: .init(code: answer.status), headers: headers,
      body: isHead ? .init() : .init(byteBuffer: ByteBuffer(bytes: answer.body)))
  }

  // MARK: - Streams

  /// A stream of updates (server-sent events), from the version on that the page has.
  private func stream(_ request: Request, _ context: Context) -> Response {
    let query = FormText.parse((request.uri.query ?? "").utf8)
    let last = request.headers[HTTPField.Name("last-event-id") ?? .via] ?? query["since"] ?? ""
    let every = min(max(query["every"].flatMap { Int($0) } ?? service.refresh, 1), 30)
    let stream = EventStream(
      hub: service.hub, every: .seconds(every), since: last, showsTiles: query["view"] == "ward",
      patience: limits.streamPatience, channel: context.channel)
    guard let subscription = service.hub.subscribe() else {
      var busy = Self.response(.text("too many pages are open\n", status: 503), isHead: false)
      busy.headers[.retryAfter] = "10"
      return busy
    }
    var headers = HTTPFields()
    headers[.contentType] = "text/event-stream; charset=utf-8"
    headers[.cacheControl] = "no-store"
    if let name = HTTPField.Name("x-accel-buffering") { headers[name] = "no" }
    return Response(
      status: .ok, headers: headers,
      body: .init { writer in try await stream.run(subscription, &writer) })
  }
}
