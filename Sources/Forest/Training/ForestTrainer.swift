import Kernels
import Synchronization

/// Grows forests.
public struct ForestTrainer: Sendable {
  /// How.
  public let settings: ForestSettings

  /// - Throws: ``ForestError`` with ``ForestError/Code/invalidParameter`` for settings that make no sense.
  public init(_ settings: ForestSettings) throws(ForestError) {
    try settings.check()
    self.settings = settings
  }

  /// A forest, and what its trees say of the rows that they did not learn from.
  public struct Fit: Sendable {
    /// The forest.
    public var forest: RandomForest
    /// For each row the mean of the trees that did not learn from it; NaN where all of them did. Of more than two
    /// classes each row has a probability for each of them, one after the other.
    public var outOfBag: [Double]
    /// The order of categories that the trees know: rows are brought into it before the forest is asked.
    public var order: CategoryOrder
  }

  /// Grows a forest, the same one on any number of threads.
  ///
  /// - Parameters:
  ///   - targets: 0 or 1 for each row, or the number of its class; any number for regression.
  ///   - weights: how much each row counts; 1 by default. A row of weight 0 is left out.
  ///   - former: trees that these settings, with fewer trees, and these rows gave before: only the others are grown
  ///     (a warm start), and what comes of it is what growing all of them would give.
  ///   - threads: how many trees grow at a time.
  ///   - grown: is told of each tree that is finished, on any thread.
  /// - Throws: ``ForestError``, or `CancellationError`.
  public func fit(
    _ data: FeatureMatrix, targets: [Double], weights: [Double]? = nil, addingTo former: RandomForest? = nil,
    threads: Int = 1, grown: @escaping @Sendable () -> Void = {}
  ) async throws -> Fit {
    try check(data, targets, weights)
    if let former {
      guard former.task == settings.task, former.columnCount == data.columnCount, former.treeCount <= settings.trees,
        settings.task == .regression || former.classCount == settings.classes
      else { throw ForestError(.invalidParameter, "trees are added to a smaller forest of the same task and columns") }
    }
    let order = try CategoryOrder(
      data, columns: settings.categorical, targets: targets, classes: settings.classes, weights: weights)
    let data = order.apply(data)
    let scales = classScales(targets, weights)
    let table = CodedTable(data, bins: settings.splits.codes(rows: data.rowCount))
    let trees: [GrownTree]
    if settings.classes > 2 {
      trees = try await growClasses(table, targets, weights, former, threads: threads, grown: grown)
    } else if settings.task == .classification, weights == nil, data.rowCount <= CountedSum.limit {
      let samples = CountedSamples(positives: targets.map { $0 == 1 })
      trees = try await grow(table, samples, scales, former, threads: threads, grown: grown)
    } else {
      let samples = WeightedSamples(
        targets: targets, weights: rowWeights(targets, weights, scales), task: settings.task)
      trees = try await grow(table, samples, ClassScales(), former, threads: threads, grown: grown)
    }
    let forest = try RandomForest(
      task: settings.task, columnCount: data.columnCount, nodes: TreeNodes(joining: trees.map(\.nodes)))
    return Fit(forest: forest, outOfBag: Self.outOfBag(forest, data, trees), order: order)
  }

