internal import HTTPTypes

/// An answer, whatever carries it.
struct Answer: Sendable {
  var status = 200
  var contentType = "text/html; charset=utf-8"
  var headers: [(HTTPField.Name, String)] = []
  var body: [UInt8] = []

  static func page(_ html: HTML, status: Int = 200) -> Answer { Answer(status: status, body: Array(html.text.utf8)) }

  static func text(_ text: String, status: Int = 200) -> Answer {
    Answer(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
  }

  static func json(_ bytes: [UInt8], status: Int = 200) -> Answer {
    Answer(status: status, contentType: "application/json", body: bytes)
  }

  /// Sends the browser on after a form.
  static func seeOther(_ path: String) -> Answer {
    Answer(status: 303, contentType: "text/plain; charset=utf-8", headers: [(.location, path)])
  }

  /// A page that says what is wrong and where to go.
  static func problem(_ status: Int, _ title: String, _ detail: String) -> Answer {
    let content: HTML = "<h1>\(title)</h1><p>\(detail)</p><p><a href=\"/\">To the ward</a></p>"
    return page(Page(title: title, content: content).html, status: status)
  }

  static let notFound = problem(
    404, "There is nothing here", "The address is wrong, or the patient is not watched any more.")

  /// What every answer tells the browser to keep to: nothing from elsewhere, no script but our own files, no framing,
  /// and no copy of a page with patients on the disk.
  static let policy: [(HTTPField.Name, String)] = {
    let rules = [
      (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
          + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
      ),
      ("x-content-type-options", "nosniff"),
      ("referrer-policy", "no-referrer"),
      ("cross-origin-opener-policy", "same-origin"),
      ("cross-origin-resource-policy", "same-origin"),
    ]
    return rules.compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
  }()
}
