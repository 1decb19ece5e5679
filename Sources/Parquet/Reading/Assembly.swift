internal import Columnar
internal import Kernels

// Columns out of leaves. For every node above the leaves, the levels of one leaf below it tell where its slots begin,
// which of them are null, and how many items a list has (apache/parquet-format, README.md, "Nested Encoding"; Melnik et
// al., "Dremel", 2010).
//
// Worked example, `optional group tags (LIST) { repeated group list { optional binary element; } }`, the rows
// ["a", null], null, [], ["b"]:
//
//   definition   3 2 0 1 3       value, null item, null list, empty list, value
//   repetition   0 1 0 0 0       a row begins at each 0
//   offsets      0 2 2 2 3       an item at each definition of 2 or more
//   validity     1 0 1 1         a list where the row's first definition is 1 or more
//   items        "a" null "b"    a slot at each definition of 2 or more, a value at 3
//
// One pass over the levels for each node, none for each value's path; the recursion is over the schema.

/// Puts the leaves of a batch together.
struct Assembler {
  /// The leaves by position; taken once.
  private var leaves: [LeafBatch?]
  private let columns: [LeafColumn]
  private let rowCount: Int

  /// - Parameter leaves: batches of the same rows, by position in `columns`.
  init(leaves: [LeafBatch?], columns: [LeafColumn], rowCount: Int) {
    self.leaves = leaves
    self.columns = columns
    self.rowCount = rowCount
  }

  /// The column of a field below the root.
  func column(_ node: SchemaNode) throws(ParquetError) -> Column {
    let column = try column(node, Slots(definition: 0, depth: 0))
    guard column.count == rowCount else { throw mismatch(node) }
    return column
  }

  /// Which entries make a slot in the column of a node: those of at least this definition level and at most this
  /// repetition level.
  private struct Slots {
    var definition: Int
    var depth: Int
  }

  private func mismatch(_ node: SchemaNode) -> ParquetError {
    ParquetError(.outOfSpec, "columns of one group differ in their numbers of values").located(
      column: columns[node.leafPositions.first ?? 0].name)
  }

  private func column(_ node: SchemaNode, _ slots: Slots) throws(ParquetError) -> Column {
    switch node.content {
    case .leaf(let position):
      guard let leaf = leaves[position] else { throw mismatch(node) }
      // Of a leaf that must be there, only slots of absent groups are empty; what is null there is the group.
      return Column(type: node.field.type, values: leaf.values, validity: node.field.isNullable ? leaf.validity : nil)
    case .structure(let children):
      var parts: [Column] = []
      for child in children {
        let part = try column(child, slots)
        if let first = parts.first, first.count != part.count { throw mismatch(node) }
        parts.append(part)
      }
      let count = parts.first?.count ?? 0
      return Column(
        type: node.field.type, values: .structure(parts, count: count),
        validity: try validity(node, slots, count: count))
    case .list(let item, let depth), .map(let item, let depth):
      let levels = try levels(node)
      let inner = Slots(definition: node.definition + 1, depth: depth)
      let offsets = listOffsets(
        definitions: levels.definitions.span, repetitions: levels.repetitions.span, slot: UInt8(slots.definition),
        item: UInt8(inner.definition), repetition: UInt8(depth))
      guard let offsets else { throw ParquetError(.wouldOverAllocate, "more than 2^31 items of lists in one batch") }
      let items = try column(item, inner)
      guard items.count == Int(offsets[offsets.count - 1]) else { throw mismatch(node) }
      return Column(
        type: node.field.type, values: .list(offsets: offsets, items: items),
        validity: try validity(node, slots, count: offsets.count - 1))
    }
  }

  /// The levels of a leaf below a node.
  private func levels(_ node: SchemaNode) throws(ParquetError) -> LeafBatch {
    guard let position = node.leafPositions.first, let leaf = leaves[position] else { throw mismatch(node) }
    return leaf
  }

  /// Which slots of a node are not null; `nil` where all are.
  private func validity(_ node: SchemaNode, _ slots: Slots, count: Int) throws(ParquetError) -> Bitmap? {
    guard node.field.isNullable else { return nil }
    // The leaf with the fewest levels tells the same as any other.
    let positions = node.leafPositions
    guard let position = positions.min(by: { columns[$0].maxRepetitionLevel < columns[$1].maxRepetitionLevel }),
      let leaf = leaves[position]
    else { throw mismatch(node) }
    if columns[position].hasBitLevels { return leaf.validity }
    var words: [UInt64] = []
    let found: (slots: Int, valid: Int)
    if columns[position].maxRepetitionLevel <= slots.depth {
      found = slotValidity(
        leaf.definitions.span, slot: UInt8(slots.definition), valid: UInt8(node.definition), into: &words)
    } else {
      found = slotValidity(
        definitions: leaf.definitions.span, repetitions: leaf.repetitions.span, slot: UInt8(slots.definition),
        depth: UInt8(slots.depth), valid: UInt8(node.definition), into: &words)
    }
    guard found.slots == count else { throw mismatch(node) }
    return found.valid == count ? nil : Bitmap(words: words, count: count)
  }
}
