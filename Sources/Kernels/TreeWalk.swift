/// Trees in the form in which rows walk down them: 12 bytes a node, children side by side, a leaf its own child.
///
/// A value goes left where it is at most the threshold. Values are floats, so a threshold that is a double can be
/// rounded down to a float without changing where any of them goes.
public struct TreeWalker: Sendable {
  /// The number of columns of a row.
  public let width: Int
  /// The number of trees.
  public var treeCount: Int { roots.count }

  let nodes: [WalkNode]
  private let values: [Double]
  private let roots: [UInt32]

  /// Checks trees and makes them ready.
  ///
  /// - Parameters:
  ///   - feature: the column that a node looks at; below 0 for a leaf.
  ///   - left: a node's left child, behind which stands the right one; both stand behind the node itself.
  ///   - value: what a leaf says.
  ///   - roots: the first node of each tree, rising.
  /// - Returns: `nil` where a child or a column is out of bounds.
  public init?(
    feature: [Int32], threshold: [Double], left: [Int32], missingGoesLeft: [Bool], value: [Double], roots: [Int],
    width: Int
  ) {
    let count = feature.count
    let counts = [threshold.count, left.count, missingGoesLeft.count, value.count]
    guard count < 1 << 31, counts.allSatisfy({ $0 == count }) else { return nil }
    var nodes: [WalkNode] = []
    nodes.reserveCapacity(count)
    for tree in roots.indices {
      let end = tree + 1 < roots.count ? roots[tree + 1] : count
      guard roots[tree] == nodes.count, roots[tree] < end, end <= count else { return nil }
      for node in roots[tree]..<end {
        if feature[node] < 0 {
          nodes.append(WalkNode(threshold: .infinity, feature: WalkNode.missingBit, left: UInt32(node)))
          continue
        }
        guard Int(feature[node]) < width, Int(left[node]) > node, Int(left[node]) + 1 < end, !threshold[node].isNaN
        else { return nil }
        nodes.append(
          WalkNode(
            threshold: floatBelow(threshold[node]),
            feature: UInt32(feature[node]) | (missingGoesLeft[node] ? WalkNode.missingBit : 0),
            left: UInt32(left[node])))
      }
    }
    guard nodes.count == count, width > 0 else { return nil }
    self.nodes = nodes
    self.values = value
    self.roots = roots.map { UInt32($0) }
    self.width = width
  }

  /// Adds what all trees say of each row to `sums`, tree by tree.
  ///
  /// - Precondition: `rows` holds `width` values for each of `sums`, row after row.
  public func addPredictions(_ rows: Span<Float>, into sums: inout [Double]) {
    precondition(rows.count == sums.count * width, "rows of \(width) columns")
    if sums.isEmpty { return }
    nodes.withUnsafeBufferPointer { nodes in
      values.withUnsafeBufferPointer { values in
        rows.withUnsafeBufferPointer { rows in
          sums.withUnsafeMutableBufferPointer { sums in
            guard let nodes = nodes.baseAddress, let values = values.baseAddress else { return }
            let rows = rows.baseAddress.unsafelyUnwrapped
            for root in roots { addTree(nodes, values, root: root, rows: rows, sums: sums) }
          }
        }
      }
    }
  }

  /// One tree: four rows walk at once, so that the processor has something to do while it waits for a node.
  private func addTree(
    _ nodes: UnsafePointer<WalkNode>, _ values: UnsafePointer<Double>, root: UInt32, rows: UnsafePointer<Float>,
    sums: UnsafeMutableBufferPointer<Double>
  ) {
    var index = 0
    while index &+ 4 <= sums.count {
      let row = rows + index &* width
      let ends = walkFour(
        nodes, (root, root, root, root), row, row + width, row + 2 &* width, row + 3 &* width)
      sums[index] += values[Int(ends.0)]
      sums[index &+ 1] += values[Int(ends.1)]
      sums[index &+ 2] += values[Int(ends.2)]
      sums[index &+ 3] += values[Int(ends.3)]
      index &+= 4
    }
    while index < sums.count {
      sums[index] += values[Int(walkOne(nodes, root, rows + index &* width))]
      index &+= 1
    }
  }

