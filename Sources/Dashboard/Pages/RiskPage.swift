internal import JSON

/// The form for a risk by a model of the model server.
enum RiskPage {
  /// A value that the model asks for.
  struct Field: Sendable {
    var name: String
    var unit: String
    var description: String
    var mayBeMissing: Bool
    var limits: (low: Double, high: Double)?
  }

  /// The patient that the form opens with.
  private static let example: [String: String] = [
    "pregnancies": "2", "glucose": "138", "blood_pressure": "62", "skin_thickness": "35", "insulin": "0",
    "bmi": "33.6", "diabetes_pedigree_function": "0.127", "age": "47",
  ]

  static func html(_ fields: [Field]?, model: String, feed: HTML) -> HTML {
    let content: HTML
    if let fields {
      content = form(fields, model)
    } else {
      content = """
        <h1>Diabetes risk</h1><div class="notice" role="alert" data-level="raised"><p><b>The model server does not \
        answer.</b></p><p>Nothing can be judged until it does; the ward is not affected. Tell who runs vitals-serve.\
        </p>\
        <p><a href="/risk">Try again</a></p></div>
        """
    }
    return Page(title: "Diabetes risk", place: .risk, script: "risk.js", feed: feed, content: content).html
  }

  private static func form(_ fields: [Field], _ model: String) -> HTML {
    """
    <h1>Diabetes risk</h1>
    <p>Judged by the model <b>\(model.shownName)</b>. A help for talking, and no diagnosis.</p>
    <form id="risk" class="risk" novalidate>\(fields.map(input))
    <p class="wide"><button id="judge">Judge</button> <span id="risk-state" role="status"></span></p></form>
    <section id="result" class="result" hidden aria-live="polite"><h2>Result</h2>
    <p class="verdict"><b id="probability"></b> <span id="band"></span></p>
    <p id="confidence"></p>
    <h3>What pushed it</h3><p class="hint">Red pushes the risk up, blue pushes it down.</p>
    <div id="bars" class="bars"></div>
    <h3>What if</h3>
    <p class="whatif"><label for="what">Change</label> <select id="what"></select>
    <label for="slide">to</label> <input type="range" id="slide"> <output for="slide" id="slide-value"></output></p>
    <p>The risk would be <b id="after"></b> <span id="after-band"></span></p></section>
    <noscript><p class="warning">This form needs scripts.</p></noscript>
    """
  }

  private static func input(_ field: Field) -> HTML {
    let bounds: HTML =
      field.limits.map { limits in
        // Where a value may be missing, 0 says so.
        let low = field.mayBeMissing ? min(0, limits.low) : limits.low
        return #" min="\#("\(low)")" max="\#("\(limits.high)")""#
      } ?? ""
    let hint = field.limits.map { "\(short($0.low)) to \(short($0.high))" } ?? ""
    let optional = field.mayBeMissing ? "; 0 or empty where not measured" : ""
    let required: HTML = field.mayBeMissing ? "" : " required"
    let unit = field.unit == "1" || field.unit.isEmpty ? "" : " (\(field.unit))"
    return """
      <p><label for="f-\(field.name)">\(title(field.name))\(unit)</label>\
      <input id="f-\(field.name)" name="\(field.name)" type="number" step="any" inputmode="decimal"\(bounds)\
      \(required) \
      value="\(example[field.name] ?? "")" aria-describedby="h-\(field.name)">\
      <small id="h-\(field.name)" class="hint">\(hint)\(optional)</small></p>

      """
  }

  private static func title(_ name: String) -> String {
    let words = name.replacing("_", with: " ")
    return name == "bmi" ? "BMI" : words.prefix(1).uppercased() + words.dropFirst()
  }

  private static func short(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e9 ? String(Int64(value)) : "\(value)"
  }
}
