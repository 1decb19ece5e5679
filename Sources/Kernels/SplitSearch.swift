// The search for the best split of a node by one column. Values stand as codes: their rank among the values of the
// column, or the bin that holds them. One pass adds the rows up by code, and a bitmap remembers which codes occur, so
// that walking its bits is a sort.

/// What a split is judged by.
public enum SplitCriterion: Sendable {
  /// The sum of squares; for targets of 0 and 1 that is Gini's impurity as well.
  case squares
  /// The entropy of targets of 0 and 1, which is their logarithmic loss.
  case entropy
}

/// A place where a column divides a node.
public struct ColumnSplit: Hashable, Sendable {
  /// Higher is better; comparable between the columns of a node.
  public var score: Double
  /// The last code that goes left.
  public var lastLeft: UInt16
  /// The first code that goes right; the code of missing values where only they do.
  public var firstRight: UInt16
  /// Where missing values go.
  public var missingGoesLeft: Bool
  /// Whether the node has missing values in this column.
  public var hasMissing: Bool
  /// The rows that go left.
  public var leftRows: Int

  /// Makes a split.
  @inlinable
  public init(
    score: Double, lastLeft: UInt16, firstRight: UInt16, missingGoesLeft: Bool, hasMissing: Bool, leftRows: Int
  ) {
    self.score = score
    self.lastLeft = lastLeft
    self.firstRight = firstRight
    self.missingGoesLeft = missingGoesLeft
    self.hasMissing = hasMissing
    self.leftRows = leftRows
  }
}

/// Memory of the search, clean between two searches.
public struct SplitScratch<Sum: SplitSum>: Sendable {
  @usableFromInline var sums: [Sum]
  @usableFromInline var words: [UInt64]
  @usableFromInline var summary: [UInt64]

  /// Takes memory for all codes of 16 bits.
  @inlinable
  public init() {
    sums = Array(repeating: .zero, count: 1 << 16)
    words = Array(repeating: 0, count: 1 << 10)
    summary = Array(repeating: 0, count: 1 << 4)
  }
}

/// What splits of a node have in common.
public struct SplitRules: Sendable {
  /// What a split is judged by.
  public var criterion: SplitCriterion
  /// The weights of classes.
  public var scales: ClassScales
  /// The fewest rows of a child.
  public var leafRows: Int

  /// Makes rules.
  @inlinable
  public init(criterion: SplitCriterion, scales: ClassScales, leafRows: Int) {
    self.criterion = criterion
    self.scales = scales
    self.leafRows = leafRows
  }

  /// How good it is to divide rows so; higher is better.
  @inlinable @inline(__always)
  public func score<Sum: SplitSum>(_ left: Sum, _ right: Sum) -> Double { Sum.score(left, right, self) }
}

/// The entropy of rows times their weight, in units of e.
@inlinable
public func entropy(_ moments: SplitMoments) -> Double {
  let positive = moments.target
  let negative = moments.weight - positive
  var sum = 0.0
  if positive > 0 { sum -= positive * naturalLogarithm(positive / moments.weight) }
  if negative > 0 { sum -= negative * naturalLogarithm(negative / moments.weight) }
  return sum
}

/// The best place to divide rows by a column; `nil` where none leaves enough rows on both sides.
///
/// - Parameters:
///   - codes: the column's code of every row of the table; a missing value has the code `missing`, which is above all.
///   - rows: the rows of the node.
///   - sums: each of those rows as a sum of its own.
///   - total: their sum.
/// - Returns: the split, and whether the column has more than one value in the node.
/// - Precondition: each row is a position in `codes`, checked once by the largest.
@inlinable
public func bestSplit<Sum: SplitSum>(
  codes: Span<UInt16>, missing: UInt16, rows: Span<UInt32>, sums: Span<Sum>, total: Sum, rules: SplitRules,
  scratch: inout SplitScratch<Sum>
) -> (split: ColumnSplit?, varies: Bool) {
  precondition(rows.count == sums.count, "a sum for each row")
  if rows.isEmpty { return (nil, false) }
  precondition(Int(maximum(rows)) < codes.count, "rows of the table")
  return scratch.sums.withUnsafeMutableBufferPointer { table in
    scratch.words.withUnsafeMutableBufferPointer { words in
      scratch.summary.withUnsafeMutableBufferPointer { summary in
        // Every code of 16 bits is a place in these tables.
        let table = table.baseAddress.unsafelyUnwrapped
        let words = words.baseAddress.unsafelyUnwrapped
        let summary = summary.baseAddress.unsafelyUnwrapped
        codes.withUnsafeBufferPointer { codes in
          rows.withUnsafeBufferPointer { rows in
            sums.withUnsafeBufferPointer { sums in
              let codes = codes.baseAddress.unsafelyUnwrapped
              for index in 0..<rows.count {
                let code = Int(codes[Int(rows[index])])
                table[code] = table[code] + sums[index]
                words[code &>> 6] |= 1 &<< UInt64(truncatingIfNeeded: code & 63)
                summary[code &>> 12] |= 1 &<< UInt64(truncatingIfNeeded: code &>> 6 & 63)
              }
            }
          }
        }
        var walk = SplitWalk(table: table, missing: missing, total: total, rules: rules)
        walk.takeMissing(words: words)
        for high in 0..<16 {
          var middle = summary[high]
          summary[high] = 0
          while middle != 0 {
            let place = high &<< 6 | middle.trailingZeroBitCount
            middle &= middle &- 1
            var word = words[place]
            words[place] = 0
            while word != 0 {
              walk.take(place &<< 6 | word.trailingZeroBitCount)
              word &= word &- 1
            }
          }
        }
        walk.finish()
        return (walk.best, walk.varies)
      }
    }
  }
}

/// The state of a walk over the codes of a node in their order.
@usableFromInline
struct SplitWalk<Sum: SplitSum> {
  @usableFromInline let table: UnsafeMutablePointer<Sum>
  @usableFromInline let missing: UInt16
  @usableFromInline let total: Sum
  @usableFromInline let rules: SplitRules
  @usableFromInline var absent = Sum.zero
  @usableFromInline var hasMissing = false
  @usableFromInline var left = Sum.zero
  @usableFromInline var previous = -1
  @usableFromInline var best: ColumnSplit?
  @usableFromInline var bestScore = -Double.infinity
  @usableFromInline var varies = false

  @inlinable
  init(table: UnsafeMutablePointer<Sum>, missing: UInt16, total: Sum, rules: SplitRules) {
    self.table = table
    self.missing = missing
    self.total = total
    self.rules = rules
  }

  /// Takes the rows with missing values out, so that the walk does not meet their code.
  @inlinable
  mutating func takeMissing(words: UnsafeMutablePointer<UInt64>) {
    let code = Int(missing)
    absent = table[code]
    table[code] = .zero
    words[code &>> 6] &= ~(1 &<< UInt64(truncatingIfNeeded: code & 63))
    hasMissing = absent.rows > 0
  }

  /// Judges the place before a code, then moves its rows to the left.
  @inlinable @inline(__always)
  mutating func take(_ code: Int) {
    if previous >= 0 {
      varies = true
      judge(left, total - left, next: UInt16(truncatingIfNeeded: code), missingGoesLeft: false)
      if hasMissing {
        let withMissing = left + absent
        judge(withMissing, total - withMissing, next: UInt16(truncatingIfNeeded: code), missingGoesLeft: true)
      }
    }
    left = left + table[code]
    table[code] = .zero
    previous = code
  }

  /// Judges missing values against all others.
  @inlinable
  mutating func finish() {
    guard hasMissing, previous >= 0 else { return }
    varies = true
    judge(left, absent, next: missing, missingGoesLeft: false)
  }

  @inlinable @inline(__always)
  mutating func judge(_ left: Sum, _ right: Sum, next: UInt16, missingGoesLeft: Bool) {
    if left.rows < rules.leafRows || right.rows < rules.leafRows { return }
    let score = rules.score(left, right)
    if score <= bestScore { return }
    bestScore = score
    best = ColumnSplit(
      score: score, lastLeft: UInt16(truncatingIfNeeded: previous), firstRight: next,
      missingGoesLeft: missingGoesLeft, hasMissing: hasMissing, leftRows: left.rows)
  }
}
