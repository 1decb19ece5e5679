import Forest
import Kernels

/// Tables at random, with a signal in them.
enum SampleData {
  /// Numbers from 0 to 1, some of them missing, rounded so that some are equal.
  static func matrix(rows: Int, columns: Int, missing: Double = 0, seed: UInt64 = 1) -> FeatureMatrix {
    var random = SplitMix64(seed: seed)
    return FeatureMatrix(
      columns: (0..<columns).map { _ in
        (0..<rows).map { _ in
          Double.random(in: 0..<1, using: &random) < missing
            ? .nan : (Float.random(in: 0..<1, using: &random) * 100).rounded() / 100
        }
      })
  }

  /// Targets that depend on the first two columns, by chance.
  static func targets(_ data: FeatureMatrix, seed: UInt64 = 2) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<data.rowCount).map { row in
      let values = data.row(row).map { $0.isNaN ? 0.3 : Double($0) }
      let probability = 0.1 + 0.5 * values[0] + (values[1] > 0.6 ? 0.3 : 0)
      return Double.random(in: 0..<1, using: &random) < probability ? 1 : 0
    }
  }

  /// Numbers of classes that depend on the first two columns, by chance.
  static func classes(_ data: FeatureMatrix, count: Int, seed: UInt64 = 2) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<data.rowCount).map { row in
      let values = data.row(row).map { $0.isNaN ? 0.5 : Double($0) }
      let level = 0.75 * values[0] + (values[1] > 0.6 ? 0.25 : 0)
      let isByChance = Double.random(in: 0..<1, using: &random) < 0.1
      let number = isByChance ? Int.random(in: 0..<count, using: &random) : Int(level * Double(count))
      return Double(min(number, count - 1))
    }
  }

  /// A forest of small trees over a table.
  static func forest(
    _ data: FeatureMatrix, trees: Int = 5, _ change: (inout ForestSettings) -> Void = { _ in }
  ) async throws -> RandomForest {
    var settings = ForestSettings()
    settings.trees = trees
    change(&settings)
    return try await ForestTrainer(settings).fit(data, targets: targets(data)).forest
  }
}
