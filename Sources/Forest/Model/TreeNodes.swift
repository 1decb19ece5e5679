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
    return tree
  }

  mutating func appendLeaf() {
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
