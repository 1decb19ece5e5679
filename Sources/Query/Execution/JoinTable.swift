internal import Columnar
internal import Kernels
internal import Synchronization

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
  /// What is nearest is compared by it; `nil` without ASOF.
  let nearest: RowOrder?
  /// Rows of the right side that have found a partner; kept for a full join only.
  private let matched: Mutex<[UInt8]>

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
      numbers = try made.number(keys, count: rows.count)
      // A null equals nothing.
      valid = valid.filter { row in keys.allSatisfy { $0.isValid(Int(row)) } }
      table = made
    }
    var nearestOrder: RowOrder?
    if let nearest = plan.nearest {
      let values = try nearest.right.evaluate(rows).expanded(to: rows.count)
      valid = valid.filter { values.isValid(Int($0)) }
      let sorter = RowOrder([(values, false, false)], count: rows.count)
      valid.sort { sorter.compare(Int($0), Int($1)) < 0 }
      nearestOrder = sorter
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
    nearest = nearestOrder
    matched = Mutex(plan.kind == .full ? Array(repeating: 0, count: rows.count) : [])
  }

  /// About how many bytes are in use beside the rows.
  var byteCount: Int { (groups?.byteCount ?? 0) + starts.count * 8 + order.count * 4 }

  /// Notes rows that have found a partner.
  func noteMatched(_ rows: [UInt32]) {
    matched.withLock { flags in for row in rows { flags[Int(row)] = 1 } }
  }

  /// The rows without a partner, behind nulls for the left side.
  func unmatched(leftTypes: [SQLType]) -> Batch {
    let left = matched.withLock { flags in flags.indices.filter { flags[$0] == 0 }.map { UInt32($0) } }
    return Batch(columns: leftTypes.map { Vector.null($0) } + rows.taking(left).columns, count: left.count)
  }
}

/// Finds the nearest row of a group by binary search.
struct NearestSearch {
  private let table: JoinTable
  private let operation: Operation
  private let right: RowOrder
  private let order: RowOrder
  private let left: Vector

  init(
    _ table: JoinTable, _ nearest: (left: Expression, operation: Operation, right: Expression), _ batch: Batch
  ) throws(QueryError) {
    self.table = table
    operation = nearest.operation
    left = try nearest.left.evaluate(batch).expanded(to: batch.count)
    order = RowOrder([(left, false, false)], count: batch.count)
    right = table.nearest ?? order
  }

  /// The place of the row on the right that is nearest to a row on the left.
  func find(_ row: Int, _ range: Range<Int>) -> Int? {
    guard left.isValid(row) else { return nil }
    // The first place whose value is not below (or is above) that of the row.
    let isStrict = operation == .greater || operation == .lessOrEqual
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      let comparison = right.compare(Int(table.order[middle]), with: row, of: order)
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
