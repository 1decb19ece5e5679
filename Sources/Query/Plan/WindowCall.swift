/// A window function over sorted partitions.
struct WindowCall: Hashable, Sendable {
  enum Function: Hashable, Sendable {
    case rowNumber, rank, denseRank, percentRank, cumeDist, ntile
    case lag, lead, firstValue, lastValue, nthValue
    case aggregate(AggregateCall)
  }

  var function: Function
  var arguments: [Expression]
  var partition: [Expression] = []
  var order: [SortKey] = []
  var frame = Frame(mode: .rows, start: .unboundedPreceding, end: .currentRow)
  /// Whether rows without a value are passed over.
  var ignoresNulls = false
  /// Which rows an aggregate takes.
  var filter: Expression?
  var type: SQLType

  /// The names of functions that exist only over windows.
  static let names: [String: Function] = [
    "row_number": .rowNumber, "rank": .rank, "dense_rank": .denseRank, "rank_dense": .denseRank,
    "percent_rank": .percentRank, "cume_dist": .cumeDist, "ntile": .ntile, "lag": .lag, "lead": .lead,
    "first_value": .firstValue, "last_value": .lastValue, "nth_value": .nthValue,
  ]

  /// Changes all expressions over the input's columns.
  mutating func changeExpressions<E: Error>(_ body: (Expression) throws(E) -> Expression) throws(E) {
    for index in arguments.indices { arguments[index] = try body(arguments[index]) }
    for index in partition.indices { partition[index] = try body(partition[index]) }
    for index in order.indices { order[index].expression = try body(order[index].expression) }
    if let own = filter { filter = try body(own) }
    if let key = frame.key { frame.key = try body(key) }
    if case .value(let edge) = frame.start { frame.start = .value(try body(edge)) }
    if case .value(let edge) = frame.end { frame.end = .value(try body(edge)) }
  }

  /// The input's columns that the call reads.
  var columns: Set<Int> {
    var copy = self
    var result: Set<Int> = []
    copy.changeExpressions { expression in
      result.formUnion(expression.columns)
      return expression
    }
    return result
  }
}

/// The rows around a row that a window function looks at.
struct Frame: Hashable, Sendable {
  /// What is counted: rows, values of the order's key, or groups of rows that are equal in the order.
  enum Mode: String, Hashable, Sendable { case rows, range, groups }

  enum Bound: Hashable, Sendable {
    case unboundedPreceding
    case preceding(Int)
    case currentRow
    case following(Int)
    case unboundedFollowing
    /// The rows whose key does not lie beyond this value, which is that of the row at hand and a distance.
    case value(Expression)
  }

  /// What is left out although it lies between the bounds.
  enum Exclusion: Hashable, Sendable { case none, currentRow, group, ties }

  var mode: Mode
  var start: Bound
  var end: Bound
  var exclusion = Exclusion.none
  /// What bounds by value are compared with: the key of the order, in their type.
  var key: Expression?
}
