internal import Features
internal import Vitals

/// One patient: what holds, how it went, and the last readings.
struct PatientPage {
  /// How far back the trends look.
  enum Span: String, CaseIterable {
    case recent, quarter = "15m", hour = "1h", sixHours = "6h", half = "12h"

    var title: String {
      switch self {
      case .recent: "last readings"
      case .quarter: "15 min"
      case .hour: "1 h"
      case .sixHours: "6 h"
      case .half: "12 h"
      }
    }

    /// In milliseconds; `nil` for the single readings that are kept.
    var millis: Int64? {
      switch self {
      case .recent: nil
      case .quarter: 15 * 60_000
      case .hour: 60 * 60_000
      case .sixHours: 6 * 60 * 60_000
      case .half: 12 * 60 * 60_000
      }
    }
  }

  /// How many readings the table shows.
  static let tableRows = 20

  let patient: PatientState
  let span: Span

  func html(_ state: WardHub.State, refresh: Int, epoch: String, now: Int64) -> HTML {
    let part: HTML = "/patients/\(patient.key)/part?range=\(span.rawValue)"
    return Page(
      title: "Patient", place: nil, script: "live.js",
      data: #" data-epoch="\#(epoch)" data-version="\#(state.version)" data-part="\#(part)""#,
      feed: Page.feedLine(state, now: now),
      content: "\(Page.controls(refresh: refresh))<div id=\"part\">\(self.part(state, now: now))</div>"
    ).html
  }

  /// What changes with every reading.
  func part(_ state: WardHub.State, now: Int64) -> HTML {
    let tile = Tile(patient, state.ward, alarm: state.alarms.highest(of: patient.key))
    let spans = Span.allCases.map { item -> HTML in
      let current: HTML = item == span ? #" aria-current="true""# : ""
      return #"<a href="/patients/\#(patient.key)?range=\#(item.rawValue)"\#(current)>\#(item.title)</a>"#
    }
    let alarms = state.alarms.list.filter { $0.patient == patient.key }
    let warning: HTML = alarms.isEmpty ? "" : "<h2>Alarms</h2>\(AlarmPage.table(alarms, state, now: now))"
    return """
      <h1>\(patient.id.shownName)</h1>
      <ul class="tiles single">\(tile.html(now: now))</ul>
      \(warning)\(ForecastPart.html(patient, state.earlyWarning, span: range))<h2>Trends</h2>
      <nav class="spans" aria-label="Time range">\(spans)</nav>
      <div class="trends">\(charts(state))</div>
      <h2>Last \(PatientPage.tableRows) readings</h2>
      <p><a href="/patients/\(patient.key)/readings.csv" download>Download as CSV</a></p>
      \(table(state))
      """
  }

  private var range: ClosedRange<Int64> {
    let newest = patient.newest ?? 0
    let oldest = patient.readings.first?.time ?? newest
    return (span.millis.map { newest - $0 } ?? min(oldest, newest - 1_000))...newest
  }

  private func charts(_ state: WardHub.State) -> [HTML] {
    let range = range
    let gap: Int64 = span.millis == nil ? 60_000 : 150_000
    let settings = state.ward.settings
    var charts = Vital.allCases.map { vital in
      TrendChart(
        title: vital.title, unit: vital.shownUnit, points: points(vital), span: range, gap: gap,
        ranges: settings.ranges(vital, of: patient.id), limits: vital.field?.limits
      ).html
    }
    let scores = patient.minutes.filter { $0.score >= 0 }
      .map { TrendChart.Point(time: shown($0.minute), low: Float($0.score), high: Float($0.score)) }
    if span.millis != nil {
      charts.append(
        TrendChart(
          title: "NEWS2", unit: "highest of the minute", points: scores, span: range, gap: gap, ranges: nil,
          limits: 0...20, least: 0...7
        ).html)
    }
    return charts
  }

  private func points(_ vital: Vital) -> [TrendChart.Point] {
    if span.millis == nil {
      return patient.readings.filter { !$0[vital].isNaN }
        .map { TrendChart.Point(time: $0.time, low: $0[vital], high: $0[vital]) }
    }
    return patient.minutes.compactMap { minute in
      minute[vital].map { TrendChart.Point(time: shown(minute.minute), low: $0.lowerBound, high: $0.upperBound) }
    }
  }

  /// Where a minute stands in a chart: at its end, or at the newest reading if that is earlier.
  private func shown(_ minute: Int64) -> Int64 { min((minute + 1) * 60_000, patient.newest ?? .max) }

  private func table(_ state: WardHub.State) -> HTML {
    let settings = state.ward.settings
    let head = Vital.allCases.map { #"<th scope="col">\#($0.title) <small>\#($0.shownUnit)</small></th>"# as HTML }
    let rows = patient.readings.suffix(Self.tableRows).reversed().map { reading -> HTML in
      let cells = Vital.allCases.map { vital -> HTML in
        let judged = settings.ranges(vital, of: patient.id).judge(reading[vital])
        let shape: HTML = judged.level == .missing ? "" : #"<span aria-hidden="true">\#(judged.shape)</span> "#
        let words: HTML = #"<span class="hidden"> \#(judged.words)</span>"#
        return #"<td data-level="\#(judged.level.name)">\#(shape)\#(vital.text(reading[vital]))\#(words)</td>"#
      }
      return #"<tr><th scope="row"><time>\#(EventTime.text(reading.time))</time></th>\#(cells)</tr>"#
    }
    return """
      <div class="scroll" tabindex="0" role="region" aria-label="Last readings"><table><thead><tr>\
      <th scope="col">Time (UTC)</th>\(head)</tr></thead><tbody>\(rows)</tbody></table></div>
      """
  }

  /// The last readings, the newest first (RFC 4180).
  var csv: [UInt8] {
    var lines = [(["patient_id", "event_time"] + Vital.allCases.map(\.column)).joined(separator: ",")]
    for reading in patient.readings.suffix(Self.tableRows).reversed() {
      let values = Vital.allCases.map { reading[$0].isFinite ? "\((reading[$0] * 10).rounded() / 10)" : "" }
      lines.append(([Self.field(patient.id), EventTime.text(reading.time) + "Z"] + values).joined(separator: ","))
    }
    return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
  }

  /// A text as a field; one that a spreadsheet would take for a formula gets an apostrophe in front.
  static func field(_ text: String) -> String {
    let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
    let safe = isFormula ? "'\(text)" : text
    return "\"\(safe.replacing("\"", with: "\"\""))\""
  }
}
