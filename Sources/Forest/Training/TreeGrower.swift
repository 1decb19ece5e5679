import Kernels

/// A tree by itself, its root node 0.
struct GrownTree: Sendable {
  var nodes = TreeNodes()
  /// The rows it learned from, a bit each.
  var inBag: [UInt64] = []
}

/// Grows trees one after the other, node by node, the memory of one serving the next.
struct TreeGrower<Sum: SplitSum> {
  private let table: CodedTable
  private let settings: ForestSettings
  private let rules: SplitRules
  private let maxFeatures: Int
  /// How many shares a node has: none where there are two classes, or none at all.
  private let classes: Int
  private var scratch = SplitScratch<Sum>()
  private var spareRows: [UInt32] = []
  private var spareSums: [Sum] = []
  private var rows: [UInt32] = []
  private var sums: [Sum] = []
  private var columnOrder: [Int] = []
  private var random = SplitMix64(seed: 0)

  /// A node whose rows stand in `range` and that is not divided yet.
  private struct Open {
    var node: Int
    var range: Range<Int>
    var depth: Int
    var bounds = PredictionBounds()
  }

  init(table: CodedTable, settings: ForestSettings, scales: ClassScales) {
    self.table = table
    self.settings = settings
    let isEntropy = settings.criterion == .entropy || settings.criterion == .logLoss
    rules = SplitRules(
      criterion: isEntropy ? .entropy : .squares, scales: scales, leafRows: settings.minSamplesLeaf)
    maxFeatures = settings.maxFeatures.count(of: table.columns.count)
    classes = settings.task == .classification && settings.classes > 2 ? settings.classes : 0
  }

  /// Grows a tree from these rows of the table.
  mutating func grow(rows: [UInt32], sums: [Sum], random: SplitMix64) -> TreeNodes {
    self.rows = rows
    self.sums = sums
    self.random = random
    columnOrder = Array(table.columns.indices)
    if spareRows.count < rows.count {
      spareRows = rows
      spareSums = sums
    }
    var nodes = TreeNodes()
    nodes.appendLeaf(classes: classes)
    var open = [Open(node: 0, range: 0..<rows.count, depth: 0)]
    while let next = open.popLast() {
      var total = Sum.zero
      for index in next.range { total = total + self.sums[index] }
      let moments = total.moments(rules.scales)
      nodes.cover[next.node] = moments.weight
      nodes.value[next.node] = min(max(moments.target / moments.weight, next.bounds.low), next.bounds.high)
      for (place, share) in total.shares(classes: classes).enumerated() {
        nodes.shares[next.node * classes + place] = share
      }
      guard let (column, split, threshold) = choose(next, total: total) else { continue }
      let codes = table.columns[column]
      let leftCount = divideRows(
        codes: codes.codes.span, missing: codes.missing, lastLeft: split.lastLeft,
        missingGoesLeft: split.missingGoesLeft, range: next.range, rows: &self.rows, sums: &self.sums,
        spareRows: &spareRows, spareSums: &spareSums)
      let left = nodes.count
      nodes.appendLeaf(classes: classes)
      nodes.appendLeaf(classes: classes)
      nodes.feature[next.node] = Int32(column)
      nodes.threshold[next.node] = threshold
      nodes.left[next.node] = Int32(left)
      // Where nothing is known of missing values, they go with the many.
      nodes.missingGoesLeft[next.node] =
        split.hasMissing ? split.missingGoesLeft : leftCount > next.range.count - leftCount
      let middle = next.range.lowerBound + leftCount
      let (low, high) = (next.range.lowerBound..<middle, middle..<next.range.upperBound)
      var bounds = (left: next.bounds, right: next.bounds)
      if !settings.monotone.isEmpty {
        let isOfMissing = split.firstRight == codes.missing
        bounds = next.bounds.children(mean(low), mean(high), trend: isOfMissing ? 0 : trend(of: column))
      }
      open.append(Open(node: left + 1, range: high, depth: next.depth + 1, bounds: bounds.right))
      open.append(Open(node: left, range: low, depth: next.depth + 1, bounds: bounds.left))
    }
    return settings.pruning > 0 ? nodes.pruned(alpha: settings.pruning, criterion: settings.criterion) : nodes
  }

  /// Whether predictions must rise (1) or fall (-1) with a column.
  private func trend(of column: Int) -> Int { settings.monotone.isEmpty ? 0 : settings.monotone[column] }

  private func mean(_ range: Range<Int>) -> Double {
    var total = Sum.zero
    for index in range { total = total + sums[index] }
    let moments = total.moments(rules.scales)
    return moments.target / moments.weight
  }

