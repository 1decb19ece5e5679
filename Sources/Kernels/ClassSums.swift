/// Rows of several classes: the weight of each class, four to a block, and of all of them, and how many rows there are.
/// Weights hold those of the classes already, so scales are not asked for.
public struct ClassSum<let blocks: Int>: SplitSum {
  @usableFromInline var weights: InlineArray<blocks, SIMD4<Double>>
  @usableFromInline var weight: Double
  @usableFromInline var count: Int

  /// The most classes.
  @inlinable public static var mostClasses: Int { 4 * blocks }

  @inlinable
  init() {
    weights = InlineArray(repeating: .zero)
    weight = 0
    count = 0
  }

  /// One row.
  ///
  /// - Precondition: the number of the class is below ``mostClasses``.
  @inlinable
  public init(weight: Double, class number: Int) {
    self.init()
    weights[number >> 2][number & 3] = weight
    self.weight = weight
    count = 1
  }

  /// The sum of no rows.
  @inlinable public static var zero: ClassSum { ClassSum() }

  /// The rows of both.
  @inlinable @inline(__always)
  public static func + (left: ClassSum, right: ClassSum) -> ClassSum {
    var sum = left
    for block in 0..<blocks { sum.weights[block] += right.weights[block] }
    sum.weight += right.weight
    sum.count &+= right.count
    return sum
  }

  /// The rows of `left` without those of `right`.
  @inlinable @inline(__always)
  public static func - (left: ClassSum, right: ClassSum) -> ClassSum {
    var sum = left
    for block in 0..<blocks { sum.weights[block] -= right.weights[block] }
    sum.weight -= right.weight
    sum.count &-= right.count
    return sum
  }

  /// The number of rows.
  @inlinable public var rows: Int { count }

  /// The weight of all classes; there is no target that could be added up.
  @inlinable
  public func moments(_ scales: ClassScales) -> SplitMoments { SplitMoments(weight: weight, target: 0) }

  /// There is no target to square.
  @inlinable
  public func squares(_ scales: ClassScales) -> Double { 0 }

  /// Whether all rows are of one class, as far as doubles can tell.
  @inlinable
  public func isPure(_ scales: ClassScales) -> Bool {
    var largest = SIMD4<Double>.zero
    for block in 0..<blocks { largest = pointwiseMax(largest, weights[block]) }
    return weight - largest.max() <= 1e-14 * weight
  }

  /// Gini's impurity by the sum of squares of all classes, or their entropy.
  @inlinable @inline(__always)
  public static func score(_ left: ClassSum, _ right: ClassSum, _ rules: SplitRules) -> Double {
    switch rules.criterion {
    case .squares: left.squaresOverWeight + right.squaresOverWeight
    case .entropy: -(left.entropy + right.entropy)
    }
  }

  @inlinable @inline(__always)
  var squaresOverWeight: Double {
    var squares = SIMD4<Double>.zero
    for block in 0..<blocks { squares += weights[block] * weights[block] }
    return squares.sum() / weight
  }

  /// The entropy of the classes times their weight, in units of e.
  @inlinable
  var entropy: Double {
    var sum = 0.0
    for block in 0..<blocks {
      for lane in 0..<4 where weights[block][lane] > 0 {
        sum -= weights[block][lane] * naturalLogarithm(weights[block][lane] / weight)
      }
    }
    return sum
  }

  /// The share of each class.
  ///
  /// - Precondition: there are no more classes than ``mostClasses``.
  @inlinable
  public func shares(classes: Int) -> [Double] {
    // Added up anew, so that shares come to 1 as nearly as they can.
    let own = (0..<classes).map { weights[$0 >> 2][$0 & 3] }
    let all = own.reduce(0, +)
    return own.map { $0 / all }
  }
}
