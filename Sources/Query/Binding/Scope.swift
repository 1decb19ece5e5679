/// The columns that names in an expression may mean.
struct Scope {
  struct Column {
    var table: String?
    var name: String
    var type: SQLType
    /// Whether `*` leaves it out.
    var isHidden = false
    /// Whether it is joined by `USING` to a column of the same name before it.
    var isMerged = false
  }

  var columns: [Column] = []

  /// Where a name, perhaps behind that of its table, leads.
  enum Found {
    case column(Int)
    case ambiguous
    case none
  }

  /// Looks for a column; names are compared without regard to case.
  func find(_ name: String, table: String? = nil) -> Found {
    let lower = name.lowercased()
    let tableName = table?.lowercased()
    let found = columns.indices.filter { index in
      let column = columns[index]
      guard column.name.lowercased() == lower else { return false }
      if let tableName { return column.table?.lowercased() == tableName }
      return !column.isMerged
    }
    if found.count == 1 { return .column(found[0]) }
    if let exact = found.filter({ columns[$0].name == name }).only { return .column(exact) }
    return found.isEmpty ? .none : .ambiguous
  }

  /// Whether a table of this name is in scope.
  func hasTable(_ name: String) -> Bool {
    columns.contains { $0.table?.lowercased() == name.lowercased() }
  }
}

extension Array {
  /// The element of an array of one.
  var only: Element? { count == 1 ? self[0] : nil }
}

/// Finds the name that was probably meant.
enum Suggestion {
  /// The candidate that is nearest to a name, if any is near enough.
  static func nearest(to name: String, among candidates: [String]) -> String? {
    let lower = Array(name.lowercased().utf8.prefix(64))
    let measured = candidates.prefix(2_000).map { ($0, distance(lower, Array($0.lowercased().utf8.prefix(64)))) }
    guard let best = measured.min(by: { $0.1 < $1.1 }), best.1 <= max(1, lower.count / 3) else { return nil }
    return best.0
  }

  /// How many bytes must be inserted, removed, replaced or swapped with their neighbour.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var next = [i + 1]
      for j in b.indices {
        var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, next[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        next.append(cost)
      }
      (before, last) = (last, next)
    }
    return last[b.count]
  }

  /// ` – did you mean "…"?`, or nothing.
  static func text(for name: String, among candidates: [String]) -> String {
    nearest(to: name, among: candidates).map { " – did you mean \"\($0)\"?" } ?? ""
  }
}
