internal import JSON

/// The ward: a tile a patient, the most urgent first.
enum WardPage {
  /// How many tiles may stand in the page: those of a ward as most are, which so shows without scripts too.
  static let mostTiles = 36
  /// How many tiles stand in a sheet: whole rows in one to four columns.
  static let sheetTiles = 12
  /// How many tiles of a larger ward stand in the page: a sheet. The others come with the first update, and its script
  /// puts them in, a few a frame: to read a thousand at once would hold the browser up.
  static let firstTiles = sheetTiles

  /// The tiles of a state, the most urgent first.
  static func tiles(_ state: WardHub.State) -> [Tile] {
    let highest = state.alarms.highest
    return state.ward.byUrgency.map { Tile($0, state.ward, alarm: highest[$0.key]) }
      .sorted { ($1.urgency, $0.patient.id) < ($0.urgency, $1.patient.id) }
  }

  static func html(_ state: WardHub.State, epoch: String, refresh: Int, now: Int64) -> HTML {
    let tiles = tiles(state)
    let shown = tiles.count <= mostTiles ? tiles[...] : tiles.prefix(firstTiles)
    let others = tiles.count - shown.count
    let empty: HTML =
      tiles.isEmpty
      ? #"<p id="empty" class="empty">No patient is watched yet. Readings show here as soon as they land.</p>"# : ""
    let dropped: HTML =
      state.ward.dropped > 0
      ? "<p class=\"warning\">More than \(WardState.patientLimit) patients: who was silent longest is left out.</p>"
      : ""
    let wards = state.ward.settings.wards.map {
      #"<option value="\#($0.name)">\#($0.name.shownName)</option>"# as HTML
    }
    let select: HTML = #"<select id="ward"><option value="">all</option>\#(wards)</select>"#
    let choice: HTML = wards.isEmpty ? "" : #"<label for="ward">Ward</label> \#(select)"#
    let content: HTML = """
      <h1 class="hidden">Ward</h1>
      <form class="tools" id="tools" role="search"><label for="find">Find</label> \
      <input id="find" type="search" autocomplete="off" placeholder="patient">
      \(choice)<label for="show">Show</label> <select id="show"><option value="">all</option>
      <option value="urgent">not normal</option><option value="critical">critical</option>
      <option value="stale">stale</option></select>
      <span id="count" role="status">\(tiles.count) patients</span></form>
      \(Page.controls(refresh: refresh))
      <p class="legend"><span data-level="normal">● normal</span> <span data-level="raised">▲▼ out of range</span> \
      <span data-level="critical">■ critical</span> <span data-level="missing">– not measured</span></p>
      \(dropped)\(empty)<div class="sheets" id="tiles" role="list" data-sheet="\(sheetTiles)">\
      \(sheets(shown, now: now))</div>
      \(rest(others))
      """
    // Without a version the first update is the whole ward.
    let version = others == 0 ? "\(state.version)" : ""
    return Page(
      title: "Ward", place: .ward, script: "ward.js",
      data: #" data-epoch="\#(epoch)" data-version="\#(version)""#, feed: Page.feedLine(state, now: now),
      content: content
    ).html
  }

  /// Tiles in sheets, each of which the browser lays out by itself, and only near the window.
  private static func sheets(_ tiles: ArraySlice<Tile>, now: Int64) -> [HTML] {
    stride(from: 0, to: tiles.count, by: sheetTiles).map { first in
      let some = tiles.dropFirst(first).prefix(sheetTiles)
      return #"<ul class="tiles" role="presentation">\#(some.map { $0.html(now: now) })</ul>"#
    }
  }

  private static func rest(_ count: Int) -> HTML {
    count == 0
      ? ""
      : "<noscript><p class=\"warning\">\(count) patients more, less urgent, show with scripts only.</p></noscript>"
  }
}

/// What a live page is told: how the pipeline stands, who changed since, and whoever is new, as a whole tile.
enum Update {
  /// How many tiles a part of an update brings where some are whole: a browser takes a part in within a frame.
  private static let partTiles = 40

  /// An update in its parts, each a document of its own; a part that is not the last says so.
  static func parts(_ state: WardHub.State, since: Int, isWhole: Bool, now: Int64) -> [[UInt8]] {
    let highest = state.alarms.highest
    let tiles =
      isWhole
      ? WardPage.tiles(state)
      : state.ward.patients.values.filter { $0.version > since }
        .map { Tile($0, state.ward, alarm: highest[$0.key]) }
    let isFresh = { (tile: Tile) in isWhole || tile.patient.firstVersion > since }
    let size = tiles.contains(where: isFresh) ? partTiles : max(tiles.count, 1)
    return stride(from: 0, to: max(tiles.count, 1), by: size).map { first in
      let part = tiles.dropFirst(first).prefix(size)
      var text = JSONText()
      text.open()
      text.member("version", state.version)
      write(state.feed, state.alarms, now: now, to: &text)
      if isWhole { text.member("whole", first == 0 ? "begin" : "more") }
      if first + size < tiles.count { text.member("isPart", true) }
      text.open("tiles", "[")
      if !isWhole { for tile in part { tile.write(to: &text, now: now) } }
      text.close("]")
      let fresh = part.filter(isFresh)
      if !fresh.isEmpty { text.member("new", fresh.map { $0.html(now: now).text }) }
      text.close()
      return text.bytes
    }
  }

  private static func write(_ feed: FeedState, _ alarms: AlarmBoard, now: Int64, to text: inout JSONText) {
    text.open("feed")
    text.member("words", feed.words)
    text.member("level", feed.name)
    text.member("lag", Page.seconds(feed.lagMillis))
    text.member("seen", feed.seen)
    text.member("spool", feed.spoolFiles)
    text.member("letters", feed.deadLetters)
    text.member("alarms", alarms.openCount)
    text.member("revision", alarms.revision)
    text.member("pause", alarms.pause.map { max(0, $0.until - now) })
    text.close()
  }
}
