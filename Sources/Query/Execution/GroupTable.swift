internal import Kernels

/// Numbers the distinct combinations of key columns. With one key the groups are its numbers, so that group 0 is that
/// of null, whether it occurs or not.
struct GroupTable {
  private var columns: [KeyNumbering]
  /// For each key behind the first: the pairs of what is before it and its own number.
  private var pairs: [PairNumbering]
  private var hasNull = false

  init(types: [SQLType]) {
    columns = types.map { KeyNumbering(type: $0) }
    pairs = types.dropFirst().map { _ in PairNumbering() }
  }

  /// How many numbers are in use.
  var count: Int { columns.count == 1 ? columns[0].count : pairs.last.map { $0.keys.count } ?? 1 }

  /// The group of each row.
  mutating func number(_ keys: [Vector], count: Int) throws(QueryError) -> [UInt32] {
    var groups = try columns[0].number(keys[0], count: count)
    if columns.count == 1, !hasNull, keys[0].validity != nil { hasNull = groups.contains(0) }
    for index in 1..<max(1, columns.count) {
      let own = try columns[index].number(keys[index], count: count)
      groups = pairs[index - 1].number(groups, own)
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

/// Numbers pairs of numbers from 0 on: by a table of all that can be while it is small, else by their patterns.
struct PairNumbering {
  /// Places of a table of all pairs beyond which hashing needs less memory, and is as fast.
  private static let largestTable = 1 << 21

  /// The number of each pair plus 1, in rows of `1 << shift`; 0 where it has none.
  private var table: [UInt32] = []
  private var shift = 0
  private var tableKeys: [UInt64] = []
  private var hashed: PatternNumbering?

  /// The pairs in the order of their numbers, the first of each in the upper half.
  var keys: [UInt64] { hashed?.keys ?? tableKeys }

  /// The number of each pair.
  mutating func number(_ high: [UInt32], _ low: [UInt32]) -> [UInt32] {
    if high.isEmpty { return [] }
    if hashed == nil, fits(Int(maximum(high.span)), Int(maximum(low.span))) {
      var numbers: [UInt32] = []
      numberPairs(high.span, low.span, shift: shift, table: &table, keys: &tableKeys, appendingTo: &numbers)
      return numbers
    }
    if hashed == nil {
      var numbering = PatternNumbering()
      _ = numbering.number(tableKeys)
      hashed = numbering
      table = []
      tableKeys = []
    }
    return hashed?.number(Kernels.pairs(high.span, low.span)) ?? []
  }

  /// Makes room in the table; whether it is small enough.
  private mutating func fits(_ high: Int, _ low: Int) -> Bool {
    let width = max(shift, Int.bitWidth - low.leadingZeroBitCount)
    if width == shift, high < table.count >> shift { return true }
    // Wider rows must hold the pairs that are known, too.
    let highest = tableKeys.reduce(high) { max($0, Int($1 >> 32)) }
    guard width <= 21, highest < Self.largestTable >> width else { return false }
    // Twice as many rows as are needed now, so that the table is made anew a few times only.
    let rows = min(Self.largestTable >> width, max(16, 2 * (highest + 1)))
    table = Array(repeating: 0, count: rows << width)
    shift = width
    for (number, key) in tableKeys.enumerated() {
      table[Int(key >> 32) << width | Int(key & 0xFFFF_FFFF)] = UInt32(truncatingIfNeeded: number + 1)
    }
    return true
  }

  /// About how many bytes are in use.
  var byteCount: Int { table.count * 4 + tableKeys.count * 8 + (hashed?.byteCount ?? 0) }
}
