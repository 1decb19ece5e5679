import Columnar

// Nested values are JSON in every format: lists as arrays, structures as objects, maps as arrays of objects with `key`
// and `value`. They are put together column by column like all other text: the items of all lists of the rows become
// text at once, and are then dealt out.

extension CellText {
  /// Formats lists and maps.
  mutating func appendLists(
    _ offsets: [Int32], _ items: Column, _ type: DataType, _ rows: Range<Int>, _ validity: Bitmap?
  ) {
    guard !rows.isEmpty else { return }
    let first = Int(offsets[rows.lowerBound])
    var cells = CellText(style: .json)
    cells.fill(items.namedAsPairs(of: type), first..<Int(offsets[rows.upperBound]), isContinued: false)
    let style = style
    each(rows, validity) { text, row in
      text.append(json: style) { text in
        text.append(0x5B)
        for item in Int(offsets[row])..<Int(offsets[row + 1]) {
          if item > Int(offsets[row]) { text.append(0x2C) }
          text.append(cells, row: item - first)
        }
        text.append(0x5D)
      }
    }
  }

  /// Formats structures.
  mutating func appendStructures(_ columns: [Column], _ type: DataType, _ rows: Range<Int>, _ validity: Bitmap?) {
    guard case .structure(let fields) = type, fields.count == columns.count else {
      preconditionFailure("a structure column has a column for each field of its type")
    }
    let names = fields.enumerated().map { position, field in
      var name = TextBuffer()
      name.append(position == 0 ? 0x7B : 0x2C)
      name.appendJSONString(field.name)
      name.append(0x3A)
      return name.bytes
    }
    let cells = columns.map { column in
      var cells = CellText(style: .json)
      cells.fill(column, rows, isContinued: false)
      return cells
    }
    let style = style
    each(rows, validity) { text, row in
      text.append(json: style) { text in
        if names.isEmpty { text.append(0x7B) }
        for (name, cell) in zip(names, cells) {
          text.append(contentsOf: name)
          text.append(cell, row: row - rows.lowerBound)
        }
        text.append(0x7D)
      }
    }
  }
}

extension Column {
  /// The items of a map, whatever the file calls them, as structures of `key` and `value`; those of a list as they are.
  fileprivate func namedAsPairs(of type: DataType) -> Column {
    guard case .map = type, case .structure(let fields) = self.type, fields.count == 2 else { return self }
    var pairs = fields
    (pairs[0].name, pairs[1].name) = ("key", "value")
    return Column(type: .structure(pairs), values: values, validity: validity)
  }
}

extension TextBuffer {
  /// Adds the text of a row of other cells.
  fileprivate mutating func append(_ cells: CellText, row: Int) {
    cells.text.withBytes { append(contentsOf: $0[cells.starts[row]..<cells.ends[row]]) }
  }

  /// Adds JSON that `body` writes, as a cell of a style.
  fileprivate mutating func append(json style: CellStyle, _ body: (inout TextBuffer) -> Void) {
    if style == .json { return body(&self) }
    var json = TextBuffer()
    body(&json)
    json.withBytes { append(text: $0, style) }
  }
}
