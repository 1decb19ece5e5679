internal import Columnar
internal import Kernels

/// The values of a leaf for some rows, apart from their levels.
struct LeafRows {
  /// The leaf's position among the file's columns.
  var leaf: Int
  /// One level a slot.
  var definition: [UInt8]
  /// One level a slot; empty where nothing above repeats.
  var repetition: [UInt8]
  /// The values of the slots of the highest definition level, in order and without nulls: `range` of these.
  var values: ColumnValues
  var range: Range<Int>
}

/// Takes nested columns apart into leaves with levels, level by level of the schema and never value by value.
///
/// Depth of the calls is that of the schema. Grammar and worked example: `Kernels/LevelExpansion.swift`.
struct Shredder {
  /// Slots of one level of nesting.
  private struct Slots {
    var definition: [UInt8]
    var repetition: [UInt8]
    /// Where the open slots lie in the column at hand.
    var positions: [UInt32]
  }

  private(set) var leaves: [LeafRows] = []

  /// Takes `rows` of a column apart; its shape has been checked.
  mutating func shred(_ node: WriteNode, _ column: Column, rows: Range<Int>) throws(ParquetError) {
    let slots = Slots(
      definition: Array(repeating: 0, count: rows.count), repetition: [],
      positions: Array(UInt32(rows.lowerBound)..<UInt32(rows.upperBound)))
    try visit(node, column, slots)
  }

  private mutating func visit(_ node: WriteNode, _ column: Column, _ above: Slots) throws(ParquetError) {
    var slots = above
    if node.isNullable {
      close(&slots, node, column.validity)
    } else if let validity = column.validity {
      for position in slots.positions where !validity[Int(position)] {
        throw ParquetError(.invalidParameter, "a null in a column that is declared without nulls")
          .located(column: node.path)
      }
    }
    switch (node.kind, column.values) {
    case (.leaf(let index), let values): emit(index, values, slots)
    case (.structure(let nodes), .structure(let columns, _)):
      for (child, part) in zip(nodes, columns) { try visit(child, part, slots) }
    case (.list(let item, let repetition), .list(let offsets, let items)):
      expandLists(
        definition: &slots.definition, repetition: &slots.repetition, level: node.validLevel,
        itemRepetition: repetition, positions: &slots.positions, offsets: offsets.span)
      try visit(item, items, slots)
    default: preconditionFailure("shapes were checked when the batch came in")
    }
  }

  private func close(_ slots: inout Slots, _ node: WriteNode, _ validity: Bitmap?) {
    var definition = slots.definition
    slots.definition = []
    var positions = slots.positions
    slots.positions = []
    var closed = 0
    var levels = definition.mutableSpan
    if let validity {
      var open = positions.mutableSpan
      closed = closeNullSlots(&levels, level: node.level, positions: &open, validity: validity.words.span)
    } else {
      raiseOpenSlots(&levels, level: node.level)
    }
    positions.removeLast(closed)
    slots.definition = definition
    slots.positions = positions
  }

  private mutating func emit(_ index: Int, _ values: ColumnValues, _ slots: Slots) {
    let positions = slots.positions
    var rows = LeafRows(
      leaf: index, definition: slots.definition, repetition: slots.repetition, values: values, range: 0..<0)
    if let first = positions.first, let last = positions.last, Int(last - first) + 1 == positions.count {
      // Positions rise, so these are neighbours.
      rows.range = Int(first)..<Int(last) + 1
    } else if !positions.isEmpty {
      rows.values = values.taking(positions)
      rows.range = 0..<positions.count
    }
    leaves.append(rows)
  }
}
