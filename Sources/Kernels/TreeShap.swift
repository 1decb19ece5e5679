// Shapley values of trees, exactly, in time proportional to the number of nodes. For a leaf with value v let z[j] be
// the share of training rows that the splits on feature j of its path let through, o[j] whether they all let the row
// through (1 or 0), and f[j](t) = (1 - t) z[j] + t o[j]. The value of feature i is
//
//     phi[i] = v (o[i] - z[i]) ∫ Π f[j](t) dt      over t from 0 to 1, and all features j of the path but i,
//
// since the integral of t^s (1-t)^(D-1-s) is the weight of a coalition of s of the D features. The integral is a sum
// over a few points t, exactly, by Gauss and Legendre's rule; so let P be the product of all f at these points. A split
// changes one factor of it, f to f'; on the way down
//
//     P(child) = P(node) f' / f      (f is 1 where the feature is new on the path)
//
// and on the way up S(node) is the sum of v P over the leaves below. A leaf's share in phi[i] is
// v P (o[i] - z[i]) / f[i] by its last split on i. Each edge adds that for all leaves below it, and takes back what an
// earlier edge of the same feature has added for them:
//
//     phi[i] += Σ weight S(child) ((o' - z') / f' - (o - z) / f)      over the points.
//
// All but P and S depends on nothing but o and o', for which there are three cases. (After Yu, Bifet, Read and Xu,
// "Linear TreeShap", NeurIPS 2022, with points of a quadrature in place of polynomials, whose division is unstable.)

/// The Shapley values of a forest's predictions for rows.
public struct TreeShap: Sendable {
  /// A value at each of four points.
  public typealias Points = SIMD4<Double>

  /// The points at which trees are looked at, four at a time, and their weights.
  public struct Rule: Sendable {
    var points, weights: [Points]

    /// Makes a rule of as many points as weights.
    public init(points: [Points], weights: [Points]) {
      precondition(points.count == weights.count, "a weight for each point")
      self.points = points
      self.weights = weights
    }
  }

  /// An edge from a node to its child.
  public struct Edge: BitwiseCopyable, Sendable {
    /// The share of training rows that the splits on the feature up to this one let through.
    var share: Double
    /// What the child says if it is a leaf, else 1.
    var value: Double

    /// Makes an edge.
    public init(share: Double, value: Double) {
      self.share = share
      self.value = value
    }
  }

  /// A node that asks for a feature.
  public struct Split: BitwiseCopyable, Sendable {
    var node: WideNode
    /// The node, its left child, and the lower end of the edge of the same feature above them, counted from the tree's
    /// root; the root itself where there is none.
    var place, left, earlier: UInt32
    /// The share of training rows that the splits on this feature before this one let through; 1 where there are none.
    var share: Double
    var edges: (left: Edge, right: Edge)

    /// Makes a split.
    public init(
      feature: Int, threshold: Double, missingGoesLeft: Bool, place: Int, left: Int, earlier: Int, share: Double,
      edges: (left: Edge, right: Edge)
    ) {
      node = WideNode(feature: feature, threshold: threshold, missingGoesLeft: missingGoesLeft)
      self.place = UInt32(place)
      self.left = UInt32(left)
      self.earlier = UInt32(earlier)
      self.share = share
      self.edges = edges
    }
  }

  /// What a split does to P and S at four points, in one of the three cases.
  struct Factors: BitwiseCopyable {
    var products: (left: Points, right: Points)
    var gains: (left: Points, right: Points)
  }

  private struct Tree {
    var splits: Range<Int>
    var nodeCount: Int
    /// How many times four points it needs.
    var rounds: Int
    /// Where its factors begin: round by round, split by split, and case by case; `nil` where there was no room.
    var factors: Int?
  }

  private let width: Int
  private let rules: [Rule]
  private var trees: [Tree] = []
  private var splits: [Split] = []
  private var factors: [Factors] = []

  /// Makes a forest without trees.
  ///
  /// - Parameter rules: by the number of times four points.
  public init(width: Int, rules: [Rule]) {
    self.width = width
    self.rules = rules
  }

  /// Bytes that the factors of a tree take.
  public static func bytes(splits: Int, rounds: Int) -> Int { splits * rounds * 3 * MemoryLayout<Factors>.stride }

  /// Adds a tree.
  ///
  /// - Parameters:
  ///   - rounds: how many times four points it needs: one for each eight features of its longest path.
  ///   - keepsFactors: whether what a split does is computed now, once; or again for every row, which takes no memory.
  /// - Precondition: every place lies within the tree, and a split stands behind those above it.
  public mutating func append(_ own: [Split], nodeCount: Int, rounds: Int, keepsFactors: Bool) {
    precondition(rounds < rules.count && rules[rounds].points.count == rounds, "a rule for \(rounds) times four points")
    for split in own {
      precondition(split.place < split.left && Int(split.left) + 1 < nodeCount, "children behind their node")
      precondition(split.earlier <= split.place && split.node.column < width, "a split of this tree")
    }
    trees.append(
      Tree(
        splits: splits.count..<splits.count + own.count, nodeCount: nodeCount, rounds: rounds,
        factors: keepsFactors ? factors.count : nil))
    splits += own
    guard keepsFactors else { return }
    for points in rules[rounds].points {
      for split in own {
        for number in 0..<3 { factors.append(split.factors(number, points)) }
      }
    }
  }

