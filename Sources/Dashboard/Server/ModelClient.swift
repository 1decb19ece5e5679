internal import EasyCurl
internal import JSON
internal import Synchronization

/// Asks the model server on behalf of the risk form.
final class ModelClient: Sendable {
  /// The address of vitals-serve, without a slash at its end.
  private let url: String
  private let token: String?
  private let asking = Atomic(0)

  private static let timeout = Duration.seconds(4)
  private static let answerLimit = 1 << 20
  /// Requests that wait for the model server at the same time; each holds a thread.
  private static let mostAtOnce = 16

  init(url: String, token: String?) {
    self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
    self.token = token
  }

  /// What came of a question.
  enum Answer: Sendable {
    case reply(status: Int, body: [UInt8])
    /// The server does not answer, or too many wait for it.
    case away
  }

  /// Posts JSON, or gets where there is none.
  func ask(_ path: String, _ body: [UInt8]? = nil) async -> Answer {
    let waiting = asking.wrappingAdd(1, ordering: .relaxed).newValue
    defer { asking.wrappingSubtract(1, ordering: .relaxed) }
    guard waiting <= Self.mostAtOnce else { return .away }
    var request = EasyRequest(url: url + path, body: body, timeout: Self.timeout, answerLimit: Self.answerLimit)
    request.headers = ["Accept: application/json", "Content-Type: application/json"]
    if let token { request.headers.append("Authorization: Bearer \(token)") }
    switch await request.result() {
    case .answer(let status, let body): return .reply(status: status, body: body)
    case .failure: return .away
    }
  }

  /// What the first model asks for; `nil` where the server does not tell.
  func model() async -> (name: String, fields: [RiskPage.Field])? {
    guard case .reply(200, let body) = await ask("/model"), let document = try? JSONValue(parsing: body),
      let name = document["name"]?.text, case .array(let columns)? = document["columns"], columns.count <= 200
    else { return nil }
    let fields = columns.compactMap { column -> RiskPage.Field? in
      guard let name = column["name"]?.text else { return nil }
      var limits: (low: Double, high: Double)?
      if case .array(let bounds)? = column["limits"], bounds.count == 2, let low = bounds[0].double,
        let high = bounds[1].double
      {
        limits = (low, high)
      }
      return RiskPage.Field(
        name: name, unit: column["unit"]?.text ?? "", description: column["description"]?.text ?? "",
        mayBeMissing: column["may_be_missing"] == .bool(true), limits: limits)
    }
    return (name, fields)
  }
}
