// Shapley values of trees, exactly, in time proportional to the number of nodes. For a leaf with value v let z[j] be
// the share of training rows that the splits on feature j of its path let through, o[j] whether they all let the row
// through (1 or 0), and f[j](t) = (1 - t) z[j] + t o[j]. The value of feature i is
//
//     phi[i] = v (o[i] - z[i]) ∫ Π f[j](t) dt      over t from 0 to 1, and all features j of the path but i,
//
// since the integral of t^s (1-t)^(D-1-s) is the weight of a coalition of s of the D features. The integral is a sum
// over a few points t, exactly, by Gauss and Legendre's rule; so let P be the product of all f at these points. A split
// changes one factor of it, f to f': P(child) = P(node) f' / f, where f is 1 if the feature is new on the path. With
// S(node) as the sum of v P over the leaves below, each edge adds S(child) (o' - z') / f' and takes back what an
// earlier edge of its feature has added for the same leaves.
//
// Most of that falls away. Let x be t / f where the splits on a feature let the row through, which is where o = 1, and
// 0 where one of them did not. Then (o - z) / f = (x / t - 1) / (1 - t) in both cases, and the two children together
// have S(left) + S(right) = S(node). So a split between shares r and 1 - r of the node's rows, where g says whether the
// row goes left, comes to
//
//     P(left) = P (r + x (g - r))      P(right) = P - P(left)
//     x(child the row goes to) = t / ((1 - t) z' + t), or 0 if x = 0      x(the other child) = 0
//     phi[i] += (S(left) x(left) + S(right) x(right) - S(node) x) / (t (1 - t))
//
// where x is that of the earlier edge, or t itself if there is none. Nothing is looked up, and no case asked for.
// (After Yu, Bifet, Read and Xu, "Linear TreeShap", NeurIPS 2022, with points of a quadrature in place of polynomials,
// whose division is unstable.)

/// The Shapley values of a forest's predictions for rows.
public struct TreeShap: Sendable {
  /// A value at each of four points.
  public typealias Points = SIMD4<Double>

  /// The points at which trees are looked at, four at a time, and their weights.
  public struct Rule: Sendable {
    var points: [Points]
    /// What the product of a root begins with: the weights, and what all sums are divided by.
    var starts: [Points]

    /// Makes a rule of as many points as weights.
    public init(points: [Points], weights: [Points]) {
      precondition(points.count == weights.count, "a weight for each point")
      self.points = points
      starts = zip(points, weights).map { $1 / ($0 * (1 - $0)) }
    }
  }

  /// A node that asks for a feature. Places are numbered such that the children of a tree's n-th split stand at
  /// 2 n + 1 and 2 n + 2, and the root at 0.
  public struct Split: BitwiseCopyable, Sendable {
    private var threshold: Float
    private var feature: UInt32
    /// The place of the split itself, and of the lower end of the edge of the same feature above it; 0 where there is
    /// none.
    fileprivate var place, earlier: UInt32
    /// The share of training rows that the splits on this feature above this one let through, and of those of the node
    /// that go left.
    fileprivate var share, left: Double
    /// What the children say if they are leaves, else 1.
    fileprivate var values: (left: Double, right: Double)

    /// Makes a split.
    public init(
      feature: Int, threshold: Double, missingGoesLeft: Bool, place: Int, earlier: Int, share: Double, left: Double,
      values: (left: Double, right: Double)
    ) {
      let node = WideNode(feature: feature, threshold: threshold, missingGoesLeft: missingGoesLeft)
      self.threshold = node.threshold
      self.feature = node.feature
      self.place = UInt32(place)
      self.earlier = UInt32(earlier)
      self.share = share
      self.left = left
      self.values = values
    }

    fileprivate var node: WideNode { WideNode(threshold: threshold, feature: feature) }
  }

  private struct Tree {
    var splits: Range<Int>
    /// How many times four points it needs.
    var rounds: Int
  }

  private let width: Int
  private let rules: [Rule]
  private var trees: [Tree] = []
  private var splits: [Split] = []
  private var mostSplits = 0

