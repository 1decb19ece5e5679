import Kernels

/// What the predictions of a node and all below it may be.
struct PredictionBounds {
  var low = -Double.infinity
  var high = Double.infinity

  /// Whether a split may be: 1 where the predictions must not fall with the column, -1 where they must not rise.
  func allow(_ left: Double, _ right: Double, trend: Int) -> Bool {
    min(left, right) >= low && max(left, right) <= high && (left - right) * Double(trend) <= 0
  }

  /// The bounds of both children: whatever follows keeps to its side of the middle.
  func children(_ left: Double, _ right: Double, trend: Int) -> (left: PredictionBounds, right: PredictionBounds) {
    let middle = left / 2 + right / 2
    switch trend {
    case 1...: return (PredictionBounds(low: low, high: middle), PredictionBounds(low: middle, high: high))
    case ..<0: return (PredictionBounds(low: middle, high: high), PredictionBounds(low: low, high: middle))
    default: return (self, self)
    }
  }
}

/// The best split of a column among those that keep within bounds and to the column's trend.
///
/// Where missing values stand against all others the trend does not matter: none of them is higher or lower.
func monotoneSplit<Sum: SplitSum>(
  _ column: CodedTable.Column, rows: Span<UInt32>, sums: Span<Sum>, total: Sum, rules: SplitRules, trend: Int,
  bounds: PredictionBounds
) -> (split: ColumnSplit?, varies: Bool) {
  var byCode: [UInt16: Sum] = [:]
  for index in 0..<rows.count {
    let code = column.codes[Int(rows[index])]
    byCode[code] = (byCode[code] ?? .zero) + sums[index]
  }
  let absent = byCode.removeValue(forKey: column.missing) ?? .zero
  let hasMissing = absent.rows > 0
  let codes = byCode.keys.sorted()
  var best: ColumnSplit?
  func judge(_ left: Sum, after: UInt16, before: UInt16, missingGoesLeft: Bool, trend: Int) {
    let right = total - left
    guard left.rows >= rules.leafRows, right.rows >= rules.leafRows else { return }
    let (first, second) = (left.moments(rules.scales), right.moments(rules.scales))
    guard bounds.allow(first.target / first.weight, second.target / second.weight, trend: trend) else { return }
    let score = rules.score(left, right)
    guard score > best?.score ?? -.infinity else { return }
    best = ColumnSplit(
      score: score, lastLeft: after, firstRight: before, missingGoesLeft: missingGoesLeft, hasMissing: hasMissing,
      leftRows: left.rows)
  }
  var left = Sum.zero
  for (code, next) in zip(codes, codes.dropFirst()) {
    left = left + (byCode[code] ?? .zero)
    judge(left, after: code, before: next, missingGoesLeft: false, trend: trend)
    if hasMissing { judge(left + absent, after: code, before: next, missingGoesLeft: true, trend: trend) }
  }
  if hasMissing, let last = codes.last {
    judge(total - absent, after: last, before: column.missing, missingGoesLeft: false, trend: 0)
  }
  return (best, codes.count > 1 || hasMissing && !codes.isEmpty)
}
