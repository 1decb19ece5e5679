/// Logistic regression, or linear regression of numbers: the baseline that a forest has to beat. Missing values become
/// the median, columns are brought to mean 0 and deviation 1, coefficients are kept small (a ridge of 1, as
/// scikit-learn's default). All of that is learned from the rows it is given, and from no others.
public struct LinearModel: Sendable {
  private let task: ForestSettings.Task
  private let medians: [Float]
  private let means, deviations: [Double]
  private let coefficients: [Double]

  /// Fits the model.
  public init(_ task: ForestSettings.Task, _ data: FeatureMatrix, targets: [Double]) {
    self.task = task
    let medians: [Float] = data.columns.map { column in
      let present = column.filter { !$0.isNaN }.sorted()
      guard !present.isEmpty else { return 0 }
      return (present[(present.count - 1) / 2] + present[present.count / 2]) / 2
    }
    var means: [Double] = []
    var deviations: [Double] = []
    for (column, median) in zip(data.columns, medians) {
      let values = column.map { Double($0.isNaN ? median : $0) }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      means.append(mean)
      deviations.append(variance > 0 ? variance.squareRoot() : 1)
    }
    self.medians = medians
    self.means = means
    self.deviations = deviations
    let (fixedMeans, fixedDeviations) = (means, deviations)
    let rows = (0..<data.rowCount).map { Self.prepared(data.row($0), medians, fixedMeans, fixedDeviations) }
    coefficients = Self.fit(task, rows, targets)
  }

  /// The probability of target 1, or the number.
  public func prediction(of row: [Float]) -> Double {
    let values = Self.prepared(row, medians, means, deviations)
    return Self.expected(task, zip(values, coefficients).reduce(0) { $0 + $1.0 * $1.1 })
  }

  /// A row with a 1 behind it for the intercept.
  private static func prepared(
    _ row: [Float], _ medians: [Float], _ means: [Double], _ deviations: [Double]
  ) -> [Double] {
    row.indices.map { (Double(row[$0].isNaN ? medians[$0] : row[$0]) - means[$0]) / deviations[$0] } + [1]
  }

  /// What a sum of the columns stands for.
  private static func expected(_ task: ForestSettings.Task, _ sum: Double) -> Double {
    task == .regression ? sum : logistic(sum)
  }

  /// Newton's steps, of which numbers need one.
  private static func fit(_ task: ForestSettings.Task, _ rows: [[Double]], _ targets: [Double]) -> [Double] {
    let width = rows.first?.count ?? 1
    var coefficients = [Double](repeating: 0, count: width)
    for _ in 0..<50 {
      var gradient = [Double](repeating: 0, count: width)
      var curvature = [[Double]](repeating: [Double](repeating: 0, count: width), count: width)
      for (row, target) in zip(rows, targets) {
        let expected = Self.expected(task, zip(row, coefficients).reduce(0) { $0 + $1.0 * $1.1 })
        let spread = task == .regression ? 1 : expected * (1 - expected)
        for first in 0..<width {
          gradient[first] += (target - expected) * row[first]
          for second in 0...first { curvature[first][second] += spread * row[first] * row[second] }
        }
      }
      // The ridge, which spares the intercept.
      for place in 0..<width {
        curvature[place][place] += place < width - 1 ? 1 : 1e-9
        if place < width - 1 { gradient[place] -= coefficients[place] }
      }
      let step = solve(curvature, gradient)
      for place in 0..<width { coefficients[place] += step[place] }
      if step.allSatisfy({ abs($0) < 1e-9 }) { break }
    }
    return coefficients
  }

  /// Solves a system whose matrix is symmetric and positive, of which the lower half is given (Cholesky).
  private static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
    let size = right.count
    var lower = matrix
    var solution = right
    for row in 0..<size {
      for column in 0...row {
        let sum = (0..<column).reduce(matrix[row][column]) { $0 - lower[row][$1] * lower[column][$1] }
        lower[row][column] = row == column ? max(sum, 1e-300).squareRoot() : sum / lower[column][column]
      }
      solution[row] = (0..<row).reduce(right[row]) { $0 - lower[row][$1] * solution[$1] } / lower[row][row]
    }
    for row in (0..<size).reversed() {
      solution[row] = (row + 1..<size).reduce(solution[row]) { $0 - lower[$1][row] * solution[$1] } / lower[row][row]
    }
    return solution
  }
}
