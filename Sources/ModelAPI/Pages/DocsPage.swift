internal import Forest

/// What the server does, for people: one page without scripts and without anything from elsewhere.
struct DocsPage {
  let bytes: [UInt8]

  init(_ models: [ServedModel], _ limits: ServerLimits) {
    let sections = models.enumerated().map { Self.section($1, isFirst: $0 == 0) }.joined()
    bytes = Array(
      """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
      <title>vitals-serve</title><style>\(Self.style)</style></head><body>
      <h1>vitals-serve</h1>
      <p>Risks by random forests, with explanations. <strong>Not a medical device.</strong>
      For programs the same is in <a href="/openapi.json">openapi.json</a>.</p>
      <table><tr><th>request</th><th>what it does</th></tr>
      \(Self.rows)</table>
      <p>A body has the content type application/json and at most \(limits.bodyBytes >> 10) KiB; one of many patients at
      most \(limits.batchBytes >> 20) MiB and \(limits.batchRows) patients. What cannot be answered gets a status from
      400 on and a JSON object with <code>title</code>, <code>detail</code> and, where fields are to blame,
      <code>errors</code>, each with <code>field</code>, <code>reason</code> and its limits (RFC 9457).</p>
      \(sections)</body></html>

      """.utf8)
  }

  private static let style = """
    body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
    body{color:#1a1a1a;background:#fff}
    table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc}
    code,pre{font:14px ui-monospace,monospace;background:#f3f3f3}pre{padding:.8rem;overflow:auto}
    """

  private static let rows = [
    ("POST /predict", "probability and risk level of one patient"),
    ("POST /predict/batch", "the same for an array of patients"),
    ("POST /explain", "the same for one patient, with how much each value pushed it up or down"),
    ("POST /explain/what-if", #"{"record": {…}, "changes": {…}}: the explanation before and after the changes"#),
    ("GET /model", "schema, validation figures and card of the model"),
    ("GET /models", "all models; /models/NAME/predict and so on reach each"),
    ("GET /health, /readyz, /metrics", "for those who run the server"),
  ]
  .map { "<tr><td><code>\(escaped($0.0))</code></td><td>\(escaped($0.1))</td></tr>\n" }.joined()

  private static func section(_ model: ServedModel, isFirst: Bool) -> String {
    let rows = model.saved.schema.columns.map { column in
      let limits = column.limits.map { "\($0[0].shortText) to \($0[1].shortText)" } ?? ""
      let missing = column.missing.map { codes in
        (["null"] + codes.map(\.shortText)).joined(separator: ", ")
      }
      let cells = [column.name, column.description ?? "", column.unit ?? "", limits, missing ?? "never"]
      return "<tr>" + cells.map { "<td>\(escaped($0))</td>" }.joined() + "</tr>\n"
    }
    let path = isFirst ? "/predict" : "/models/\(model.name)/predict"
    return """
      <h2>\(escaped(model.name))</h2>
      <p>\(escaped(model.saved.schema.description ?? "")) Version <code>\(model.version)</code>.</p>
      <table><tr><th>field</th><th>what it is</th><th>unit</th><th>limits</th><th>missing</th></tr>
      \(rows.joined())</table>
      <pre>curl -H 'Content-Type: application/json' http://localhost:8000\(escaped(path)) \\
        -d '\(escaped(example(model)))'</pre>

      """
  }

  /// A body that can be taken: the middle of each column's limits.
  private static func example(_ model: ServedModel) -> String {
    let members = model.saved.schema.columns.map { column in
      let middle = column.limits.map { ($0[0] / 2 + $0[1] / 2).rounded() } ?? 1
      let isWithin = column.limits.map { $0[0] <= middle && middle <= $0[1] } ?? true
      return "\"\(column.name)\":\((isWithin ? middle : column.limits?[0] ?? middle).shortText)"
    }
    return "{\(members.joined(separator: ","))}"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
  }
}
