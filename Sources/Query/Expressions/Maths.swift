#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Functions of numbers, by the C library.
enum Maths {
  static func power(_ a: Double, _ b: Double) -> Double { pow(a, b) }
  static func ln(_ a: Double) -> Double { log(a) }

  /// The function of one floating-point number; `nil` where the name is none.
  static func unary(_ function: ScalarFunction) -> ((Double) -> Double)? {
    switch function {
    case .sqrt: { $0.squareRoot() }
    case .exp: { exp($0) }
    case .ln: { log($0) }
    case .log10, .log: { log10($0) }
    case .log2: { log2($0) }
    case .sin: { sin($0) }
    case .cos: { cos($0) }
    case .tan: { tan($0) }
    case .asin: { asin($0) }
    case .acos: { acos($0) }
    case .atan: { atan($0) }
    case .cbrt: { cbrt($0) }
    case .degrees: { $0 * 180 / Double.pi }
    case .radians: { $0 * Double.pi / 180 }
    case .floor: { $0.rounded(.down) }
    case .ceil: { $0.rounded(.up) }
    case .trunc: { $0.rounded(.towardZero) }
    case .even: { ($0 >= 0 ? ($0 / 2).rounded(.up) : ($0 / 2).rounded(.down)) * 2 }
    default: nil
    }
  }

  static func sine(_ a: Double) -> Double { sin(a) }
  static func arcTangent(_ y: Double, _ x: Double) -> Double { atan2(y, x) }

  /// A power of ten up to 38.
  static func tenTo(_ exponent: Int) -> Int128 {
    (0..<min(exponent, 38)).reduce(Int128(1)) { power, _ in power * 10 }
  }

  /// Division that rounds half away from zero.
  static func divideRounding(_ value: Int128, by divisor: Int128) -> Int128 {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    let twice = remainder.magnitude >= (divisor.magnitude + 1) / 2
    guard twice else { return quotient }
    return (value < 0) == (divisor < 0) ? quotient + 1 : quotient - 1
  }
}

extension FixedWidthInteger where Self: SignedInteger {
  /// Division that rounds towards minus infinity, and so the start of the bucket that holds the number.
  @inline(__always)
  func floorDivided(by divisor: Self) -> Self {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
