import Kernels
import Testing

@Suite struct ElementLoopsTests {
  @Test("positions of flags are those that are not zero, wherever eight zeros stand", arguments: [1, 2, 5, 40, 300])
  func positions(oneIn share: Int) {
    var random = SplitMix64(seed: UInt64(share))
    for count in [0, 1, 7, 8, 9, 15, 16, 17, 64, 1_000] {
      let flags = (0..<count).map { _ in Int.random(in: 0..<share, using: &random) == 0 ? UInt8(1 << 7) : 0 }
      var positions: [UInt32] = [77]
      appendPositions(ofFlags: flags.span, to: &positions)
      #expect(positions == [77] + flags.indices.filter { flags[$0] != 0 }.map(UInt32.init))
    }
  }
}
