import Columnar

// Lists and maps out of groups (apache/parquet-format, LogicalTypes.md, "Nested Types").
//
// A list is a group annotated LIST around one repeated field. What the repeated field is, decides:
//
//   1. a leaf                                        it is the item, which cannot be null
//   2. a group of several fields                     it is the item, which cannot be null
//   3. a group of one field that is itself repeated  it is the item, which cannot be null
//   4. a group of one field, called `array` or, after the list, `NAME_tuple`
//                                                    it is the item, which cannot be null
//   5. any other group of one field                  that field is the item
//
// A map is a group annotated MAP (or, by old writers, MAP_KEY_VALUE) around one repeated group of key and value; with a
// key alone it is a list of keys. A repeated field outside of both is a list of items that cannot be null, and is
// itself never null. A group that breaks these rules is a structure, read as it stands.
//
// Worked example, rule 5:
//
//   optional group tags (LIST) { repeated group list { optional binary element (STRING); } }
//
// is a nullable list (definition level 1) of nullable strings (an item from level 2 on, a value at level 3).

/// Makes nodes out of the flat list of schema elements.
struct SchemaTreeBuilder {
  private let elements: [SchemaElement]
  private let columns: [LeafColumn]
  private var nextElement = 1
  private var nextLeaf = 0

  /// The fields below the root.
  ///
  /// - Precondition: `columns` are the leaves of the elements, which so form a tree of bounded depth.
  static func fields(_ elements: [SchemaElement], _ columns: [LeafColumn]) -> [SchemaNode] {
    var builder = SchemaTreeBuilder(elements: elements, columns: columns)
    return (0..<max(0, elements.first?.childCount ?? 0)).compactMap { _ in builder.raw() }.compactMap { raw in
      builder.field(raw, definition: 0, depth: 0)
    }
  }

  private init(elements: [SchemaElement], columns: [LeafColumn]) {
    self.elements = elements
    self.columns = columns
  }

  /// An element with those below it.
  private struct Raw {
    var element: SchemaElement
    var children: [Raw]
    /// The position of a leaf.
    var leaf: Int?
    var isRepeated: Bool { element.repetition == .repeated }
  }

  private mutating func raw() -> Raw? {
    guard nextElement < elements.count else { return nil }
    let element = elements[nextElement]
    nextElement += 1
    if element.physicalType != nil, (element.childCount ?? 0) == 0 {
      nextLeaf += 1
      return Raw(element: element, children: [], leaf: nextLeaf - 1)
    }
    let children = (0..<max(0, element.childCount ?? 0)).compactMap { _ in raw() }
    return Raw(element: element, children: children)
  }

  /// The node of an element; one that is repeated outside of lists becomes a list.
  private func field(_ raw: Raw, definition: Int, depth: Int) -> SchemaNode? {
    guard raw.isRepeated else {
      let level = definition + (raw.element.repetition == .optional ? 1 : 0)
      return value(raw, definition: level, depth: depth, isNullable: level > definition)
    }
    guard var item = value(raw, definition: definition + 1, depth: depth + 1, isNullable: false) else { return nil }
    item.field.name = "element"
    let field = Field(raw.element.name, .list(item.field), isNullable: false, fieldID: raw.element.fieldID)
    return SchemaNode(
      field: field, content: .list(item, depth: depth + 1), definition: definition, leaves: item.leaves)
  }

  /// The node of an element whose own repetition has been dealt with.
  private func value(_ raw: Raw, definition: Int, depth: Int, isNullable: Bool) -> SchemaNode? {
    if let leaf = raw.leaf {
      return SchemaNode(
        field: Field(raw.element.name, columns[leaf].type, isNullable: isNullable, fieldID: raw.element.fieldID),
        content: .leaf(leaf), definition: definition, leaves: leaf..<leaf + 1)
    }
    if raw.children.count == 1, raw.children[0].isRepeated {
      if raw.element.isMap, let node = map(raw, definition: definition, depth: depth) {
        return finish(node, raw, isNullable)
      }
      if raw.element.isList || raw.element.isMap, let node = list(raw, definition: definition, depth: depth) {
        return finish(node, raw, isNullable)
      }
    }
    let children = raw.children.compactMap { field($0, definition: definition, depth: depth) }
    guard let first = children.first, let last = children.last else { return nil }
    return finish(
      SchemaNode(
        field: Field("", .structure(children.map(\.field))), content: .structure(children), definition: definition,
        leaves: first.leaves.lowerBound..<last.leaves.upperBound), raw, isNullable)
  }

  private func finish(_ node: SchemaNode, _ raw: Raw, _ isNullable: Bool) -> SchemaNode {
    var node = node
    node.field.name = raw.element.name
    node.field.isNullable = isNullable
    node.field.fieldID = raw.element.fieldID
    return node
  }

  private func map(_ raw: Raw, definition: Int, depth: Int) -> SchemaNode? {
    let entries = raw.children[0]
    guard entries.children.count == 2,
      let entry = value(entries, definition: definition + 1, depth: depth + 1, isNullable: false),
      case .structure(let pair) = entry.content, pair.count == 2
    else { return nil }
    return SchemaNode(
      field: Field("", .map(key: pair[0].field, value: pair[1].field)), content: .map(entry, depth: depth + 1),
      definition: definition, leaves: entry.leaves)
  }

  private func list(_ raw: Raw, definition: Int, depth: Int) -> SchemaNode? {
    let repeated = raw.children[0]
    let isItem: Bool
    if repeated.leaf != nil || repeated.children.count != 1 {
      isItem = true
    } else {
      let name = repeated.element.name
      isItem =
        raw.element.isList
        && (repeated.children[0].isRepeated || name == "array" || name == "\(raw.element.name)_tuple")
    }
    let item =
      isItem
      ? value(repeated, definition: definition + 1, depth: depth + 1, isNullable: false)
      : field(repeated.children[0], definition: definition + 1, depth: depth + 1)
    guard let item else { return nil }
    return SchemaNode(
      field: Field("", .list(item.field)), content: .list(item, depth: depth + 1), definition: definition,
      leaves: item.leaves)
  }
}

extension SchemaElement {
  fileprivate var isList: Bool { logicalType == .list || (logicalType == nil && convertedType == 3) }
  fileprivate var isMap: Bool {
    logicalType == .map || (logicalType == nil && (convertedType == 1 || convertedType == 2))
  }
}