  private func check(_ data: FeatureMatrix, _ targets: [Double], _ weights: [Double]?) throws(ForestError) {
    guard data.rowCount > 0, data.columnCount > 0 else {
      throw ForestError(.badData, "there are no rows to learn from")
    }
    guard settings.monotone.isEmpty || settings.monotone.count == data.columnCount else {
      throw ForestError(.invalidParameter, "a trend for each column, or none")
    }
    guard settings.categorical.allSatisfy({ $0 < data.columnCount }) else {
      throw ForestError(.invalidParameter, "a column of categories is one of the columns")
    }
    guard data.rowCount < 1 << 31 else { throw ForestError(.badData, "more than 2^31 rows") }
    guard targets.count == data.rowCount, weights.map({ $0.count == data.rowCount }) ?? true else {
      throw ForestError(.invalidParameter, "a target and a weight for each row")
    }
    if settings.task == .classification, let row = targets.firstIndex(where: { !settings.isClass($0) }) {
      throw ForestError(
        .badData,
        "row \(row + 1): the target of a classification is "
          + (settings.classes == 2 ? "0 or 1" : "a whole number from 0 to \(settings.classes - 1)"))
    }
    if let row = targets.firstIndex(where: { !$0.isFinite }) {
      throw ForestError(.badData, "row \(row + 1): the target is no number")
    }
    if let weights {
      if let row = weights.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
        throw ForestError(.badData, "row \(row + 1): a weight is a number from 0")
      }
      guard weights.contains(where: { $0 > 0 }) else { throw ForestError(.badData, "no row has a weight above 0") }
    }
  }

  private func classScales(_ targets: [Double], _ weights: [Double]?) -> ClassScales {
    switch settings.classWeight {
    case _ where settings.task == .regression, .equal, .each: return ClassScales()
    case .weights(let negative, let positive): return ClassScales(negative: negative, positive: positive)
    case .balanced:
      var (all, positive) = (0.0, 0.0)
      for (row, target) in targets.enumerated() {
        all += weights?[row] ?? 1
        positive += target * (weights?[row] ?? 1)
      }
      guard positive > 0, positive < all else { return ClassScales() }
      return ClassScales(negative: all / (2 * (all - positive)), positive: all / (2 * positive))
    }
  }

  private func rowWeights(_ targets: [Double], _ weights: [Double]?, _ scales: ClassScales) -> [Double] {
    targets.indices.map { row in
      let scale = targets[row] == 1 ? scales.positive : scales.negative
      return (weights?[row] ?? 1) * (settings.task == .regression ? 1 : scale)
    }
  }

  /// Grows all trees, several at a time.
  func grow<Samples: TreeSamples>(
    _ table: CodedTable, _ samples: Samples, _ scales: ClassScales, _ former: RandomForest?, threads: Int,
    grown: @escaping @Sendable () -> Void
  ) async throws -> [GrownTree] {
    let settings = settings
    let next = Counter()
    let trees = await withTaskGroup(of: [(Int, GrownTree)].self) { group in
      for _ in 0..<max(1, min(threads, settings.trees)) {
        group.addTask {
          var grower = TreeGrower<Samples.Sum>(table: table, settings: settings, scales: scales)
          var trees: [(Int, GrownTree)] = []
          while !Task.isCancelled {
            let number = next.take()
            if number >= settings.trees { break }
            let old = former.flatMap { number < $0.treeCount ? $0.nodes.tree(number) : nil }
            trees.append((number, Self.tree(number, &grower, samples, settings, former: old)))
            grown()
          }
          return trees
        }
      }
      var trees = [GrownTree](repeating: GrownTree(), count: settings.trees)
      for await some in group {
        for (number, tree) in some { trees[number] = tree }
      }
      return trees
    }
    try Task.checkCancellation()
    return trees
  }

  /// A tree, which depends on the seed and its number alone.
  private static func tree<Samples: TreeSamples>(
    _ number: Int, _ grower: inout TreeGrower<Samples.Sum>, _ samples: Samples, _ settings: ForestSettings,
    former: TreeNodes?
  ) -> GrownTree {
    var family = SplitMix64(seed: settings.seed)
    var random = SplitMix64(seed: family.next() ^ (UInt64(number) &* 0xD1B5_4A32_D192_ED03))
    let count = samples.count
    var draws = [UInt32](repeating: settings.bootstrap ? 0 : 1, count: count)
    if settings.bootstrap {
      let drawn = max(1, Int((Double(count) * settings.maxSamples).rounded()))
      for _ in 0..<drawn { draws[Int.random(in: 0..<count, using: &random)] += 1 }
    }
    var rows: [UInt32] = []
    var sums: [Samples.Sum] = []
    var inBag = [UInt64](repeating: 0, count: (count + 63) / 64)
    for row in 0..<count where draws[row] > 0 {
      inBag[row >> 6] |= 1 << UInt64(row & 63)
      guard let sum = samples.sum(row, draws: Int(draws[row])) else { continue }
      rows.append(UInt32(row))
      sums.append(sum)
    }
    if let former { return GrownTree(nodes: former, inBag: inBag) }
    // Where all rows that were drawn weigh nothing, the tree says what all rows say.
    if rows.isEmpty {
      for row in 0..<count {
        guard let sum = samples.sum(row, draws: 1) else { continue }
        rows.append(UInt32(row))
        sums.append(sum)
      }
    }
    var nodes = grower.grow(rows: rows, sums: sums, random: random)
    if samples.offset != 0 { nodes.value = nodes.value.map { $0 + samples.offset } }
    return GrownTree(nodes: nodes, inBag: inBag)
  }

  /// Row by row in the order of trees, so that the sums do not depend on threads.
  private static func outOfBag(_ forest: RandomForest, _ data: FeatureMatrix, _ trees: [GrownTree]) -> [Double] {
    if forest.classCount > 2 { return classesOutOfBag(forest, data, trees) }
    return (0..<data.rowCount).map { row in
      let values = data.row(row)
      var (sum, count) = (0.0, 0)
      for (number, tree) in trees.enumerated() where tree.inBag[row >> 6] >> UInt64(row & 63) & 1 == 0 {
        sum += forest.prediction(of: values, tree: number)
        count += 1
      }
      return count == 0 ? .nan : sum / Double(count)
    }
  }
}

/// Numbers given out one by one to several threads.
private final class Counter: Sendable {
  private let next = Atomic(0)

  func take() -> Int { next.wrappingAdd(1, ordering: .relaxed).oldValue }
}
