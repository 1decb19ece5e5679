internal import FoundationEssentials
internal import HTTPTypes
internal import JSON
internal import Serving
internal import Storage

/// Answers requests, whatever carries them.
struct DashboardService: Sendable {
  let hub: WardHub
  let model: ModelClient?
  let sender: AlarmSender
  let tokens: AccessTokens?
  let keys: PatientKeys
  let refresh: Int
  let metrics: @Sendable () -> String

  /// A request, its body at hand.
  struct Request: Sendable {
    var query: [String: String] = [:]
    var body: [UInt8] = []
    /// Who asks, as far as that is known.
    var who = ""
  }

  /// How long a login lasts.
  static let sessionSeconds: Int64 = 12 * 3_600
  /// The cookie of a login.
  static let cookie = "vitals"

  func answer(_ request: Request, to route: DashboardRoute, now: Int64 = WallClock.milliseconds()) async -> Answer {
    switch route {
    case .ward:
      return .page(hub.look { WardPage.html($0, epoch: hub.epoch, refresh: refresh, now: now) })
    case .alarms:
      let notifies = sender.notify != WardSettings.Notify()
      return .page(
        hub.look { AlarmPage.html($0, epoch: hub.epoch, refresh: refresh, notifies: notifies, now: now) })
    case .alarmPart: return .page(hub.look { AlarmPage.part($0, now: now) })
    case .patient(let key):
      return page(of: key, request) { $0.html($1, refresh: refresh, epoch: hub.epoch, now: now) }
    case .patientPart(let key): return page(of: key, request) { $0.part($1, now: now) }
    case .readings(let key): return readings(of: key)
    case .acknowledge, .pause, .resume, .testAlarm: return await changeAlarms(route, request, now: now)
    case .risk: return await risk(now: now)
    case .explain: return await ask("/explain", request.body)
    case .whatIf: return await ask("/explain/what-if", request.body)
    case .login: return .page(Self.loginPage(isWrong: false))
    case .logout:
      var answer = Answer.seeOther("/login")
      answer.headers.append((.setCookie, "\(Self.cookie)=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"))
      return answer
    case .asset(let name): return Asset.answer(name)
    case .health: return .text("ok\n")
    case .readiness:
      let words = hub.look { $0.feed.isLive ? nil : $0.feed.words }
      return words.map { .text("\($0)\n", status: 503) } ?? .text("ready\n")
    case .metrics:
      return Answer(contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(metrics().utf8))
    // A stream is carried by who holds the connection.
    case .events: return .notFound
    }
  }

  private func page(
    of key: String, _ request: Request, _ make: (PatientPage, WardHub.State) -> HTML
  ) -> Answer {
    let span = request.query["range"].flatMap(PatientPage.Span.init(rawValue:)) ?? .quarter
    let html = hub.look { state in
      state.ward.patients[key].map { make(PatientPage(patient: $0, span: span), state) }
    }
    return html.map { .page($0) } ?? .notFound
  }

  private func readings(of key: String) -> Answer {
    let csv = hub.look { state in
      state.ward.patients[key].map { PatientPage(patient: $0, span: .recent).csv }
    }
    guard let csv else { return .notFound }
    var answer = Answer(contentType: "text/csv; charset=utf-8", body: csv)
    answer.headers.append((.contentDisposition, "attachment; filename=\"readings-\(key.prefix(8)).csv\""))
    return answer
  }

  private func changeAlarms(_ route: DashboardRoute, _ request: Request, now: Int64) async -> Answer {
    let who = request.who
    switch route {
    case .acknowledge:
      let form = FormText.parse(request.body)
      guard let number = form["number"].flatMap({ Int($0) }) else {
        return .problem(400, "No alarm is named", "Go back to the list and try again.")
      }
      _ = hub.changeAlarms { $0.acknowledge(number, by: who, now: now) }
    case .pause:
      let millis = hub.look { Int64($0.ward.settings.pauseSeconds * 1_000) }
      hub.changeAlarms { $0.pause(until: now + millis) }
    case .resume: hub.changeAlarms { $0.endPause() }
    default:
      let failures = await sender.send([], isTest: true)
      guard failures.isEmpty else {
        return .problem(502, "The test message was not taken", failures.joined(separator: "; "))
      }
      return .problem(200, "The test message was taken", "See whether it has arrived.")
    }
    return .seeOther("/alarms")
  }

  private func risk(now: Int64) async -> Answer {
    let found = await model?.model()
    let feed = hub.look { Page.feedLine($0, now: now) }
    return .page(RiskPage.html(found?.fields, model: found?.name ?? "", feed: feed), status: 200)
  }

  private func ask(_ path: String, _ body: [UInt8]) async -> Answer {
    if let model, case .reply(let status, let bytes) = await model.ask(path, body) {
      // A token that the model server does not take is ours to mend, not the reader's to give.
      return .json(bytes, status: status == 401 ? 502 : status)
    }
    let words = #"{"title":"The model server does not answer","detail":"Try again in a moment."}"#
    return .json(Array(words.utf8), status: 502)
  }

  // MARK: - Login

  /// Who asks, by cookie or header; `nil` for nobody who may. Without tokens everybody may.
  func viewer(cookie: String?, authorization: String?, now: Int64 = WallClock.milliseconds()) -> String? {
    guard let tokens else { return "anybody" }
    if let holder = tokens.bearer(authorization) { return holder }
    let values = (cookie ?? "").split(separator: ";").map { $0.drop { $0 == " " } }
    let session = values.first { $0.hasPrefix("\(Self.cookie)=") }?.dropFirst(Self.cookie.count + 1)
    return session.flatMap { keys.holder(of: $0, now: now / 1_000) }
  }

  /// Takes a token from the form.
  func login(_ body: [UInt8], isSecure: Bool, now: Int64 = WallClock.milliseconds()) -> Answer {
    guard let tokens, let holder = tokens.holder(of: (FormText.parse(body)["token"] ?? "").utf8) else {
      return .page(Self.loginPage(isWrong: true), status: 401)
    }
    let session = keys.session(of: holder, until: now / 1_000 + Self.sessionSeconds)
    var answer = Answer.seeOther("/")
    answer.headers.append(
      (
        .setCookie,
        "\(Self.cookie)=\(session); Path=/; Max-Age=\(Self.sessionSeconds); HttpOnly; SameSite=Strict"
          + (isSecure ? "; Secure" : "")
      ))
    return answer
  }

  private static func loginPage(isWrong: Bool) -> HTML {
    let wrong: HTML = isWrong ? #"<p role="alert" class="warning">This token is not known.</p>"# : ""
    return Page(
      title: "Log in",
      content: """
        <h1>Log in</h1>\(wrong)<form method="post" action="/login" class="login"><p><label for="token">Token</label>\
        <input id="token" name="token" type="password" autocomplete="current-password" required></p>\
        <p><button>Log in</button></p></form>
        """
    ).html
  }
}
