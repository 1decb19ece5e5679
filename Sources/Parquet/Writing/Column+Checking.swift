internal import Columnar

extension Column {
  /// Holds types and layouts against their place in the file; everything behind relies on it.
  func check(against node: WriteNode, _ leaves: [LeafColumn]) throws(ParquetError) {
    guard validity.map({ $0.count == count }) ?? true else { throw node.misfit("validity of another length") }
    switch (node.kind, values) {
    case (.leaf(let index), _): try check(leaf: leaves[index], node)
    case (.structure(let nodes), .structure(let columns, let count)):
      guard nodes.count == columns.count else { throw node.misfit("another number of fields than the schema's") }
      for (child, column) in zip(nodes, columns) {
        guard column.count == count else { throw node.misfit("fields of different lengths") }
        try column.check(against: child, leaves)
      }
    case (.list(let item, _), .list(let offsets, let items)):
      guard let first = offsets.first, let last = offsets.last, first >= 0, Int(last) <= items.count,
        zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
      else { throw node.misfit("offsets that do not fit their items") }
      try items.check(against: item, leaves)
    default: throw node.misfit("a column of another type than the schema's")
    }
  }

  private func check(leaf: LeafColumn, _ node: WriteNode) throws(ParquetError) {
    guard type == node.type else { throw node.misfit("a column of another type than the schema's") }
    var inner = values
    if case .dictionary(let codes, let entries) = inner {
      inner = entries
      let size = Int32(clamping: entries.count)
      for (row, code) in codes.enumerated() where code < 0 || code >= size {
        if !isValid(row) && code == 0 { continue }
        throw node.misfit("a code beyond its dictionary")
      }
    }
    let fits: Bool =
      switch (inner, leaf.physicalType) {
      case (.boolean, .boolean), (.int32, .int32), (.int64, .int64), (.float, .float), (.double, .double): true
      case (.bytes(let strings), .byteArray): strings.isSound
      case (.fixed(let width, _), .fixedLengthByteArray), (.fixed(let width, _), .int96): width == leaf.typeLength
      default: false
      }
    guard fits else { throw node.misfit("a layout that does not fit \(leaf.physicalType.name)") }
  }
}

extension WriteNode {
  /// What is wrong with a column that was given for this node.
  fileprivate func misfit(_ message: String) -> ParquetError {
    ParquetError(.invalidParameter, message).located(column: path)
  }
}

extension ByteStrings {
  /// Whether offsets rise within the bytes; linear.
  fileprivate var isSound: Bool {
    guard let first = offsets.first, let last = offsets.last, first >= 0, Int(last) <= bytes.count else { return false }
    return zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }
  }
}
