/// The alarms: what calls for somebody, and what did.
enum AlarmPage {
  static func html(_ state: WardHub.State, epoch: String, refresh: Int, notifies: Bool, now: Int64) -> HTML {
    let test: HTML =
      notifies
      ? #"<form method="post" action="/alarms/test"><button>Send a test message</button></form>"#
      : "<p>Alarms are not sent anywhere: the settings name neither a webhook nor a mail server.</p>"
    return Page(
      title: "Alarms", place: .alarms, script: "live.js",
      data: #" data-epoch="\#(epoch)" data-version="\#(state.version)" data-part="/alarms/part""#,
      feed: Page.feedLine(state, now: now),
      content: "<h1>Alarms</h1>\(Page.controls(refresh: refresh))<div id=\"part\">\(part(state, now: now))</div>\(test)"
    ).html
  }

  /// What changes.
  static func part(_ state: WardHub.State, now: Int64) -> HTML {
    let list = state.alarms.list
    let past = state.alarms.history.suffix(50).reversed().map { row($0, state, now: now, isOver: true) }
    let listed: HTML = list.isEmpty ? #"<p class="empty">No alarm.</p>"# : table(list, state, now: now)
    let history: HTML =
      past.isEmpty
      ? "<p class=\"empty\">Nothing yet.</p>"
      : #"<div class="scroll" tabindex="0" role="region" aria-label="History">\#(frame(past))</div>"#
    return "\(pause(state, now: now))\(listed)<h2>History</h2>\(history)"
  }

  private static func pause(_ state: WardHub.State, now: Int64) -> HTML {
    if let pause = state.alarms.pause {
      let left = max(0, (pause.until - now + 999) / 1_000)
      return """
        <form method="post" action="/alarms/resume" class="paused"><p role="status">Alarms are paused for \
        <b data-countdown="\(left)">\(left) s</b> more; one of a higher priority breaks through.</p>\
        <button id="resume">Resume</button></form>
        """
    }
    let seconds = Int(state.ward.settings.pauseSeconds)
    return """
      <form method="post" action="/alarms/pause"><button id="pause">Pause alarms for \(seconds) s</button></form>
      """
  }

  static func table(_ alarms: [Alarm], _ state: WardHub.State, now: Int64) -> HTML {
    var rows: [HTML] = []
    for alarm in alarms { rows.append(row(alarm, state, now: now, isOver: false)) }
    return #"<div class="scroll" tabindex="0" role="region" aria-label="Alarms">\#(frame(rows))</div>"#
  }

  private static func frame(_ rows: [HTML]) -> HTML {
    """
    <table class="alarms"><thead><tr><th scope="col">Priority</th><th scope="col">Patient</th><th scope="col">What</th>\
    <th scope="col">Since (UTC)</th><th scope="col">State</th><th scope="col"><span class="hidden">Action</span></th>\
    </tr></thead><tbody>\(rows)</tbody></table>
    """
  }

  private static func row(_ alarm: Alarm, _ state: WardHub.State, now: Int64, isOver: Bool) -> HTML {
    let name = state.ward.patients[alarm.patient]?.id ?? "not seen since the start"
    let quiet: HTML = alarm.isOpen && !isOver && state.alarms.pause == nil ? "" : #" data-quiet="yes""#
    let action: HTML =
      alarm.isOpen && !isOver
      ? """
      <form method="post" action="/alarms/acknowledge"><input type="hidden" name="number" value="\(alarm.number)">\
      <button id="ack-\(alarm.number)">Acknowledge<span class="hidden"> \(alarm.kind.words) of \(name.shownName)</span>\
      </button></form>
      """ : ""
    let by: HTML = alarm.by.map { " by \($0)" } ?? ""
    return """
      <tr data-priority="\(alarm.priority.name)"\(quiet)><td class="priority"><span aria-hidden="true">\
      \(alarm.priority.marks)</span> \(alarm.priority.name)\(alarm.kind.isTechnical ? ", technical" : "")</td>\
      <td><a href="/patients/\(alarm.patient)">\(name.shownName)</a></td><td>\(alarm.kind.words) \(alarm.value)</td>\
      <td><time>\(EventTime.text(alarm.since))</time></td><td>\(isOver ? "over" : alarm.state)\(by)</td>\
      <td>\(action)</td></tr>
      """
  }
}
