import Columnar

/// A node of the schema tree as columns are made of it: what the format spreads over groups of lists and maps is one
/// node here.
struct SchemaNode: Hashable, Sendable {
  enum Content: Hashable, Sendable {
    /// A leaf, by its position in ``ParquetMetadata/columns``.
    case leaf(Int)
    case structure([SchemaNode])
    /// A list whose items are the one node; `depth` is the repetition level at which a further item begins.
    indirect case list(SchemaNode, depth: Int)
    /// A map, whose items are structures of key and value.
    indirect case map(SchemaNode, depth: Int)
  }

  var field: Field
  var content: Content
  /// The definition level from which on the node is not null.
  var definition: Int
  /// The leaves below, by position.
  var leaves: Range<Int>

  /// The part of the tree that leads to the chosen leaves; `nil` where there is none. A map keeps its keys.
  func pruned(keeping kept: (Int) -> Bool) -> SchemaNode? {
    switch content {
    case .leaf(let position): return kept(position) ? self : nil
    case .structure(let children):
      let rest = children.compactMap { $0.pruned(keeping: kept) }
      return rest.isEmpty ? nil : with(.structure(rest), .structure(rest.map(\.field)))
    case .list(let item, let depth):
      return item.pruned(keeping: kept).map { with(.list($0, depth: depth), .list($0.field)) }
    case .map(let entry, let depth):
      guard case .structure(let pair) = entry.content, pair.count == 2 else { return nil }
      guard let value = pair[1].pruned(keeping: kept) else {
        // Keys alone: a list of them.
        return pair[0].pruned(keeping: kept).map { key in
          let rest = entry.with(.structure([key]), .structure([key.field]))
          return with(.list(rest, depth: depth), .list(rest.field))
        }
      }
      let rest = entry.with(.structure([pair[0], value]), .structure([pair[0].field, value.field]))
      return with(.map(rest, depth: depth), .map(key: pair[0].field, value: value.field))
    }
  }

  private func with(_ content: Content, _ type: DataType) -> SchemaNode {
    var copy = self
    copy.content = content
    copy.field.type = type
    return copy
  }

  /// The leaves that the node is made of, in order.
  var leafPositions: [Int] {
    switch content {
    case .leaf(let position): [position]
    case .structure(let children): children.flatMap(\.leafPositions)
    case .list(let item, _), .map(let item, _): item.leafPositions
    }
  }

  /// The names below and of the node itself: groups that only make up a list or map have none.
  func find(_ path: ArraySlice<String>) -> SchemaNode? {
    guard let name = path.first else { return self }
    switch content {
    case .leaf: return nil
    case .structure(let children):
      return children.first { $0.field.name == name }.flatMap { $0.find(path.dropFirst()) }
    case .list(let item, _): return item.find(path)
    case .map(let entry, _):
      guard case .structure(let pair) = entry.content, pair.count == 2 else { return nil }
      if name == "key" { return pair[0].find(path.dropFirst()) }
      if name == "value" { return pair[1].find(path.dropFirst()) }
      return entry.find(path)
    }
  }
}
