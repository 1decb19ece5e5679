public import Columnar

/// Which columns of a file are read, and which parts of nested ones.
public struct Projection: Hashable, Sendable {
  /// The fields of the batches, in order.
  let nodes: [SchemaNode]

  /// The schema of the batches.
  public var schema: Schema { Schema(nodes.map(\.field)) }

  /// The leaves to read, as positions in ``ParquetMetadata/columns``, in rising order, each once.
  public var leaves: [Int] { Set(nodes.flatMap(\.leafPositions)).sorted() }
}

extension ParquetMetadata {
  /// All columns.
  public var all: Projection { Projection(nodes: nodes) }

  /// Columns by their position in ``schema``, in the order given.
  ///
  /// - Throws: ``ParquetError`` with ``ParquetError/Code/invalidParameter`` for a position that does not exist.
  public func projection(columns: [Int]) throws(ParquetError) -> Projection {
    var chosen: [SchemaNode] = []
    for column in columns {
      guard nodes.indices.contains(column) else {
        throw ParquetError(.invalidParameter, "no column \(column); the file has \(nodes.count)")
      }
      chosen.append(nodes[column])
    }
    return Projection(nodes: chosen)
  }

  /// Columns, or parts of nested ones, by dotted names, in the order in which the columns are first named.
  ///
  /// A name leads through structures (`address.city`), through lists to their items (`visits.ward` of a list of
  /// structures), and through maps by `key` and `value`. The path of a leaf in the file's schema
  /// (``LeafColumn/name``) is a name too. Several names of one column make one column with those parts.
  ///
  /// - Throws: ``ParquetError`` with ``ParquetError/Code/invalidParameter`` for a name that leads nowhere.
  public func projection(named names: [String]) throws(ParquetError) -> Projection {
    var order: [Int] = []
    var kept: Set<Int> = []
    for name in names {
      let found = leaves(named: name)
      guard !found.isEmpty else { throw ParquetError(.invalidParameter, "no column is called \(name)") }
      kept.formUnion(found)
      for (position, node) in nodes.enumerated() where !order.contains(position) {
        if found.contains(where: { node.leaves.contains($0) }) { order.append(position) }
      }
    }
    return Projection(nodes: order.compactMap { nodes[$0].pruned { kept.contains($0) } })
  }

  /// The leaves that a name stands for; none where it leads nowhere. The first of several equal names counts.
  public func leaves(named name: String) -> [Int] {
    if let node = nodes.first(where: { $0.field.name == name }) { return node.leafPositions }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    // A name may itself hold dots: each way to begin is tried, the longest first.
    for count in (1..<max(parts.count, 1)).reversed() {
      let head = parts[..<count].joined(separator: ".")
      for node in nodes where node.field.name == head {
        if let found = node.find(parts[count...]) { return found.leafPositions }
      }
    }
    return columns.indices.filter { columns[$0].name == name || columns[$0].name.hasPrefix("\(name).") }
  }
}
