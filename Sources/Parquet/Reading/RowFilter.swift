public import Columnar

/// Which rows are wanted, to leave out what cannot hold one.
///
/// A filter does not choose rows: it leaves out row groups of which the statistics say that no row matches, and the
/// caller still looks at each row. Null and NaN match no comparison except that NaN is ``Comparison/notEqual`` to
/// everything. Columns are named as in ``ParquetMetadata/projection(named:)``; a column that does not exist, or is
/// repeated, leaves nothing out.
public indirect enum RowFilter: Hashable, Sendable {
  /// How a value stands to another.
  public enum Comparison: Hashable, Sendable {
    case equal
    case notEqual
    case less
    case lessOrEqual
    case greater
    case greaterOrEqual
  }

  /// The column's value stands so to the given one, which must be of the kind that ``Column/scalar(at:)`` gives.
  case compare(String, Comparison, Scalar)
  /// The column's value is one of these.
  case isAny(String, of: [Scalar])
  /// The column has no value.
  case isNull(String)
  /// The column has a value.
  case isNotNull(String)
  /// All of these hold.
  case and([RowFilter])
  /// One of these holds.
  case or([RowFilter])
}

/// What is known of the values of one column in a part of a file.
struct KnownValues {
  var statistics: ColumnStatistics
  /// Values, nulls included.
  var count: Int64?
  var order: ValueOrder

  private var isAllNull: Bool { count != nil && statistics.nullCount == count }

  /// Whether a value may stand so to `value`.
  func mayCompare(_ comparison: RowFilter.Comparison, _ value: Scalar) -> Bool {
    if isAllNull { return false }
    guard let low = statistics.min, let high = statistics.max, low.isComparable(to: value), order != .undefined else {
      return true
    }
    switch comparison {
    case .equal: return !order.isLess(value, low) && !order.isLess(high, value)
    case .less: return order.isLess(low, value)
    case .lessOrEqual: return !order.isLess(value, low)
    case .greater: return order.isLess(value, high)
    case .greaterOrEqual: return !order.isLess(high, value)
    case .notEqual:
      // Only where all values are known to be the one, exactly, and none can be NaN.
      let isFloating = order == .floating || order == .halfPrecision
      let isSingle = !order.isLess(low, value) && !order.isLess(value, high) && !order.isLess(value, low)
      return !(isSingle && !isFloating && statistics.isMinExact == true && statistics.isMaxExact == true)
    }
  }

  /// Whether a null may be among the values.
  var mayBeNull: Bool { statistics.nullCount != 0 }
  /// Whether a value that is not null may be among them.
  var mayBeValid: Bool { !isAllNull }
}

extension Scalar {
  /// Whether both are values of one kind that has an order.
  func isComparable(to other: Scalar) -> Bool {
    switch (self, other) {
    case (.boolean, .boolean), (.int, .int), (.unsigned, .unsigned), (.bytes, .bytes): true
    case (.float, .float(let value)): !value.isNaN
    case (.double, .double(let value)): !value.isNaN
    default: false
    }
  }
}

extension RowFilter {
  /// Whether a part of a file may hold a row that matches.
  ///
  /// - Parameter known: what is known of a column; `nil` where nothing is.
  func mayMatch(_ known: (String) -> KnownValues?) -> Bool {
    switch self {
    case .compare(let column, let comparison, let value):
      known(column)?.mayCompare(comparison, value) ?? true
    case .isAny(let column, let values):
      known(column).map { known in values.contains { known.mayCompare(.equal, $0) } } ?? true
    case .isNull(let column): known(column)?.mayBeNull ?? true
    case .isNotNull(let column): known(column)?.mayBeValid ?? true
    case .and(let parts): parts.allSatisfy { $0.mayMatch(known) }
    case .or(let parts): parts.contains { $0.mayMatch(known) }
    }
  }
}

extension ParquetMetadata {
  /// The row groups that may hold a row which matches, by the statistics of their column chunks; in rising order.
  public func rowGroups(where filter: RowFilter) -> [Int] {
    rowGroups.indices.filter { mayMatch($0, filter) }
  }

  /// Whether a row group may hold a row which matches, by the statistics of its column chunks.
  func mayMatch(_ group: Int, _ filter: RowFilter) -> Bool {
    filter.mayMatch { name in
      let leaves = leaves(named: name)
      guard leaves.count == 1, columns[leaves[0]].maxRepetitionLevel == 0 else { return nil }
      let chunk = rowGroups[group].columns[leaves[0]]
      let column = columns[leaves[0]]
      return KnownValues(
        statistics: chunk.statistics, count: chunk.valueCount, order: ValueOrder(column.type, column.physicalType))
    }
  }
}
