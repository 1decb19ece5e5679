internal import Forest
internal import JSON

/// What the server does, for programs: OpenAPI 3.1, made from the schemas of its models.
struct OpenAPIDocument {
  private var text = JSONText()

  var bytes: [UInt8] { text.bytes }

  init(_ models: [ServedModel], _ limits: ServerLimits) {
    text.open()
    text.member("openapi", "3.1.0")
    text.open("info")
    text.member("title", "vitals-serve")
    text.member("version", "1")
    text.member(
      "description", "Risks by random forests, with explanations. Not a medical device.")
    text.close()
    writePaths(models)
    writeComponents(models, limits)
    text.close()
  }

  // MARK: - Paths

  private mutating func writePaths(_ models: [ServedModel]) {
    text.open("paths")
    get("/health", "Whether the server lives.", json: Self.reference("Health"))
    get("/readyz", "Whether the server has a model to answer with.", json: Self.reference("Health"))
    get("/metrics", "Metrics, in Prometheus's text format.", type: "text/plain")
    get("/openapi.json", "This document.", json: #"{"type":"object"}"#)
    get("/docs", "This document, for people.", type: "text/html")
    get("/models", "The models, by name.", json: #"{"type":"object"}"#)
    get("/model", "What the first model is.", json: #"{"type":"object"}"#)
    if let first = models.first { writePosts("", first) }
    for model in models {
      get("/models/\(model.name)", "What this model is.", json: #"{"type":"object"}"#)
      writePosts("/models/\(model.name)", model)
    }
    text.close()
  }

  private mutating func writePosts(_ prefix: String, _ model: ServedModel) {
    let record = Self.reference("\(model.name).Record")
    post("\(prefix)/predict", "Predict one patient.", record, Self.reference("Prediction"))
    post(
      "\(prefix)/predict/batch", "Predict many patients.", Self.reference("\(model.name).Records"),
      Self.reference("Predictions"))
    post("\(prefix)/explain", "Predict one patient, and say why.", record, Self.reference("Explanation"))
    post(
      "\(prefix)/explain/what-if", "Explain a patient as measured and with some values changed.",
      Self.reference("\(model.name).WhatIf"), Self.reference("WhatIfAnswer"))
  }

  private static func reference(_ name: String) -> String { ##"{"$ref":"#/components/schemas/\##(name)"}"## }

  private mutating func get(_ path: String, _ summary: String, json: String? = nil, type: String = "application/json") {
    text.open(path)
    text.open("get")
    text.member("summary", summary)
    text.open("responses")
    answer("200", "The answer.", type, json ?? #"{"type":"string"}"#)
    answer("default", "What is wrong.", "application/problem+json", Self.reference("Problem"))
    text.close()
    text.close()
    text.close()
  }

  private mutating func post(_ path: String, _ summary: String, _ body: String, _ result: String) {
    text.open(path)
    text.open("post")
    text.member("summary", summary)
    text.open("requestBody")
    text.member("required", true)
    text.raw("content", #"{"application/json":{"schema":\#(body)}}"#)
    text.close()
    text.open("responses")
    answer("200", "The answer.", "application/json", result)
    for (status, meaning) in [
      ("400", "The body is no JSON."), ("401", "A bearer token is needed."), ("408", "The body came too slowly."),
      ("413", "The body is too long."), ("415", "The body is not said to be JSON."),
      ("422", "Fields are missing, unknown, of another type or out of range."), ("503", "The server is busy."),
    ] {
      answer(status, meaning, "application/problem+json", Self.reference("Problem"))
    }
    text.close()
    text.close()
    text.close()
  }

  private mutating func answer(_ status: String, _ meaning: String, _ type: String, _ schema: String) {
    text.open(status)
    text.member("description", meaning)
    text.raw("content", #"{"\#(type)":{"schema":\#(schema)}}"#)
    text.close()
  }

  // MARK: - Schemas

  private mutating func writeComponents(_ models: [ServedModel], _ limits: ServerLimits) {
    text.open("components")
    text.open("schemas")
    for (name, schema) in Self.answers { text.raw(name, schema) }
    for model in models {
      let (whole, changes) = (Self.reference("\(model.name).Record"), Self.reference("\(model.name).Changes"))
      record("\(model.name).Record", model, isWhole: true)
      record("\(model.name).Changes", model, isWhole: false)
      text.raw(
        "\(model.name).Records",
        #"{"type":"array","maxItems":\#(limits.batchRows),"items":\#(whole)}"#)
      text.raw(
        "\(model.name).WhatIf",
        #"{"type":"object","required":["record","changes"],"additionalProperties":false,"properties":"#
          + #"{"record":\#(whole),"changes":\#(changes)}}"#
      )
    }
    text.close()
    text.close()
  }

  private mutating func record(_ name: String, _ model: ServedModel, isWhole: Bool) {
    let columns = model.saved.schema.columns
    text.open(name)
    text.member("type", "object")
    if isWhole { text.member("required", columns.map(\.name)) }
    text.member("additionalProperties", false)
    text.open("properties")
    for column in columns { self.column(column) }
    text.close()
    text.close()
  }

  private mutating func column(_ column: TableSchema.Column) {
    text.open(column.name)
    let unit = column.unit.map { " (\($0))" } ?? ""
    text.member("description", (column.description ?? column.name) + unit)
    var kinds: [String] = []
    if let limits = column.limits {
      kinds.append(#"{"type":"number","minimum":\#(limits[0].shortText),"maximum":\#(limits[1].shortText)}"#)
    } else {
      // What a Float holds; beyond it no measurement lies.
      kinds.append(#"{"type":"number","minimum":-3.4e38,"maximum":3.4e38}"#)
    }
    if let missing = column.missing {
      kinds.append(#"{"type":"null"}"#)
      if !missing.isEmpty { kinds.append(#"{"enum":[\#(missing.map(\.shortText).joined(separator: ","))]}"#) }
    }
    text.raw("anyOf", "[\(kinds.joined(separator: ","))]")
    text.close()
  }

  private static let prediction = #"""
    "prediction":{"type":"integer","enum":[0,1]},"probability":{"type":"number","minimum":0,"maximum":1},\#
    "risk_level":{"type":"string","enum":["Low","Moderate","High"]},"message":{"type":"string"},\#
    "missing":{"type":"array","items":{"type":"string"}}
    """#

  private static let answers = [
    ("Health", #"{"type":"object","required":["status"],"properties":{"status":{"type":"string"}}}"#),
    (
      "Problem",
      #"{"type":"object","required":["type","title","status"],"properties":{"type":{"type":"string"},"#
        + #""title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},"#
        + #""errors":{"type":"array","items":{"type":"object","required":["pointer","field","reason"]}}}}"#
    ),
    (
      "Prediction",
      #"{"type":"object","required":["prediction","probability","risk_level","message"],"properties":{\#(prediction)}}"#
    ),
    (
      "Predictions",
      #"{"type":"object","required":["predictions"],"properties":{"predictions":{"type":"array","items":"#
        + #"\#(reference("Prediction"))}}}"#
    ),
    (
      "Explanation",
      #"{"type":"object","required":["prediction","probability","risk_level","message","base_value","shap"],"#
        + #""properties":{\#(prediction),"forest_probability":{"type":"number"},"spread":{"type":"number"},"#
        + #""base_value":{"type":"number"},"#
        + #""shap":{"type":"array","items":{"type":"object","required":["feature","value","shap"],"properties":{"#
        + #""feature":{"type":"string"},"value":{"type":["number","null"]},"shap":{"type":"number"}}}}}}"#
    ),
    (
      "WhatIfAnswer",
      #"{"type":"object","required":["before","after"],"properties":{"before":\#(reference("Explanation")),"#
        + #""after":\#(reference("Explanation"))}}"#
    ),
  ]
}
