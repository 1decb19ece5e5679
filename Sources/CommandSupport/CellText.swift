import Columnar

/// What surrounds and escapes a value.
enum CellStyle: Sendable, Hashable {
  /// JSON values: what is no number, boolean or null is a string.
  case json
  case csv
  case tsv
  case markdown
  /// A terminal: control characters escaped.
  case terminal

  /// What stands for a missing value.
  var null: String {
    switch self {
    case .json, .terminal: "null"
    case .csv, .tsv, .markdown: ""
    }
  }
}

/// Rows of one column as text: row `i` is `text[starts[i]..<ends[i]]`.
///
/// A whole column is formatted before the next, so that the choice by type is made once and not for each value; values
/// of a dictionary are formatted once, when they first occur.
struct CellText: Sendable {
  /// The text of the values, in no particular order.
  private(set) var text = TextBuffer()
  /// Where the text of each row begins.
  private(set) var starts: [Int] = []
  /// Where the text of each row ends.
  private(set) var ends: [Int] = []
  /// Where the text of each dictionary entry lies; -1 as a start where it has not occurred.
  private var entryStarts: [Int] = []
  private var entryEnds: [Int] = []
  let style: CellStyle
  private let nullLength: Int

  /// Makes text of a style, without rows.
  init(style: CellStyle) {
    self.style = style
    nullLength = style.null.utf8.count
    text.append(style.null)
  }

  /// Replaces the rows by those of `range` in a column; linear in the text.
  ///
  /// - Parameter isContinued: whether the column is the same as in the last call, whose dictionary text then serves on.
  mutating func fill(_ column: Column, _ range: Range<Int>, isContinued: Bool) {
    starts.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    guard case .dictionary(let codes, let values) = column.values else {
      resetText()
      appendRows(of: column.values, column.type, range, column.validity)
      return
    }
    if !isContinued {
      resetText()
      entryStarts = Array(repeating: -1, count: values.count)
      entryEnds = entryStarts
    }
    for row in range {
      guard column.isValid(row) else {
        appendNull()
        continue
      }
      let code = Int(codes[row])
      if entryStarts[code] < 0 {
        appendRows(of: values, column.type, code..<code + 1, nil)
        entryStarts[code] = starts.removeLast()
        entryEnds[code] = ends.removeLast()
      }
      starts.append(entryStarts[code])
      ends.append(entryEnds[code])
    }
  }

  private mutating func resetText() {
    text.removeAll()
    text.append(style.null)
  }

  private mutating func appendNull() {
    starts.append(0)
    ends.append(nullLength)
  }

  /// Formats rows one by one, nulls apart.
  @inline(__always)
  mutating func each(_ rows: Range<Int>, _ validity: Bitmap?, _ write: (inout TextBuffer, Int) -> Void) {
    for row in rows {
      if let validity, !validity[row] {
        appendNull()
        continue
      }
      starts.append(text.count)
      write(&text, row)
      ends.append(text.count)
    }
  }

  /// As ``each(_:_:_:)``, in quotes where the style is JSON.
  @inline(__always)
  private mutating func eachQuoted(_ rows: Range<Int>, _ validity: Bitmap?, _ write: (inout TextBuffer, Int) -> Void) {
    let isQuoted = style == .json
    each(rows, validity) { text, row in
      if isQuoted { text.append(0x22) }
      write(&text, row)
      if isQuoted { text.append(0x22) }
    }
  }

  private mutating func appendRows(of values: ColumnValues, _ type: DataType, _ rows: Range<Int>, _ validity: Bitmap?) {
    switch values {
    case _ where type == .null: for _ in rows { appendNull() }
    case .boolean(let bits): each(rows, validity) { $0.append(bits[$1] ? "true" : "false") }
    case .int32(let values): appendRows(of: values, type, rows, validity)
    case .int64(let values): appendRows(of: values, type, rows, validity)
    case .float(let values):
      let isQuoted = style == .json
      each(rows, validity) { text, row in
        let quotes = isQuoted && !values[row].isFinite
        if quotes { text.append(0x22) }
        text.append(float: values[row])
        if quotes { text.append(0x22) }
      }
    case .double(let values):
      let isQuoted = style == .json
      each(rows, validity) { text, row in
        let quotes = isQuoted && !values[row].isFinite
        if quotes { text.append(0x22) }
        text.append(double: values[row])
        if quotes { text.append(0x22) }
      }
    case .bytes(let strings): appendByteRows(type, rows, validity) { strings[$0] }
    case .fixed(let width, let bytes):
      appendByteRows(type, rows, validity) { bytes[$0 * width..<($0 + 1) * width] }
    case .dictionary(let codes, let values):
      // A dictionary of a dictionary: no reader makes one, and it is printed all the same.
      for row in rows {
        if validity?[row] ?? true {
          appendRows(of: values, type, Int(codes[row])..<Int(codes[row]) + 1, nil)
        } else {
          appendNull()
        }
      }
    case .list(let offsets, let items): appendLists(offsets, items, type, rows, validity)
    case .structure(let columns, _): appendStructures(columns, type, rows, validity)
    }
  }

