import Columnar
import CommandSupport
import Parquet

/// Reads all values of a file and throws them away.
enum Verification {
  /// Checks a file, one column chunk in memory at a time.
  ///
  /// - Throws: what reading throws; `CommandError` when counts disagree.
  static func check(_ file: ParquetFile, name: String) async throws {
    for (index, group) in file.metadata.rowGroups.enumerated() {
      for leaf in file.metadata.schema.fields.indices {
        try Task.checkCancellation()
        let batch = try await file.read(rowGroup: index, columns: [leaf])
        guard Int64(batch.rowCount) == group.rowCount else {
          throw CommandError(
            "\(name): row group \(index), column \(leaf): \(batch.rowCount) rows where the footer says "
              + "\(group.rowCount) – the file is damaged", exit: .dataError)
        }
      }
    }
    let total = try file.metadata.checkedRowCount(of: name)
    guard total == file.metadata.rowCount else {
      throw CommandError(
        "\(name): the row groups hold \(total) rows where the footer says \(file.metadata.rowCount) – the file is "
          + "damaged", exit: .dataError)
    }
  }
}

/// Sums of row counts that come from files and may be absurd.
enum RowCount {
  /// The sum of two counts.
  ///
  /// - Throws: `CommandError` when it does not fit 64 bits.
  static func sum(_ first: Int64, _ second: Int64, of name: String) throws(CommandError) -> Int64 {
    let (sum, overflow) = first.addingReportingOverflow(second)
    guard !overflow, second >= 0 else {
      throw CommandError(
        "\(name): the footer tells of an impossible number of rows – the file is damaged", exit: .dataError)
    }
    return sum
  }
}

extension ParquetMetadata {
  /// How many rows the row groups hold together.
  ///
  /// - Throws: `CommandError` when a count is negative or the sum does not fit 64 bits.
  func checkedRowCount(of name: String) throws(CommandError) -> Int64 {
    var total: Int64 = 0
    for group in rowGroups { total = try RowCount.sum(total, group.rowCount, of: name) }
    return total
  }
}
