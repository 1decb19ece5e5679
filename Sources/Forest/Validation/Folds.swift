import Kernels

/// Which fold each row is in.
public enum Folds {
  /// Folds by groups where there are groups, else such that each has its share of either target.
  static func of(
    _ targets: [Double], task: ForestSettings.Task, groups: [Int]?, count: Int, seed: UInt64
  ) -> [Int] {
    // Numbers have no classes of which each fold could have its share.
    let targets = task == .regression ? [Double](repeating: 0, count: targets.count) : targets
    return groups.map { grouped($0, targets: targets, count: count, seed: seed) }
      ?? stratified(targets, count: count, seed: seed)
  }

  /// Deals rows out so that each fold has its share of either target.
  ///
  /// - Returns: for each row the number of its fold, from 0.
  public static func stratified(_ targets: [Double], count: Int, seed: UInt64) -> [Int] {
    var random = SplitMix64(seed: seed)
    var folds = [Int](repeating: 0, count: targets.count)
    var next = 0
    for isPositive in [false, true] {
      let rows = targets.indices.filter { (targets[$0] > 0.5) == isPositive }.shuffled(using: &random)
      for row in rows {
        folds[row] = next % count
        next += 1
      }
    }
    return folds
  }

  /// Deals groups of rows out, such as all rows of a patient: none is in two folds. Large groups first, each to the
  /// fold that has least of what the group brings.
  ///
  /// - Parameter groups: for each row the number of its group.
  public static func grouped(_ groups: [Int], targets: [Double], count: Int, seed: UInt64) -> [Int] {
    var random = SplitMix64(seed: seed)
    var sizes: [Int: SIMD2<Double>] = [:]
    var totals = SIMD2<Double>(repeating: 1e-9)
    for (row, group) in groups.enumerated() {
      let size = targets[row] > 0.5 ? SIMD2(0.0, 1.0) : SIMD2(1.0, 0.0)
      sizes[group, default: .zero] += size
      totals += size
    }
    let order = sizes.keys.sorted().shuffled(using: &random)
      .sorted { (sizes[$0] ?? .zero).sum() > (sizes[$1] ?? .zero).sum() }
    var loads = [SIMD2<Double>](repeating: .zero, count: count)
    var foldOf: [Int: Int] = [:]
    for group in order {
      let size = sizes[group] ?? .zero
      let costs = loads.map { load in ((load / totals) * (size / totals)).sum() }
      let fold = costs.indices.min { costs[$0] < costs[$1] } ?? 0
      foldOf[group] = fold
      loads[fold] += size
    }
    return groups.map { foldOf[$0] ?? 0 }
  }
}