  private mutating func appendRows(of values: [Int32], _ type: DataType, _ rows: Range<Int>, _ validity: Bitmap?) {
    switch type {
    case .unsigned: each(rows, validity) { $0.append(integer: UInt64(UInt32(bitPattern: values[$1]))) }
    case .date: eachQuoted(rows, validity) { $0.appendDate(daysSinceEpoch: Int(values[$1])) }
    case .time(let unit, let isUTC):
      eachQuoted(rows, validity) { $0.appendTime(Int64(values[$1]), unit: unit, isUTC: isUTC) }
    case .decimal(_, let scale):
      each(rows, validity) { $0.appendDecimal(unscaled: Int64(values[$1]), scale: scale) }
    default: each(rows, validity) { $0.append(integer: Int64(values[$1])) }
    }
  }

  private mutating func appendRows(of values: [Int64], _ type: DataType, _ rows: Range<Int>, _ validity: Bitmap?) {
    switch type {
    case .unsigned: each(rows, validity) { $0.append(integer: UInt64(bitPattern: values[$1])) }
    case .time(let unit, let isUTC):
      eachQuoted(rows, validity) { $0.appendTime(values[$1], unit: unit, isUTC: isUTC) }
    case .timestamp(let unit, let isUTC):
      eachQuoted(rows, validity) { $0.appendTimestamp(values[$1], unit: unit, isUTC: isUTC) }
    case .decimal(_, let scale): each(rows, validity) { $0.appendDecimal(unscaled: values[$1], scale: scale) }
    default: each(rows, validity) { $0.append(integer: values[$1]) }
    }
  }

  @inline(__always)
  private mutating func appendByteRows(
    _ type: DataType, _ rows: Range<Int>, _ validity: Bitmap?, _ bytes: (Int) -> ArraySlice<UInt8>
  ) {
    switch type {
    case .string, .enumeration, .json:
      let style = style
      each(rows, validity) { $0.append(text: bytes($1), style) }
    case .decimal(_, let scale): each(rows, validity) { $0.appendDecimal(bigEndian: bytes($1), scale: scale) }
    case .uuid: eachQuoted(rows, validity) { $0.appendUUID(bytes($1)) }
    case .int96: eachQuoted(rows, validity) { $0.appendInt96(bytes($1)) }
    case .float16:
      let isQuoted = style == .json
      each(rows, validity) { text, row in
        let bits = UInt16(truncatingIfNeeded: TextBuffer.littleEndian(bytes(row).prefix(2)))
        let quotes = isQuoted && !Float16(bitPattern: bits).isFinite
        if quotes { text.append(0x22) }
        text.append(halfBits: bits)
        if quotes { text.append(0x22) }
      }
    case .interval:
      let style = style
      each(rows, validity) { $0.appendInterval(bytes($1), style) }
    default:
      let style = style
      eachQuoted(rows, validity) { text, row in
        let value = bytes(row)
        // An empty field of CSV without quotes is null.
        if value.isEmpty, style == .csv { text.append("\"\"") }
        text.appendBase64(value)
      }
    }
  }
}

extension TextBuffer {
  /// Adds text as a cell of a style.
  mutating func append(text bytes: ArraySlice<UInt8>, _ style: CellStyle) {
    switch style {
    case .json: appendJSONString(bytes)
    case .csv: appendCSV(bytes)
    case .tsv: appendTabSeparated(bytes)
    case .markdown: appendMarkdown(bytes)
    case .terminal: appendPrintable(bytes)
    }
  }

  /// Adds an interval of months, days and milliseconds (three little-endian UInt32) as a JSON object.
  mutating func appendInterval(_ bytes: ArraySlice<UInt8>, _ style: CellStyle) {
    guard bytes.count == 12 else { return appendBase64(bytes) }
    var object = TextBuffer()
    var rest = bytes
    for (index, name) in ["{\"months\":", ",\"days\":", ",\"millis\":"].enumerated() {
      object.append(name)
      object.append(integer: TextBuffer.littleEndian(rest.prefix(4)))
      rest = rest.dropFirst(4)
      if index == 2 { object.append("}") }
    }
    object.withBytes { style == .json ? append(contentsOf: $0) : append(text: $0, style) }
  }
}
