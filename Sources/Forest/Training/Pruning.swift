import Kernels

extension TreeNodes {
  /// One tree without the branches that are not worth their leaves: minimal cost-complexity pruning (Breiman, 1984).
  ///
  /// A tree costs the impurity of its leaves, by their share of the weight, and `alpha` for each leaf. From the leaves
  /// up, a branch that costs as much as a leaf in its place becomes that leaf; what remains is the smallest of the
  /// cheapest trees, the same one that cutting the weakest link again and again comes to.
  func pruned(alpha: Double, criterion: ForestSettings.Criterion) -> TreeNodes {
    var cost = [Double](repeating: 0, count: count)
    var isLeaf = feature.map { $0 < 0 }
    for node in feature.indices.reversed() {
      let own = impurity(node, criterion) + alpha
      let left = Int(self.left[node])
      let branch = isLeaf[node] ? own : cost[left] + cost[left + 1]
      isLeaf[node] = isLeaf[node] || own <= branch
      cost[node] = min(own, branch)
    }
    var result = TreeNodes()
    let classes = shareCount ?? 0
    result.appendLeaf(classes: classes)
    var open = [(old: 0, new: 0)]
    while let next = open.popLast() {
      result.cover[next.new] = cover[next.old]
      result.value[next.new] = value[next.old]
      for place in 0..<classes { result.shares[next.new * classes + place] = shares[next.old * classes + place] }
      if isLeaf[next.old] { continue }
      let left = result.count
      result.appendLeaf(classes: classes)
      result.appendLeaf(classes: classes)
      result.feature[next.new] = feature[next.old]
      result.threshold[next.new] = threshold[next.old]
      result.missingGoesLeft[next.new] = missingGoesLeft[next.old]
      result.left[next.new] = Int32(left)
      open.append((Int(self.left[next.old]) + 1, left + 1))
      open.append((Int(self.left[next.old]), left))
    }
    return result
  }

  /// A node's impurity by its share of the weight; squares but for a constant that all prunings of a tree share.
  private func impurity(_ node: Int, _ criterion: ForestSettings.Criterion) -> Double {
    let share = cover[node] / cover[0]
    if shareCount != nil { return share * impurity(of: shares(of: node), criterion) }
    switch criterion {
    case .gini: return share * 2 * value[node] * (1 - value[node])
    case .squaredError: return -share * (value[node] - value[0]) * (value[node] - value[0])
    case .entropy, .logLoss:
      // In bits, as the trees of others have it.
      let moments = SplitMoments(weight: 1, target: value[node])
      return share * Kernels.entropy(moments) / naturalLogarithm(2)
    }
  }

  /// The impurity of the shares of several classes.
  private func impurity(of shares: ArraySlice<Double>, _ criterion: ForestSettings.Criterion) -> Double {
    switch criterion {
    case .gini, .squaredError: 1 - shares.reduce(0) { $0 + $1 * $1 }
    case .entropy, .logLoss:
      -shares.reduce(0) { $1 > 0 ? $0 + $1 * naturalLogarithm($1) : $0 } / naturalLogarithm(2)
    }
  }
}
