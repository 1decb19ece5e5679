internal import Features
internal import JSON

/// What is shown of one patient on the ward.
struct Tile {
  let patient: PatientState
  let judgements: [(vital: Vital, value: Float, judged: Judgement)]
  let urgency: Int
  let alarm: AlarmPriority?
  let ward: String?

  init(_ patient: PatientState, _ state: WardState, alarm: AlarmPriority?) {
    self.patient = patient
    judgements = Vital.allCases.map { ($0, patient.current[$0], state.judge($0, of: patient)) }
    urgency = state.urgency(patient) + (alarm?.rawValue ?? 0) * 100
    self.alarm = alarm
    ward = state.settings.ward(of: patient.id)?.name
  }

  /// The level of the whole tile: the worst of its parts.
  var level: String {
    // What is long past is not normal, whatever it was.
    if patient.isStale || patient.skew < -FeedState.oldMillis { return "stale" }
    let score = patient.score
    if score.score >= NEWS2.emergency { return "critical" }
    let worst = judgements.map(\.judged.level).max() ?? .missing
    if worst == .critical { return "critical" }
    return score.score >= NEWS2.urgent || worst == .raised ? "raised" : worst.name
  }

  /// The score in words.
  var scoreText: String {
    let score = patient.score
    if score.parameters == 0 { return "–" }
    return "\(score.score)"
  }

  /// Which part of the score is known; empty where all is.
  var scoreNote: String {
    let score = patient.score
    return score.parameters < 7 ? "partial, \(score.parameters) of 7" : ""
  }

  /// What is odd about the times of the patient's readings; empty where nothing is.
  var clockNote: String {
    if patient.skew > WardState.skewMillis { return "clock ahead by \(Page.seconds(patient.skew))" }
    if patient.skew < -FeedState.oldMillis { return "measured \(Page.seconds(-patient.skew)) before it came" }
    return ""
  }

  static func scoreLevel(_ score: NEWS2) -> String {
    if score.parameters == 0 { return "missing" }
    if score.score >= NEWS2.emergency { return "critical" }
    return score.score >= NEWS2.urgent || score.highest >= 3 ? "raised" : "normal"
  }

  func html(now: Int64) -> HTML {
    let age = max(0, now - patient.arrival)
    let rows = judgements.map { vital, value, judged in row(vital, value, judged) }
    let alarmMark: HTML =
      alarm.map { #"<span class="alarm" data-priority="\#($0.name)">\#($0.marks) \#($0.name) alarm</span>"# }
      ?? #"<span class="alarm" data-priority=""></span>"#
    let place: HTML = ward.map { #"<span class="ward">\#($0.shownName)</span>"# } ?? ""
    return """
      <li class="tile" role="listitem" id="t-\(patient.key)" data-level="\(level)" data-urgency="\(urgency)" \
      data-name="\(patient.id)">
      <h2><a href="/patients/\(patient.key)">\(patient.id.shownName)</a>\(place)</h2>
      <p class="score" data-level="\(Tile.scoreLevel(patient.score))"><span>NEWS2</span> \
      <b class="news">\(scoreText)</b> \
      <small class="note">\(scoreNote)</small>\(alarmMark)</p>
      <dl>\(rows)</dl>
      <p class="age"><span class="state">\(patient.isStale ? "Stale" : "Updated")</span> \
      <time data-age="\(age)">\(Page.seconds(age))</time> ago <span class="taken" data-newest="\(patient.newest ?? 0)">\
      \(patient.newest.map(EventTime.clock) ?? "")</span><span class="clock">\(clockNote)</span></p></li>

      """
  }

  private func row(_ vital: Vital, _ value: Float, _ judged: Judgement) -> HTML {
    let points = patient.sparks.map { $0[vital] }
    return """
      <div class="vital" data-level="\(judged.level.name)"><dt>\(vital.title)</dt><dd><span class="shape" \
      aria-hidden="true">\(judged.shape)</span><b class="value">\(vital.text(value))</b> \
      <small>\(vital.shownUnit)</small>\
      <span class="hidden words">\(judged.words)</span></dd>\(Sparkline(points).html)</div>
      """
  }

  /// What a page needs to bring a tile up to date, as short as may be:
  ///
  ///     ["key", level, urgency, score, its level, its note, alarm, age, stale,
  ///      [["72", "normal", "●", "normal", 72.1], …], time of the newest reading, what is odd about it]
  func write(to text: inout JSONText, now: Int64) {
    text.open(nil, "[")
    text.member(nil, patient.key)
    text.member(nil, level)
    text.member(nil, urgency)
    text.member(nil, scoreText)
    text.member(nil, Tile.scoreLevel(patient.score))
    text.member(nil, scoreNote)
    text.member(nil, alarm?.name ?? "")
    text.member(nil, max(0, now - patient.arrival))
    text.member(nil, patient.isStale)
    text.open(nil, "[")
    for (vital, value, judged) in judgements {
      text.open(nil, "[")
      text.member(nil, vital.text(value))
      text.member(nil, judged.level.name)
      text.member(nil, judged.shape)
      text.member(nil, judged.words)
      text.raw(nil, value.isFinite ? "\((value * 10).rounded() / 10)" : "null")
      text.close("]")
    }
    text.close("]")
    text.raw(nil, patient.newest.map { String($0) } ?? "null")
    text.member(nil, clockNote)
    text.close("]")
  }
}

/// A small line of a vital's last values, without axes: whether it goes up or down.
struct Sparkline {
  static let width = 90, height = 22
  private let points: [Float]

  init(_ points: [Float]) { self.points = points }

  /// Its points stand in an attribute too, to which scripts add the next ones.
  var html: HTML {
    let shown = points.map { $0.isFinite ? String(($0 * 10).nearest) : "" }.joined(separator: ",")
    return """
      <svg class="spark" viewBox="0 0 \(Self.width) \(Self.height)" data-points="\(shown)" aria-hidden="true" \
      focusable="false"><path d="\(path)"/></svg>
      """
  }

  /// The line; values that are missing break it.
  var path: String {
    let known = points.filter(\.isFinite)
    guard let low = known.min(), let high = known.max() else { return "" }
    let span = max(high - low, 1)
    let step = Float(Self.width) / Float(PatientState.sparkLimit - 1)
    let first = PatientState.sparkLimit - points.count
    var path = ""
    var isDrawing = false
    for (index, value) in points.enumerated() {
      guard value.isFinite else {
        isDrawing = false
        continue
      }
      let x = (Float(first + index) * step).nearest
      let y = (Float(Self.height - 3) - (value - low) / span * Float(Self.height - 5)).nearest
      path += "\(isDrawing ? "L" : "M")\(x) \(y)"
      isDrawing = true
    }
    return path
  }
}
