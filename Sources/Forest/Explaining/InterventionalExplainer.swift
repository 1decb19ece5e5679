import Kernels

/// Explains predictions by exact Shapley values, where the value of a column that is not known is taken from the rows
/// of a background (interventional): columns are independent of each other then, whatever the forest learned from.
public struct InterventionalExplainer: Sendable {
  /// The mean prediction of the background.
  public let baseValue: Double
  /// The number of columns.
  public let columnCount: Int
  private let paths: ForestPaths
  private let openFeatures: OpenFeatures
  /// For each leaf the sets of features that let rows of the background through, and how many rows have each.
  private let backgrounds: [[(open: UInt64, share: Double)]]

  /// Prepares a forest.
  ///
  /// - Throws: ``ForestError`` as ``TreeExplainer`` does, and where the background has no rows or other columns.
  public init(_ forest: RandomForest, background: FeatureMatrix) throws(ForestError) {
    guard background.rowCount > 0, background.columnCount == forest.columnCount else {
      throw ForestError(.invalidParameter, "the background has rows of \(forest.columnCount) columns")
    }
    let paths = try ForestPaths(forest, needsCover: false)
    let openFeatures = paths.openFeatures(width: forest.columnCount)
    var counts = [[UInt64: Int]](repeating: [:], count: paths.leaves.count)
    var sum = 0.0
    for row in 0..<background.rowCount {
      let values = background.row(row)
      sum += forest.prediction(of: values)
      for (leaf, open) in openFeatures(values.span).enumerated() { counts[leaf][open, default: 0] += 1 }
    }
    columnCount = forest.columnCount
    baseValue = sum / Double(background.rowCount)
    // Sorted, for sums in the same order every time.
    backgrounds = counts.map { leaf in
      leaf.sorted { $0.key < $1.key }.map { ($0.key, Double($0.value) / Double(background.rowCount)) }
    }
    self.paths = paths
    self.openFeatures = openFeatures
  }

  /// The Shapley value of each column; together with ``baseValue`` they add up to the prediction.
  ///
  /// - Precondition: the row has ``columnCount`` values.
  public func values(of row: [Float]) -> [Double] {
    var values = [Double](repeating: 0, count: columnCount)
    for (index, open) in openFeatures(row.span).enumerated() {
      let leaf = paths.leaves[index]
      let all = UInt64.max >> UInt64(64 - leaf.features.count)
      if leaf.features.isEmpty { continue }
      for (other, share) in backgrounds[index] where open | other == all {
        // Only features in which the two differ decide whether the leaf is reached.
        let (own, theirs) = (open & ~other, other & ~open)
        let (ownCount, theirCount) = (own.nonzeroBitCount, theirs.nonzeroBitCount)
        if ownCount > 0 {
          let value = leaf.value * share * Self.weight(ownCount - 1, theirCount)
          add(value, to: own, of: leaf, &values)
        }
        if theirCount > 0 {
          let value = -leaf.value * share * Self.weight(ownCount, theirCount - 1)
          add(value, to: theirs, of: leaf, &values)
        }
      }
    }
    return values
  }

  private func add(_ value: Double, to features: UInt64, of leaf: LeafPath, _ values: inout [Double]) {
    var rest = features
    while rest != 0 {
      values[leaf.features[rest.trailingZeroBitCount]] += value
      rest &= rest - 1
    }
  }

  /// `first! second! / (first + second + 1)!`
  private static func weight(_ first: Int, _ second: Int) -> Double {
    // The product of 1/(second + 1), 2/(second + 2) … which no factorial overflows.
    (0..<first).reduce(1 / Double(first + second + 1)) { $0 * Double($1 + 1) / Double(second + $1 + 1) }
  }
}
