import Kernels

/// Trees whose mean is the prediction: the probability of target 1, or the target itself.
public struct RandomForest: Sendable {
  /// What is predicted.
  public let task: ForestSettings.Task
  /// The number of columns of a row.
  public let columnCount: Int
  /// The nodes of all trees.
  public let nodes: TreeNodes
  private let walker: TreeWalker

  /// The number of trees.
  public var treeCount: Int { nodes.roots.count }

  /// Takes trees from anywhere, and checks them.
  ///
  /// - Throws: ``ForestError`` with ``ForestError/Code/badModel`` where a column, a child, a threshold or a value is
  ///   not what it should be; a cycle is such a case, since children stand behind their node.
  public init(task: ForestSettings.Task, columnCount: Int, nodes: TreeNodes) throws(ForestError) {
    guard !nodes.roots.isEmpty, nodes.count > 0 else { throw ForestError(.badModel, "a forest without trees") }
    guard nodes.count < Int(Int32.max) else { throw ForestError(.badModel, "a forest of more than 2^31 nodes") }
    guard nodes.cover.count == nodes.count, nodes.cover.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw ForestError(.badModel, "the weight of a node is no number from 0")
    }
    guard nodes.value.allSatisfy({ $0.isFinite && (task == .regression || $0 >= 0 && $0 <= 1) }) else {
      throw ForestError(.badModel, "a node says what cannot be predicted")
    }
    guard
      let walker = TreeWalker(
        feature: nodes.feature, threshold: nodes.threshold, left: nodes.left, missingGoesLeft: nodes.missingGoesLeft,
        value: nodes.value, roots: nodes.roots, width: columnCount)
    else {
      throw ForestError(
        .badModel, "a column, a child or a threshold of a node is out of bounds, or two nodes share a child")
    }
    self.task = task
    self.columnCount = columnCount
    self.nodes = nodes
    self.walker = walker
  }

  /// The prediction for one row.
  ///
  /// - Precondition: the row has ``columnCount`` values, NaN where one is missing.
  public func prediction(of row: [Float]) -> Double { walker.sum(row.span) / Double(treeCount) }

  /// What one tree says of a row.
  func prediction(of row: [Float], tree: Int) -> Double { walker.value(ofLeaf: walker.leaf(row.span, tree: tree)) }

  /// The prediction for one row, and how far the trees are apart about it: the standard deviation of what they say.
  ///
  /// - Precondition: as for ``prediction(of:)``.
  public func predictionAndSpread(of row: [Float]) -> (prediction: Double, spread: Double) {
    let said = walker.opinions(row.span)
    let mean = said.reduce(0, +) / Double(treeCount)
    return (mean, (said.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(treeCount)).squareRoot())
  }

  /// The predictions for all rows, the same on any number of threads.
  ///
  /// - Precondition: the matrix has ``columnCount`` columns.
  public func predictions(for data: FeatureMatrix, threads: Int = 1) async -> [Double] {
    precondition(data.columnCount == columnCount, "a matrix of \(columnCount) columns")
    // Rows that stay in the nearest cache while all trees are asked about them.
    let size = max(64, min(2_048, 4_096 / columnCount))
    return await inBlocks(of: data.rowCount, size: size, threads: threads) { predictions(for: data, rows: $0) }
  }

  private func predictions(for data: FeatureMatrix, rows: Range<Int>) -> [Double] {
    var sums = [Double](repeating: 0, count: rows.count)
    let values = data.rowMajor(rows)
    walker.addPredictions(values.span, into: &sums)
    let count = Double(treeCount)
    for index in sums.indices { sums[index] /= count }
    return sums
  }
}

/// Does work by blocks of rows that fit into a processor's cache, several at a time, and joins what comes of it in the
/// order of rows.
func inBlocks<Result: Sendable>(
  of rowCount: Int, size: Int = 2_048, threads: Int, _ body: @escaping @Sendable (Range<Int>) -> [Result]
) async -> [Result] {
  let blockCount = (rowCount + size - 1) / size
  let workers = max(1, min(threads, blockCount))
  @Sendable func block(_ number: Int) -> Range<Int> { number * size..<min(rowCount, (number + 1) * size) }
  if workers == 1 { return (0..<blockCount).flatMap { body(block($0)) } }
  return await withTaskGroup(of: [(Int, [Result])].self) { group in
    for worker in 0..<workers {
      group.addTask {
        stride(from: worker, to: blockCount, by: workers).map { ($0, body(block($0))) }
      }
    }
    var blocks = [[Result]](repeating: [], count: blockCount)
    for await some in group {
      for (number, results) in some { blocks[number] = results }
    }
    return blocks.flatMap { $0 }
  }
}
