internal import Kernels

/// Numbers the distinct combinations of key columns. With one key the groups are its numbers, so that group 0 is that
/// of null, whether it occurs or not.
struct GroupTable {
  private var columns: [KeyNumbering]
  /// For each key behind the first: the pairs of what is before it and its own number.
  private var pairs: [PatternNumbering]
  private var hasNull = false

  init(types: [SQLType]) {
    columns = types.map { KeyNumbering(type: $0) }
    pairs = types.dropFirst().map { _ in PatternNumbering() }
  }

  /// How many numbers are in use.
  var count: Int { columns.count == 1 ? columns[0].count : pairs.last.map { $0.keys.count } ?? 1 }

  /// The group of each row.
  mutating func number(_ keys: [Vector], count: Int) throws(QueryError) -> [UInt32] {
    var groups = try columns[0].number(keys[0], count: count)
    if columns.count == 1, !hasNull, keys[0].validity != nil { hasNull = groups.contains(0) }
    for index in 1..<max(1, columns.count) {
      let own = try columns[index].number(keys[index], count: count)
      let both = Kernels.pairs(groups.span, own.span)
      groups = pairs[index - 1].number(both)
    }
    return groups
  }

  /// The groups that have rows.
  var groups: [UInt32] { Array((columns.count == 1 && !hasNull ? 1 : 0)..<UInt32(count)) }

  /// The keys of groups.
  func keys(_ groups: [UInt32]) throws(QueryError) -> [Vector] {
    var numbers: [[UInt32]] = []
    var left = groups
    for pair in pairs.reversed() {
      numbers.append(left.map { UInt32(truncatingIfNeeded: pair.keys[Int($0)]) })
      left = left.map { UInt32(truncatingIfNeeded: pair.keys[Int($0)] >> 32) }
    }
    numbers.append(left)
    var result: [Vector] = []
    for (column, own) in zip(columns, numbers.reversed()) { result.append(try column.values(own)) }
    return result
  }

  /// About how many bytes are in use.
  var byteCount: Int {
    columns.reduce(0) { $0 + $1.byteCount } + pairs.reduce(0) { $0 + $1.byteCount }
  }
}
