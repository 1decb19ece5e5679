/// Small trees, asked about 256 rows at once: each test of the forest is answered for all rows as a mask of bits, and
/// what is done for a node is done for all rows by a few words.
///
/// A row that walks down a tree waits at every node for what it has just loaded. Here a node costs the same few
/// instructions whatever the rows are like. (Lucchese et al., "QuickScorer", SIGIR 2015, answer tests first, too, but
/// row by row.)
///
/// Worked example: a tree whose root asks `a <= 5` and whose left child asks `b <= 2`, for rows `(9, 0) (4, 1) (4, 7)`.
/// The tests' masks, the first row in the lowest bit, are `110` and `011`. The masks of the leaves are what their
/// tests have in common: `010`, `100` and, for the root's right child, `001`. The leaves are numbered 0, 1, 2; bit 0 of
/// the rows' numbers is the mask of leaf 1, bit 1 that of leaf 2; so the rows arrive at the leaves 2, 0 and 1.
struct TreeSlices: Sendable {
  /// One bit for each of 256 rows.
  typealias Mask = SIMD4<UInt64>

  /// The rows that are asked about at once.
  static let rowCount = 256
  /// A row's leaf is a byte.
  static let mostLeaves = 256

  /// The distinct tests, by column and threshold.
  private let tests: SliceAnswers
  /// For each node that is no leaf, tree by tree, a parent before its children.
  private var steps: [Step] = []
  /// The nodes whose masks make up the eight bits of the numbers of leaves, bit after bit, tree after tree.
  private var bitNodes: [UInt16] = []
  /// By number of leaf, tree after tree.
  private var leafValues: [Double] = []
  private var trees: [Tree] = []

  private struct Step: BitwiseCopyable {
    var test: UInt32
    /// Places within the tree; the right child stands behind the left one.
    var node: UInt16
    var left: UInt16
  }

  private struct Tree {
    var stepCount: Int
    var leafCount: Int
    /// How many of `bitNodes` belong to each bit.
    var bitCounts: SIMD8<UInt16>
  }

  /// `nil` where a tree has too many leaves, or there are more tests than a block of rows is worth.
  init?(_ nodes: [WideNode], values: [Double], roots: [UInt32]) {
    let ends = roots.dropFirst().map(Int.init) + [nodes.count]
    guard zip(roots, ends).allSatisfy({ $1 - Int($0) < 2 * Self.mostLeaves }), let tests = SliceAnswers(nodes) else {
      return nil
    }
    self.tests = tests
    for (root, end) in zip(roots, ends) { append(nodes, values, Int(root)..<end) }
  }

  private mutating func append(_ nodes: [WideNode], _ values: [Double], _ range: Range<Int>) {
    let leaves = LeafRanges(nodes, range)
    var tree = Tree(stepCount: 0, leafCount: leaves.of[0].count, bitCounts: SIMD8())
    var byBit = [[UInt16]](repeating: [], count: 8)
    leafValues += [Double](repeating: 0, count: tree.leafCount)
    for place in 0..<range.count where !leaves.of[place].isEmpty {
      let node = nodes[range.lowerBound + place]
      guard let left = node.leftPlace(range.lowerBound + place) else {
        leafValues[leafValues.count - tree.leafCount + leaves.of[place].lowerBound] = values[range.lowerBound + place]
        continue
      }
      let child = left - range.lowerBound
      steps.append(Step(test: tests.number(of: node), node: UInt16(place), left: UInt16(child)))
      tree.stepCount += 1
      for child in child...child + 1 {
        // A bit that all leaves below have set is taken from the highest node of which that is true.
        for bit in 0..<8 where leaves.isSet(bit, below: child) && !leaves.isCommon(bit, below: place) {
          byBit[bit].append(UInt16(child))
        }
      }
    }
    for bit in 0..<8 { tree.bitCounts[bit] = UInt16(byBit[bit].count) }
    bitNodes += byBit.joined()
    trees.append(tree)
  }

