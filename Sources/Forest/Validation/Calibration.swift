import Kernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Turns a forest's probabilities into ones that happen as often as they say.
public enum Calibration: Sendable, Hashable {
  case platt(PlattScaling)
  case isotonic(IsotonicScaling)

  /// The ways to calibrate.
  public enum Method: String, CaseIterable, Sendable, Hashable {
    case none, platt, isotonic
  }

  /// Learns from probabilities of rows that the forest did not learn from; `nil` for no calibration, and where there is
  /// nothing to learn, as where all targets are the same.
  public init?(_ method: Method, probabilities: [Double], targets: [Double]) {
    let known = probabilities.indices.filter { !probabilities[$0].isNaN }
    let (probabilities, targets) = (known.map { probabilities[$0] }, known.map { targets[$0] })
    guard targets.contains(where: { $0 > 0.5 }), targets.contains(where: { $0 <= 0.5 }) else { return nil }
    switch method {
    case .none: return nil
    case .platt:
      guard let scaling = PlattScaling(probabilities: probabilities, targets: targets) else { return nil }
      self = .platt(scaling)
    case .isotonic: self = .isotonic(IsotonicScaling(probabilities: probabilities, targets: targets))
    }
  }

  /// A probability, calibrated.
  public func callAsFunction(_ probability: Double) -> Double {
    switch self {
    case .platt(let scaling): scaling(probability)
    case .isotonic(let scaling): scaling(probability)
    }
  }
}

/// Platt's scaling: a logistic curve over the logit.
public struct PlattScaling: Sendable, Hashable, Codable {
  /// The curve: the logit of the result is `slope` times the logit plus `intercept`.
  public let slope, intercept: Double

  /// Fits the curve by Newton's steps; `nil` where they lead nowhere, as where the targets are divided perfectly.
  public init?(probabilities: [Double], targets: [Double], weights: [Double]? = nil) {
    let logits = probabilities.map(logit)
    // From a flat curve: where probabilities are far too bold, steps from a steep one overshoot.
    var (slope, intercept) = (0.0, 0.0)
    for _ in 0..<50 {
      var gradient = SIMD2<Double>.zero
      var curvature = SIMD3<Double>.zero
      for row in logits.indices {
        let expected = logistic(slope * logits[row] + intercept)
        let weight = weights?[row] ?? 1
        let miss = weight * (targets[row] - expected)
        let spread = weight * expected * (1 - expected)
        gradient += SIMD2(miss * logits[row], miss)
        curvature += SIMD3(spread * logits[row] * logits[row], spread * logits[row], spread)
      }
      let determinant = curvature.x * curvature.z - curvature.y * curvature.y
      guard determinant > 1e-12 else { return nil }
      let slopeStep = (curvature.z * gradient.x - curvature.y * gradient.y) / determinant
      let interceptStep = (curvature.x * gradient.y - curvature.y * gradient.x) / determinant
      slope += slopeStep
      intercept += interceptStep
      guard slope.isFinite, abs(slope) < 1e4, abs(intercept) < 1e4 else { return nil }
      if abs(slopeStep) + abs(interceptStep) < 1e-10 { break }
    }
    self.slope = slope
    self.intercept = intercept
  }

  /// A probability, calibrated.
  public func callAsFunction(_ probability: Double) -> Double { logistic(slope * logit(probability) + intercept) }
}

/// Isotonic regression: the best of all curves that never fall, found by pooling neighbours that do.
public struct IsotonicScaling: Sendable, Hashable, Codable {
  /// The middle of each pool, and what happened in it as a share; between two pools the curve is straight.
  public let inputs, outputs: [Double]

  /// Fits the curve.
  public init(probabilities: [Double], targets: [Double]) {
    var pools: [(low: Double, high: Double, sum: Double, count: Double)] = []
    for row in probabilities.indices.sorted(by: { probabilities[$0] < probabilities[$1] }) {
      let probability = probabilities[row]
      if let last = pools.last, last.low == probability, last.high == probability {
        pools[pools.count - 1].sum += targets[row]
        pools[pools.count - 1].count += 1
      } else {
        pools.append((probability, probability, targets[row], 1))
      }
    }
    var merged: [(low: Double, high: Double, sum: Double, count: Double)] = []
    for pool in pools {
      var pool = pool
      while let last = merged.last, last.sum * pool.count >= pool.sum * last.count {
        pool = (last.low, pool.high, last.sum + pool.sum, last.count + pool.count)
        merged.removeLast()
      }
      merged.append(pool)
    }
    inputs = merged.flatMap { $0.low == $0.high ? [$0.low] : [$0.low, $0.high] }
    outputs = merged.flatMap { pool in
      [Double](repeating: pool.sum / pool.count, count: pool.low == pool.high ? 1 : 2)
    }
  }

  /// A probability, calibrated.
  public func callAsFunction(_ probability: Double) -> Double {
    guard let first = inputs.first, probability > first else { return outputs.first ?? probability }
    guard let next = inputs.firstIndex(where: { $0 >= probability }) else { return outputs[outputs.count - 1] }
    let share = (probability - inputs[next - 1]) / (inputs[next] - inputs[next - 1])
    return outputs[next - 1] + share * (outputs[next] - outputs[next - 1])
  }
}

/// The logit of a probability, which is kept a millionth away from 0 and 1.
func logit(_ probability: Double) -> Double {
  let inside = min(max(probability, 1e-6), 1 - 1e-6)
  return naturalLogarithm(inside / (1 - inside))
}

/// The probability of a logit.
func logistic(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }
