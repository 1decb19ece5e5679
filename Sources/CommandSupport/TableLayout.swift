import Columnar

/// Aligned columns under a header. Widths are those of the first rows; later text that is wider is cut where the table
/// goes to a terminal, and pushes the rest of its row to the right where it does not. Columns of the middle for which a
/// terminal has no room are left out, and counted in the header.
struct TableLayout: Sendable {
  private let fields: [Field]
  /// What stands below the names.
  private let types: [String]
  private let terminalWidth: Int?
  private var widths: [Int]?
  /// The columns that are left out.
  private var hidden = 0..<0
  private static let gap: [UInt8] = [0x20, 0x20]
  private static let narrowest = 8

  /// Makes the layout of a schema; `terminalWidth` is `nil` where nothing is to be cut.
  init(schema: Schema, types: [String] = [], terminalWidth: Int?) {
    fields = schema.fields
    self.types = types.count == fields.count ? types : []
    self.terminalWidth = terminalWidth
  }

  /// What stands in the header in place of the columns that are left out.
  private var hint: [UInt8] { Array("… \(hidden.count) more".utf8) }

  /// Adds rows, and the header before the first ones.
  mutating func append(_ cells: [CellText], count: Int, to bytes: inout [UInt8]) {
    let isFirst = widths == nil
    let widths = self.widths ?? fitted(measure(cells))
    self.widths = widths
    var line = TextBuffer()
    if isFirst { appendHeader(widths, to: &line) }
    for row in 0..<count {
      for (column, cell) in cells.enumerated() {
        if hidden.contains(column) {
          if column == hidden.lowerBound { appendHint(Array("…".utf8), to: &line) }
          continue
        }
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
    for (column, type) in types.enumerated() { widths[column] = max(widths[column], min(type.count, Self.longestType)) }
    for (column, cell) in cells.enumerated() {
      cell.text.withBytes { text in
        for (start, end) in zip(cell.starts, cell.ends) {
          widths[column] = max(widths[column], UTF8Text.width(of: text[start..<end]))
        }
      }
    }
    return widths
  }

  /// Types of nested values are long, and widen no column.
  private static let longestType = 12

  /// The widths that fit the terminal: columns of the middle are left out, then the widest ones narrowed.
  private mutating func fitted(_ measured: [Int]) -> [Int] {
    var widths = measured
    guard let terminalWidth, !widths.isEmpty else { return widths }
    hide(widths, terminalWidth)
    for column in hidden { widths[column] = 0 }
    let room = hidden.isEmpty ? 0 : hintWidth + Self.gap.count
    let available = terminalWidth - Self.gap.count * (widths.count - hidden.count - 1) - room
    // Takes from the widest column until the table fits, or all are narrow.
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

  /// Leaves out columns of the middle where all would not fit however narrow they were.
  private mutating func hide(_ widths: [Int], _ terminalWidth: Int) {
    let least = widths.map { min($0, Self.narrowest) + Self.gap.count }
    guard least.reduce(0, +) - Self.gap.count > terminalWidth, widths.count > 2 else { return }
    let available = terminalWidth - "… \(widths.count) more".count
    var (first, last, used) = (0, widths.count, 0)
    while first < last {
      // From the left and from the right in turn.
      let isFirst = first <= widths.count - last
      let width = least[isFirst ? first : last - 1]
      if used + width > available, first > 0 { break }
      used += width
      if isFirst { first += 1 } else { last -= 1 }
    }
    hidden = first..<last
  }

  private func appendHint(_ text: [UInt8], to line: inout TextBuffer) {
    line.append(contentsOf: Self.gap)
    line.append(contentsOf: text)
    if hidden.upperBound == fields.count { return }
    line.append(
      contentsOf: repeatElement(0x20, count: max(0, hintWidth - UTF8Text.width(of: text[...]))))
  }

  private func appendHeader(_ widths: [Int], to line: inout TextBuffer) {
    guard !fields.isEmpty else { return }
    appendHeader(fields.map(\.name), widths, hint, to: &line)
    if !types.isEmpty { appendHeader(types, widths, [], to: &line) }
    for column in fields.indices {
      if hidden.contains(column) {
        if column == hidden.lowerBound { appendHint([UInt8](repeating: 0x2D, count: hintWidth), to: &line) }
        continue
      }
      if column > 0 { line.append(contentsOf: TableLayout.gap) }
      line.append(contentsOf: repeatElement(0x2D, count: widths[column]))
    }
    line.append(0x0A)
  }

  private var hintWidth: Int { UTF8Text.width(of: hint[...]) }

  private func appendHeader(_ texts: [String], _ widths: [Int], _ hint: [UInt8], to line: inout TextBuffer) {
    for (column, text) in texts.enumerated() {
      if hidden.contains(column) {
        if column == hidden.lowerBound { appendHint(hint, to: &line) }
        continue
      }
      append(printable(text)[...], column, width: widths[column], to: &line)
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
