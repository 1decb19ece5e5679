import Kernels

// What a simulation draws; the same seed gives the same numbers on every platform and in every version.
extension SplitMix64 {
  /// A stream of its own for member `index` of the family `seed`: two mixes keep neighbours apart.
  init(seed: UInt64, index: Int) {
    var family = SplitMix64(seed: seed)
    var member = SplitMix64(seed: family.next() ^ (UInt64(truncatingIfNeeded: index) &* 0xd1b5_4a32_d192_ed03))
    self.init(seed: member.next())
  }

  /// Evenly spread in 0..<1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Evenly spread between the bounds.
  mutating func between(_ low: Double, _ high: Double) -> Double { low + (high - low) * unit() }

  /// Whole milliseconds, evenly spread between two numbers of seconds.
  mutating func millis(_ low: Double, _ high: Double) -> Int64 { Int64(between(low, high) * 1000) }

  /// About normal, with mean 0 and variance 1: the sum of four 16-bit uniforms of one draw (variance 1/3), scaled.
  /// Only exact arithmetic, so no platform's `log` or `cos` can change a value; it stays within ±3.5.
  mutating func normal() -> Double {
    let bits = next()
    let sum = (bits & 0xffff) &+ ((bits >> 16) & 0xffff) &+ ((bits >> 32) & 0xffff) &+ (bits >> 48)
    return (Double(sum) - 131_070) * (1.732_050_807_568_877_2 / 65_536)
  }
}
