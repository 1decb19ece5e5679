import CSnappy
import Compression
import Kernels
import Testing

/// Our decoder of Snappy's raw format, held against the library.
@Suite struct SnappyTests {
  /// What the library makes of an input; `nil` where it refuses.
  private func library(_ input: [UInt8]) -> [UInt8]? {
    input.withUnsafeBytes { bytes in
      let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      var size = 0
      guard snappy_uncompressed_length(start, bytes.count, &size) == SNAPPY_OK, size <= 1 << 20 else { return nil }
      var output = [UInt8](repeating: 0, count: size + 1)
      let status = output.withUnsafeMutableBytes {
        snappy_uncompress(start, bytes.count, $0.baseAddress?.assumingMemoryBound(to: CChar.self), &size)
      }
      return status == SNAPPY_OK ? Array(output[..<size]) : nil
    }
  }

  private func ours(_ input: [UInt8]) -> [UInt8]? {
    var decompressor = Decompressor()
    return try? decompressor.decompress(input.span.bytes, codec: .snappy, limit: 1 << 20)
  }

  private func compressed(_ bytes: [UInt8]) throws -> [UInt8] {
    var output: [UInt8] = []
    try Compressor(codec: .snappy).compress(bytes.span.bytes, appendingTo: &output)
    return output
  }

  /// Bytes of many textures: noise, patterns of each length, runs, and numbers that rise.
  private func texture(_ random: inout SplitMix64) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0...8, using: &random) {
      let count = Int.random(in: 0...700, using: &random)
      switch Int.random(in: 0...3, using: &random) {
      case 0: for _ in 0..<count { bytes.append(.random(in: 0...255, using: &random)) }
      case 1:
        let period = Int.random(in: 1...20, using: &random)
        for index in 0..<count { bytes.append(UInt8(truncatingIfNeeded: index % period &* 37)) }
      case 2: bytes += [UInt8](repeating: .random(in: 0...255, using: &random), count: count * 10)
      default:
        var number = UInt64.random(in: 0...1 << 40, using: &random)
        for _ in 0..<count / 8 {
          number += .random(in: 0...90, using: &random)
          withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
        }
      }
    }
    return bytes
  }

  @Test("what the library compresses comes back", arguments: 0..<300 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let bytes = texture(&random)
    #expect(ours(try compressed(bytes)) == bytes)
  }

  /// Not a byte is believed: lengths and offsets that lead out of the output, elements that end early.
  @Test("damaged input gets the library's verdict", arguments: 0..<100 as Range<UInt64>)
  func damage(seed: UInt64) throws {
    var random = SplitMix64(seed: 1_000 + seed)
    let sound = try compressed(texture(&random))
    var refused = 0
    for _ in 0..<60 {
      var input = sound
      for _ in 0..<Int.random(in: 1...3, using: &random) where !input.isEmpty {
        let at = Int.random(in: 0..<input.count, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0: input[at] = .random(in: 0...255, using: &random)
        case 1: input[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 2: input.removeSubrange(at...)
        default: input.insert(.random(in: 0...255, using: &random), at: at)
        }
      }
      let expected = library(input)
      if expected == nil { refused += 1 }
      #expect(ours(input) == expected)
    }
    #expect(refused > 0)
  }

  /// The example at the head of the decoder, and each kind of element with its longest length.
  @Test("elements by hand")
  func elements() {
    #expect(ours([0x08, 0x04, 0x61, 0x62, 0x05, 0x02, 0x00, 0x21]) == Array("abababa!".utf8))
    #expect(ours([0]) == [])
    #expect(ours([]) == nil)
    #expect(ours([1]) == nil)
    // A copy with four bytes of offset, and a literal whose length stands in four bytes.
    #expect(ours([0x06, 0x08, 1, 2, 3, 0x0B, 3, 0, 0, 0]) == [1, 2, 3, 1, 2, 3])
    #expect(ours([0x02, 0xFC, 1, 0, 0, 0, 7, 8]) == [7, 8])
    // Offsets of nothing and beyond the beginning, output that is too short and too long, a length of 35 bits.
    #expect(ours([0x04, 0x00, 1, 0x0E, 0, 0]) == nil)
    #expect(ours([0x05, 0x00, 1, 0x0E, 2, 0]) == nil)
    #expect(ours([0x05, 0x08, 1, 2, 3]) == nil)
    #expect(ours([0x02, 0x08, 1, 2, 3]) == nil)
    #expect(ours([0x80, 0x80, 0x80, 0x80, 0x70, 0]) == nil)
  }

  @Test("the memory of an output serves again once nobody holds it")
  func reuse() throws {
    let input = try compressed([UInt8](repeating: 7, count: 5_000))
    var decompressor = Decompressor()
    var held = try decompressor.decompress(input.span.bytes, codec: .snappy, limit: 5_000)
    let first = held.withUnsafeBytes { $0.baseAddress }
    let second = try decompressor.decompress(input.span.bytes, codec: .snappy, limit: 5_000)
    #expect(second.withUnsafeBytes { $0.baseAddress } != first)
    #expect(held == second)
    held = []
    let third = try decompressor.decompress(input.span.bytes, codec: .snappy, limit: 5_000)
    #expect(third == second)
  }
}
