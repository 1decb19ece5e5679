// Shapley values of trees, exactly. For a leaf with value v whose path looks at D distinct features, let z[j] be the
// share of training rows that the splits on feature j let through, and o[j] whether they all let the row through (1 or
// 0). The value of feature i is then
//
//     phi[i] = v (o[i] - z[i]) ∫ Π (t o[j] + (1 - t) z[j]) dt      over t from 0 to 1, and all j but i,
//
// since the integral of t^s (1-t)^(D-1-s) is the weight of a coalition of size s. Everything but o is known before
// there is a row, and o is a set of features, A. With
//
//     H[A] = v ∫ Π(j in A) (t + (1 - t) z[j])  Π(j not in A) (1 - t) z[j]  / (1 - t) dt
//
// it is phi[i] = -H[A] for each feature that is not in A, and H[A without i] (1 - z[i]) / z[i] for each that is. So a
// leaf needs one table of 2^D numbers, and a row one look-up for each feature of the path.

/// The tables of all leaves of a forest.
public struct ShapTables: Sendable {
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
      node = WideNode(
        threshold: floatBelow(threshold), feature: UInt32(feature) | (missingGoesLeft ? WideNode.missingBit : 0),
        left: 0)
      self.place = UInt32(place)
      self.left = UInt32(left)
      bit = 1 << UInt64(slot)
      newBit = isFirst ? bit : 0
    }
  }

  /// A leaf: its place in the tree, and where its features and its table begin.
  public struct Leaf: BitwiseCopyable, Sendable {
    var place, slots, count: UInt32
    var table: Int

    /// Makes a leaf; a negative `table` says that it has none, since its path has too many features.
    public init(place: Int, slots: Int, count: Int, table: Int) {
      self.place = UInt32(place)
      self.slots = UInt32(slots)
      self.count = UInt32(count)
      self.table = table
    }
  }

  /// A feature of a leaf's path, and (1 - z) / z of it.
  public struct Slot: BitwiseCopyable, Sendable {
    var feature: UInt32
    var gain: Double

    /// Makes a slot.
    public init(feature: Int, share: Double) {
      self.feature = UInt32(feature)
      gain = (1 - share) / share
    }
  }

  /// The nodes and leaves of a tree, as ranges, and the number of its nodes.
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

  /// The number of columns of a row.
  public let width: Int
  /// The number of leaves.
  public var leafCount: Int { leaves.count }
  private let trees: [Tree]
  private let inner: [Inner]
  private let leaves: [Leaf]
  private let slots: [Slot]
  private let table: [Double]

  /// Takes tables.
  ///
  /// - Precondition: every place, slot and table lies within its tree or array, a node stands before its children.
  public init(width: Int, trees: [Tree], inner: [Inner], leaves: [Leaf], slots: [Slot], table: [Double]) {
    for tree in trees {
      for node in inner[tree.inner] {
        precondition(Int(node.left) + 1 < tree.nodeCount && node.place < node.left, "children behind their node")
        precondition(node.node.feature & ~WideNode.missingBit < width, "a column of the row")
      }
      precondition(leaves[tree.leaves].allSatisfy { Int($0.place) < tree.nodeCount }, "leaves of the tree")
    }
    for leaf in leaves {
      precondition(leaf.count <= 64 && Int(leaf.slots + leaf.count) <= slots.count, "features of the leaf")
      precondition(leaf.table < 0 || leaf.count < 32 && leaf.table + 1 << Int(leaf.count) <= table.count, "a table")
    }
    precondition(slots.allSatisfy { $0.feature < width }, "a column of the row")
    self.width = width
    self.trees = trees
    self.inner = inner
    self.leaves = leaves
    self.slots = slots
    self.table = table
  }

  /// Which features of its path let the row through, as bits, for every leaf in order.
  ///
  /// - Precondition: `row` has `width` values.
  public func openFeatures(_ row: Span<Float>) -> [UInt64] {
    var result: [UInt64] = []
    result.reserveCapacity(leaves.count)
    walk(row) { _, mask in result.append(mask) }
    return result
  }

  /// Adds the row's Shapley values of all leaves that have a table to `values`, one for each column.
  ///
  /// - Parameter withoutTable: is given each other leaf, by number, and the features that let the row through.
  /// - Precondition: `row` and `values` have `width` values.
  public func addShapleyValues(
    _ row: Span<Float>, into values: inout [Double], withoutTable: (Int, UInt64) -> Void
  ) {
    precondition(values.count == width, "a value for each of \(width) columns")
    values.withUnsafeMutableBufferPointer { values in
      slots.withUnsafeBufferPointer { slots in
        table.withUnsafeBufferPointer { table in
          leaves.withUnsafeBufferPointer { leaves in
            walk(row) { number, mask in
              let leaf = leaves[number]
              if leaf.table < 0 {
                withoutTable(number, mask)
                return
              }
              if leaf.count == 0 { return }
              let numbers = table.baseAddress.unsafelyUnwrapped + leaf.table
              let path = slots.baseAddress.unsafelyUnwrapped + Int(leaf.slots)
              var bit: UInt64 = 1
              for slot in 0..<Int(leaf.count) {
                let feature = Int(path[slot].feature)
                let number = numbers[Int(truncatingIfNeeded: mask & ~bit)]
                values[feature] += mask & bit != 0 ? path[slot].gain * number : -number
                bit &<<= 1
              }
            }
          }
        }
      }
    }
  }

  /// Takes the row through all trees; the body gets each leaf's number and the features that let the row through.
  @inline(__always)
  private func walk(_ row: Span<Float>, _ body: (Int, UInt64) -> Void) {
    precondition(row.count == width, "a row of \(width) columns")
    var masks = [UInt64](repeating: 0, count: trees.reduce(0) { max($0, $1.nodeCount) })
    masks.withUnsafeMutableBufferPointer { masks in
      inner.withUnsafeBufferPointer { inner in
        leaves.withUnsafeBufferPointer { leaves in
          row.withUnsafeBufferPointer { row in
            let row = row.baseAddress.unsafelyUnwrapped
            for tree in trees {
              masks[0] = 0
              for index in tree.inner {
                let node = inner[index]
                let mask = masks[Int(node.place)]
                // The child where the row goes, and the other one; both get their masks without a branch.
                let open = mask | node.newBit
                let shut = mask & ~node.bit
                let swap = (open ^ shut) & (0 &- UInt64(node.node.goesLeft(row)))
                masks[Int(node.left)] = shut ^ swap
                masks[Int(node.left) &+ 1] = open ^ swap
              }
              for index in tree.leaves { body(index, masks[Int(leaves[index].place)]) }
            }
          }
        }
      }
    }
  }
}
