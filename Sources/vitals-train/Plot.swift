import Forest

/// A drawing as SVG: a square from 0 to 1 on both axes, or rows of points.
struct Plot {
  private var parts: [String] = []
  private let width: Double
  private let height: Double
  private static let margin = 44.0

  /// A square with axes and, where asked for, the line on which both are equal.
  ///
  /// - Parameter xTicks: what 0 and 1 stand for.
  static func square(
    x: String, y: String, diagonal: Bool = false, xTicks: (Double, Double) = (0, 1), yTicks: (Double, Double) = (0, 1)
  ) -> Plot {
    var plot = Plot(width: 300, height: 300)
    plot.parts.append(
      "<rect x=\"\(margin)\" y=\"10\" width=\"\(300 - margin - 10)\" height=\"\(300 - margin - 10)\" class=\"frame\"/>")
    for tick in [0, 0.25, 0.5, 0.75, 1] {
      plot.text(tickText(tick, xTicks), x: plot.across(tick), y: 300 - margin + 14, anchor: "middle")
      plot.text(tickText(tick, yTicks), x: margin - 4, y: plot.up(tick) + 4, anchor: "end")
    }
    plot.text(x, x: plot.across(0.5), y: 292, anchor: "middle")
    plot.parts.append(
      "<text transform=\"translate(12 \(rounded(plot.up(0.5)))) rotate(-90)\" text-anchor=\"middle\">\(escaped(y))"
        + "</text>"
    )
    if diagonal { plot.line([Curves.Point(x: 0, y: 0), Curves.Point(x: 1, y: 1)], class: "chance") }
    return plot
  }

  /// Room for rows of points.
  static func rows(count: Int) -> Plot { Plot(width: 640, height: Double(count) * 34 + 40) }

  private init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  private func across(_ x: Double) -> Double { Self.margin + x * (width - Self.margin - 10) }
  private func up(_ y: Double) -> Double { height - Self.margin - y * (height - Self.margin - 10) }
  /// A number on an axis: three digits that count, no trailing zeros.
  private static func tickText(_ share: Double, _ ends: (Double, Double)) -> String {
    let value = ends.0 + share * (ends.1 - ends.0)
    let scale = max(abs(ends.0), abs(ends.1))
    let factor = scale >= 100 ? 1.0 : scale >= 10 ? 10 : scale >= 1 ? 100 : 1_000
    let shown = (value * factor).rounded() / factor
    return shown == shown.rounded() && abs(shown) < 1e9 ? "\(Int(shown))" : "\(shown)"
  }

  private static func rounded(_ number: Double) -> Double { (number * 10).rounded() / 10 }

  mutating func line(_ points: [Curves.Point], class name: String) {
    let path = points.map { "\(Self.rounded(across($0.x))),\(Self.rounded(up($0.y)))" }.joined(separator: " ")
    parts.append("<polyline points=\"\(path)\" class=\"\(name)\"/>")
  }

  mutating func dots(_ points: [Curves.Point]) {
    for point in points { dot(x: across(point.x), y: up(point.y), radius: 4, color: "#1f6f8b") }
  }

  /// A small dot in a square.
  mutating func point(x: Double, y: Double) { dot(x: across(x), y: up(y), radius: 1.5, color: "#1f6f8b") }

  mutating func dot(x: Double, y: Double, radius: Double, color: String) {
    parts.append("<circle cx=\"\(Self.rounded(x))\" cy=\"\(Self.rounded(y))\" r=\"\(radius)\" fill=\"\(color)\"/>")
  }

  mutating func text(_ text: String, x: Double, y: Double, anchor: String = "start") {
    let (x, y) = (Self.rounded(x), Self.rounded(y))
    parts.append("<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\">\(escaped(text))</text>")
  }

  mutating func bar(x: Double, y: Double, width: Double) {
    parts.append(
      "<rect x=\"\(Self.rounded(x))\" y=\"\(Self.rounded(y))\" width=\"\(Self.rounded(width))\" height=\"14\" "
        + "class=\"bar\"/>"
    )
  }

  func svg(_ title: String) -> String {
    "<svg viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" role=\"img\" aria-label=\"\(escaped(title))\">"
      + parts.joined(separator: "\n") + "</svg>"
  }
}

/// Text that stands for itself in HTML.
func escaped(_ text: String) -> String {
  text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    .replacing("\"", with: "&quot;")
}
