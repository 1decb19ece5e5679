import CBrotli

/// Decompresses RFC 7932.
func decompressBrotli(_ input: RawSpan, limit: Int, into output: inout [UInt8]) throws(CompressionError) {
  try produce(limit: limit, into: &output) { output, capacity throws(CompressionError) in
    var written = capacity
    let result = input.withUnsafeBytes { source in
      BrotliDecoderDecompress(
        source.count, source.baseAddress?.assumingMemoryBound(to: UInt8.self), &written,
        output.assumingMemoryBound(to: UInt8.self))
    }
    guard result == BROTLI_DECODER_RESULT_SUCCESS else {
      // The one-shot call does not tell a full output from a damaged input.
      throw CompressionError(.corrupt, .brotli, "damaged input, or more than \(limit) bytes")
    }
    return written
  }
}

/// Adds the compressed form of `input`.
func compressBrotli(_ input: RawSpan, level: Int, appendingTo output: inout [UInt8]) throws(CompressionError) {
  let bound = max(BrotliEncoderMaxCompressedSize(input.byteCount), 16)
  try append(.brotli, bound: bound, to: &output) { target, capacity in
    var written = capacity
    let done = input.withUnsafeBytes { source in
      BrotliEncoderCompress(
        Int32(level), BROTLI_DEFAULT_WINDOW, BROTLI_MODE_GENERIC, source.count,
        source.baseAddress?.assumingMemoryBound(to: UInt8.self), &written, target.assumingMemoryBound(to: UInt8.self))
    }
    return done != 0 ? written : nil
  }
}
