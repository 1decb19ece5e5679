/// Trees in the forms in which rows are asked about: nodes to walk down, and small trees as masks of bits.
///
/// Values are floats, so a threshold that is a double can be rounded down to a float without changing where any of them
/// goes.
public struct TreeWalker: Sendable {
  /// The number of columns of a row.
  public let width: Int
  /// The number of trees.
  public var treeCount: Int { roots.count }

  private enum Nodes {
    case compact([CompactNode])
    case wide([WideNode])
  }

  /// From so many rows on masks of bits are faster than walking.
  private static let fewestSliced = 64

  private let nodes: Nodes
  private let slices: TreeSlices?
  private let values: [Double]
  private let roots: [UInt32]

  /// Checks trees and makes them ready.
  ///
  /// - Parameters:
  ///   - feature: the column that a node looks at; below 0 for a leaf.
  ///   - left: a node's left child, behind which stands the right one; both stand behind the node itself.
  ///   - value: what a leaf says.
  ///   - roots: the first node of each tree, rising.
  ///   - isSliced: whether many rows at once are asked about by masks of bits, where trees are small enough.
  /// - Returns: `nil` where a child or a column is out of bounds, or two nodes share a child.
  public init?(
    feature: [Int32], threshold: [Double], left: [Int32], missingGoesLeft: [Bool], value: [Double], roots: [Int],
    width: Int, isSliced: Bool = true
  ) {
    let count = feature.count
    let counts = [threshold.count, left.count, missingGoesLeft.count, value.count]
    guard count < 1 << 31, counts.allSatisfy({ $0 == count }) else { return nil }
    var nodes: [WideNode] = []
    nodes.reserveCapacity(count)
    // Ways that meet again would make a few nodes stand for any number of leaves.
    var isChild = [Bool](repeating: false, count: count)
    for tree in roots.indices {
      let end = tree + 1 < roots.count ? roots[tree + 1] : count
      guard roots[tree] == nodes.count, roots[tree] < end, end <= count else { return nil }
      for node in roots[tree]..<end {
        if feature[node] < 0 {
          nodes.append(WideNode(threshold: .infinity, feature: WideNode.missingBit, left: UInt32(node)))
          continue
        }
        guard Int(feature[node]) < width, Int(left[node]) > node, Int(left[node]) + 1 < end, !threshold[node].isNaN,
          !isChild[Int(left[node])], !isChild[Int(left[node]) + 1]
        else { return nil }
        isChild[Int(left[node])] = true
        isChild[Int(left[node]) + 1] = true
        nodes.append(
          WideNode(feature: Int(feature[node]), threshold: threshold[node], missingGoesLeft: missingGoesLeft[node]))
        nodes[node].left = UInt32(left[node])
      }
    }
    guard nodes.count == count, width > 0 else { return nil }
    let compact = nodes.enumerated().lazy.map { CompactNode($1, at: $0) }
    let roots = roots.map { UInt32($0) }
    self.nodes = compact.contains { $0 == nil } ? .wide(nodes) : .compact(compact.compactMap { $0 })
    self.slices = isSliced ? TreeSlices(nodes, values: value, roots: roots) : nil
    self.values = value
    self.roots = roots
    self.width = width
  }

  /// Adds what all trees say of each row to `sums`, tree by tree.
  ///
  /// - Precondition: `rows` holds `width` values for each of `sums`, row after row.
  public func addPredictions(_ rows: Span<Float>, into sums: inout [Double]) {
    precondition(rows.count == sums.count * width, "rows of \(width) columns")
    if sums.isEmpty { return }
    rows.withUnsafeBufferPointer { rows in
      sums.withUnsafeMutableBufferPointer { sums in
        if let slices, sums.count >= Self.fewestSliced {
          slices.addPredictions(rows.baseAddress.unsafelyUnwrapped, width: width, into: sums)
          return
        }
        switch nodes {
        case .compact(let nodes):
          Self.withDoubled(rows) { addTrees(nodes, $0, width: 2 &* width, into: sums) }
        case .wide(let nodes):
          addTrees(nodes, rows.baseAddress.unsafelyUnwrapped, width: width, into: sums)
        }
      }
    }
  }

  /// The sum of what all trees say of one row, in the order of trees.
  ///
  /// - Precondition: `row` has `width` values.
  public func sum(_ row: Span<Float>) -> Double {
    var sum = 0.0
    forEachTree(row) { sum += $0 }
    return sum
  }

  /// What each tree says of one row, in the order of trees.
  ///
  /// - Precondition: `row` has `width` values.
  public func opinions(_ row: Span<Float>) -> [Double] {
    var said: [Double] = []
    said.reserveCapacity(roots.count)
    forEachTree(row) { said.append($0) }
    return said
  }

  @inline(__always)
  private func forEachTree(_ row: Span<Float>, _ body: (Double) -> Void) {
    precondition(row.count == width, "a row of \(width) columns")
    row.withUnsafeBufferPointer { row in
      switch nodes {
      case .compact(let nodes): Self.withDoubled(row) { forEachTree(nodes, $0, body) }
      case .wide(let nodes): forEachTree(nodes, row.baseAddress.unsafelyUnwrapped, body)
      }
    }
  }

