internal import Columnar
internal import Kernels

/// The right side of a join, by its keys.
final class JoinTable: Sendable {
  let rows: Batch
  let types: [SQLType]
  let plan: JoinPlan
  let groups: GroupTable?
  /// How many groups the right side has; the left side's own have none of its rows.
  let groupCount: Int
  /// The rows of group `g` are `order[starts[g]..<starts[g + 1]]`, for an ASOF join sorted by what is nearest.
  let starts: [Int]
  let order: [UInt32]
  let nearest: Vector?

  init(_ rows: Batch, types: [SQLType], _ plan: JoinPlan) throws(QueryError) {
    self.rows = rows
    self.types = types
    self.plan = plan
    var valid = (0..<UInt32(rows.count)).map { $0 }
    var numbers = [UInt32](repeating: 0, count: rows.count)
    var table: GroupTable?
    if !plan.keys.isEmpty {
      var made = GroupTable(types: plan.keys.map(\.right.type))
      var keys: [Vector] = []
      for key in plan.keys { keys.append(try key.right.evaluate(rows).expanded(to: rows.count)) }
      numbers = made.number(keys, count: rows.count)
      // A null equals nothing.
      valid = valid.filter { row in keys.allSatisfy { $0.isValid(Int(row)) } }
      table = made
    }
    var nearestValues: Vector?
    if let nearest = plan.nearest {
      let values = try nearest.right.evaluate(rows).expanded(to: rows.count)
      valid = valid.filter { values.isValid(Int($0)) }
      let sorter = RowOrder([(values, false, false)], count: rows.count)
      valid.sort { sorter.compare(Int($0), Int($1)) < 0 }
      nearestValues = values
    }
    groups = table
    let count = table?.count ?? 1
    groupCount = count
    var counts = [Int](repeating: 0, count: count + 1)
    for row in valid { counts[Int(numbers[Int(row)]) + 1] += 1 }
    for group in 0..<count { counts[group + 1] += counts[group] }
    var next = counts
    var placed = [UInt32](repeating: 0, count: valid.count)
    for row in valid {
      let group = Int(numbers[Int(row)])
      placed[next[group]] = row
      next[group] += 1
    }
    starts = counts
    order = placed
    nearest = nearestValues
  }
}

/// Looks up the rows of the left side, for one thread.
final class JoinProbe {
  private let table: JoinTable
  private var groups: GroupTable?

  init(_ table: JoinTable) {
    self.table = table
    groups = table.groups
  }

  /// The most rows that one batch of the left side may become.
  private static let mostRows = 1 << 24

  /// The joined rows of a batch.
  func probe(_ batch: Batch) throws(QueryError) -> Batch {
    let plan = table.plan
    var keys: [Vector] = []
    for key in plan.keys { keys.append(try key.left.evaluate(batch).expanded(to: batch.count)) }
    let numbers = groups?.number(keys, count: batch.count) ?? Array(repeating: 0, count: batch.count)
    var left: [UInt32] = []
    var right: [UInt32] = []
    let search = try plan.nearest.map { (nearest) throws(QueryError) in try NearestSearch(table, nearest, batch) }
    for row in 0..<batch.count {
      let group = Int(numbers[row])
      guard group < table.groupCount, keys.allSatisfy({ $0.isValid(row) }) else { continue }
      let range = table.starts[group]..<table.starts[group + 1]
      if let search {
        guard let place = search.find(row, range) else { continue }
        left.append(UInt32(row))
        right.append(table.order[place])
      } else {
        guard left.count + range.count <= Self.mostRows else {
          throw QueryError(.limit, "a join makes more than \(Self.mostRows) rows of one batch – join by more columns")
        }
        for place in range {
          left.append(UInt32(row))
          right.append(table.order[place])
        }
      }
    }
    if let condition = plan.condition {
      let kept = try condition.evaluate(pairs(batch, left, right)).truePositions(count: left.count)
      left = kept.map { left[Int($0)] }
      right = kept.map { right[Int($0)] }
    }
    return try result(batch, left, right)
  }

  private func pairs(_ batch: Batch, _ left: [UInt32], _ right: [UInt32]) -> Batch {
    let first = batch.taking(left)
    return Batch(columns: first.columns + table.rows.taking(right).columns, count: left.count)
  }

  private func result(_ batch: Batch, _ left: [UInt32], _ right: [UInt32]) throws(QueryError) -> Batch {
    switch table.plan.kind {
    case .inner, .cross: return pairs(batch, left, right)
    case .semi, .anti, .left:
      var matched = [UInt8](repeating: 0, count: batch.count)
      for row in left { matched[Int(row)] = 1 }
      var rows: [UInt32] = []
      let wantsMatched = table.plan.kind == .semi
      for row in 0..<batch.count where (matched[row] != 0) == wantsMatched { rows.append(UInt32(row)) }
      guard table.plan.kind == .left else { return batch.taking(rows) }
      if rows.isEmpty { return pairs(batch, left, right) }
      let joined = pairs(batch, left, right)
      var alone = batch.taking(rows)
      alone.columns += table.types.map { Vector.null($0) }
      let types = batch.columns.map(\.type) + table.types
      let both = try Batch.joined([joined, alone], types: types)
      // Rows stay in the order of the left side.
      let origin = left + rows
      return both.taking((0..<UInt32(both.count)).sorted { (origin[Int($0)], $0) < (origin[Int($1)], $1) })
    }
  }
}

/// Finds the nearest row of a group by binary search.
private struct NearestSearch {
  private let table: JoinTable
  private let operation: Operation
  private let order: RowOrder
  private let left: Vector
  private let offset: Int

  init(
    _ table: JoinTable, _ nearest: (left: Expression, operation: Operation, right: Expression), _ batch: Batch
  ) throws(QueryError) {
    self.table = table
    operation = nearest.operation
    left = try nearest.left.evaluate(batch).expanded(to: batch.count)
    offset = table.rows.count
    let right = table.nearest ?? left
    let both = try Vector.joined([right, left], counts: [table.rows.count, batch.count], type: left.type)
    order = RowOrder([(both, false, false)], count: table.rows.count + batch.count)
  }

  /// The place of the row on the right that is nearest to a row on the left.
  func find(_ row: Int, _ range: Range<Int>) -> Int? {
    guard left.isValid(row) else { return nil }
    // The first place whose value is not below (or is above) that of the row.
    let isStrict = operation == .greater || operation == .lessOrEqual
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      let comparison = order.compare(Int(table.order[middle]), offset + row)
      if comparison < 0 || (comparison == 0 && !isStrict) { low = middle + 1 } else { high = middle }
    }
    switch operation {
    case .greaterOrEqual: return low > range.lowerBound ? low - 1 : nil
    case .greater: return low > range.lowerBound ? low - 1 : nil
    case .lessOrEqual: return low < range.upperBound ? low : nil
    default: return low < range.upperBound ? low : nil
    }
  }
}