  /// Makes a forest without trees.
  ///
  /// - Parameter rules: by the number of times four points.
  public init(width: Int, rules: [Rule]) {
    self.width = width
    self.rules = rules
  }

  /// Adds a tree.
  ///
  /// - Parameter rounds: how many times four points it needs: one for each eight features of its longest path.
  /// - Precondition: a split stands behind those above it.
  public mutating func append(_ own: [Split], rounds: Int) {
    precondition(rounds < rules.count && rules[rounds].points.count == rounds, "a rule for \(rounds) times four points")
    for (index, split) in own.enumerated() {
      precondition(split.place <= 2 * index && split.earlier <= split.place, "children behind their node")
      precondition(split.node.column < width, "a column of the row")
    }
    trees.append(Tree(splits: splits.count..<splits.count + own.count, rounds: rounds))
    splits += own
    mostSplits = max(mostSplits, own.count)
  }

  /// Adds the row's Shapley values to `values`, one for each column.
  ///
  /// - Precondition: `row` and `values` have `width` values.
  public func addShapleyValues(_ row: Span<Float>, into values: inout [Double]) {
    precondition(row.count == width && values.count == width, "a row and values of \(width) columns")
    let places = 2 * mostSplits + 1
    withUnsafeTemporaryAllocation(of: Points.self, capacity: width + 2 * places) { numbers in
      guard let start = numbers.baseAddress else { return }
      let work = Work(sums: start, products: start + width, open: start + width + places)
      for column in 0..<width { work.sums[column] = Points() }
      row.withUnsafeBufferPointer { add($0.baseAddress.unsafelyUnwrapped, work) }
      for column in 0..<width { values[column] += work.sums[column].sum() }
    }
  }

  /// Where a row's numbers stand while it goes through a tree.
  private struct Work {
    /// By column, over all trees.
    let sums: UnsafeMutablePointer<Points>
    /// By place: P on the way down, S on the way up.
    let products: UnsafeMutablePointer<Points>
    /// By place: x of the edge above it.
    let open: UnsafeMutablePointer<Points>
  }

  private func add(_ row: UnsafePointer<Float>, _ work: Work) {
    splits.withUnsafeBufferPointer { splits in
      for tree in trees where !tree.splits.isEmpty {
        let own = UnsafeBufferPointer(rebasing: splits[tree.splits])
        let rule = rules[tree.rounds]
        for round in 0..<tree.rounds {
          work.products[0] = rule.starts[round]
          work.open[0] = rule.points[round]
          Self.down(own, row, work, rule.points[round])
          Self.up(own, work)
        }
      }
    }
  }

  @inline(__always)
  private static func down(
    _ splits: UnsafeBufferPointer<Split>, _ row: UnsafePointer<Float>, _ work: Work, _ points: Points
  ) {
    let (products, open) = (work.products, work.open)
    let rest = 1 - points
    for index in splits.indices {
      let split = splits[index]
      let left = 2 &* index &+ 1
      let (product, before) = (products[Int(split.place)], open[Int(split.earlier)])
      let goesLeft = Double(split.node.goesLeft(row))
      let away = goesLeft - split.left
      let low = product * split.left + product * before * away
      products[left] = low * split.values.left
      products[left &+ 1] = (product - low) * split.values.right
      // The share of rows that go where the row goes.
      let share = split.share * (1 - away.magnitude)
      let opened = points.replacing(with: 0, where: before .== 0) / (rest * share + points)
      let openedLeft = opened * goesLeft
      open[left] = openedLeft
      open[left &+ 1] = opened - openedLeft
    }
  }

  @inline(__always)
  private static func up(_ splits: UnsafeBufferPointer<Split>, _ work: Work) {
    let (sums, products, open) = (work.sums, work.products, work.open)
    var index = splits.count
    while index > 0 {
      index &-= 1
      let left = 2 &* index &+ 1
      let (low, high) = (products[left], products[left &+ 1])
      let whole = low + high
      products[Int(splits[index].place)] = whole
      sums[splits[index].node.column] +=
        low * open[left] + high * open[left &+ 1] - whole * open[Int(splits[index].earlier)]
    }
  }
}
