internal import Columnar

extension ParquetMetadata {
  /// What is known of a whole column: the statistics of all row groups taken together.
  ///
  /// A bound or count is given only when every row group supports it; row groups without any value do not matter for
  /// bounds. Distinct values are known only in a file of one row group.
  ///
  /// - Precondition: `index` is a position in ``columns``.
  public func statistics(ofColumn index: Int) -> ColumnStatistics {
    var merged = ColumnStatistics()
    let chunks = rowGroups.map { $0.columns[index] }
    func total(_ count: (ColumnStatistics) -> Int64?) -> Int64? {
      var sum: Int64 = 0
      for chunk in chunks {
        guard let value = count(chunk.statistics) else { return nil }
        let (next, overflow) = sum.addingReportingOverflow(value)
        if overflow { return nil }
        sum = next
      }
      return sum
    }
    merged.nullCount = total(\.nullCount)
    merged.nanCount = total(\.nanCount)
    if chunks.count == 1 { merged.distinctCount = chunks[0].statistics.distinctCount }
    let order = ValueOrder(columns[index].type, columns[index].physicalType)
    let withValues = chunks.filter { chunk in
      let absent = chunk.statistics.nullCount.map { $0 &+ (chunk.statistics.nanCount ?? 0) }
      return absent != chunk.valueCount
    }
    merged.mergeBounds(of: withValues.map(\.statistics), order)
    return merged
  }

  /// Fills in the typed statistics of all chunks.
  mutating func deriveStatistics() {
    let orders = columnOrders.count == columns.count ? columnOrders : []
    for group in rowGroups.indices {
      for (index, column) in columns.enumerated() {
        guard let stored = rowGroups[group].columns[index].storedStatistics else { continue }
        rowGroups[group].columns[index].statistics = ColumnStatistics(
          stored, column: column, element: schemaElements[column.elementIndex],
          order: orders.isEmpty ? nil : orders[index])
      }
    }
  }
}

extension ColumnStatistics {
  /// Sets the outermost bounds; left open when any part has none.
  fileprivate mutating func mergeBounds(of parts: [ColumnStatistics], _ order: ValueOrder) {
    for (position, part) in parts.enumerated() {
      guard let low = part.min, let high = part.max else {
        (min, max, isMinExact, isMaxExact) = (nil, nil, nil, nil)
        return
      }
      if position == 0 || order.isLess(low, min ?? low) { (min, isMinExact) = (low, part.isMinExact) }
      if position == 0 || order.isLess(max ?? high, high) { (max, isMaxExact) = (high, part.isMaxExact) }
    }
  }
}
