import Kernels
import Testing

@testable import Simulator

@Suite struct SplitMix64Tests {
  /// The first outputs of the reference program (Vigna's splitmix64.c) for the seed 1234567.
  @Test func theBitsAreTheReferenceOnes() {
    var random = SplitMix64(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
      16_408_922_859_458_223_821,
    ]
    #expect((0..<5).map { _ in random.next() } == expected)
  }

  @Test func unitAndNormalHaveTheirMoments() {
    var random = SplitMix64(seed: 5, index: 0)
    let units = (0..<100_000).map { _ in random.unit() }
    #expect(units.allSatisfy { (0..<1).contains($0) })
    #expect(abs(units.reduce(0, +) / 100_000 - 0.5) < 0.005)
    let normals = (0..<100_000).map { _ in random.normal() }
    #expect(normals.allSatisfy { abs($0) < 3.5 })
    #expect(abs(normals.reduce(0, +) / 100_000) < 0.02)
    #expect(abs(normals.reduce(0) { $0 + $1 * $1 } / 100_000 - 1) < 0.02)
  }

  @Test func streamsOfOneFamilyDiffer() {
    let firsts = (0..<1_000).map { index in
      var random = SplitMix64(seed: 1, index: index)
      return random.next()
    }
    #expect(Set(firsts).count == 1_000)
  }
}
