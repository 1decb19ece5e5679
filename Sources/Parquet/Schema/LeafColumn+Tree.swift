import Columnar

extension LeafColumn {
  /// The leaves of a schema tree given depth first (apache/parquet-format README.md, "Nested Encoding").
  ///
  /// The root's own repetition does not count. Stated without recursion: a stack holds, for each open group, how many
  /// children are still to come.
  static func leaves(of elements: [SchemaElement], maxDepth: Int) throws(ParquetError) -> [LeafColumn] {
    guard let root = elements.first else { throw ParquetError(.outOfSpec, "an empty schema") }
    struct Open {
      var remaining: Int32
      var definition: Int
      var repetition: Int
      var slot: Int
    }
    var leaves: [LeafColumn] = []
    var path: [String] = []
    var stack = [Open(remaining: root.childCount ?? 0, definition: 0, repetition: 0, slot: 0)]
    for (index, element) in elements.enumerated().dropFirst() {
      while let last = stack.last, last.remaining == 0 {
        stack.removeLast()
        if !path.isEmpty { path.removeLast() }
      }
      guard let parent = stack.last else { throw ParquetError(.outOfSpec, "schema elements beyond the tree") }
      stack[stack.count - 1].remaining -= 1
      let definition = parent.definition + (element.repetition == .optional || element.repetition == .repeated ? 1 : 0)
      let repetition = parent.repetition + (element.repetition == .repeated ? 1 : 0)
      let slot = element.repetition == .repeated ? definition : parent.slot
      // Levels are kept in seven bits.
      guard definition < 128 else {
        throw ParquetError(.wouldOverAllocate, "a schema with more than 127 optional groups in each other")
      }
      if let physical = element.physicalType, (element.childCount ?? 0) == 0 {
        leaves.append(
          try LeafColumn(
            element, physical, path: path + [element.name], definition: definition, repetition: repetition,
            slot: slot, index: index))
      } else {
        guard let count = element.childCount, count >= 0 else {
          throw ParquetError(.outOfSpec, "a schema element with neither type nor children")
        }
        guard stack.count < maxDepth else {
          throw ParquetError(.wouldOverAllocate, "a schema nested deeper than \(maxDepth)")
        }
        path.append(element.name)
        stack.append(Open(remaining: count, definition: definition, repetition: repetition, slot: slot))
      }
    }
    guard stack.allSatisfy({ $0.remaining == 0 }) else { throw ParquetError(.outOfSpec, "a schema that ends early") }
    return leaves
  }

  private init(
    _ element: SchemaElement, _ physical: PhysicalType, path: [String], definition: Int, repetition: Int, slot: Int,
    index: Int
  ) throws(ParquetError) {
    self.path = path
    physicalType = physical
    switch physical {
    case .int96: typeLength = 12
    case .fixedLengthByteArray:
      guard let length = element.typeLength, length >= 0 else {
        throw ParquetError(.outOfSpec, "a FIXED_LEN_BYTE_ARRAY without a length").located(
          column: path.joined(separator: "."))
      }
      typeLength = Int(length)
    default: typeLength = 0
    }
    type = DataType(element, physical)
    maxDefinitionLevel = definition
    maxRepetitionLevel = repetition
    slotDefinitionLevel = slot
    elementIndex = index
  }
}
