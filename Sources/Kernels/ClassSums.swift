/// Rows of several classes: the weight of each class, and how many rows there are. Weights hold those of the classes
/// already, so scales are not asked for.
public struct ClassSum<let width: Int>: SplitSum {
  @usableFromInline var weights: InlineArray<width, Double>
  @usableFromInline var count: Int

  @inlinable
  init() {
    weights = InlineArray(repeating: 0)
    count = 0
  }

  /// One row.
  ///
  /// - Precondition: the number of the class is below the width.
  @inlinable
  public init(weight: Double, class number: Int) {
    self.init()
    weights[number] = weight
    count = 1
  }

  /// The sum of no rows.
  @inlinable public static var zero: ClassSum { ClassSum() }

  /// The rows of both.
  @inlinable public static func + (left: ClassSum, right: ClassSum) -> ClassSum {
    var sum = left
    for place in 0..<width { sum.weights[place] += right.weights[place] }
    sum.count &+= right.count
    return sum
  }

  /// The rows of `left` without those of `right`.
  @inlinable public static func - (left: ClassSum, right: ClassSum) -> ClassSum {
    var sum = left
    for place in 0..<width { sum.weights[place] -= right.weights[place] }
    sum.count &-= right.count
    return sum
  }

  /// The number of rows.
  @inlinable public var rows: Int { count }

  @inlinable
  var weight: Double {
    var sum = 0.0
    for place in 0..<width { sum += weights[place] }
    return sum
  }

  /// The weight of all classes; there is no target that could be added up.
  @inlinable
  public func moments(_ scales: ClassScales) -> SplitMoments { SplitMoments(weight: weight, target: 0) }

  /// There is no target to square.
  @inlinable
  public func squares(_ scales: ClassScales) -> Double { 0 }

  /// Whether all rows are of one class, as far as doubles can tell.
  @inlinable
  public func isPure(_ scales: ClassScales) -> Bool {
    var largest = 0.0
    for place in 0..<width { largest = max(largest, weights[place]) }
    return weight - largest <= 1e-14 * weight
  }

  /// Gini's impurity by the sum of squares of all classes, or their entropy.
  @inlinable @inline(__always)
  public static func score(_ left: ClassSum, _ right: ClassSum, _ rules: SplitRules) -> Double {
    switch rules.criterion {
    case .squares: left.squaresOverWeight + right.squaresOverWeight
    case .entropy: -(left.entropy + right.entropy)
    }
  }

  @inlinable
  var squaresOverWeight: Double {
    var squares = 0.0
    for place in 0..<width { squares += weights[place] * weights[place] }
    return squares / weight
  }

  /// The entropy of the classes times their weight, in units of e.
  @inlinable
  var entropy: Double {
    let all = weight
    var sum = 0.0
    for place in 0..<width where weights[place] > 0 { sum -= weights[place] * naturalLogarithm(weights[place] / all) }
    return sum
  }

  /// The share of each class.
  ///
  /// - Precondition: there are no more classes than the width.
  @inlinable
  public func shares(classes: Int) -> [Double] {
    let all = weight
    return (0..<classes).map { weights[$0] / all }
  }
}
