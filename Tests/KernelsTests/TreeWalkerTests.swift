import Testing

@testable import Kernels

/// Trees in arrays, as ``TreeWalker`` takes them, and the plain way down them.
private struct Trees {
  var feature: [Int32] = []
  var threshold: [Double] = []
  var left: [Int32] = []
  var missingGoesLeft: [Bool] = []
  var value: [Double] = []
  var roots: [Int] = []
  let width: Int

  /// Random trees; `leaves` of each, or fewer where that many do not fit.
  init<R: RandomNumberGenerator>(
    count: Int, leaves: Range<Int>, width: Int, thresholds: [Double], using random: inout R
  ) {
    self.width = width
    for _ in 0..<count {
      roots.append(feature.count)
      addLeaf(&random)
      var open = [feature.count - 1]
      for _ in 1..<Int.random(in: leaves, using: &random) {
        let node = open.remove(at: Int.random(in: open.indices, using: &random))
        feature[node] = .random(in: 0..<Int32(width), using: &random)
        threshold[node] = thresholds.randomElement(using: &random) ?? 0
        left[node] = Int32(feature.count)
        for _ in 0..<2 {
          open.append(feature.count)
          addLeaf(&random)
        }
      }
    }
  }

  private mutating func addLeaf<R: RandomNumberGenerator>(_ random: inout R) {
    feature.append(-1)
    threshold.append(0)
    left.append(0)
    missingGoesLeft.append(.random(using: &random))
    value.append(.random(in: 0...1, using: &random))
  }

  var walker: TreeWalker? {
    TreeWalker(
      feature: feature, threshold: threshold, left: left, missingGoesLeft: missingGoesLeft, value: value, roots: roots,
      width: width)
  }

  func sum(_ row: ArraySlice<Float>) -> Double {
    roots.reduce(0.0) { sum, root in
      var node = root
      while feature[node] >= 0 {
        let value = Double(row[row.startIndex + Int(feature[node])])
        let goesLeft = value.isNaN ? missingGoesLeft[node] : value <= threshold[node]
        node = Int(left[node]) + (goesLeft ? 0 : 1)
      }
      return sum + self.value[node]
    }
  }
}

@Suite("Walking down trees")
struct TreeWalkerTests {
  /// Values that thresholds meet exactly, or miss by the last bit; missing and infinite ones.
  private static let edges: [Float] = [
    -.infinity, -.greatestFiniteMagnitude, -3.5, -0.0, 0, .leastNonzeroMagnitude, 0.1, Float(0.1).nextUp, 7, 1e30,
    .greatestFiniteMagnitude, .infinity, .nan,
  ]
  private static let thresholds = edges.filter { !$0.isNaN }.map(Double.init) + [0.1, 0.3, -1e-300, 6.999999]

  @Test(
    "every form gives exactly the sums of the plain way",
    arguments: [
      (count: 1, leaves: 1..<2, width: 1), (9, 1..<4, 3), (23, 1..<120, 8), (5, 256..<257, 4), (5, 250..<300, 4),
      (3, 40..<50, 700),
    ])
  func sums(count: Int, leaves: Range<Int>, width: Int) throws {
    var random = SplitMix64(seed: UInt64(count + width))
    // A threshold of the largest number does not fit into the compact form.
    for thresholds in [Self.thresholds, Self.thresholds.filter { $0 != Double(Float.greatestFiniteMagnitude) }] {
      let trees = Trees(count: count, leaves: leaves, width: width, thresholds: thresholds, using: &random)
      let walker = try #require(trees.walker)
      for rowCount in [1, 7, 8, 63, 64, 65, 255, 256, 257, 600] {
        let rows = (0..<rowCount * width).map { _ in Self.edges.randomElement(using: &random) ?? 0 }
        let each = (0..<rowCount).map { trees.sum(rows[$0 * width..<($0 + 1) * width]) }
        var sums = [Double](repeating: 0, count: rowCount)
        walker.addPredictions(rows.span, into: &sums)
        #expect(sums == each)
        #expect(walker.sum(Array(rows[..<width]).span) == each[0])
        // Three numbers at each leaf, the first of which is its value.
        var triples = [Double](repeating: 0, count: 3 * rowCount)
        walker.addPredictions(rows.span, values: trees.value.flatMap { [$0, 1, 0] }, count: 3, into: &triples)
        #expect(triples == each.flatMap { [$0, Double(count), 0] })
      }
    }
  }

  @Test func theLeafOfOneTree() throws {
    var random = SplitMix64(seed: 5)
    let trees = Trees(count: 3, leaves: 5..<9, width: 2, thresholds: [0.1, 7], using: &random)
    let walker = try #require(trees.walker)
    let row: [Float] = [3, .nan]
    let sum = (0..<3).reduce(0.0) { $0 + walker.value(ofLeaf: walker.leaf(row.span, tree: $1)) }
    #expect(sum == trees.sum(row[...]))
  }

  @Test("a child or a column out of bounds, and a threshold that is no number, are refused")
  func refusals() {
    var random = SplitMix64(seed: 1)
    let good = Trees(count: 2, leaves: 4..<5, width: 3, thresholds: [1], using: &random)
    #expect(good.walker != nil)
    for spoil: (inout Trees) -> Void in [
      { $0.left[0] = 0 }, { $0.left[0] = Int32($0.feature.count) - 1 }, { $0.left[0] = 6 }, { $0.feature[0] = 3 },
      { $0.threshold[0] = .nan }, { $0.roots[1] += 1 }, { $0.value.removeLast() },
    ] {
      var bad = good
      spoil(&bad)
      #expect(bad.walker == nil)
    }
  }

  /// Each of 200 pairs of nodes has the next pair for its children: 401 nodes, and more ways than a number can count.
  @Test("two nodes that share a child are refused")
  func sharedChildren() {
    let inner = 399
    let feature = [Int32](repeating: 0, count: inner) + [-1, -1]
    var left = [Int32](repeating: 0, count: inner + 2)
    for node in 0..<inner { left[node] = Int32((node + 1) / 2 * 2 + 1) }
    func walker(_ left: [Int32], _ feature: [Int32]) -> TreeWalker? {
      TreeWalker(
        feature: feature, threshold: [Double](repeating: 0, count: feature.count), left: left,
        missingGoesLeft: [Bool](repeating: false, count: feature.count),
        value: [Double](repeating: 0, count: feature.count), roots: [0], width: 1)
    }
    #expect(walker(left, feature) == nil)
    #expect(walker([1, 3, 3, 0, 0], [0, 0, 0, -1, -1]) == nil)
    #expect(walker([1, 3, 0, 0, 0], [0, 0, -1, -1, -1]) != nil)
  }

  @Test("the bits of 256 numbers become bytes again")
  func bits() {
    var bits = LeafBits()
    for row in 0..<256 {
      let number = UInt8(truncatingIfNeeded: row * 37 + 11)
      for bit in 0..<8 where number >> bit & 1 == 1 { bits.planes[bit][row / 64] |= 1 << UInt64(row % 64) }
    }
    let values = (0..<256).map(Double.init)
    var sums = [Double](repeating: 0, count: 256)
    values.withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { bits.add(values.baseAddress!, to: $0) }
    }
    #expect(sums == (0..<256).map { Double(UInt8(truncatingIfNeeded: $0 * 37 + 11)) })
  }
}
