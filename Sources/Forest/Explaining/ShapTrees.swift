import Kernels

/// A forest in the form in which Shapley values are found, and its prediction for a row of which nothing is known.
struct ShapTrees: Sendable {
  private(set) var baseValue = 0.0
  /// The trees in groups that stay in a processor's cache while many rows go through them.
  private(set) var groups: [TreeShap] = []

  private static let groupBytes = 192 << 10

  /// - Throws: ``ForestError`` where a node has no weight, or a path more than 64 different features.
  init(_ forest: RandomForest) throws(ForestError) {
    try forest.checkExplicable()
    var size = 0
    for tree in 0..<forest.treeCount {
      let (splits, longest) = try splits(forest, tree: tree)
      let bytes = splits.count * MemoryLayout<TreeShap.Split>.stride
      if groups.isEmpty || size + bytes > Self.groupBytes {
        groups.append(TreeShap(width: forest.columnCount, rules: Self.rules))
        size = 0
      }
      groups[groups.count - 1].append(splits, rounds: max(1, (longest + 7) / 8))
      size += bytes
    }
  }

  /// A node and what is known of the way to it.
  private struct Place {
    var node: Int
    /// The place of the parent; 0 for the root.
    var parent = 0
    /// The share of training rows that the splits on the parent's feature let through, and that of all splits.
    var share = 1.0, reach = 1.0
    /// How many different features the way has.
    var features = 0
  }

  /// The splits of a tree level by level, so that one of a level does not wait for what comes of another, and the
  /// number of different features on its longest path.
  private mutating func splits(
    _ forest: RandomForest, tree: Int
  ) throws(ForestError) -> (splits: [TreeShap.Split], longest: Int) {
    let nodes = forest.nodes
    let count = Double(forest.treeCount)
    var places = [Place(node: nodes.roots[tree])]
    var (splits, longest, at) = ([TreeShap.Split](), 0, 0)
    while at < places.count {
      let place = places[at]
      let (node, feature) = (place.node, nodes.feature[place.node])
      defer { at += 1 }
      longest = max(longest, place.features)
      if feature < 0 {
        baseValue += place.reach * nodes.value[node] / count
        continue
      }
      var earlier = at
      while earlier > 0, nodes.feature[places[places[earlier].parent].node] != feature {
        earlier = places[earlier].parent
      }
      let features = place.features + (earlier == 0 ? 1 : 0)
      guard features <= 64 else {
        throw ForestError(.notSupported, "tree \(tree + 1): a path of more than 64 different columns")
      }
      let left = Int(nodes.left[node])
      let part = try nodes.shareGoingLeft(node, tree: tree)
      func value(_ child: Int) -> Double { nodes.feature[child] < 0 ? nodes.value[child] / count : 1 }
      let share = places[earlier].share
      splits.append(
        TreeShap.Split(
          feature: Int(feature), threshold: nodes.threshold[node], missingGoesLeft: nodes.missingGoesLeft[node],
          place: at, earlier: earlier, share: share, left: part, values: (value(left), value(left + 1))))
      for (child, part) in [(left, part), (left + 1, 1 - part)] {
        places.append(
          Place(node: child, parent: at, share: share * part, reach: place.reach * part, features: features))
      }
    }
    return (splits, longest)
  }

  /// By the number of times four points.
  private static let rules = (0...8).map { rounds in
    let rule = Quadrature(count: 4 * rounds)
    func fours(_ numbers: [Double]) -> [TreeShap.Points] {
      (0..<rounds).map { TreeShap.Points(numbers[4 * $0..<4 * $0 + 4]) }
    }
    return TreeShap.Rule(points: fours(rule.points), weights: fours(rule.weights))
  }
}

extension RandomForest {
  /// - Throws: ``ForestError`` where there are several classes, of which one has to be chosen.
  func checkExplicable() throws(ForestError) {
    guard classCount <= 2 else {
      throw ForestError(.invalidParameter, "of \(classCount) classes one is explained at a time: see oneClass")
    }
  }
}

extension TreeNodes {
  /// The share of the training rows at a node that went left.
  ///
  /// - Throws: ``ForestError`` where a child has no weight.
  func shareGoingLeft(_ node: Int, tree: Int) throws(ForestError) -> Double {
    let (first, second) = (cover[Int(left[node])], cover[Int(left[node]) + 1])
    let share = first / (first + second)
    guard share > 0, share < 1 else {
      throw ForestError(
        .notSupported,
        "tree \(tree + 1): a node does not say how many rows it learned from; explain against a background")
    }
    return share
  }
}
