internal import Columnar

/// Variances, covariances and correlation, by Welford's method, which loses nothing where means are large.
final class MomentState: AggregateState {
  private struct Moments {
    var count = 0.0
    var meanX = 0.0
    var meanY = 0.0
    var squaresX = 0.0
    var squaresY = 0.0
    var products = 0.0

    mutating func add(_ x: Double, _ y: Double) {
      count += 1
      let (dx, dy) = (x - meanX, y - meanY)
      meanX += dx / count
      meanY += dy / count
      squaresX += dx * (x - meanX)
      squaresY += dy * (y - meanY)
      products += dx * (y - meanY)
    }

    mutating func add(_ other: Moments) {
      if other.count == 0 { return }
      let total = count + other.count
      let (dx, dy) = (other.meanX - meanX, other.meanY - meanY)
      let weight = count * other.count / total
      squaresX += other.squaresX + dx * dx * weight
      squaresY += other.squaresY + dy * dy * weight
      products += other.products + dx * dy * weight
      meanX += dx * other.count / total
      meanY += dy * other.count / total
      count = total
    }
  }

  private var moments: [Moments] = []

  override func grow(to groups: Int) {
    moments.append(contentsOf: repeatElement(Moments(), count: max(0, groups - moments.count)))
  }

  override func update(_ arguments: [Vector], groups: [UInt32], order: [UInt64]) {
    let x = arguments[0].expanded(to: groups.count).doubles
    guard arguments.count > 1 else {
      for (value, group) in zip(x, groups) { moments[Int(group)].add(value, 0) }
      return
    }
    let other = arguments[1].expanded(to: groups.count)
    let y = other.doubles
    for row in x.indices where other.isValid(row) { moments[Int(groups[row])].add(x[row], y[row]) }
  }

  override func merge(_ other: AggregateState, groups: [UInt32]) {
    guard let other = other as? MomentState else { return }
    for (index, group) in groups.enumerated() { moments[Int(group)].add(other.moments[index]) }
  }

  private func result(_ moments: Moments) -> Double? {
    let (n, isOne) = (moments.count, moments.count < 2)
    guard n > 0 else { return nil }
    switch call.function {
    case .varPop: return moments.squaresX / n
    case .stddevPop: return (moments.squaresX / n).squareRoot()
    case .varSamp: return isOne ? nil : moments.squaresX / (n - 1)
    case .stddevSamp: return isOne ? nil : (moments.squaresX / (n - 1)).squareRoot()
    case .covarPop: return moments.products / n
    case .covarSamp: return isOne ? nil : moments.products / (n - 1)
    default:
      let product = moments.squaresX.squareRoot() * moments.squaresY.squareRoot()
      return product == 0 ? .nan : moments.products / product
    }
  }

  override func finish(_ groups: [UInt32]) throws(QueryError) -> Vector {
    let list = groups.map { result(moments[Int($0)]) }
    // What is infinite or no number has no spread.
    if call.function != .corr, list.contains(where: { $0.map { !$0.isFinite } ?? false }) {
      throw QueryError(.value, "\(call.function.rawValue) of values that are infinite or no numbers, or too large")
    }
    return Vector(.double, .doubles(list.map { $0 ?? 0 }), validity: Bitmap(list.lazy.map { $0 != nil }))
  }

  override var byteCount: Int { moments.count * 48 }
}
