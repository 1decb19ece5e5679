internal import Columnar
internal import Kernels

/// Looks up the rows of the left side, for one thread.
final class JoinProbe {
  private let table: JoinTable
  private var groups: GroupTable?

  init(_ table: JoinTable) {
    self.table = table
    groups = table.groups
  }

  /// Pairs of rows beyond which no further row of the left side is joined at once.
  private static let enoughPairs = 1 << 18
  /// Pairs of rows that are looked at together where only whether there is one counts.
  private static let pairsAtOnce = 1 << 16

  /// The joined rows of a batch's first rows, which are taken off it: of all, unless they have very many partners.
  func probe(_ rest: inout Batch) throws(QueryError) -> Batch {
    var batch = rest
    rest = Batch(columns: [], count: 0)
    let partners = try partners(batch)
    if [.inner, .cross, .left, .full, .single].contains(table.plan.kind) {
      let done = Self.fitting(partners)
      if done < batch.count {
        rest = batch.sliced(done..<batch.count)
        batch = batch.sliced(0..<done)
      }
    }
    switch table.plan.kind {
    case .inner, .cross:
      let (left, right) = try joined(batch, partners)
      return pairs(batch, left, right)
    case .left, .full, .single:
      let (left, right) = try joined(batch, partners)
      if table.plan.kind == .full { table.noteMatched(right) }
      return try keepingAll(batch, left, right)
    case .semi, .anti:
      let wanted: UInt8 = table.plan.kind == .semi ? 1 : 0
      let isTrue = try marks(batch, partners).isTrue
      return batch.taking((0..<UInt32(batch.count)).filter { isTrue[Int($0)] == wanted })
    case .mark:
      let (isTrue, isUnknown) = try marks(batch, partners)
      let known = zipElements(isTrue, isUnknown, count: batch.count) { $0 | ($1 ^ 1) }
      var result = batch
      let validity = known.contains(0) ? Bitmap(words: packFlags(known.span), count: batch.count) : nil
      result.columns.append(Vector(.boolean, .flags(isTrue), validity: validity))
      return result
    }
  }

  /// For each row of the left side the places of those on the right whose keys equal its own.
  private func partners(_ batch: Batch) throws(QueryError) -> [Range<Int>] {
    var keys: [Vector] = []
    for key in table.plan.keys { keys.append(try key.left.evaluate(batch).expanded(to: batch.count)) }
    let numbers = try groups?.number(keys, count: batch.count) ?? Array(repeating: 0, count: batch.count)
    // The left side's own keys are numbered too; they are forgotten before they fill the memory.
    if let grown = groups, grown.count > 2 * table.groupCount + 1 << 16 { groups = table.groups }
    let search = try table.plan.nearest.map { (nearest) throws(QueryError) in
      try NearestSearch(table, nearest, batch)
    }
    var result: [Range<Int>] = []
    result.reserveCapacity(batch.count)
    for row in 0..<batch.count {
      let group = Int(numbers[row])
      guard group < table.groupCount, keys.allSatisfy({ $0.isValid(row) }) else {
        result.append(0..<0)
        continue
      }
      let range = table.starts[group]..<table.starts[group + 1]
      if let search {
        result.append(search.find(row, range).map { $0..<$0 + 1 } ?? 0..<0)
      } else {
        result.append(range)
      }
    }
    return result
  }

  /// How many rows are joined at once; one at least.
  private static func fitting(_ partners: [Range<Int>]) -> Int {
    var pairs = 0
    for (row, range) in partners.enumerated() {
      pairs += range.count
      if pairs > enoughPairs { return max(1, row) }
    }
    return partners.count
  }

  /// The pairs of rows for which the condition holds.
  private func joined(
    _ batch: Batch, _ partners: [Range<Int>]
  ) throws(QueryError) -> (left: [UInt32], right: [UInt32]) {
    var left: [UInt32] = []
    var right: [UInt32] = []
    for (row, range) in partners.prefix(batch.count).enumerated() {
      for place in range {
        left.append(UInt32(row))
        right.append(table.order[place])
      }
    }
    if let condition = table.plan.condition {
      let kept = try condition.evaluate(pairs(batch, left, right)).truePositions(count: left.count)
      left = kept.map { left[Int($0)] }
      right = kept.map { right[Int($0)] }
    }
    return (left, right)
  }

  /// For each row whether the condition holds for one of its partners, and whether that is unknown for one.
  private func marks(
    _ batch: Batch, _ partners: [Range<Int>]
  ) throws(QueryError) -> (isTrue: [UInt8], isUnknown: [UInt8]) {
    var isTrue = [UInt8](repeating: 0, count: batch.count)
    var isUnknown = isTrue
    guard let condition = table.plan.condition else {
      for (row, range) in partners.enumerated() where !range.isEmpty { isTrue[row] = 1 }
      return (isTrue, isUnknown)
    }
    var left: [UInt32] = []
    var right: [UInt32] = []
    func look() throws(QueryError) {
      let holds = try condition.evaluate(pairs(batch, left, right)).expanded(to: left.count)
      let flags = holds.flags
      for (index, row) in left.enumerated() {
        if !holds.isValid(index) { isUnknown[Int(row)] = 1 } else if flags[index] != 0 { isTrue[Int(row)] = 1 }
      }
      left.removeAll(keepingCapacity: true)
      right.removeAll(keepingCapacity: true)
    }
    for (row, range) in partners.enumerated() {
      for place in range {
        left.append(UInt32(row))
        right.append(table.order[place])
        if left.count == Self.pairsAtOnce { try look() }
        if isTrue[row] != 0 { break }
      }
    }
    if !left.isEmpty { try look() }
    return (isTrue, isUnknown)
  }

  private func pairs(_ batch: Batch, _ left: [UInt32], _ right: [UInt32]) -> Batch {
    let first = batch.taking(left)
    return Batch(columns: first.columns + table.rows.taking(right).columns, count: left.count)
  }

  /// The pairs, and nulls beside the rows of the left side that are in none; in the order of the left side.
  private func keepingAll(_ batch: Batch, _ left: [UInt32], _ right: [UInt32]) throws(QueryError) -> Batch {
    var matched = [UInt8](repeating: 0, count: batch.count)
    for row in left {
      if table.plan.kind == .single, matched[Int(row)] != 0 {
        throw QueryError(.value, "a query in place of a value has more than one row – add LIMIT 1")
      }
      matched[Int(row)] = 1
    }
    let rows = (0..<UInt32(batch.count)).filter { matched[Int($0)] == 0 }
    let joined = pairs(batch, left, right)
    if rows.isEmpty { return joined }
    var alone = batch.taking(rows)
    alone.columns += table.types.map { Vector.null($0) }
    let both = try Batch.joined([joined, alone], types: batch.columns.map(\.type) + table.types)
    let origin = left + rows
    return both.taking((0..<UInt32(both.count)).sorted { (origin[Int($0)], $0) < (origin[Int($1)], $1) })
  }
}
