/// What a search for a split adds up over rows: how many, their weight, and their weight times the target.
public protocol SplitSum: BitwiseCopyable, Sendable {
  /// The sum of no rows.
  static var zero: Self { get }
  /// The rows of both.
  static func + (left: Self, right: Self) -> Self
  /// The rows of `left` without those of `right`, all of which are among them.
  static func - (left: Self, right: Self) -> Self
  /// The rows as numbers; the scales are for sums that hold bare counts.
  func moments(_ scales: ClassScales) -> SplitMoments
  /// The sum of weight times the square of the target.
  func squares(_ scales: ClassScales) -> Double
  /// The number of rows.
  var rows: Int { get }
  /// Whether all rows have the same target, as far as doubles can tell.
  func isPure(_ scales: ClassScales) -> Bool
  /// How good it is to divide rows so; higher is better.
  static func score(_ left: Self, _ right: Self, _ rules: SplitRules) -> Double
  /// The share of each of more than two classes; empty for sums whose moments say it all.
  func shares(classes: Int) -> [Double]
}

extension SplitSum {
  /// Judges by moments.
  @inlinable @inline(__always)
  public static func score(_ left: Self, _ right: Self, _ rules: SplitRules) -> Double {
    let (left, right) = (left.moments(rules.scales), right.moments(rules.scales))
    switch rules.criterion {
    case .squares: return left.target * left.target / left.weight + right.target * right.target / right.weight
    case .entropy: return -(entropy(left) + entropy(right))
    }
  }

  /// No shares.
  @inlinable
  public func shares(classes: Int) -> [Double] { [] }

  /// Whether all rows have the same target, as far as doubles can tell.
  public func isPure(_ scales: ClassScales) -> Bool {
    let moments = moments(scales)
    let mean = moments.target / moments.weight
    let meanSquare = squares(scales) / moments.weight
    return meanSquare - mean * mean <= 1e-14 * meanSquare
  }
}

/// The weights of the two classes.
public struct ClassScales: Hashable, Sendable {
  /// The weight of a row whose target is 0, and of one whose target is 1.
  public var negative, positive: Double

  /// Makes weights; 1 for both by default.
  @inlinable
  public init(negative: Double = 1, positive: Double = 1) {
    self.negative = negative
    self.positive = positive
  }
}

/// The weight of rows, and the sum of their weight times their target.
public struct SplitMoments: Hashable, Sendable {
  /// The sum of weights.
  public var weight: Double
  /// The sum of weight times target.
  public var target: Double

  /// Makes moments.
  @inlinable
  public init(weight: Double, target: Double) {
    self.weight = weight
    self.target = target
  }
}

/// Whole numbers only: rows with a target of 0 or 1 that count once, twice or more often. One addition adds all three
/// numbers, each of which has 21 bits of the word: rows (highest), weight, weight of target 1.
public struct CountedSum: SplitSum {
  /// The most rows, and the most weight, that a sum can hold.
  public static let limit = 1 << 21 - 1

  @usableFromInline let word: UInt64

  @inlinable
  init(word: UInt64) { self.word = word }

  /// One row that counts `weight` times.
  @inlinable
  public init(weight: Int, isPositive: Bool) {
    let weight = UInt64(truncatingIfNeeded: weight)
    word = 1 &<< 42 | weight &<< 21 | (isPositive ? weight : 0)
  }

  /// The sum of no rows.
  @inlinable public static var zero: CountedSum { CountedSum(word: 0) }

  /// The rows of both.
  @inlinable public static func + (left: CountedSum, right: CountedSum) -> CountedSum {
    CountedSum(word: left.word &+ right.word)
  }

  /// The rows of `left` without those of `right`.
  @inlinable public static func - (left: CountedSum, right: CountedSum) -> CountedSum {
    CountedSum(word: left.word &- right.word)
  }

  /// The counts times the weights of their classes.
  @inlinable
  public func moments(_ scales: ClassScales) -> SplitMoments {
    let all = Double(Int32(truncatingIfNeeded: word &>> 21 & 0x1F_FFFF))
    let positive = Double(Int32(truncatingIfNeeded: word & 0x1F_FFFF))
    let target = positive * scales.positive
    return SplitMoments(weight: (all - positive) * scales.negative + target, target: target)
  }

  /// The weight of target 1, whose square is itself.
  @inlinable
  public func squares(_ scales: ClassScales) -> Double { moments(scales).target }

  /// The number of rows.
  @inlinable public var rows: Int { Int(truncatingIfNeeded: word &>> 42) }
}

/// Rows of any weight and any target.
public struct WeightedSum: SplitSum {
  /// Weight, weight times target, rows, weight times target squared.
  @usableFromInline let sums: SIMD4<Double>

  @inlinable
  init(sums: SIMD4<Double>) { self.sums = sums }

  /// One row.
  @inlinable
  public init(weight: Double, target: Double) { sums = SIMD4(weight, weight * target, 1, weight * target * target) }

  /// The sum of no rows.
  @inlinable public static var zero: WeightedSum { WeightedSum(sums: .zero) }

  /// The rows of both.
  @inlinable public static func + (left: WeightedSum, right: WeightedSum) -> WeightedSum {
    WeightedSum(sums: left.sums + right.sums)
  }

  /// The rows of `left` without those of `right`.
  @inlinable public static func - (left: WeightedSum, right: WeightedSum) -> WeightedSum {
    WeightedSum(sums: left.sums - right.sums)
  }

  /// The sums; they hold the weights of classes already.
  @inlinable
  public func moments(_ scales: ClassScales) -> SplitMoments { SplitMoments(weight: sums.x, target: sums.y) }

  /// The sum of weight times the square of the target.
  @inlinable
  public func squares(_ scales: ClassScales) -> Double { sums.w }

  /// The number of rows.
  @inlinable public var rows: Int { Int(sums.z) }
}
