import Compression
import Testing

/// Framings that other writers make and we only read.
@Suite struct FramingTests {
  private func compressed(_ text: String, _ codec: CompressionCodec) throws -> [UInt8] {
    var output: [UInt8] = []
    let input = Array(text.utf8)
    try Compressor(codec: codec).compress(input.span.bytes, appendingTo: &output)
    return output
  }

  private func bigEndian(_ number: Int) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
  }

  private func read(_ input: [UInt8], _ codec: CompressionCodec, limit: Int) throws -> String {
    var decompressor = Decompressor()
    return String(decoding: try decompressor.decompress(input.span.bytes, codec: codec, limit: limit), as: UTF8.self)
  }

  /// hadoop_lz4_compressed_block_split.parquet: frames whose output comes in several blocks, and an empty one.
  @Test("Hadoop's LZ4 frames of one block, of several, and of none")
  func hadoop() throws {
    let one = try compressed("heart ", .lz4Raw)
    let two = try compressed("rate rate rate rate rate rate", .lz4Raw)
    let frames = bigEndian(6) + bigEndian(one.count) + one
    let split = bigEndian(35) + bigEndian(one.count) + one + bigEndian(two.count) + two
    #expect(try read(frames, .lz4Hadoop, limit: 6) == "heart ")
    #expect(try read(split + bigEndian(0), .lz4Hadoop, limit: 35) == "heart rate rate rate rate rate rate")
    #expect(try read(frames + split, .lz4Hadoop, limit: 41) == "heart heart rate rate rate rate rate rate")
  }

  @Test("plain LZ4 blocks under the old name")
  func unframed() throws {
    #expect(try read(try compressed("heart rate", .lz4Raw), .lz4Hadoop, limit: 10) == "heart rate")
  }

  @Test("several gzip members are one text")
  func members() throws {
    let members = try compressed("heart ", .gzip) + compressed("rate", .gzip)
    #expect(try read(members, .gzip, limit: 10) == "heart rate")
    #expect(throws: CompressionError.self) { try read(members, .gzip, limit: 9) }
    #expect(throws: CompressionError.self) { try read(Array(members.dropLast(3)), .gzip, limit: 10) }
  }

  @Test("damaged input is an error", arguments: [.snappy, .gzip, .brotli, .zstd, .lz4Raw] as [CompressionCodec])
  func damaged(codec: CompressionCodec) throws {
    let text = String(repeating: "heart rate 72, ", count: 40)
    let whole = try compressed(text, codec)
    #expect(try read(whole, codec, limit: text.utf8.count) == text)
    #expect(throws: CompressionError.self) { try read(whole, codec, limit: text.utf8.count - 1) }
    #expect(throws: CompressionError.self) {
      let short = try read(Array(whole.dropLast(whole.count / 2)), codec, limit: text.utf8.count)
      // LZ4 blocks do not say how long they are: a cut one may end early instead of failing.
      if short.utf8.count < text.utf8.count { throw CompressionError(.corrupt, codec, "short") }
    }
  }
}
