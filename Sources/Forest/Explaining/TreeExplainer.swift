import Kernels

/// Explains predictions by exact Shapley values: how much each column of a row pushed the forest's prediction up or
/// down. What a column's value would be, were it not known, is taken from the rows that each node learned from
/// (path-dependent).
public struct TreeExplainer: Sendable {
  /// The prediction for a row of which nothing is known.
  public let baseValue: Double
  /// The number of columns.
  public let columnCount: Int
  private let groups: [TreeShap]

  /// Prepares a forest; takes 48 bytes for each of its splits.
  ///
  /// - Throws: ``ForestError`` with ``ForestError/Code/notSupported`` where a node has no weight, or where the way to a
  ///   leaf asks for more than 64 different columns.
  public init(_ forest: RandomForest) throws(ForestError) {
    let trees = try ShapTrees(forest)
    columnCount = forest.columnCount
    baseValue = trees.baseValue
    groups = trees.groups
  }

  /// The Shapley value of each column; together with ``baseValue`` they add up to the prediction.
  ///
  /// - Precondition: the row has ``columnCount`` values, NaN where one is missing.
  public func values(of row: [Float]) -> [Double] {
    var values = [Double](repeating: 0, count: columnCount)
    for group in groups { group.addShapleyValues(row.span, into: &values) }
    return values
  }

  /// The Shapley values of all rows.
  ///
  /// - Precondition: the matrix has ``columnCount`` columns.
  public func values(of data: FeatureMatrix, threads: Int = 1) async -> [[Double]] {
    await inBlocks(of: data.rowCount, size: 256, threads: threads) { range in
      let rows = range.map { data.row($0) }
      var values = [[Double]](repeating: [Double](repeating: 0, count: columnCount), count: rows.count)
      // All rows through a few trees, then through the next: they are fetched from memory once.
      for group in groups {
        for (index, row) in rows.enumerated() { group.addShapleyValues(row.span, into: &values[index]) }
      }
      return values
    }
  }
}

/// Explains how much of a row's Shapley values is due to pairs of columns together.
public struct InteractionExplainer: Sendable {
  private let single: TreeExplainer
  private let paths: ForestPaths
  private let openFeatures: OpenFeatures

  /// Prepares a forest; takes some hundred bytes for each of its leaves.
  ///
  /// - Throws: ``ForestError`` as ``TreeExplainer`` does.
  public init(_ forest: RandomForest) throws(ForestError) {
    single = try TreeExplainer(forest)
    paths = try ForestPaths(forest)
    openFeatures = paths.openFeatures(width: forest.columnCount)
  }

  /// A symmetric matrix, whose rows add up to the Shapley values; on the diagonal stands what is due to a column by
  /// itself.
  ///
  /// - Precondition: the row has as many values as the forest has columns.
  public func interactions(of row: [Float]) -> [[Double]] {
    let columns = single.columnCount
    var values = [[Double]](repeating: [Double](repeating: 0, count: columns), count: columns)
    for (leaf, open) in zip(paths.leaves, openFeatures(row.span)) { leaf.addInteractions(open: open, into: &values) }
    for (column, value) in single.values(of: row).enumerated() {
      values[column][column] = value - values[column].reduce(0, +)
    }
    return values
  }
}
