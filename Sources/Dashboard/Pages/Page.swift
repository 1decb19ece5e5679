/// The frame that all pages share.
struct Page {
  /// The places of the menu.
  enum Place: CaseIterable {
    case ward, alarms, risk

    var path: String {
      switch self {
      case .ward: "/"
      case .alarms: "/alarms"
      case .risk: "/risk"
      }
    }

    var title: String {
      switch self {
      case .ward: "Ward"
      case .alarms: "Alarms"
      case .risk: "Diabetes risk"
      }
    }
  }

  var title: String
  var place: Place?
  /// The script module of the page; `nil` for none.
  var script: String?
  /// What the script is told, as attributes of the body.
  var data: HTML = ""
  /// The state of the pipeline; `nil` where it has no place.
  var feed: HTML?
  var content: HTML

  var html: HTML {
    let menu = Page.Place.allCases.map { item -> HTML in
      let current: HTML = item == place ? #" aria-current="page""# : ""
      return #"<a href="\#(item.path)"\#(current)>\#(item.title)</a>"#
    }
    let module: HTML = script.map { #"<script type="module" src="/assets/\#($0)"></script>"# } ?? ""
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title) – vitals</title>
      <link rel="icon" href="/assets/icon.svg">
      <link rel="stylesheet" href="/assets/dashboard.css">\(module)</head>
      <body\(data)>
      <a class="skip" href="#main">Skip to content</a>
      <header class="bar"><strong class="brand">vitals</strong>
      <nav aria-label="Pages">\(menu)</nav>\(feed ?? "")</header>
      <main id="main" tabindex="-1">\(content)</main>
      <footer><p>Not a medical device. Readings are shown as they were stored, and may be late.</p></footer>
      </body></html>

      """
  }

  /// The line about the pipeline at the head of a page, which scripts keep up to date.
  static func feedLine(_ state: WardHub.State, now: Int64) -> HTML {
    let feed = state.feed
    let open = state.alarms.openCount
    return """
      <p class="feed" id="feed" data-level="\(feed.name)"><span class="dot" aria-hidden="true"></span>\
      <span id="feed-words" role="status">\(feed.words)</span>
      <span class="figures"><span title="between a reading and this screen">lag <b id="feed-lag">\
      \(seconds(feed.lagMillis))</b></span> \
      <span title="readings that wait on this host for the table">spool \
      <b id="feed-spool">\(feed.spoolFiles)</b></span> \
      <span title="records that could not be read">dead letters <b id="feed-letters">\(feed.deadLetters)</b></span> \
      <span>open alarms <b id="feed-alarms">\(open)</b></span></span></p>
      """
  }

  /// A duration in milliseconds for people.
  static func seconds(_ millis: Int64?) -> String {
    guard let millis else { return "–" }
    if millis < 10_000 { return "\(millis / 1_000).\(millis % 1_000 / 100) s" }
    if millis < 120_000 { return "\(millis / 1_000) s" }
    if millis < 7_200_000 { return "\(millis / 60_000) min" }
    return millis < 172_800_000 ? "\(millis / 3_600_000) h" : "\(millis / 86_400_000) days"
  }

  /// A stretch of time that somebody chose: `15 min`, `90 s`.
  static func span(_ millis: Int64) -> String {
    if millis % 3_600_000 == 0, millis > 3_600_000 { return "\(millis / 3_600_000) h" }
    return millis % 60_000 == 0 ? "\(millis / 60_000) min" : "\(millis / 1_000) s"
  }

  /// The interval and the pause of a live page.
  static func controls(refresh: Int) -> HTML {
    """
    <div class="controls" role="group" aria-label="Updates">
    <label for="every">Update every</label> <input id="every" type="range" min="1" max="30" value="\(refresh)">
    <output for="every" id="every-shown">\(refresh) s</output>
    <button type="button" id="hold" aria-pressed="false">Pause</button></div>
    """
  }
}
