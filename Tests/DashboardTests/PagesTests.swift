import Foundation
import JSON
import NIOCore
import Testing

@testable import Dashboard
@testable import Features

@Suite("Pages")
struct PagesTests {
  /// Ids that would break a page, a path, a query or a spreadsheet that takes them as they are.
  static let hostile = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; DROP TABLE patients; --", "=cmd|' /C calc'!A0",
    "../../etc/passwd", "a\r\nSet-Cookie: x=1", "\u{202e}evil", "</ul><h1>x", "&lt;b&gt;",
    String(repeating: "x", count: 9_000),
    "",
  ]

  private func hub(_ ids: [String]) throws -> WardHub {
    let hub = Samples.hub()
    try hub.take([Samples.batch(ids.map { .init($0, 0, Samples.shocked) })], written: Samples.start, now: Samples.start)
    return hub
  }

  @Test("no id of a patient becomes markup, a header or an address", arguments: PagesTests.hostile)
  func hostileIDs(id: String) throws {
    let hub = try self.hub([id])
    let now = Samples.start
    let pages = hub.look { state in
      [
        WardPage.html(state, epoch: "e", refresh: 5, now: now).text,
        AlarmPage.html(state, epoch: "e", refresh: 5, notifies: true, now: now).text,
        PatientPage(patient: state.ward.patients[Samples.key(id)]!, span: .quarter)
          .html(state, refresh: 5, epoch: "e", now: now).text,
      ]
    }
    for page in pages {
      for bad in ["<script>", "<img", "onerror=alert(1)>", "</ul><h1>x", "\u{202e}", "\r", "</ul><h1>"] {
        #expect(!page.contains(bad), "\(bad)")
      }
      let addresses = page.matches(of: /href="([^"]*)"/).map { String($0.1) }
      #expect(addresses.allSatisfy { id.count < 3 || !$0.contains(id) })
    }
    for update in hub.look({ Update.parts($0, since: -1, isWhole: true, now: now) }) {
      #expect(!update.contains(10) && !update.contains(13))
      _ = try JSONValue(parsing: update)
    }
  }

  @Test("a field of CSV is one field, and no formula")
  func csv() throws {
    #expect(PatientPage.field("=1+1") == "\"'=1+1\"" && PatientPage.field("a\"b,c") == "\"a\"\"b,c\"")
    var ward = Samples.ward()
    try ward.take((0..<30).map { .init("a", Int64($0), [.heartRate: 60 + Double($0)]) })
    let page = PatientPage(patient: try #require(ward.patient("a")), span: .recent)
    let lines = String(decoding: page.csv, as: UTF8.self).components(separatedBy: "\r\n")
    #expect(lines.count == 22 && lines[21].isEmpty)
    #expect(lines[0] == "patient_id,event_time,heart_rate,spo2,systolic_bp,diastolic_bp,respiratory_rate,temperature")
    // The newest first.
    #expect(lines[1] == "\"a\",2026-01-02T03:04:34Z,89.0,,,,,")
  }

  @Test("an update tells who changed, and whole tiles of who is new")
  func updates() throws {
    let hub = try self.hub(["a", "b"])
    let before = hub.version
    try hub.take([Samples.batch([.init("b", 1), .init("c", 1)])], written: Samples.time(1), now: Samples.time(1))
    let parts = hub.look { Update.parts($0, since: before, isWhole: false, now: Samples.time(1)) }
    #expect(parts.count == 1)
    let update = try JSONValue(parsing: parts[0])
    guard case .array(let tiles)? = update["tiles"], case .array(let new)? = update["new"] else {
      Issue.record("no tiles")
      return
    }
    let keys = tiles.compactMap { tile -> String? in if case .array(let parts) = tile { parts[0].text } else { nil } }
    #expect(Set(keys) == [Samples.key("b"), Samples.key("c")])
    #expect(new.count == 1 && new[0].text?.contains("id=\"t-\(Samples.key("c"))\"") == true)
    #expect(update["whole"] == nil && update["isPart"] == nil)
  }

  @Test("a ward as most are stands in the page, of a larger one the first", arguments: [(0, 0), (36, 36), (37, 12)])
  func page(_ count: Int, _ shown: Int) throws {
    let hub = try self.hub((0..<count).map { "p\($0)" })
    let html = hub.look { WardPage.html($0, epoch: "e", refresh: 5, now: Samples.start).text }
    #expect(html.matches(of: /<li class="tile"/).count == shown)
    #expect(html.contains("\(count - shown) patients more") == (shown < count))
    // A page with all goes on from its version, another one asks for the whole.
    #expect(html.contains("data-version=\"\"") == (shown < count))
  }

  @Test("a whole ward comes in parts, and only the last has a number to go on from", arguments: [0, 1, 40, 41, 100])
  func parts(_ count: Int) throws {
    let names = (0..<count).map { "p\($0)" }
    let hub = try self.hub(names)
    let events = hub.events(since: -1) { Update.parts($0, since: -1, isWhole: true, now: Samples.time(1)) }.events
      .map { String(decoding: $0.readableBytesView, as: UTF8.self).split(separator: "\n") }
    let last = max((count + 39) / 40 - 1, 0)
    #expect(events.count == last + 1)
    var keys: [String] = []
    for (place, lines) in events.enumerated() {
      #expect(lines.contains { $0.hasPrefix("id: ") } == (place == last))
      let data = try #require(lines.last?.dropFirst("data: ".count))
      let part = try JSONValue(parsing: Array(data.utf8))
      #expect(part["whole"]?.text == (place == 0 ? "begin" : "more"))
      #expect((part["isPart"] != nil) == (place < last))
      guard case .array(let new)? = part["new"] else { continue }
      #expect(new.count <= 40)
      keys += new.compactMap { $0.text?.firstMatch(of: /id="t-([a-z2-7]+)"/).map { String($0.1) } }
    }
    #expect(keys.count == count && Set(keys) == Set(names.map(Samples.key)))
  }

  @Test("gaps break a line, and ranges stand behind it")
  func trend() {
    let points = [0, 60, 500, 560, 1_000].map { TrendChart.Point(time: $0 * 1_000, low: 70, high: 75) }
    let chart = TrendChart(
      title: "Heart rate", unit: "/min", points: points, span: 0...1_000_000, gap: 150_000,
      ranges: VitalRanges.bundled[.heartRate])
    let html = chart.html.text
    let line = html.firstMatch(of: /class="line" d="([^"]*)"/)?.1 ?? ""
    #expect(line.count(where: { $0 == "M" }) == 2)
    // What stands alone is a dot.
    #expect(html.firstMatch(of: /class="dot" d="(M[^"M]*)"/) != nil)
    #expect(html.contains("band normal") && html.contains("role=\"img\" aria-label=\"Heart rate: from 70 to 75"))
  }

  @Test("a small line breaks where a value is missing")
  func spark() {
    let path = Sparkline([60, .nan, 70, 80]).path
    #expect(path.count(where: { $0 == "M" }) == 2 && path.count(where: { $0 == "L" }) == 1)
    #expect(Sparkline([.nan]).path.isEmpty && Sparkline([]).path.isEmpty)
  }

  @Test("times are written in UTC, whatever they are")
  func times() {
    #expect(EventTime.text(Samples.start) == "2026-01-02T03:04:05" && EventTime.text(-1) == "1969-12-31T23:59:59")
    #expect(!EventTime.text(.max / 4).isEmpty && !EventTime.text(.min / 4).isEmpty)
  }

  @Test("forms and queries are read as browsers write them")
  func forms() {
    #expect(
      FormText.parse("a=1&b=x%20y+z&c&=&d=%zz%4".utf8) == ["a": "1", "b": "x y z", "c": "", "": "", "d": "%zz%4"])
  }

  @Test("every page's script and sheet is built in")
  func assets() {
    for name in ["dashboard.css", "ward.js", "live.js", "risk.js", "stream.js", "icon.svg"] {
      #expect(Asset.answer(name).status == 200 && !Asset.answer(name).body.isEmpty)
    }
    #expect(Asset.answer("../secret").status == 404)
  }
}
