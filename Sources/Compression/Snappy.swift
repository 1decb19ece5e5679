import CSnappy
import Kernels

/// Decompresses Snappy's raw format, which begins with the length of the output.
///
/// By our own decoder: the library, version 1.1.9 of it at least, calls `memmove` for every element, and takes three
/// times as long over numbers.
func decompressSnappy(_ input: RawSpan, limit: Int, into output: inout [UInt8]) throws(CompressionError) {
  guard let (size, _) = snappyLength(input) else { throw CompressionError(.corrupt, .snappy, "no length") }
  guard size <= limit else { throw CompressionError(.overLimit, .snappy, "\(size) bytes declared, limit \(limit)") }
  try produce(limit: size, into: &output) { target, size throws(CompressionError) in
    guard decodeSnappy(input, into: UnsafeMutableRawBufferPointer(start: target, count: size)) else {
      throw CompressionError(.corrupt, .snappy, "damaged input")
    }
    return size
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
