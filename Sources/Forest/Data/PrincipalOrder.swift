/// The categories of a column by the first principal component of their shares of classes.
struct PrincipalOrder {
  /// How far along the component each category lies; 0, the middle, for one that nothing is known of.
  let scores: [Double]

  private static let steps = 200

  /// - Parameters:
  ///   - values: numbers of categories, NaN where one is missing.
  ///   - targets: numbers of classes.
  init(_ values: [Float], targets: [Double], classes: Int, weights: [Double]?) {
    var counts: [[Double]] = []
    for (row, value) in values.enumerated() where !value.isNaN {
      while counts.count <= Int(value) { counts.append([Double](repeating: 0, count: classes)) }
      counts[Int(value)][Int(targets[row])] += weights?[row] ?? 1
    }
    let sizes = counts.map { $0.reduce(0, +) }
    let all = sizes.reduce(0, +)
    guard all > 0 else {
      scores = counts.map { _ in 0 }
      return
    }
    let means = (0..<classes).map { number in counts.reduce(0) { $0 + $1[number] } / all }
    // How far the shares of each category are from those of all rows.
    let offsets = zip(counts, sizes).map { counts, size in
      (0..<classes).map { size > 0 ? counts[$0] / size - means[$0] : 0 }
    }
    let axis = Self.axis(offsets, sizes)
    scores = offsets.map { offset in zip(offset, axis).reduce(0) { $0 + $1.0 * $1.1 } }
  }

  /// The direction in which the rows are spread out most, by multiplying with their covariance again and again.
  private static func axis(_ offsets: [[Double]], _ sizes: [Double]) -> [Double] {
    let classes = offsets.first?.count ?? 0
    var covariance = [[Double]](repeating: [Double](repeating: 0, count: classes), count: classes)
    for (offset, size) in zip(offsets, sizes) {
      for first in 0..<classes {
        for second in 0..<classes { covariance[first][second] += size * offset[first] * offset[second] }
      }
    }
    // From the class that varies most, which cannot be at a right angle to all of them.
    let start = (0..<classes).max { covariance[$0][$0] < covariance[$1][$1] } ?? 0
    var axis = covariance.isEmpty ? [] : covariance[start]
    for _ in 0..<steps {
      let length = axis.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0 else { break }
      let unit = axis.map { $0 / length }
      axis = covariance.map { row in zip(row, unit).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    return axis
  }
}
