import Columnar
import Delta

extension [AddFile] {
  /// The files in the order of their lowest values of a column, by the log; those of which it says none come last.
  /// Files that it cannot tell apart stay in their order.
  func ordered(by column: String, _ schema: Schema) -> [AddFile] {
    guard let index = schema.index(of: column) else { return self }
    let type = schema.fields[index].type
    let lows = map { FileBounds(parsing: $0.stats ?? "")?.low(of: column, type) }
    return indices.sorted { a, b in
      if lows[a] == lows[b] { return a < b }
      guard let low = lows[a] else { return false }
      return lows[b].map { low.isBelow($0) } ?? true
    }.map { self[$0] }
  }
}

extension Scalar {
  /// Whether this is the smaller of two bounds of one column.
  fileprivate func isBelow(_ other: Scalar) -> Bool {
    switch (self, other) {
    case (.int(let a), .int(let b)): a < b
    case (.double(let a), .double(let b)): a < b
    case (.bytes(let a), .bytes(let b)): a.lexicographicallyPrecedes(b)
    default: false
    }
  }
}
