import CLZ4

/// Decompresses one LZ4 block.
func decompressLZ4(_ input: RawSpan, limit: Int, into output: inout [UInt8]) throws(CompressionError) {
  try produce(limit: limit, into: &output) { output, capacity throws(CompressionError) in
    try decompressBlock(input, into: output, capacity: capacity, codec: .lz4Raw)
  }
}

/// Decompresses Hadoop's framing: `<output bytes, 4 big-endian> (<block bytes, 4 big-endian> <block>)*`, again and
/// again; the blocks of a frame make up its output together.
///
/// Some writers put plain blocks under the same name; input that is not framed is read as one block.
func decompressHadoopLZ4(_ input: RawSpan, limit: Int, into output: inout [UInt8]) throws(CompressionError) {
  do {
    try produce(limit: limit, into: &output) { output, capacity throws(CompressionError) in
      var at = 0
      var written = 0
      func number() throws(CompressionError) -> Int {
        guard input.byteCount - at >= 4 else { throw CompressionError(.corrupt, .lz4Hadoop, "input ends early") }
        defer { at += 4 }
        return Int(UInt32(bigEndian: input.unsafeLoadUnaligned(fromByteOffset: at, as: UInt32.self)))
      }
      while at < input.byteCount {
        let size = try number()
        guard size <= capacity - written else {
          throw CompressionError(.corrupt, .lz4Hadoop, "a frame beyond its bounds")
        }
        var left = size
        while left > 0 {
          let length = try number()
          guard length <= input.byteCount - at else {
            throw CompressionError(.corrupt, .lz4Hadoop, "a block beyond its bounds")
          }
          let block = input.extracting(at..<at + length)
          let made = try decompressBlock(block, into: output + written, capacity: left, codec: .lz4Hadoop)
          guard made > 0 else { throw CompressionError(.corrupt, .lz4Hadoop, "an empty block") }
          at += length
          written += made
          left -= made
        }
      }
      return written
    }
  } catch {
    output.removeAll(keepingCapacity: true)
    try decompressLZ4(input, limit: limit, into: &output)
  }
}

private func decompressBlock(
  _ input: RawSpan, into output: UnsafeMutableRawPointer, capacity: Int, codec: CompressionCodec
) throws(CompressionError) -> Int {
  // LZ4 counts in 31 bits.
  guard let length = Int32(exactly: input.byteCount) else { throw CompressionError(.corrupt, codec, "over 2 GiB") }
  let room = Int32(clamping: capacity)
  let made = input.withUnsafeBytes { source in
    LZ4_decompress_safe(
      (source.baseAddress ?? UnsafeRawPointer(output)).assumingMemoryBound(to: CChar.self),
      output.assumingMemoryBound(to: CChar.self), length, room)
  }
  guard made >= 0 else { throw CompressionError(.corrupt, codec, "damaged input, or more than \(capacity) bytes") }
  return Int(made)
}

/// Adds the compressed form of `input` as one block.
func compressLZ4(_ input: RawSpan, appendingTo output: inout [UInt8]) throws(CompressionError) {
  guard let length = Int32(exactly: input.byteCount), length <= LZ4_MAX_INPUT_SIZE else {
    throw CompressionError(.failed, .lz4Raw, "over 2 GiB at once")
  }
  try append(.lz4Raw, bound: Int(LZ4_compressBound(length)), to: &output) { target, capacity in
    let made = input.withUnsafeBytes { source in
      LZ4_compress_default(
        (source.baseAddress ?? UnsafeRawPointer(target)).assumingMemoryBound(to: CChar.self),
        target.assumingMemoryBound(to: CChar.self), length, Int32(clamping: capacity))
    }
    return made > 0 ? Int(made) : nil
  }
}
