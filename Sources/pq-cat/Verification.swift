import Columnar
import CommandSupport
import Parquet

/// Reads all values of a file and throws them away.
enum Verification {
  /// Checks a file, one batch in memory at a time.
  ///
  /// - Throws: what reading throws; `CommandError` when counts disagree.
  static func check(_ file: ParquetFile, name: String) async throws {
    var rows: Int64 = 0
    for try await batch in file.batches() {
      try Task.checkCancellation()
      rows += Int64(batch.rowCount)
    }
    let total = try file.metadata.checkedRowCount(of: name)
    guard rows == total, total == file.metadata.rowCount else {
      throw CommandError(
        "\(name): the row groups hold \(rows) rows where the footer says \(file.metadata.rowCount) – the file is "
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
