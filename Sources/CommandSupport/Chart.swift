public import ArgumentParser
public import Columnar

/// The kinds of charts in a terminal.
public enum ChartKind: String, Sendable, CaseIterable, ExpressibleByArgument {
  /// A bar for each row.
  case bar
  /// A line from row to row.
  case line
}

/// A chart of rows: the first number of each over the value of its first column.
public struct Chart: Sendable {
  /// A row: what it is called, and its number, where it has one.
  public struct Point: Hashable, Sendable {
    var label: String
    var value: Double?

    /// Makes a row.
    public init(label: String, value: Double?) {
      self.label = label
      self.value = value
    }
  }

  /// Rows beyond it are counted and not drawn.
  static let mostPoints = 100_000
  private static let mostBars = 200

  private let kind: ChartKind
  private let name: String
  private let labels: Int
  private let numbers: Int
  private var points: [Point] = []
  private var rowCount = 0
  private var cells = (CellText(style: .terminal), CellText(style: .terminal))

  /// Prepares a chart of rows of a schema.
  ///
  /// - Throws: ``CommandError`` where no column holds numbers.
  public init(_ kind: ChartKind, schema: Schema) throws(CommandError) {
    let all = schema.fields.indices.filter { schema.fields[$0].type.isNumber }
    guard let numbers = all.first(where: { $0 > 0 }) ?? all.first else {
      throw CommandError("--chart: no column of the result holds numbers", exit: .usage)
    }
    self.kind = kind
    self.numbers = numbers
    labels = 0
    name = schema.fields[numbers].name
  }

  /// Adds rows.
  public mutating func add(_ batch: RecordBatch) {
    rowCount += batch.rowCount
    let count = min(batch.rowCount, Self.mostPoints - points.count)
    if count <= 0 { return }
    cells.0.fill(batch.columns[labels], 0..<count, isContinued: false)
    cells.1.fill(batch.columns[numbers], 0..<count, isContinued: false)
    for row in 0..<count {
      func text(_ cell: CellText) -> String {
        String(decoding: cell.text.bytes[cell.starts[row]..<cell.ends[row]], as: UTF8.self)
      }
      points.append(Point(label: text(cells.0), value: Double(text(cells.1))))
    }
  }

  /// The chart as lines of at most `width` columns.
  public func lines(width: Int) -> [String] {
    var lines = kind == .bar ? Self.bars(points, width: width) : Self.line(points, width: width, height: 16)
    let drawn = kind == .bar ? min(points.count, Self.mostBars) : points.count
    if rowCount > drawn { lines.append("… and \(rowCount - drawn) rows more") }
    return [name] + lines
  }

  /// A bar for each row, from 0 or, where there are negative numbers, from the lowest.
  static func bars(_ points: [Point], width: Int) -> [String] {
    let points = points.prefix(mostBars)
    let values = points.compactMap(\.value).filter(\.isFinite)
    let (low, high) = (min(0, values.min() ?? 0), max(0, values.max() ?? 0))
    let labelWidth = min(points.map(\.label.count).max() ?? 0, max(4, width / 3))
    let texts = points.map { $0.value.map(text) ?? "null" }
    let room = max(1, width - labelWidth - (texts.map(\.count).max() ?? 0) - 2)
    return zip(points, texts).map { point, text in
      let label = String(point.label.prefix(labelWidth))
      var share = 0.0
      if let value = point.value, value.isFinite, high > low { share = (value - low) / (high - low) }
      let eighths = Int((share * Double(room * 8)).rounded())
      let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
      return label + String(repeating: " ", count: labelWidth - label.count + 1)
        + String(repeating: "█", count: eighths / 8) + part + " " + text
    }
  }

  /// A line through all rows that have a number, drawn in Braille: each character holds two columns of four dots.
  static func line(_ points: [Point], width: Int, height: Int) -> [String] {
    let values = points.map { $0.value.flatMap { $0.isFinite ? $0 : nil } }
    let known = values.compactMap(\.self)
    guard let low = known.min(), let high = known.max() else { return [] }
    let (top, bottom) = (text(high), text(low))
    let margin = max(top.count, bottom.count)
    let columns = max(1, width - margin - 2)
    let (dotColumns, dotRows) = (columns * 2, height * 4)
    var cells = [[UInt32]](repeating: Array(repeating: 0, count: columns), count: height)
    func row(_ value: Double) -> Int {
      high > low ? Int(((high - value) / (high - low) * Double(dotRows - 1)).rounded()) : dotRows / 2
    }
    var last: Int?
    for x in 0..<dotColumns {
      // Where there are more rows than dots the last one of each place is drawn.
      let place = dotColumns > 1 ? Double(x) / Double(dotColumns - 1) * Double(points.count - 1) : 0
      let (before, after) = (Int(place), min(points.count - 1, Int(place) + 1))
      guard let a = values[before], let b = values[after] else {
        last = nil
        continue
      }
      let y = row(a + (b - a) * (place - Double(before)))
      let start = last.map { $0 < y ? $0 + 1 : $0 > y ? $0 - 1 : y } ?? y
      for dot in min(start, y)...max(start, y) {
        let bits: [UInt32] = x % 2 == 0 ? [0x01, 0x02, 0x04, 0x40] : [0x08, 0x10, 0x20, 0x80]
        cells[dot / 4][x / 2] |= bits[dot % 4]
      }
      last = y
    }
    return cells.enumerated().map { index, row in
      let label = index == 0 ? top : index == height - 1 ? bottom : ""
      let dots = row.map { bits in Character(UnicodeScalar(0x2800 + bits) ?? " ") }
      return String(repeating: " ", count: margin - label.count) + label + " " + String(dots)
    }
  }

  private static func text(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return "\(Int64(value))" }
    let digits = (value * 1_000).rounded() / 1_000
    return digits.isFinite ? "\(digits)" : "\(value)"
  }
}

extension DataType {
  /// Whether values are numbers that a chart can show.
  fileprivate var isNumber: Bool {
    switch self {
    case .int, .unsigned, .float16, .float, .double, .decimal: true
    default: false
    }
  }
}
