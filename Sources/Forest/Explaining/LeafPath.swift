import Kernels

/// The features on the way to a leaf, each once, with the share of training rows that its splits let through.
struct LeafPath: Sendable {
  var features: [Int] = []
  var shares: [Double] = []
  /// What the leaf adds to a prediction.
  var value = 0.0

  /// The leaf's number for each set of features that let a row through, but for the set of all.
  ///
  /// See `TreeShap.swift` among the kernels for what the numbers are.
  func table() -> [Double] {
    let count = features.count
    var table = [Double](repeating: 0, count: 1 << count)
    let rule = Quadrature.exact(forDegree: count - 1)
    var products = table
    for (point, weight) in zip(rule.points, rule.weights) {
      products[0] = shares.reduce(weight * value / (1 - point)) { $0 * (1 - point) * $1 }
      table[0] += products[0]
      for set in stride(from: 1, to: 1 << count, by: 1) {
        let slot = set.trailingZeroBitCount
        // Taking a feature into the set puts t + (1 - t) z in place of (1 - t) z.
        products[set] = products[set & (set - 1)] * (1 + point / ((1 - point) * shares[slot]))
        table[set] += products[set]
      }
    }
    return table
  }

  /// Adds the Shapley values of a leaf whose path has too many features for a table.
  func addShapleyValues(open: UInt64, into values: inout [Double]) {
    let count = features.count
    let rule = Quadrature.exact(forDegree: count - 1)
    for (point, weight) in zip(rule.points, rule.weights) {
      func factor(_ slot: Int) -> Double { (open >> UInt64(slot) & 1 == 1 ? point : 0) + (1 - point) * shares[slot] }
      let product = (0..<count).reduce(weight * value) { $0 * factor($1) }
      for slot in 0..<count {
        let isOpen: Double = open >> UInt64(slot) & 1 == 1 ? 1 : 0
        values[features[slot]] += (isOpen - shares[slot]) * product / factor(slot)
      }
    }
  }

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
  var inner: [ShapTables.Inner] = []
  /// The node of each leaf, counted from its tree's root.
  var places: [Int] = []

  /// - Parameter needsCover: whether the shares of training rows are asked for; without, they are 1.
  /// - Throws: ``ForestError`` where a node has no weight, or a path more than 64 different features.
  init(_ forest: RandomForest, needsCover: Bool = true) throws(ForestError) {
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
        for child in left...(left + 1) {
          let share = needsCover ? nodes.cover[child] / nodes.cover[node] : 1
          guard share > 0, share.isFinite else {
            throw ForestError(
              .notSupported,
              "tree \(tree + 1): a node does not say how many rows it learned from; explain against a background")
          }
          paths[child - range.lowerBound] = path
          paths[child - range.lowerBound].shares[slot] *= share
        }
        inner.append(
          ShapTables.Inner(
            feature: feature, threshold: nodes.threshold[node], missingGoesLeft: nodes.missingGoesLeft[node],
            place: place, left: left - range.lowerBound, slot: slot, isFirst: known == nil))
      }
      trees.append((firstInner..<inner.count, firstLeaf..<leaves.count, range.count))
    }
  }

  /// Some trees with the tables of their leaves.
  struct Group: Sendable {
    let tables: ShapTables
    /// Which leaves of the forest they are.
    let leaves: Range<Int>
  }

  /// The tables of all leaves, of those with the longest paths only while all together stay within `limit` bytes; in
  /// groups of trees whose tables stay in a processor's cache while many rows go through them.
  func groups(width: Int, limit: Int, groupBytes: Int = 192 << 10) -> [Group] {
    var sizes = [Int](repeating: 0, count: 65)
    for leaf in leaves { sizes[leaf.features.count] += 1 }
    var (longest, bytes) = (0, 0)
    for count in 1...20 {
      bytes += sizes[count] << (count + 3)
      if bytes > limit { break }
      longest = count
    }
    var groups: [Group] = []
    var first = 0
    while first < trees.count {
      var (end, bytes) = (first, 0)
      while end < trees.count, end == first || bytes < groupBytes {
        for leaf in leaves[trees[end].leaves] where leaf.features.count <= longest {
          bytes += 8 << leaf.features.count
        }
        bytes += 32 * trees[end].nodeCount
        end += 1
      }
      groups.append(group(first..<end, width: width, longest: longest))
      first = end
    }
    return groups
  }

  /// All trees with no tables, for what asks only which features let a row through.
  func withoutTables(width: Int) -> ShapTables { group(trees.indices, width: width, longest: 0).tables }

  /// - Parameter longest: the most features of a path that gets a table.
  private func group(_ range: Range<Int>, width: Int, longest: Int) -> Group {
    let own = trees[range]
    let innerRange = (own.first?.inner.lowerBound ?? 0)..<(own.last?.inner.upperBound ?? 0)
    let leafRange = (own.first?.leaves.lowerBound ?? 0)..<(own.last?.leaves.upperBound ?? 0)
    var slots: [ShapTables.Slot] = []
    var numbers: [Double] = []
    var places: [ShapTables.Leaf] = []
    for (leaf, place) in zip(leaves[leafRange], self.places[leafRange]) {
      let count = leaf.features.count
      let hasTable = count <= longest
      places.append(
        ShapTables.Leaf(place: place, slots: slots.count, count: count, table: hasTable ? numbers.count : -1))
      slots += zip(leaf.features, leaf.shares).map { ShapTables.Slot(feature: $0, share: $1) }
      if hasTable { numbers += leaf.table() }
    }
    func from(_ start: Int, _ range: Range<Int>) -> Range<Int> {
      range.lowerBound - start..<range.upperBound - start
    }
    let parts = own.map { tree in
      ShapTables.Tree(
        inner: from(innerRange.lowerBound, tree.inner), leaves: from(leafRange.lowerBound, tree.leaves),
        nodeCount: tree.nodeCount)
    }
    let tables = ShapTables(
      width: width, trees: parts, inner: Array(inner[innerRange]), leaves: places, slots: slots, table: numbers)
    return Group(tables: tables, leaves: leafRange)
  }
}
