internal import HTTPTypes
internal import JSON

/// What is wrong with a request, for programs and people (RFC 9457). It names fields and limits, and repeats no value.
struct Problem: Hashable, Sendable {
  /// One field that cannot be taken as it is.
  struct Field: Hashable, Sendable {
    /// What a program may look for.
    enum Reason: String, Sendable {
      case missing, unknown, duplicate
      case wrongType = "wrong-type"
      case outOfRange = "out-of-range"
    }

    /// Its JSON pointer (RFC 6901) from the root of the body.
    var pointer: String
    var name: String
    var reason: Reason
    /// For people.
    var detail: String
    /// The lowest and the highest value, where that is what is wrong.
    var limits: [Double]?
  }

  /// The HTTP status.
  var status: Int
  /// The kind, as the last part of its address.
  var kind: String
  var title: String
  var detail: String
  var fields: [Field] = []
  /// Further headers of the answer.
  var headers: [HTTPField] = []

  /// The reply that tells it.
  var reply: Reply {
    var text = JSONText()
    text.open()
    text.member("type", "/problems/\(kind)")
    text.member("title", title)
    text.member("status", status)
    text.member("detail", detail)
    if !fields.isEmpty {
      text.open("errors", "[")
      for field in fields {
        text.open()
        text.member("pointer", field.pointer)
        text.member("field", field.name)
        text.member("reason", field.reason.rawValue)
        text.member("detail", field.detail)
        if let limits = field.limits {
          text.raw("minimum", limits[0].shortText)
          text.raw("maximum", limits[1].shortText)
        }
        text.close()
      }
      text.close("]")
    }
    text.close()
    return Reply(
      status: status, contentType: "application/problem+json", headers: headers, body: text.bytes, isProblem: true)
  }
}

extension Problem {
  /// A body that is no JSON.
  static func badJSON(_ error: JSONError) -> Problem {
    Problem(
      status: 400, kind: "bad-json", title: "The body is no JSON",
      detail: "At byte \(error.position): \(error.message).")
  }

  /// Fields that cannot be taken.
  static func fields(_ fields: [Field]) -> Problem {
    Problem(
      status: 422, kind: "invalid-fields", title: "Some fields cannot be taken",
      detail: fields.prefix(3).map { "\($0.name): \($0.detail)" }.joined(separator: "; ")
        + (fields.count > 3 ? "; and \(fields.count - 3) more" : ""),
      fields: fields)
  }

  /// A body of another shape than the route's.
  static func shape(_ detail: String) -> Problem {
    Problem(status: 422, kind: "wrong-shape", title: "The body has another shape", detail: detail)
  }

  /// A body that is longer than the route allows.
  static func tooLarge(_ limit: Int) -> Problem {
    Problem(
      status: 413, kind: "too-large", title: "The body is too long",
      detail: "At most \(limit) bytes are taken here.", headers: [HTTPField(name: .connection, value: "close")])
  }

  /// A body that took too long to come.
  static func tooSlow(_ seconds: Int) -> Problem {
    Problem(
      status: 408, kind: "too-slow", title: "The body came too slowly",
      detail: "It must be here within \(seconds) seconds.", headers: [HTTPField(name: .connection, value: "close")])
  }

  /// Another content type than JSON.
  static let notJSON = Problem(
    status: 415, kind: "wrong-content-type", title: "The content type is not application/json",
    detail: "Send the body as JSON, with the header Content-Type: application/json.")

  /// A path that is not there.
  static let noSuchPath = Problem(
    status: 404, kind: "not-found", title: "There is nothing at this path", detail: "/docs tells what there is.")

  /// A model that is not there.
  static let noSuchModel = Problem(
    status: 404, kind: "no-such-model", title: "There is no model of this name", detail: "/models lists them.")

  /// A method that the path does not have.
  static func notAllowed(_ allowed: String) -> Problem {
    Problem(
      status: 405, kind: "method-not-allowed", title: "The path has no such method",
      detail: "It has \(allowed).", headers: [HTTPField(name: .allow, value: allowed)])
  }

  /// A token that is missing or unknown.
  static let unauthorized = Problem(
    status: 401, kind: "unauthorized", title: "A bearer token is needed",
    detail: "Send the header Authorization: Bearer TOKEN with a token of this server.",
    headers: [HTTPField(name: .wwwAuthenticate, value: "Bearer")])

  /// More requests than can be answered.
  static let busy = Problem(
    status: 503, kind: "busy", title: "Too many requests are being answered",
    detail: "Try again in a moment.", headers: [HTTPField(name: .retryAfter, value: "1")])

  /// An audit trail that cannot be written.
  static let auditBehind = Problem(
    status: 503, kind: "audit-behind", title: "The audit trail cannot be written",
    detail: "Nothing is predicted that cannot be accounted for. Tell who runs this server.",
    headers: [HTTPField(name: .retryAfter, value: "30")])

  /// A forest that cannot be explained.
  static let notExplainable = Problem(
    status: 501, kind: "not-explainable", title: "This model cannot be explained",
    detail: "Its trees do not say how many rows they learned from.")
}

/// An answer, whatever carries it.
struct Reply: Hashable, Sendable {
  var status = 200
  var contentType = "application/json"
  var headers: [HTTPField] = []
  var body: [UInt8]
  /// Whether it tells what is wrong.
  var isProblem = false
  /// What it says of patients, where somebody keeps account.
  var said: [Said] = []
}

extension Double {
  /// As few digits as tell it from every other; a whole number without a point.
  var shortText: String {
    self == rounded() && abs(self) < 1e15 ? String(Int64(self)) : description
  }
}

extension HTTPField.Name {
  /// The version of the model that answers.
  static let modelVersion = HTTPField.Name("model-version")
  /// What names the request in an audit trail.
  static let requestID = HTTPField.Name("request-id")
}
