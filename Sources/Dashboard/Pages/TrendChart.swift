internal import Features

/// A vital or the score over time, as a drawing of the server: bands of its ranges behind, the span of each minute as
/// an area, gaps as gaps.
struct TrendChart {
  /// What was measured at a moment, or within a minute from it.
  struct Point {
    var time: Int64
    var low: Float
    var high: Float
  }

  private static let width: Float = 720, height: Float = 150
  private static let left: Float = 44, right: Float = 8, top: Float = 8, bottom: Float = 20

  let title: String
  let unit: String
  let points: [Point]
  let span: ClosedRange<Int64>
  /// After how long without a point the line is broken.
  let gap: Int64
  let ranges: VitalRanges?
  private let low: Float
  private let high: Float

  /// - Parameters:
  ///   - limits: what can be measured; nothing is drawn beyond.
  ///   - least: what is drawn in any case, so that a small change does not look like a large one.
  init(
    title: String, unit: String, points: [Point], span: ClosedRange<Int64>, gap: Int64, ranges: VitalRanges?,
    limits: ClosedRange<Double>? = nil, least: ClosedRange<Float>? = nil
  ) {
    self.title = title
    self.unit = unit
    self.points = points.filter { span.contains($0.time) }
    self.span = span
    self.gap = gap
    self.ranges = ranges
    var low = self.points.map(\.low).min() ?? 0
    var high = self.points.map(\.high).max() ?? 1
    if let normal = ranges?.normal {
      low = min(low, Float(normal.lowerBound))
      high = max(high, Float(normal.upperBound))
    }
    if let least { (low, high) = (min(low, least.lowerBound), max(high, least.upperBound)) }
    let margin = max((high - low) * 0.1, 1)
    // Nothing lies beyond what can be measured.
    let bounds = limits.map { Float($0.lowerBound)...Float($0.upperBound) }
    self.low = max((low - margin).rounded(.down), bounds.map { min($0.lowerBound, low) } ?? -.infinity)
    self.high = min((high + margin).rounded(.up), bounds.map { max($0.upperBound, high) } ?? .infinity)
  }

  var html: HTML {
    guard let last = points.last else {
      return """
        <figure class="trend"><figcaption>\(title)</figcaption><p class="empty">not measured in this time</p></figure>
        """
    }
    let (lowest, highest) = (points.map(\.low).min() ?? 0, points.map(\.high).max() ?? 0)
    let words = "\(title): from \(short(lowest)) to \(short(highest)) \(unit), last \(short(last.high))"
    return """
      <figure class="trend"><figcaption>\(title) <small>\(unit)</small> <b>\(short(last.high))</b></figcaption>
      <svg viewBox="0 0 \(number(Self.width)) \(number(Self.height))" role="img" aria-label="\(words)">
      \(bands)\(axes)<path class="area" d="\(area)"/><path class="line" d="\(line)"/>\
      <path class="dot" d="\(dots)"/></svg></figure>

      """
  }

  private func x(_ time: Int64) -> Float {
    let share = Float(time - span.lowerBound) / Float(max(span.upperBound - span.lowerBound, 1))
    return Self.left + share * (Self.width - Self.left - Self.right)
  }

  private func y(_ value: Float) -> Float {
    let share = (min(max(value, low), high) - low) / (high - low)
    return Self.height - Self.bottom - share * (Self.height - Self.top - Self.bottom)
  }

  /// A coordinate with a tenth.
  private func number(_ value: Float) -> String {
    let tenths = (value * 10).nearest
    return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(abs(tenths) % 10)"
  }

  private func short(_ value: Float) -> String { number(value) }

  private func band(_ from: Float, _ to: Float, _ name: String) -> HTML {
    let (above, below) = (y(to), y(from))
    guard below - above > 0.2 else { return "" }
    let width = Self.width - Self.left - Self.right
    return """
      <rect class="\(name)" x="\(number(Self.left))" y="\(number(above))" width="\(number(width))" \
      height="\(number(below - above))"/>
      """
  }

  /// The normal range, and what is critical.
  private var bands: HTML {
    guard let ranges else { return "" }
    let (normal, warning) = (ranges.normal, ranges.warning)
    return """
      \(band(Float(normal.lowerBound), Float(normal.upperBound), "band normal"))\
      \(band(Float(warning.upperBound), high, "band critical"))\(band(low, Float(warning.lowerBound), "band critical"))
      """
  }

  private var axes: HTML {
    let minutes = (span.upperBound - span.lowerBound) / 60_000
    let start = minutes >= 120 ? "\(minutes / 60) h ago" : minutes >= 2 ? "\(minutes) min ago" : "\(minutes * 60) s ago"
    let floor = number(Self.height - 5)
    return """
      <text x="\(number(Self.left - 4))" y="\(number(Self.top + 8))" text-anchor="end">\(short(high))</text>\
      <text x="\(number(Self.left - 4))" y="\(number(Self.height - Self.bottom))" text-anchor="end">\
      \(short(low))</text>\
      <text x="\(number(Self.left))" y="\(floor)">\(start)</text>\
      <text x="\(number(Self.width - Self.right))" y="\(floor)" text-anchor="end">newest</text>
      """
  }

  /// Runs of points without a gap.
  private var runs: [ArraySlice<Point>] {
    var runs: [ArraySlice<Point>] = []
    var start = points.startIndex
    for index in points.indices.dropFirst() where points[index].time - points[index - 1].time > gap {
      runs.append(points[start..<index])
      start = index
    }
    runs.append(points[start...])
    return runs
  }

  private var line: String {
    runs.filter { $0.count > 1 }.map { run in
      run.enumerated().map { index, point in
        "\(index == 0 ? "M" : "L")\(number(x(point.time))) \(number(y((point.low + point.high) / 2)))"
      }.joined()
    }.joined()
  }

  /// Points that stand alone.
  private var dots: String {
    runs.filter { $0.count == 1 }.joined().map { point in
      "M\(number(x(point.time))) \(number(y((point.low + point.high) / 2)))h0.1"
    }.joined()
  }

  private var area: String {
    runs.filter { $0.count > 1 }.map { run in
      let upper = run.map { "\(number(x($0.time))) \(number(y($0.high)))" }
      let lower = run.reversed().map { "\(number(x($0.time))) \(number(y($0.low)))" }
      return "M" + (upper + lower).joined(separator: "L") + "Z"
    }.joined()
  }
}
