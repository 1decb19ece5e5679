import Kernels

/// Trees whose mean is the prediction: the probability of target 1, or of each of several classes, or the target
/// itself.
public struct RandomForest: Sendable {
  /// What is predicted.
  public let task: ForestSettings.Task
  /// The number of classes that are told apart; 1 where a number is predicted.
  public let classCount: Int
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
    let classes = try Self.classCount(task, nodes)
    guard
      let walker = TreeWalker(
        feature: nodes.feature, threshold: nodes.threshold, left: nodes.left, missingGoesLeft: nodes.missingGoesLeft,
        value: nodes.value, roots: nodes.roots, width: columnCount, isSliced: classes <= 2)
    else {
      throw ForestError(
        .badModel, "a column, a child or a threshold of a node is out of bounds, or two nodes share a child")
    }
    self.task = task
    classCount = classes
    self.columnCount = columnCount
    self.nodes = nodes
    self.walker = walker
  }

  /// How many classes nodes speak of.
  ///
  /// - Throws: ``ForestError`` where there are too many, or where their shares are none.
  private static func classCount(_ task: ForestSettings.Task, _ nodes: TreeNodes) throws(ForestError) -> Int {
    guard !nodes.shares.isEmpty else { return task == .classification ? 2 : 1 }
    let (classes, rest) = nodes.shares.count.quotientAndRemainder(dividingBy: nodes.count)
    guard task == .classification, rest == 0, (3...ForestSettings.mostClasses).contains(classes),
      nodes.shares.allSatisfy({ $0 >= 0 && $0 <= 1 })
    else { throw ForestError(.badModel, "the nodes do not have a share for each of 3 to 64 classes") }
    // Room for what single precision loses.
    for node in nodes.feature.indices where nodes.feature[node] < 0 {
      guard abs(nodes.shares(of: node).reduce(0, +) - 1) < 1e-3 else {
        throw ForestError(.badModel, "the shares of classes at a leaf do not come to 1")
      }
    }
    return classes
  }

  /// The prediction for one row: the probability of target 1, or a number; of more than two classes the number of the
  /// most probable one, the first of those that are as probable.
  ///
  /// - Precondition: the row has ``columnCount`` values, NaN where one is missing.
  public func prediction(of row: [Float]) -> Double {
    if classCount > 2 { return Double(Self.mostProbable(probabilities(of: row)[...])) }
    return walker.sum(row.span) / Double(treeCount)
  }

  /// What one tree says of a row.
  func prediction(of row: [Float], tree: Int) -> Double { walker.value(ofLeaf: walker.leaf(row.span, tree: tree)) }

  /// The prediction for one row, and how far the trees are apart about it: the standard deviation of what they say.
  ///
  /// - Precondition: as for ``prediction(of:)``, and there are no more than two classes: see ``oneClass(_:)``.
  public func predictionAndSpread(of row: [Float]) -> (prediction: Double, spread: Double) {
    precondition(classCount <= 2, "a spread of one class")
    let said = walker.opinions(row.span)
    let mean = said.reduce(0, +) / Double(treeCount)
    return (mean, (said.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(treeCount)).squareRoot())
  }

  /// The predictions for all rows, the same on any number of threads.
  ///
  /// - Precondition: the matrix has ``columnCount`` columns.
  public func predictions(for data: FeatureMatrix, threads: Int = 1) async -> [Double] {
    precondition(data.columnCount == columnCount, "a matrix of \(columnCount) columns")
    if classCount > 2 {
      let (all, classes) = (await probabilities(for: data, threads: threads), classCount)
      return (0..<data.rowCount).map { Double(Self.mostProbable(all[$0 * classes..<($0 + 1) * classes])) }
    }
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

extension RandomForest {
  /// The probability of each class for one row; empty where a number is predicted.
  ///
  /// - Precondition: the row has ``columnCount`` values, NaN where one is missing.
  public func probabilities(of row: [Float]) -> [Double] {
    switch classCount {
    case 1: return []
    case 2:
      let probability = prediction(of: row)
      return [1 - probability, probability]
    default: return probabilities(row, rows: 1)
    }
  }

  /// The probability of each class for all rows, row after row, the same on any number of threads; empty where a number
  /// is predicted.
  ///
  /// - Precondition: the matrix has ``columnCount`` columns.
  public func probabilities(for data: FeatureMatrix, threads: Int = 1) async -> [Double] {
    precondition(data.columnCount == columnCount, "a matrix of \(columnCount) columns")
    switch classCount {
    case 1: return []
    case 2: return await predictions(for: data, threads: threads).flatMap { [1 - $0, $0] }
    default:
      let size = max(64, min(2_048, 4_096 / (columnCount + classCount)))
      return await inBlocks(of: data.rowCount, size: size, threads: threads) { rows in
        probabilities(data.rowMajor(rows), rows: rows.count)
      }
    }
  }

  private func probabilities(_ values: [Float], rows: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: rows * classCount)
    walker.addPredictions(values.span, values: nodes.shares, count: classCount, into: &sums)
    let count = Double(treeCount)
    for index in sums.indices { sums[index] /= count }
    return sums
  }

  /// What one tree says of a row, where there are more than two classes.
  func shares(of row: [Float], tree: Int) -> ArraySlice<Double> {
    nodes.shares(of: walker.leaf(row.span, tree: tree))
  }

  /// The place of the highest of a row's probabilities, the first of several.
  public static func mostProbable(_ probabilities: ArraySlice<Double>) -> Int {
    (probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? probabilities.startIndex)
      - probabilities.startIndex
  }

  /// The same trees as a forest of two classes: one class, whose probability it predicts, against all others. So what
  /// is known of two classes, Shapley values above all, is known of each of several.
  ///
  /// - Throws: ``ForestError`` with ``ForestError/Code/invalidParameter`` where there is no such class.
  public func oneClass(_ number: Int) throws(ForestError) -> RandomForest {
    guard classCount > 1, (0..<classCount).contains(number) else {
      throw ForestError(.invalidParameter, "there is no class \(number) among \(classCount == 1 ? 0 : classCount)")
    }
    if classCount == 2, number == 1 { return self }
    var nodes = nodes
    if classCount == 2 {
      nodes.value = nodes.value.map { 1 - $0 }
    } else {
      nodes.value = nodes.feature.indices.map { nodes.shares[$0 * classCount + number] }
    }
    nodes.shares = []
    return try RandomForest(task: .classification, columnCount: columnCount, nodes: nodes)
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
