import CSnappy

/// Decompresses Snappy's raw format, which begins with the length of the output.
func decompressSnappy(_ input: RawSpan, limit: Int) throws(CompressionError) -> [UInt8] {
  var size = 0
  let status = input.withUnsafeBytes {
    snappy_uncompressed_length($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, &size)
  }
  guard !input.isEmpty, status == SNAPPY_OK else { throw CompressionError(.corrupt, .snappy, "no length") }
  guard size <= limit else { throw CompressionError(.overLimit, .snappy, "\(size) bytes declared, limit \(limit)") }
  return try produce(.snappy, limit: size) { output, capacity throws(CompressionError) in
    var written = capacity
    let status = input.withUnsafeBytes {
      snappy_uncompress(
        $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, output.assumingMemoryBound(to: CChar.self),
        &written)
    }
    guard status == SNAPPY_OK else { throw CompressionError(.corrupt, .snappy, "damaged input") }
    return written
  }
}

/// Adds the compressed form of `input`.
func compressSnappy(_ input: RawSpan, appendingTo output: inout [UInt8]) throws(CompressionError) {
  try append(.snappy, bound: snappy_max_compressed_length(input.byteCount), to: &output) { target, capacity in
    var written = capacity
    let status = input.withUnsafeBytes {
      // Even an empty input needs an address.
      snappy_compress(
        ($0.baseAddress ?? UnsafeRawPointer(target)).assumingMemoryBound(to: CChar.self), $0.count,
        target.assumingMemoryBound(to: CChar.self), &written)
    }
    return status == SNAPPY_OK ? written : nil
  }
}
