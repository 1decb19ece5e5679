import CZstd

/// Decompresses stretches of bytes; keeps what a codec can use again between calls.
///
/// ```swift
/// var decompressor = Decompressor()
/// let bytes = try decompressor.decompress(page.span.bytes, codec: .zstd, limit: header.uncompressedSize)
/// ```
public struct Decompressor: ~Copyable {
  /// Made when zstd is first used; owned, and freed with the decompressor.
  private var zstd: OpaquePointer?
  /// The last output: its memory serves again where nobody else holds it by then.
  private var last: [UInt8] = []

  /// Makes a decompressor; nothing is allocated before it is used.
  public init() {}

  deinit {
    if let zstd { ZSTD_freeDCtx(zstd) }
  }

  /// The decompressed bytes of `input`.
  ///
  /// Who lets go of one output before asking for the next gets it in the same memory, which saves the operating system
  /// from handing out pages again and again.
  ///
  /// - Parameter limit: how many bytes the output may have; at most these are allocated.
  /// - Throws: ``CompressionError`` with ``CompressionError/Code/overLimit`` when the output would be larger.
  public mutating func decompress(
    _ input: RawSpan, codec: CompressionCodec, limit: Int
  ) throws(CompressionError) -> [UInt8] {
    precondition(limit >= 0, "a limit in bytes")
    var output: [UInt8] = []
    swap(&output, &last)
    output.removeAll(keepingCapacity: true)
    switch codec {
    case .snappy: try decompressSnappy(input, limit: limit, into: &output)
    case .gzip: try decompressGzip(input, limit: limit, into: &output)
    case .brotli: try decompressBrotli(input, limit: limit, into: &output)
    case .zstd: try decompressZstd(input, limit: limit, into: &output)
    case .lz4Raw: try decompressLZ4(input, limit: limit, into: &output)
    case .lz4Hadoop: try decompressHadoopLZ4(input, limit: limit, into: &output)
    }
    last = output
    return output
  }

  private mutating func decompressZstd(
    _ input: RawSpan, limit: Int, into output: inout [UInt8]
  ) throws(CompressionError) {
    if zstd == nil { zstd = ZSTD_createDCtx() }
    guard let context = zstd else { throw CompressionError(.failed, .zstd, "no memory for a context") }
    try produce(limit: limit, into: &output) { output, capacity throws(CompressionError) in
      let size = input.withUnsafeBytes { ZSTD_decompressDCtx(context, output, capacity, $0.baseAddress, $0.count) }
      guard ZSTD_isError(size) != 0 else { return size }
      let isOverLimit = ZSTD_getErrorCode(size) == ZSTD_error_dstSize_tooSmall
      throw CompressionError(isOverLimit ? .overLimit : .corrupt, .zstd, String(cString: ZSTD_getErrorName(size)))
    }
  }
}

/// Fills an empty array with at most `limit` bytes by `body`, which returns how many it has written.
func produce(
  limit: Int, into output: inout [UInt8],
  _ body: (UnsafeMutableRawPointer, Int) throws(CompressionError) -> Int
) throws(CompressionError) {
  // One byte more than asked for keeps the address real when the limit is 0.
  try output.append(addingCapacity: limit + 1) { (span: inout OutputSpan<UInt8>) throws(CompressionError) in
    try span.withUnsafeMutableBufferPointer { buffer, used throws(CompressionError) in
      used = try body(UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped), limit)
    }
  }
}
