import Kernels

/// Which fold each row is in.
public enum Folds {
  /// Folds by groups where there are groups, else such that each has its share of each class.
  static func of(
    _ targets: [Double], task: ForestSettings.Task, groups: [Int]?, count: Int, seed: UInt64
  ) -> [Int] {
    // Numbers have no classes of which each fold could have its share.
    let targets = task == .regression ? [Double](repeating: 0, count: targets.count) : targets
    return groups.map { grouped($0, targets: targets, count: count, seed: seed) }
      ?? stratified(targets, count: count, seed: seed)
  }

  /// Deals rows out so that each fold has its share of each class.
  ///
  /// - Parameter targets: 0 or 1, or the numbers of classes.
  /// - Returns: for each row the number of its fold, from 0.
  public static func stratified(_ targets: [Double], count: Int, seed: UInt64) -> [Int] {
    var random = SplitMix64(seed: seed)
    var folds = [Int](repeating: 0, count: targets.count)
    var next = 0
    let classes = targets.map(classNumber)
    for number in Set(classes).sorted() {
      let rows = classes.indices.filter { classes[$0] == number }.shuffled(using: &random)
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
    let classes = targets.map(classNumber)
    let none = [Double](repeating: 0, count: max(2, (classes.max() ?? 0) + 1))
    var sizes: [Int: [Double]] = [:]
    var totals = none.map { _ in 1e-9 }
    for (row, group) in groups.enumerated() {
      sizes[group, default: none][classes[row]] += 1
      totals[classes[row]] += 1
    }
    let rows = sizes.mapValues { $0.reduce(0, +) }
    let order = sizes.keys.sorted().shuffled(using: &random).sorted { rows[$0] ?? 0 > rows[$1] ?? 0 }
    var loads = [[Double]](repeating: none, count: count)
    var foldOf: [Int: Int] = [:]
    for group in order {
      let size = sizes[group] ?? none
      let costs = loads.map { load in
        none.indices.reduce(0) { $0 + (load[$1] / totals[$1]) * (size[$1] / totals[$1]) }
      }
      let fold = costs.indices.min { costs[$0] < costs[$1] } ?? 0
      foldOf[group] = fold
      for place in none.indices { loads[fold][place] += size[place] }
    }
    return groups.map { foldOf[$0] ?? 0 }
  }

  /// The class of a target: 0 or 1, or the number of one of several.
  private static func classNumber(_ target: Double) -> Int {
    target > 0.5 ? Int(min(target.rounded(), Double(ForestSettings.mostClasses))) : 0
  }
}
