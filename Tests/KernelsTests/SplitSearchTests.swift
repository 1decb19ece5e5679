import Kernels
import Testing

/// The search for splits against one that tries every split of every code and adds up anew each time.
@Suite struct SplitSearchTests {
  /// A node of a table, all at random.
  private struct Node {
    var codes: [UInt16]
    var missing: UInt16
    var rows: [UInt32]
    var weights: [Int]
    var targets: [Bool]

    init(seed: UInt64, codeCount: Int, missingShare: Double) {
      var random = SplitMix64(seed: seed)
      missing = UInt16(codeCount)
      let limit = codeCount
      codes = (0..<300).map { _ in
        Double.random(in: 0..<1, using: &random) < missingShare
          ? UInt16(limit) : UInt16(Int.random(in: 0..<limit, using: &random))
      }
      rows = (0..<300).filter { _ in Bool.random(using: &random) }
      weights = rows.map { _ in Int.random(in: 1...4, using: &random) }
      let codes = codes
      targets = rows.map { row in
        Double.random(in: 0..<1, using: &random) < 0.2 + 0.6 * Double(codes[Int(row)]) / Double(limit)
      }
    }

    var counted: [CountedSum] { zip(weights, targets).map { CountedSum(weight: $0, isPositive: $1) } }

    var weighted: [WeightedSum] {
      zip(weights, targets).map { WeightedSum(weight: Double($0), target: $1 ? 1 : 0) }
    }
  }

  /// The rows of a node as some of six classes, in two blocks.
  private func classed(_ node: Node) -> [ClassSum<2>] {
    zip(node.weights, zip(node.rows, node.targets)).map { weight, row in
      ClassSum<2>(weight: Double(weight), class: row.1 ? 5 : Int(row.0 % 3))
    }
  }

  /// The best score by trying everything.
  private func bruteForce<Sum: SplitSum>(_ node: Node, _ sums: [Sum], _ rules: SplitRules) -> Double? {
    var best: Double?
    for lastLeft in 0..<Int(node.missing) {
      for missingGoesLeft in [false, true] {
        var (left, right) = (Sum.zero, Sum.zero)
        for (row, sum) in zip(node.rows, sums) {
          let code = node.codes[Int(row)]
          let goesLeft = code == node.missing ? missingGoesLeft : Int(code) <= lastLeft
          if goesLeft { left = left + sum } else { right = right + sum }
        }
        guard left.rows >= rules.leafRows, right.rows >= rules.leafRows else { continue }
        best = max(best ?? -.infinity, rules.score(left, right))
      }
    }
    return best
  }

