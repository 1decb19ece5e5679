/// The categories of columns in the order of their mean target, so that a tree can divide them as it divides numbers.
///
/// For two classes, and for the mean, the best division of categories at the root is one of this order (Fisher 1958;
/// Breiman et al. 1984), and a forest that keeps it throughout is as good in practice as one that looks for the best at
/// every node (Wright and König, "Splitting on categorical predictors in random forests", PeerJ 2019). The order is
/// learned from the rows that a forest learns from, and from no others.
///
/// Among more than two classes there is no mean target. There the categories stand in the order of the first principal
/// component of their shares of classes (Coppersmith, Hong and Hosking, "Partitioning nominal attributes in decision
/// trees", 1999; Wright and König find it as good as any other).
public struct CategoryOrder: Sendable, Hashable {
  /// By column: the place of each category, by its number.
  private var ranks: [Int: [Int]] = [:]

  /// Learns the order.
  ///
  /// - Parameters:
  ///   - data: numbers of categories in `columns`; NaN where one is missing.
  ///   - targets: of more than two classes their numbers.
  ///   - weights: how much each row counts.
  /// - Throws: ``ForestError`` where a value is no number of a category.
  init(
    _ data: FeatureMatrix, columns: [Int], targets: [Double], classes: Int = 2, weights: [Double]?
  ) throws(ForestError) {
    let limit = Float(TableSchema.mostCategories)
    for column in columns {
      let values = data.columns[column]
      guard values.allSatisfy({ $0.isNaN || $0 >= 0 && $0 < limit && $0 == $0.rounded() }) else {
        throw ForestError(.badData, "column \(column + 1): the number of a category is a whole number from 0")
      }
      if classes > 2 {
        ranks[column] = Self.places(PrincipalOrder(values, targets: targets, classes: classes, weights: weights).scores)
        continue
      }
      var sums: [SIMD2<Double>] = []
      var all = SIMD2<Double>.zero
      for (row, value) in values.enumerated() where !value.isNaN {
        let weight = weights?[row] ?? 1
        let own = SIMD2(weight * targets[row], weight)
        while sums.count <= Int(value) { sums.append(.zero) }
        sums[Int(value)] += own
        all += own
      }
      // Of a category that nothing is known of, nothing is said: it stands in the middle.
      let middle = all.y > 0 ? all.x / all.y : 0
      let means = sums.map { $0.y > 0 ? $0.x / $0.y : middle }
      ranks[column] = Self.places(means)
    }
  }

  /// The place of each category by its score.
  private static func places(_ scores: [Double]) -> [Int] {
    var places = [Int](repeating: 0, count: scores.count)
    for (rank, category) in scores.indices.sorted(by: { (scores[$0], $0) < (scores[$1], $1) }).enumerated() {
      places[category] = rank
    }
    return places
  }

  /// Rows with categories by their places in the order, in place of their numbers.
  public func apply(_ data: FeatureMatrix) -> FeatureMatrix {
    if ranks.isEmpty { return data }
    var columns = data.columns
    for (column, places) in ranks {
      columns[column] = columns[column].map { value in
        value.isNaN || Int(value) >= places.count ? value : Float(places[Int(value)])
      }
    }
    return FeatureMatrix(columns: columns)
  }

  /// A schema whose categories stand in the order, so that their places are what the forest knows.
  public func apply(_ schema: TableSchema) -> TableSchema {
    var schema = schema
    for (column, places) in ranks {
      guard let categories = schema.columns[column].categories else { continue }
      var ordered = categories
      for (category, place) in places.enumerated() where category < categories.count {
        ordered[place] = categories[category]
      }
      schema.columns[column].categories = ordered
    }
    return schema
  }
}