  /// Adds the row's Shapley values to `values`, one for each column.
  ///
  /// - Precondition: `row` and `values` have `width` values.
  public func addShapleyValues(_ row: Span<Float>, into values: inout [Double]) {
    precondition(row.count == width && values.count == width, "a row and values of \(width) columns")
    let nodeCount = trees.reduce(0) { max($0, $1.nodeCount) }
    let splitCount = trees.reduce(0) { max($0, $1.splits.count) }
    withUnsafeTemporaryAllocation(of: Points.self, capacity: width + nodeCount) { numbers in
      withUnsafeTemporaryAllocation(of: Factors.self, capacity: splitCount) { computed in
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: nodeCount + splitCount) { states in
          guard let start = numbers.baseAddress, let isOpen = states.baseAddress else { return }
          let work = Work(sums: start, products: start + width, isOpen: isOpen, cases: isOpen + nodeCount)
          for column in 0..<width { work.sums[column] = Points() }
          row.withUnsafeBufferPointer { add($0.baseAddress.unsafelyUnwrapped, work, computed.baseAddress) }
          for column in 0..<width { values[column] += work.sums[column].sum() }
        }
      }
    }
  }

  /// Where a row's numbers stand while it goes through the trees.
  private struct Work {
    /// By column, over all trees.
    let sums: UnsafeMutablePointer<Points>
    /// By node: P on the way down, S on the way up.
    let products: UnsafeMutablePointer<Points>
    /// By node: whether all splits on the feature of its edge let the row through.
    let isOpen: UnsafeMutablePointer<UInt32>
    /// By split.
    let cases: UnsafeMutablePointer<UInt32>
  }

  private func add(_ row: UnsafePointer<Float>, _ work: Work, _ computed: UnsafeMutablePointer<Factors>?) {
    splits.withUnsafeBufferPointer { splits in
      factors.withUnsafeBufferPointer { factors in
        for tree in trees where !tree.splits.isEmpty {
          let own = UnsafeBufferPointer(rebasing: splits[tree.splits])
          let rule = rules[tree.rounds]
          for round in 0..<tree.rounds {
            work.products[0] = rule.weights[round]
            if let first = tree.factors {
              let start = factors.baseAddress.unsafelyUnwrapped + (first &+ 3 &* round &* own.count)
              down(own, row, work) { split, place in start + (3 &* split &+ place) }
              up(own, work) { split, place in start + (3 &* split &+ place) }
            } else if let computed {
              let points = rule.points[round]
              down(own, row, work) { split, place in
                computed[split] = own[split].factors(place, points)
                return UnsafePointer(computed + split)
              }
              up(own, work) { split, _ in UnsafePointer(computed + split) }
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private func down(
    _ splits: UnsafeBufferPointer<Split>, _ row: UnsafePointer<Float>, _ work: Work,
    _ factors: (Int, Int) -> UnsafePointer<Factors>
  ) {
    let (products, isOpen) = (work.products, work.isOpen)
    isOpen[0] = 1
    for index in splits.indices {
      let split = splits[index]
      let (place, left) = (Int(split.place), Int(split.left))
      let wasOpen = isOpen[Int(split.earlier)]
      let goesLeft = wasOpen & split.node.goesLeft(row)
      isOpen[left] = goesLeft
      isOpen[left &+ 1] = wasOpen &- goesLeft
      let number = 2 &- wasOpen &- goesLeft
      work.cases[index] = number
      let factors = factors(index, Int(number))
      let product = products[place]
      products[left] = product * factors.pointee.products.left
      products[left &+ 1] = product * factors.pointee.products.right
    }
  }

  @inline(__always)
  private func up(
    _ splits: UnsafeBufferPointer<Split>, _ work: Work, _ factors: (Int, Int) -> UnsafePointer<Factors>
  ) {
    let (products, sums) = (work.products, work.sums)
    var index = splits.count
    while index > 0 {
      index &-= 1
      let (place, left) = (Int(splits[index].place), Int(splits[index].left))
      let factors = factors(index, Int(work.cases[index]))
      let (low, high) = (products[left], products[left &+ 1])
      sums[splits[index].node.column] += low * factors.pointee.gains.left + high * factors.pointee.gains.right
      products[place] = low + high
    }
  }
}

extension TreeShap.Split {
  /// What the split does where all splits on its feature let the row through as far as the left child (case 0) or the
  /// right one (1), or where an earlier one did not (2).
  func factors(_ number: Int, _ points: TreeShap.Points) -> TreeShap.Factors {
    func factor(_ isOpen: Double, _ share: Double) -> TreeShap.Points { (1 - points) * share + points * isOpen }
    let wasOpen: Double = number < 2 ? 1 : 0
    let open = (left: number == 0 ? 1.0 : 0, right: number == 1 ? 1.0 : 0)
    let before = factor(wasOpen, share)
    let after = (left: factor(open.left, edges.left.share), right: factor(open.right, edges.right.share))
    let taken = (wasOpen - share) / before
    return TreeShap.Factors(
      products: (after.left / before * edges.left.value, after.right / before * edges.right.value),
      gains: (
        (open.left - edges.left.share) / after.left - taken, (open.right - edges.right.share) / after.right - taken
      ))
  }
}
