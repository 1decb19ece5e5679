import Kernels

/// The features on the way to a leaf, each once, with the share of training rows that its splits let through.
struct LeafPath: Sendable {
  var features: [Int] = []
  var shares: [Double] = []
  /// What the leaf adds to a prediction.
  var value = 0.0

  /// Adds the interaction values of pairs of different features, half of each pair's to either side.
  func addInteractions(open: UInt64, into values: inout [[Double]]) {
    let count = features.count
    guard count >= 2 else { return }
    let rule = Quadrature.exact(forDegree: count - 2)
    for (point, weight) in zip(rule.points, rule.weights) {
      func isOpen(_ slot: Int) -> Double { open >> UInt64(slot) & 1 == 1 ? 1 : 0 }
      func factor(_ slot: Int) -> Double { point * isOpen(slot) + (1 - point) * shares[slot] }
      let product = (0..<count).reduce(weight * value / 2) { $0 * factor($1) }
      let ratios = (0..<count).map { (isOpen($0) - shares[$0]) / factor($0) }
      for first in 0..<count {
        for second in 0..<first {
          let pair = product * ratios[first] * ratios[second]
          values[features[first]][features[second]] += pair
          values[features[second]][features[first]] += pair
        }
      }
    }
  }
}

/// A forest taken apart into the paths of its leaves.
struct ForestPaths: Sendable {
  var leaves: [LeafPath] = []
  /// The nodes and leaves of each tree, and the number of its nodes.
  var trees: [(inner: Range<Int>, leaves: Range<Int>, nodeCount: Int)] = []
  var inner: [OpenFeatures.Inner] = []
  /// The node of each leaf, counted from its tree's root.
  var places: [Int] = []

  /// - Parameter needsCover: whether the shares of training rows are asked for; without, they are 1.
  /// - Throws: ``ForestError`` where a node has no weight, or a path more than 64 different features.
  init(_ forest: RandomForest, needsCover: Bool = true) throws(ForestError) {
    try forest.checkExplicable()
    let nodes = forest.nodes
    for tree in 0..<forest.treeCount {
      let range = nodes.range(ofTree: tree)
      let (firstInner, firstLeaf) = (inner.count, leaves.count)
      // Children stand behind their node, so that its path is known before theirs are.
      var paths = [LeafPath](repeating: LeafPath(), count: range.count)
      for node in range {
        let place = node - range.lowerBound
        var path = paths[place]
        paths[place] = LeafPath()
        if nodes.feature[node] < 0 {
          path.value = nodes.value[node] / Double(forest.treeCount)
          leaves.append(path)
          places.append(place)
          continue
        }
        let feature = Int(nodes.feature[node])
        let known = path.features.firstIndex(of: feature)
        let slot = known ?? path.features.count
        if known == nil {
          guard slot < 64 else {
            throw ForestError(.notSupported, "tree \(tree + 1): a path of more than 64 different columns")
          }
          path.features.append(feature)
          path.shares.append(1)
        }
        let left = Int(nodes.left[node])
        let part = needsCover ? try nodes.shareGoingLeft(node, tree: tree) : 1
        for (child, share) in [(left, part), (left + 1, needsCover ? 1 - part : 1)] {
          paths[child - range.lowerBound] = path
          paths[child - range.lowerBound].shares[slot] *= share
        }
        inner.append(
          OpenFeatures.Inner(
            feature: feature, threshold: nodes.threshold[node], missingGoesLeft: nodes.missingGoesLeft[node],
            place: place, left: left - range.lowerBound, slot: slot, isFirst: known == nil))
      }
      trees.append((firstInner..<inner.count, firstLeaf..<leaves.count, range.count))
    }
  }

  /// What tells which features of its path let a row through to each leaf.
  func openFeatures(width: Int) -> OpenFeatures {
    let trees = trees.map { OpenFeatures.Tree(inner: $0.inner, leaves: $0.leaves, nodeCount: $0.nodeCount) }
    return OpenFeatures(width: width, trees: trees, inner: inner, leaves: places)
  }
}