  /// The best split among columns drawn at random: as many as asked for, and more while all of them are constant.
  private mutating func choose(_ open: Open, total: Sum) -> (column: Int, split: ColumnSplit, threshold: Double)? {
    guard open.range.count >= max(settings.minSamplesSplit, 2 * settings.minSamplesLeaf),
      open.depth < settings.maxDepth ?? Int.max, !total.isPure(rules.scales)
    else { return nil }
    var best: (column: Int, split: ColumnSplit, threshold: Double)?
    var bestScore = -Double.infinity
    var varying = 0
    for tried in columnOrder.indices {
      if tried >= maxFeatures, varying > 0 { break }
      columnOrder.swapAt(tried, Int.random(in: tried..<columnOrder.count, using: &random))
      let column = columnOrder[tried]
      let found =
        settings.extraTrees ? drawn(column, open, total: total) : searched(column, open, total: total)
      if found.varies { varying += 1 }
      guard let split = found.split, split.score > bestScore else { continue }
      bestScore = split.score
      best = (column, split, found.threshold)
    }
    return best
  }

  /// The best split of a column.
  private mutating func searched(
    _ column: Int, _ open: Open, total: Sum
  ) -> (split: ColumnSplit?, varies: Bool, threshold: Double) {
    let (trend, range) = (trend(of: column), open.range)
    let column = table.columns[column]
    // Not copies, but names of their own, so that the search may change its memory meanwhile.
    let (rows, sums) = (rows, sums)
    let (split, varies) =
      settings.monotone.isEmpty
      ? bestSplit(
        codes: column.codes.span, missing: column.missing, rows: rows.span.extracting(range),
        sums: sums.span.extracting(range), total: total, rules: rules, scratch: &scratch)
      : monotoneSplit(
        column, rows: rows.span.extracting(range), sums: sums.span.extracting(range), total: total, rules: rules,
        trend: trend, bounds: open.bounds)
    let threshold = split.map { column.threshold(after: $0.lastLeft, before: $0.firstRight) } ?? 0
    return (split, varies, threshold)
  }

  /// A split of a column at random, anywhere between the lowest and the highest value of the node. Where some values
  /// are missing, the best of what can be done with them: left, right, or against all others.
  private mutating func drawn(
    _ column: Int, _ open: Open, total: Sum
  ) -> (split: ColumnSplit?, varies: Bool, threshold: Double) {
    let (trend, range) = (trend(of: column), open.range)
    let column = table.columns[column]
    let (rows, sums) = (rows, sums)
    let nodeRows = rows.span.extracting(range)
    let nodeSums = sums.span.extracting(range)
    guard let (low, high) = codeRange(codes: column.codes.span, missing: column.missing, rows: nodeRows) else {
      return (nil, false, 0)
    }
    var best: (split: ColumnSplit, threshold: Double)?
    func consider(_ left: Sum, _ codes: (last: UInt16, next: UInt16), _ missing: Sum, goesLeft: Bool, at: Double) {
      let right = total - left
      guard left.rows >= rules.leafRows, right.rows >= rules.leafRows else { return }
      if !settings.monotone.isEmpty {
        let (first, second) = (left.moments(rules.scales), right.moments(rules.scales))
        let own = codes.next == column.missing ? 0 : trend
        guard open.bounds.allow(first.target / first.weight, second.target / second.weight, trend: own) else { return }
      }
      let score = rules.score(left, right)
      guard score > best?.split.score ?? -.infinity else { return }
      let split = ColumnSplit(
        score: score, lastLeft: codes.last, firstRight: codes.next, missingGoesLeft: goesLeft,
        hasMissing: missing.rows > 0, leftRows: left.rows)
      best = (split, at)
    }
    let place = low < high ? randomPlace(column, low, high) : (last: low, threshold: Double(column.low[Int(low)]))
    let (left, missing) = Kernels.sums(
      codes: column.codes.span, missing: column.missing, upTo: place.last, rows: nodeRows, sums: nodeSums)
    if low < high {
      let codes = (place.last, place.last + 1)
      consider(left, codes, missing, goesLeft: false, at: place.threshold)
      if missing.rows > 0 { consider(left + missing, codes, missing, goesLeft: true, at: place.threshold) }
    }
    if missing.rows > 0 {
      consider(total - missing, (high, column.missing), missing, goesLeft: false, at: .infinity)
    }
    return (best?.split, low < high || missing.rows > 0, best?.threshold ?? 0)
  }

  /// The last code that goes left of a value drawn between the lowest and the highest one, and the value.
  private mutating func randomPlace(
    _ column: CodedTable.Column, _ low: UInt16, _ high: UInt16
  ) -> (last: UInt16, threshold: Double) {
    let bounds = (Double(column.low[Int(low)]), Double(column.high[Int(high)]))
    let drawn = bounds.0 + (bounds.1 - bounds.0) * Double.random(in: 0..<1, using: &random)
    var (last, end) = (low, high)
    // The last code whose values are all at most the drawn one; the node's highest code stays right of it.
    while last + 1 < end {
      let middle = last + (end - last) / 2
      if Double(column.high[Int(middle)]) <= drawn { last = middle } else { end = middle }
    }
    let isBetween = Double(column.high[Int(last)]) <= drawn && drawn < Double(column.low[Int(last) + 1])
    return (last, isBetween ? drawn : column.threshold(after: last, before: last + 1))
  }
}