  /// Adds what all trees say of each row to `sums`, tree by tree.
  ///
  /// - Precondition: `rows` holds `width` values for each of `sums`, and `width` is that of the forest.
  func addPredictions(_ rows: UnsafePointer<Float>, width: Int, into sums: UnsafeMutableBufferPointer<Double>) {
    withUnsafeTemporaryAllocation(of: Mask.self, capacity: tests.count + 2 * Self.mostLeaves) { masks in
      let answers = UnsafeMutableBufferPointer(rebasing: masks[..<tests.count])
      let nodes = UnsafeMutableBufferPointer(rebasing: masks[tests.count...])
      var first = 0
      while first < sums.count {
        let count = min(Self.rowCount, sums.count &- first)
        tests.answer(rows + first &* width, width: width, count: count, into: answers)
        addTrees(answers, nodes, into: UnsafeMutableBufferPointer(rebasing: sums[first..<first &+ count]))
        first &+= count
      }
    }
  }

  private func addTrees(
    _ answers: UnsafeMutableBufferPointer<Mask>, _ nodes: UnsafeMutableBufferPointer<Mask>,
    into sums: UnsafeMutableBufferPointer<Double>
  ) {
    let answers = answers.baseAddress.unsafelyUnwrapped
    let nodes = nodes.baseAddress.unsafelyUnwrapped
    steps.withUnsafeBufferPointer { steps in
      bitNodes.withUnsafeBufferPointer { bitNodes in
        leafValues.withUnsafeBufferPointer { leafValues in
          // None of the three is looked at where a forest of single leaves has none.
          var step = 0
          var bitNode = 0
          var leaf = 0
          for tree in trees {
            // What falls behind the last row is never looked at.
            nodes[0] = Mask(repeating: .max)
            for place in step..<step &+ tree.stepCount {
              let step = steps[place]
              let here = nodes[Int(step.node)]
              let answer = answers[Int(step.test)]
              nodes[Int(step.left)] = here & answer
              nodes[Int(step.left) &+ 1] = here & ~answer
            }
            var bits = LeafBits()
            for bit in 0..<8 {
              let count = Int(tree.bitCounts[bit])
              var mask = Mask()
              for place in bitNode..<bitNode &+ count { mask |= nodes[Int(bitNodes[place])] }
              bitNode &+= count
              bits.planes[bit] = mask
            }
            bits.add(leafValues.baseAddress.unsafelyUnwrapped + leaf, to: sums)
            step &+= tree.stepCount
            leaf &+= tree.leafCount
          }
        }
      }
    }
  }
}

/// The numbers of the leaves below each node of a tree, counted from the left.
private struct LeafRanges {
  /// By place within the tree; empty for a node that the root does not lead to.
  let of: [Range<Int>]

  init(_ nodes: [WideNode], _ range: Range<Int>) {
    var counts = [Int](repeating: 1, count: range.count)
    for place in range.indices.reversed() {
      guard let left = nodes[place].leftPlace(place) else { continue }
      counts[place - range.lowerBound] = counts[left - range.lowerBound] + counts[left + 1 - range.lowerBound]
    }
    var ranges = [Range<Int>](repeating: 0..<0, count: range.count)
    ranges[0] = 0..<counts[0]
    for place in range where !ranges[place - range.lowerBound].isEmpty {
      guard let left = nodes[place].leftPlace(place) else { continue }
      let whole = ranges[place - range.lowerBound]
      let middle = whole.lowerBound + counts[left - range.lowerBound]
      ranges[left - range.lowerBound] = whole.lowerBound..<middle
      ranges[left + 1 - range.lowerBound] = middle..<whole.upperBound
    }
    of = ranges
  }

  /// Whether a bit of the numbers is the same for all leaves below a node.
  func isCommon(_ bit: Int, below place: Int) -> Bool {
    of[place].lowerBound >> bit == (of[place].upperBound - 1) >> bit
  }

  /// Whether all leaves below a node have a bit of their numbers set.
  func isSet(_ bit: Int, below place: Int) -> Bool {
    isCommon(bit, below: place) && of[place].lowerBound >> bit & 1 == 1
  }
}
