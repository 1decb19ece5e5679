import Testing

@testable import Kernels

@Suite struct CRC32CTests {
  private func crc(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
    bytes.withUnsafeBytes { crc32c($0, seed: seed) }
  }

  /// The definition, one bit at a time.
  private func slow(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
    }
    return ~crc
  }

  /// RFC 3720, appendix B.4, and the usual check value.
  private static let known: [(bytes: [UInt8], crc: UInt32)] = [
    (Array("123456789".utf8), 0xE306_9283),
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    ([UInt8](0..<32), 0x46DD_794E),
    ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
    ([], 0),
  ]

  @Test(arguments: known)
  func knownValues(bytes: [UInt8], expected: UInt32) {
    #expect(crc(bytes) == expected)
  }

  @Test func equalsTheDefinitionAtEveryLengthAndOffset() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 >> 3) }
    for start in 0..<9 {
      for end in start..<120 {
        #expect(crc(Array(bytes[start..<end])) == slow(Array(bytes[start..<end])))
        #expect(
          bytes.withUnsafeBytes { crc32c(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
            == slow(Array(bytes[start..<end])))
      }
    }
  }

  @Test func seedContinues() {
    let bytes = Array(0..<200 as Range<UInt8>)
    for cut in [0, 1, 7, 8, 9, 100, 199, 200] {
      #expect(crc(Array(bytes[cut...]), seed: crc(Array(bytes[..<cut]))) == crc(bytes))
    }
  }

  /// Chunks go three at a time where they can, the rest one by one.
  @Test(arguments: [1, 8, 511, 512, 513, 1_024, 1_500, 1_536, 1_537, 3_072, 4_000], [512, 8, 100])
  func chunksAreBigEndian(count: Int, chunk: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 >> 3) }
    let chunks = (count + chunk - 1) / chunk
    var output = [UInt8](repeating: 0, count: chunks * 4)
    bytes.withUnsafeBytes { (input) in output.withUnsafeMutableBytes { crc32cChunks(input, chunk: chunk, into: $0) } }
    let expected = stride(from: 0, to: count, by: chunk).flatMap { (start) in
      withUnsafeBytes(of: slow(Array(bytes[start..<min(start + chunk, count)])).bigEndian, Array.init)
    }
    #expect(output == expected)
  }
}