  /// The sum of what all trees say of one row, in the order of trees.
  ///
  /// - Precondition: `row` has `width` values.
  public func sum(_ row: Span<Float>) -> Double {
    precondition(row.count == width, "a row of \(width) columns")
    return nodes.withUnsafeBufferPointer { nodes in
      values.withUnsafeBufferPointer { values in
        row.withUnsafeBufferPointer { row in
          guard let nodes = nodes.baseAddress, let values = values.baseAddress else { return 0 }
          let row = row.baseAddress.unsafelyUnwrapped
          var sum = 0.0
          var tree = 0
          while tree &+ 4 <= roots.count {
            let starts = (roots[tree], roots[tree &+ 1], roots[tree &+ 2], roots[tree &+ 3])
            let ends = walkFour(nodes, starts, row, row, row, row)
            sum += values[Int(ends.0)]
            sum += values[Int(ends.1)]
            sum += values[Int(ends.2)]
            sum += values[Int(ends.3)]
            tree &+= 4
          }
          while tree < roots.count {
            sum += values[Int(walkOne(nodes, roots[tree], row))]
            tree &+= 1
          }
          return sum
        }
      }
    }
  }

  /// The leaf of one tree at which a row arrives.
  ///
  /// - Precondition: `row` has `width` values.
  public func leaf(_ row: Span<Float>, tree: Int) -> Int {
    precondition(row.count == width, "a row of \(width) columns")
    return nodes.withUnsafeBufferPointer { nodes in
      row.withUnsafeBufferPointer { row in
        Int(walkOne(nodes.baseAddress.unsafelyUnwrapped, roots[tree], row.baseAddress.unsafelyUnwrapped))
      }
    }
  }

  /// What a leaf says.
  public func value(ofLeaf leaf: Int) -> Double { values[leaf] }
}

/// A node of a tree.
struct WalkNode: BitwiseCopyable, Sendable {
  /// Set in `feature` where missing values go left.
  static let missingBit: UInt32 = 1 << 31

  var threshold: Float
  var feature: UInt32
  var left: UInt32

  /// 1 where the row goes left here, 0 where it goes right.
  @inline(__always)
  func goesLeft(_ row: UnsafePointer<Float>) -> UInt32 {
    let value = row[Int(feature & ~WalkNode.missingBit)]
    let isLow: UInt32 = value <= threshold ? 1 : 0
    let isMissing: UInt32 = value != value ? 1 : 0
    return isLow | (isMissing & feature &>> 31)
  }
}

/// The largest float that is not above a number.
package func floatBelow(_ number: Double) -> Float {
  let near = Float(number)
  return Double(near) <= number ? near : near.nextDown
}

@inline(__always)
private func child(_ nodes: UnsafePointer<WalkNode>, _ at: UInt32, _ row: UnsafePointer<Float>) -> UInt32 {
  let node = nodes[Int(at)]
  return node.left &+ 1 &- node.goesLeft(row)
}

@inline(__always)
private func walkOne(_ nodes: UnsafePointer<WalkNode>, _ root: UInt32, _ row: UnsafePointer<Float>) -> UInt32 {
  var at = root
  while true {
    let next = child(nodes, at, row)
    if next == at { return at }
    at = next
  }
}

@inline(__always)
private func walkFour(
  _ nodes: UnsafePointer<WalkNode>, _ start: (UInt32, UInt32, UInt32, UInt32), _ row0: UnsafePointer<Float>,
  _ row1: UnsafePointer<Float>, _ row2: UnsafePointer<Float>, _ row3: UnsafePointer<Float>
) -> (UInt32, UInt32, UInt32, UInt32) {
  var (a, b, c, d) = start
  while true {
    let next = (child(nodes, a, row0), child(nodes, b, row1), child(nodes, c, row2), child(nodes, d, row3))
    if (next.0 ^ a) | (next.1 ^ b) | (next.2 ^ c) | (next.3 ^ d) == 0 { return next }
    (a, b, c, d) = next
  }
}
