import Compression
import Kernels
import Testing

/// Blocks that end where the content changes its kind.
@Suite struct BorderTests {
  /// Levels of one bit, then codes of which few are frequent: a table for both serves neither.
  private func page(_ random: inout SplitMix64) -> (bytes: [UInt8], border: Int) {
    var bytes: [UInt8] = []
    for _ in 0..<6_000 { bytes.append([0x55, 0x5D, 0x75, 0xD5, 0xAD].randomElement(using: &random) ?? 0) }
    for _ in 0..<40_000 {
      bytes.append(UInt8(Int.random(in: 0...15, using: &random) * Int.random(in: 0...7, using: &random)))
    }
    return (bytes, 6_000)
  }

  @Test("a block for each kind of content makes a page smaller")
  func smaller() throws {
    var random = SplitMix64(seed: 5)
    let (bytes, border) = page(&random)
    let compressor = Compressor(codec: .zstd)
    var whole: [UInt8] = []
    var apart: [UInt8] = []
    try compressor.compress(bytes.span.bytes, appendingTo: &whole)
    try compressor.compress(bytes.span.bytes, borders: [border], appendingTo: &apart)
    #expect(apart.count < whole.count - whole.count / 50)
    // The next page of the same context is not touched by it.
    var again: [UInt8] = []
    try compressor.compress(bytes.span.bytes, appendingTo: &again)
    #expect(again == whole)
  }

  @Test("what comes back does not depend on borders", arguments: [CompressionCodec.zstd, .snappy, .gzip, .lz4Raw])
  func roundTrip(codec: CompressionCodec) throws {
    var random = SplitMix64(seed: 6)
    let (bytes, _) = page(&random)
    let compressor = Compressor(codec: codec)
    var decompressor = Decompressor()
    for count in [0, 1, 2, 7, 50] {
      let borders = (0..<count).map { _ in Int.random(in: 0...bytes.count, using: &random) }.sorted()
      var packed: [UInt8] = []
      try compressor.compress(bytes.span.bytes, borders: borders, appendingTo: &packed)
      #expect(try decompressor.decompress(packed.span.bytes, codec: codec, limit: bytes.count) == bytes)
    }
    var packed: [UInt8] = []
    try compressor.compress([UInt8]().span.bytes, borders: [0, 0], appendingTo: &packed)
    #expect(try decompressor.decompress(packed.span.bytes, codec: codec, limit: 0) == [])
  }
}
