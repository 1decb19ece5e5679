extension ParquetMetadata {
  /// What is known of a whole column: the statistics of all row groups taken together.
  public func statistics(ofColumn index: Int) -> ColumnStatistics { ColumnStatistics() }
}
