/// What is known of each row: columns of floats, in which a missing value is NaN.
///
/// Floats, because that is what forests compare, scikit-learn's too: a threshold between two doubles that are one float
/// would divide nothing.
public struct FeatureMatrix: Sendable, Hashable {
  /// The columns, all of the same length.
  public let columns: [[Float]]
  /// The number of rows.
  public let rowCount: Int

  /// The number of columns.
  public var columnCount: Int { columns.count }

  /// Takes columns.
  ///
  /// - Precondition: all have the same length.
  public init(columns: [[Float]]) {
    rowCount = columns.first?.count ?? 0
    precondition(columns.allSatisfy { $0.count == columns[0].count }, "columns of the same length")
    self.columns = columns
  }

  /// One row.
  public func row(_ index: Int) -> [Float] { columns.map { $0[index] } }

  /// Some rows, in the order asked for.
  public func selecting(_ rows: [Int]) -> FeatureMatrix {
    FeatureMatrix(columns: columns.map { column in rows.map { column[$0] } })
  }

  /// Rows one after the other, each with all its columns.
  func rowMajor(_ rows: Range<Int>) -> [Float] {
    let width = columnCount
    var result = [Float](repeating: 0, count: rows.count * width)
    for (place, column) in columns.enumerated() {
      var at = place
      for row in rows {
        result[at] = column[row]
        at += width
      }
    }
    return result
  }
}
