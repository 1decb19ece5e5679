internal import Columnar

/// Rows as CSV (RFC 4180), values as SQL writes them. A null is nothing between two delimiters, an empty text `""`.
struct CSVOutput {
  struct Style {
    var delimiter: UInt8
    var hasHeader = true
  }

  private let names: [String]
  private let style: Style
  private var isAtStart = true

  init(_ schema: Schema, _ style: Style) {
    names = schema.fields.map(\.name)
    self.style = style
  }

  /// The line of names, if it is still to come.
  mutating func header() -> [UInt8] {
    var text: [UInt8] = []
    if isAtStart, style.hasHeader {
      for (index, name) in names.enumerated() {
        if index > 0 { text.append(style.delimiter) }
        append(ArraySlice(name.utf8), to: &text)
      }
      text.append(UInt8(ascii: "\n"))
    }
    isAtStart = false
    return text
  }

  /// The lines of a batch, behind those of the names where it is the first.
  mutating func text(of batch: RecordBatch) throws(QueryError) -> [UInt8] {
    var text = header()
    var columns: [(strings: ByteStrings, validity: Bitmap?)] = []
    for column in batch.columns {
      let vector = try Casting.cast(Vector(column), to: .text, isTry: false, count: batch.rowCount)
      columns.append((vector.strings, vector.validity))
    }
    for row in 0..<batch.rowCount {
      for (index, column) in columns.enumerated() {
        if index > 0 { text.append(style.delimiter) }
        if column.validity?[row] ?? true { append(column.strings[row], to: &text) }
      }
      text.append(UInt8(ascii: "\n"))
    }
    return text
  }

  private func append(_ value: ArraySlice<UInt8>, to text: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let special = [quote, style.delimiter, UInt8(ascii: "\n"), UInt8(ascii: "\r")]
    if !value.isEmpty, !value.contains(where: { special.contains($0) }) {
      text += value
      return
    }
    text.append(quote)
    for byte in value {
      if byte == quote { text.append(quote) }
      text.append(byte)
    }
    text.append(quote)
  }
}
