/// Which of the features on the way to each leaf let a row through.
public struct OpenFeatures: Sendable {
  /// An inner node: where a row goes, and what this says of the features of the path.
  public struct Inner: BitwiseCopyable, Sendable {
    var node: WideNode
    /// The node and its left child, counted from the tree's root.
    var place, left: UInt32
    /// The feature's bit among those of the path, and the same where it is the first split on this feature, else 0.
    var bit, newBit: UInt64

    /// Makes a node.
    public init(
      feature: Int, threshold: Double, missingGoesLeft: Bool, place: Int, left: Int, slot: Int, isFirst: Bool
    ) {
      node = WideNode(feature: feature, threshold: threshold, missingGoesLeft: missingGoesLeft)
      self.place = UInt32(place)
      self.left = UInt32(left)
      bit = 1 << UInt64(slot)
      newBit = isFirst ? bit : 0
    }
  }

  /// The inner nodes of a tree and its leaves, as ranges, and the number of its nodes.
  public struct Tree: Sendable {
    var inner, leaves: Range<Int>
    var nodeCount: Int

    /// Makes a tree.
    public init(inner: Range<Int>, leaves: Range<Int>, nodeCount: Int) {
      self.inner = inner
      self.leaves = leaves
      self.nodeCount = nodeCount
    }
  }

  private let width: Int
  private let trees: [Tree]
  private let inner: [Inner]
  private let leaves: [Int]

  /// Takes trees.
  ///
  /// - Parameter leaves: the place of each leaf, counted from its tree's root.
  /// - Precondition: every place lies within its tree, a node stands before its children.
  public init(width: Int, trees: [Tree], inner: [Inner], leaves: [Int]) {
    for tree in trees {
      for node in inner[tree.inner] {
        precondition(Int(node.left) + 1 < tree.nodeCount && node.place < node.left, "children behind their node")
        precondition(node.node.column < width, "a column of the row")
      }
      precondition(leaves[tree.leaves].allSatisfy { $0 >= 0 && $0 < tree.nodeCount }, "leaves of the tree")
    }
    self.width = width
    self.trees = trees
    self.inner = inner
    self.leaves = leaves
  }

  /// Which features of its path let the row through, as bits, for every leaf in order.
  ///
  /// - Precondition: `row` has `width` values.
  public func callAsFunction(_ row: Span<Float>) -> [UInt64] {
    precondition(row.count == width, "a row of \(width) columns")
    var result: [UInt64] = []
    result.reserveCapacity(leaves.count)
    var masks = [UInt64](repeating: 0, count: trees.reduce(0) { max($0, $1.nodeCount) })
    row.withUnsafeBufferPointer { row in
      let row = row.baseAddress.unsafelyUnwrapped
      for tree in trees {
        masks[0] = 0
        for node in inner[tree.inner] {
          let mask = masks[Int(node.place)]
          // The child where the row goes, and the other one; both get their masks without a branch.
          let open = mask | node.newBit
          let shut = mask & ~node.bit
          let swap = (open ^ shut) & (0 &- UInt64(node.node.goesLeft(row)))
          masks[Int(node.left)] = shut ^ swap
          masks[Int(node.left) &+ 1] = open ^ swap
        }
        for leaf in leaves[tree.leaves] { result.append(masks[leaf]) }
      }
    }
    return result
  }
}
