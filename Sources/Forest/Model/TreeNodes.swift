/// The nodes of one tree or of several, field by field. Children stand side by side, behind their node; a node goes
/// left where the value of its column is at most the threshold.
public struct TreeNodes: Sendable, Hashable {
  /// The column that a node looks at; -1 for a leaf.
  public var feature: [Int32] = []
  /// What the value is compared with, which is a float turned into a double.
  public var threshold: [Double] = []
  /// The left child; the right one is the next node.
  public var left: [Int32] = []
  /// Whether a missing value goes left.
  public var missingGoesLeft: [Bool] = []
  /// The weight of the rows that a node learned from.
  public var cover: [Double] = []
  /// What a node says: the share of weight with target 1, or the mean.
  public var value: [Double] = []
  /// What a node says of each of more than two classes, the shares of their weight, node after node. Empty for two
  /// classes and for numbers, of which ``value`` says all; where it is not, ``value`` says nothing.
  public var shares: [Double] = []
  /// The first node of each tree.
  public var roots: [Int] = [0]

  /// Makes no nodes.
  public init() {}

  /// The number of nodes.
  public var count: Int { feature.count }

  /// Several trees as one value.
  public init(joining trees: [TreeNodes]) {
    roots = []
    for tree in trees {
      let start = feature.count
      roots += tree.roots.map { $0 + start }
      feature += tree.feature
      threshold += tree.threshold
      left += tree.left.map { $0 + Int32(truncatingIfNeeded: start) }
      missingGoesLeft += tree.missingGoesLeft
      cover += tree.cover
      value += tree.value
      shares += tree.shares
    }
  }

  /// One of the trees by itself.
  func tree(_ number: Int) -> TreeNodes {
    let range = range(ofTree: number)
    var tree = TreeNodes()
    tree.feature = Array(feature[range])
    tree.threshold = Array(threshold[range])
    tree.left = left[range].enumerated().map { index, child in
      tree.feature[index] < 0 ? 0 : child - Int32(truncatingIfNeeded: range.lowerBound)
    }
    tree.missingGoesLeft = Array(missingGoesLeft[range])
    tree.cover = Array(cover[range])
    tree.value = Array(value[range])
    if let classes = shareCount { tree.shares = Array(shares[range.lowerBound * classes..<range.upperBound * classes]) }
    return tree
  }

  /// How many shares a node has; `nil` where they have none.
  var shareCount: Int? { shares.isEmpty ? nil : shares.count / count }

  /// What a node says of all of its classes.
  ///
  /// - Precondition: nodes have shares.
  func shares(of node: Int) -> ArraySlice<Double> {
    let classes = shares.count / count
    return shares[node * classes..<(node + 1) * classes]
  }

  /// - Parameter classes: how many shares a node has.
  mutating func appendLeaf(classes: Int = 0) {
    shares += repeatElement(0, count: classes)
    feature.append(-1)
    threshold.append(0)
    left.append(0)
    missingGoesLeft.append(false)
    cover.append(0)
    value.append(0)
  }

  /// The nodes of a tree.
  func range(ofTree tree: Int) -> Range<Int> {
    roots[tree]..<(tree + 1 < roots.count ? roots[tree + 1] : count)
  }
}
