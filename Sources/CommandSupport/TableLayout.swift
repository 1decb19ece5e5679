import Columnar

/// Aligned columns under a header. Widths are those of the first rows; later text that is wider is cut where the table
/// goes to a terminal, and pushes the rest of its row to the right where it does not.
struct TableLayout: Sendable {
  private let fields: [Field]
  private let terminalWidth: Int?
  private var widths: [Int]?
  private static let gap: [UInt8] = [0x20, 0x20]
  private static let narrowest = 8

  /// Makes the layout of a schema; `terminalWidth` is `nil` where nothing is to be cut.
  init(schema: Schema, terminalWidth: Int?) {
    fields = schema.fields
    self.terminalWidth = terminalWidth
  }

  /// Adds rows, and the header before the first ones.
  mutating func append(_ cells: [CellText], count: Int, to bytes: inout [UInt8]) {
    let isFirst = widths == nil
    let widths = self.widths ?? measure(cells)
    self.widths = widths
    var line = TextBuffer()
    if isFirst { appendHeader(widths, to: &line) }
    for row in 0..<count {
      for (column, cell) in cells.enumerated() {
        cell.text.withBytes { text in
          append(text[cell.starts[row]..<cell.ends[row]], column, width: widths[column], to: &line)
        }
      }
      line.append(0x0A)
    }
    line.withBytes { bytes += $0 }
  }

  private func measure(_ cells: [CellText]) -> [Int] {
    var widths = fields.map { UTF8Text.width(of: printable($0.name)[...]) }
    for (column, cell) in cells.enumerated() {
      cell.text.withBytes { text in
        for (start, end) in zip(cell.starts, cell.ends) {
          widths[column] = max(widths[column], UTF8Text.width(of: text[start..<end]))
        }
      }
    }
    // Takes from the widest column until the table fits, or all are narrow.
    guard let terminalWidth, !widths.isEmpty else { return widths }
    let available = terminalWidth - TableLayout.gap.count * (widths.count - 1)
    var excess = widths.reduce(0, +) - available
    while excess > 0, let widest = widths.max(), widest > TableLayout.narrowest,
      let column = widths.firstIndex(of: widest)
    {
      let next = widths.filter { $0 < widest }.max() ?? TableLayout.narrowest
      let cut = min(excess, max(1, widest - max(next, TableLayout.narrowest)))
      widths[column] -= cut
      excess -= cut
    }
    return widths
  }

  private func appendHeader(_ widths: [Int], to line: inout TextBuffer) {
    guard !fields.isEmpty else { return }
    for (column, field) in fields.enumerated() {
      append(printable(field.name)[...], column, width: widths[column], to: &line)
    }
    line.append(0x0A)
    for column in fields.indices {
      if column > 0 { line.append(contentsOf: TableLayout.gap) }
      line.append(contentsOf: repeatElement(0x2D, count: widths[column]))
    }
    line.append(0x0A)
  }

  private func append(_ text: ArraySlice<UInt8>, _ column: Int, width: Int, to line: inout TextBuffer) {
    if column > 0 { line.append(contentsOf: TableLayout.gap) }
    var shown = text
    var columns = UTF8Text.width(of: text)
    let isCut = terminalWidth != nil && columns > width && width > 0
    if isCut {
      shown = text[..<UTF8Text.end(of: text, columns: width - 1)]
      columns = UTF8Text.width(of: shown) + 1
    }
    let padding = max(0, width - columns)
    let isRight = fields[column].type.isRightAligned
    if isRight { line.append(contentsOf: repeatElement(0x20, count: padding)) }
    line.append(contentsOf: shown)
    if isCut { line.append("…") }
    // No blanks at the end of a line.
    if !isRight, column < fields.count - 1 { line.append(contentsOf: repeatElement(0x20, count: padding)) }
  }

  private func printable(_ name: String) -> [UInt8] {
    var text = TextBuffer()
    text.appendPrintable(name)
    return text.bytes
  }
}
