// How rows walk down trees: at each node a value is compared with a threshold, and the row goes to the left child or to
// the one behind it. A leaf is its own child.

/// A node as rows meet it.
protocol WalkNode: BitwiseCopyable, Sendable {
  /// Where a row goes from this node.
  func next(_ at: UInt32, _ row: UnsafePointer<Float>) -> UInt32
}

/// A node of any tree: 12 bytes.
struct WideNode: WalkNode {
  /// Set in `feature` where missing values go left.
  static let missingBit: UInt32 = 1 << 31

  var threshold: Float
  var feature: UInt32
  var left: UInt32 = 0

  /// The column that is looked at.
  var column: Int { Int(feature & ~WideNode.missingBit) }

  /// Where the left child stands; `nil` for a leaf.
  func leftPlace(_ at: Int) -> Int? { Int(left) == at ? nil : Int(left) }

  /// 1 where the row goes left here, 0 where it goes right.
  @inline(__always)
  func goesLeft(_ row: UnsafePointer<Float>) -> UInt32 {
    let value = row[column]
    let isLow: UInt32 = value <= threshold ? 1 : 0
    let isMissing: UInt32 = value != value ? 1 : 0
    return isLow | (isMissing & feature &>> 31)
  }

  @inline(__always)
  func next(_ at: UInt32, _ row: UnsafePointer<Float>) -> UInt32 { left &+ 1 &- goesLeft(row) }
}

extension WideNode {
  /// Makes a node that asks for a value, without its place in a tree.
  init(feature: Int, threshold: Double, missingGoesLeft: Bool) {
    self.threshold = floatBelow(threshold)
    self.feature = UInt32(feature) | (missingGoesLeft ? Self.missingBit : 0)
  }
}

/// A node of 8 bytes, for which each value of a row stands twice: a missing one as infinity, which goes right, and as
/// minus infinity, which goes left.
///
/// A threshold of infinity, which tells missing values from all others, becomes the largest number below it, and so
/// does a value of infinity.
struct CompactNode: WalkNode {
  private static let columnBits: UInt32 = 10

  private var threshold: Float
  /// How far behind the node its left child stands, and the column in the doubled row.
  private var distanceAndColumn: UInt32

  /// `nil` where a node asks for more than fits: a column from 512 on, a child 4 million nodes away, or a threshold
  /// that tells infinity from all numbers.
  init?(_ node: WideNode, at place: Int) {
    guard let left = node.leftPlace(place) else {
      (threshold, distanceAndColumn) = (.infinity, 0)
      return
    }
    let column = UInt32(2 * node.column) + node.feature >> 31
    let largest = Float.greatestFiniteMagnitude
    guard column < 1 << Self.columnBits, left - place < 1 << (32 - Self.columnBits), node.threshold != largest else {
      return nil
    }
    threshold = min(node.threshold, largest)
    distanceAndColumn = UInt32(left - place) << Self.columnBits | column
  }

  @inline(__always)
  func next(_ at: UInt32, _ row: UnsafePointer<Float>) -> UInt32 {
    let column = Int(distanceAndColumn & (1 << Self.columnBits - 1))
    return at &+ distanceAndColumn &>> Self.columnBits &+ (row[column] > threshold ? 1 : 0)
  }

  /// Writes each value twice.
  static func double(_ values: UnsafeBufferPointer<Float>, into rows: UnsafeMutablePointer<Float>) {
    for index in values.indices {
      let value = values[index]
      let known = min(value, .greatestFiniteMagnitude)
      rows[2 &* index] = value.isNaN ? .infinity : known
      rows[2 &* index &+ 1] = value.isNaN ? -.infinity : known
    }
  }
}

/// The largest float that is not above a number.
package func floatBelow(_ number: Double) -> Float {
  let near = Float(number)
  return Double(near) <= number ? near : near.nextDown
}

@inline(__always)
func walk<Node: WalkNode>(_ nodes: UnsafePointer<Node>, _ root: UInt32, _ row: UnsafePointer<Float>) -> UInt32 {
  var at = root
  while true {
    let next = nodes[Int(at)].next(at, row)
    if next == at { return at }
    at = next
  }
}

/// Eight at once, so that the processor has something to do while it waits for a node: rows that lie `stride` values
/// apart, each from its root.
@inline(__always)
func walkEight<Node: WalkNode>(
  _ nodes: UnsafePointer<Node>, _ roots: SIMD8<UInt32>, _ row: UnsafePointer<Float>, stride: Int
) -> SIMD8<UInt32> {
  var (a, b, c, d) = (roots[0], roots[1], roots[2], roots[3])
  var (e, f, g, h) = (roots[4], roots[5], roots[6], roots[7])
  while true {
    let nextA = nodes[Int(a)].next(a, row)
    let nextB = nodes[Int(b)].next(b, row + stride)
    let nextC = nodes[Int(c)].next(c, row + 2 &* stride)
    let nextD = nodes[Int(d)].next(d, row + 3 &* stride)
    let nextE = nodes[Int(e)].next(e, row + 4 &* stride)
    let nextF = nodes[Int(f)].next(f, row + 5 &* stride)
    let nextG = nodes[Int(g)].next(g, row + 6 &* stride)
    let nextH = nodes[Int(h)].next(h, row + 7 &* stride)
    let moved =
      (a ^ nextA) | (b ^ nextB) | (c ^ nextC) | (d ^ nextD) | (e ^ nextE) | (f ^ nextF) | (g ^ nextG) | (h ^ nextH)
    (a, b, c, d) = (nextA, nextB, nextC, nextD)
    (e, f, g, h) = (nextE, nextF, nextG, nextH)
    if moved == 0 { return SIMD8(a, b, c, d, e, f, g, h) }
  }
}
