#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Gauss and Legendre's rule on 0 to 1: with `count` points the integral of a polynomial up to degree 2 `count` - 1 is
/// exact, by sums of positive terms.
struct Quadrature: Sendable {
  let points: [Double]
  let weights: [Double]

  init(count: Int) {
    var points: [Double] = []
    var weights: [Double] = []
    for index in 0..<count {
      // Newton's steps from the usual guess for a root of the Legendre polynomial.
      var root = cos(Double.pi * (Double(index) + 0.75) / (Double(count) + 0.5))
      var slope = 1.0
      for _ in 0..<100 {
        var (previous, current) = (1.0, root)
        for degree in stride(from: 2, through: count, by: 1) {
          let n = Double(degree)
          (previous, current) = (current, ((2 * n - 1) * root * current - (n - 1) * previous) / n)
        }
        slope = Double(count) * (root * current - previous) / (root * root - 1)
        let step = current / slope
        root -= step
        if abs(step) < 1e-16 { break }
      }
      points.append((1 - root) / 2)
      weights.append(1 / ((1 - root * root) * slope * slope))
    }
    self.points = points
    self.weights = weights
  }

  /// The rule that is exact for polynomials of a degree.
  static func exact(forDegree degree: Int) -> Quadrature { rules[max(degree, 0) / 2 + 1] }

  /// By the number of points; a path has at most 64 features.
  private static let rules = (0...33).map { Quadrature(count: $0) }
}