  private func check<Sum: SplitSum>(_ node: Node, _ sums: [Sum], _ rules: SplitRules) throws {
    var scratch = SplitScratch<Sum>()
    let total = sums.reduce(Sum.zero) { $0 + $1 }
    // Twice, since a search must leave its memory clean.
    for _ in 0..<2 {
      let found = bestSplit(
        codes: node.codes.span, missing: node.missing, rows: node.rows.span, sums: sums.span, total: total,
        rules: rules, scratch: &scratch)
      let expected = bruteForce(node, sums, rules)
      guard let expected else {
        #expect(found.split == nil)
        continue
      }
      let split = try #require(found.split)
      #expect(abs(split.score - expected) < 1e-9)
      // What the split says of itself is what dividing by it gives.
      var (rows, own, spareRows, spareSums) = (node.rows, sums, node.rows, sums)
      let left = divideRows(
        codes: node.codes.span, missing: node.missing, lastLeft: split.lastLeft,
        missingGoesLeft: split.missingGoesLeft, range: 0..<rows.count, rows: &rows, sums: &own,
        spareRows: &spareRows, spareSums: &spareSums)
      #expect(left == split.leftRows)
      let (leftSum, rightSum) = (own[..<left].reduce(Sum.zero) { $0 + $1 }, own[left...].reduce(Sum.zero) { $0 + $1 })
      #expect(abs(rules.score(leftSum, rightSum) - expected) < 1e-9)
      for side in [rows[..<left], rows[left...]] { #expect(side.elementsEqual(side.sorted())) }
      #expect(rows.sorted() == node.rows.sorted())
    }
  }

  @Test(arguments: [SplitCriterion.squares, .entropy], [0.0, 0.3])
  func bestOfAll(criterion: SplitCriterion, missingShare: Double) throws {
    for seed in 0..<20 {
      for (codeCount, leafRows) in [(2, 1), (7, 20), (200, 1), (200, 5), (60_000, 3)] {
        // Trying all of 60,000 codes is for the two first seeds.
        if codeCount > 1_000, seed > 0 { continue }
        let node = Node(seed: UInt64(seed), codeCount: codeCount, missingShare: missingShare)
        let rules = SplitRules(
          criterion: criterion, scales: ClassScales(negative: 1, positive: 1.5), leafRows: leafRows)
        if codeCount > 1_000 {
          try check(node, node.counted, rules)
          continue
        }
        try check(node, node.counted, rules)
        try check(node, node.weighted, rules)
        try check(node, classed(node), rules)
      }
    }
  }

  /// Gini's impurity and entropy by their definitions.
  @Test func severalClassesAreJudgedByAllOfThem() {
    let rows = [0, 0, 1, 2, 2, 2].map { ClassSum<1>(weight: 1, class: $0) }
    let left = rows[..<2].reduce(ClassSum<1>.zero) { $0 + $1 }
    let right = rows[2...].reduce(ClassSum<1>.zero) { $0 + $1 }
    let rules = { SplitRules(criterion: $0, scales: ClassScales(), leafRows: 1) }
    // 2 rows of one class; 1 and 3 rows of two others, whose impurity is 1 - 1/16 - 9/16.
    #expect(abs(rules(.squares).score(left, right) - (6 - 4 * (1 - 10.0 / 16))) < 1e-12)
    let entropy = -(naturalLogarithm(0.25) + 3 * naturalLogarithm(0.75))
    #expect(abs(rules(.entropy).score(left, right) + entropy) < 1e-12)
    #expect(left.isPure(ClassScales()) && !right.isPure(ClassScales()) && (left + right).rows == 6)
    #expect((left + right - left).shares(classes: 3) == [0, 0.25, 0.75])
  }

  @Test func nothingToDivide() {
    var scratch = SplitScratch<CountedSum>()
    let rules = SplitRules(criterion: .squares, scales: ClassScales(), leafRows: 1)
    let sums = [CountedSum(weight: 1, isPositive: true), CountedSum(weight: 1, isPositive: false)]
    for codes: [UInt16] in [[3, 3], [9, 9]] {
      let found = bestSplit(
        codes: codes.span, missing: 9, rows: [0, 1].span, sums: sums.span, total: sums[0] + sums[1], rules: rules,
        scratch: &scratch)
      #expect(found.split == nil && !found.varies)
    }
  }

  /// Missing against present is a split, too.
  @Test func missingByItself() throws {
    var scratch = SplitScratch<CountedSum>()
    let rules = SplitRules(criterion: .squares, scales: ClassScales(), leafRows: 1)
    let sums = [true, true, false].map { CountedSum(weight: 1, isPositive: $0) }
    let codes: [UInt16] = [4, 4, 9]
    let found = bestSplit(
      codes: codes.span, missing: 9, rows: [0, 1, 2].span, sums: sums.span, total: sums[0] + sums[1] + sums[2],
      rules: rules, scratch: &scratch)
    let split = try #require(found.split)
    #expect(split.lastLeft == 4 && split.firstRight == 9 && !split.missingGoesLeft && split.leftRows == 2)
  }

  @Test func sumsHoldAsMuchAsTheySay() {
    let most = CountedSum.limit
    let sum = CountedSum(weight: most - 1, isPositive: true) + CountedSum(weight: 1, isPositive: true)
    #expect(sum.moments(ClassScales()) == SplitMoments(weight: Double(most), target: Double(most)))
    #expect(sum.rows == 2)
  }

  @Test func valuesInOrder() {
    var random = SplitMix64(seed: 1)
    var values = (0..<1_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
    values += [0, -0.0, .infinity, -.infinity, .nan, -.nan, .leastNonzeroMagnitude, 1, 1, -1]
    let order = rowsByValue(values.span)
    #expect(order.sorted() == Array(0..<UInt32(values.count)))
    let sorted = order.map { values[Int($0)] }
    let present = sorted.prefix { !$0.isNaN }
    #expect(sorted.dropFirst(present.count).allSatisfy { $0.isNaN })
    #expect(zip(present, present.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(present.count == values.count { !$0.isNaN })
  }
}