  /// Adds what all trees say of each row to `sums`, tree by tree, where leaves say several numbers.
  ///
  /// - Parameter values: `count` numbers of each node, node after node.
  /// - Precondition: `rows` holds `width` values, and `sums` has `count` places, for each row.
  public func addPredictions(_ rows: Span<Float>, values: [Double], count: Int, into sums: inout [Double]) {
    precondition(count > 0 && values.count == self.values.count * count, "\(count) numbers for each node")
    precondition(rows.count / width * count == sums.count && rows.count % width == 0, "rows of \(width) columns")
    if sums.isEmpty { return }
    rows.withUnsafeBufferPointer { rows in
      sums.withUnsafeMutableBufferPointer { sums in
        switch nodes {
        case .compact(let nodes):
          Self.withDoubled(rows) { addTrees(nodes, $0, width: 2 &* width, values, count: count, into: sums) }
        case .wide(let nodes):
          addTrees(nodes, rows.baseAddress.unsafelyUnwrapped, width: width, values, count: count, into: sums)
        }
      }
    }
  }

  /// The leaf of one tree at which a row arrives.
  ///
  /// - Precondition: `row` has `width` values.
  public func leaf(_ row: Span<Float>, tree: Int) -> Int {
    precondition(row.count == width, "a row of \(width) columns")
    return row.withUnsafeBufferPointer { row in
      switch nodes {
      case .compact(let nodes):
        Self.withDoubled(row) { row in
          nodes.withUnsafeBufferPointer { Int(walk($0.baseAddress.unsafelyUnwrapped, roots[tree], row)) }
        }
      case .wide(let nodes):
        nodes.withUnsafeBufferPointer {
          Int(walk($0.baseAddress.unsafelyUnwrapped, roots[tree], row.baseAddress.unsafelyUnwrapped))
        }
      }
    }
  }

  /// What a leaf says.
  public func value(ofLeaf leaf: Int) -> Double { values[leaf] }

  private static func withDoubled<Result>(
    _ rows: UnsafeBufferPointer<Float>, _ body: (UnsafePointer<Float>) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * rows.count) { doubled in
      let start = doubled.baseAddress.unsafelyUnwrapped
      CompactNode.double(rows, into: start)
      return body(start)
    }
  }

  /// Tree by tree, each down for all rows.
  @inline(__always)
  private func addTrees<Node: WalkNode>(
    _ nodes: [Node], _ rows: UnsafePointer<Float>, width: Int, into sums: UnsafeMutableBufferPointer<Double>
  ) {
    nodes.withUnsafeBufferPointer { nodes in
      values.withUnsafeBufferPointer { values in
        let nodes = nodes.baseAddress.unsafelyUnwrapped
        for root in roots {
          var row = 0
          while row &+ 8 <= sums.count {
            let leaves = walkEight(nodes, SIMD8(repeating: root), rows + row &* width, stride: width)
            for place in 0..<8 { sums[row &+ place] += values[Int(leaves[place])] }
            row &+= 8
          }
          while row < sums.count {
            sums[row] += values[Int(walk(nodes, root, rows + row &* width))]
            row &+= 1
          }
        }
      }
    }
  }

  /// Tree by tree, each down for all rows, where leaves say several numbers.
  @inline(__always)
  private func addTrees<Node: WalkNode>(
    _ nodes: [Node], _ rows: UnsafePointer<Float>, width: Int, _ values: [Double], count: Int,
    into sums: UnsafeMutableBufferPointer<Double>
  ) {
    nodes.withUnsafeBufferPointer { nodes in
      values.withUnsafeBufferPointer { values in
        let nodes = nodes.baseAddress.unsafelyUnwrapped
        func add(_ leaf: UInt32, to row: Int) {
          let (from, to) = (Int(leaf) &* count, row &* count)
          for place in 0..<count { sums[to &+ place] += values[from &+ place] }
        }
        let rowCount = sums.count / count
        for root in roots {
          var row = 0
          while row &+ 8 <= rowCount {
            let leaves = walkEight(nodes, SIMD8(repeating: root), rows + row &* width, stride: width)
            for place in 0..<8 { add(leaves[place], to: row &+ place) }
            row &+= 8
          }
          while row < rowCount {
            add(walk(nodes, root, rows + row &* width), to: row)
            row &+= 1
          }
        }
      }
    }
  }

  /// Eight trees at once.
  @inline(__always)
  private func forEachTree<Node: WalkNode>(_ nodes: [Node], _ row: UnsafePointer<Float>, _ body: (Double) -> Void) {
    nodes.withUnsafeBufferPointer { nodes in
      values.withUnsafeBufferPointer { values in
        let nodes = nodes.baseAddress.unsafelyUnwrapped
        var tree = 0
        while tree &+ 8 <= roots.count {
          var starts = SIMD8<UInt32>()
          for place in 0..<8 { starts[place] = roots[tree &+ place] }
          let leaves = walkEight(nodes, starts, row, stride: 0)
          for place in 0..<8 { body(values[Int(leaves[place])]) }
          tree &+= 8
        }
        while tree < roots.count {
          body(values[Int(walk(nodes, roots[tree], row))])
          tree &+= 1
        }
      }
    }
  }
}
