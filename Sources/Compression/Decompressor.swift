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

  /// Makes a decompressor; nothing is allocated before it is used.
  public init() {}

  deinit {
    if let zstd { ZSTD_freeDCtx(zstd) }
  }

  /// The decompressed bytes of `input`.
  ///
  /// - Parameter limit: how many bytes the output may have; at most these are allocated.
  /// - Throws: ``CompressionError`` with ``CompressionError/Code/overLimit`` when the output would be larger.
  public mutating func decompress(
    _ input: RawSpan, codec: CompressionCodec, limit: Int
  ) throws(CompressionError) -> [UInt8] {
    precondition(limit >= 0, "a limit in bytes")
    switch codec {
    case .snappy: return try decompressSnappy(input, limit: limit)
    case .gzip: return try decompressGzip(input, limit: limit)
    case .brotli: return try decompressBrotli(input, limit: limit)
    case .zstd: return try decompressZstd(input, limit: limit)
    case .lz4Raw: return try decompressLZ4(input, limit: limit)
    case .lz4Hadoop: return try decompressHadoopLZ4(input, limit: limit)
    }
  }

  private mutating func decompressZstd(_ input: RawSpan, limit: Int) throws(CompressionError) -> [UInt8] {
    if zstd == nil { zstd = ZSTD_createDCtx() }
    guard let context = zstd else { throw CompressionError(.failed, .zstd, "no memory for a context") }
    return try produce(.zstd, limit: limit) { output, capacity throws(CompressionError) in
      let size = input.withUnsafeBytes { ZSTD_decompressDCtx(context, output, capacity, $0.baseAddress, $0.count) }
      guard ZSTD_isError(size) != 0 else { return size }
      let isOverLimit = ZSTD_getErrorCode(size) == ZSTD_error_dstSize_tooSmall
      throw CompressionError(isOverLimit ? .overLimit : .corrupt, .zstd, String(cString: ZSTD_getErrorName(size)))
    }
  }
}

/// An array of at most `limit` bytes that `body` fills, returning how many it has written.
func produce(
  _ codec: CompressionCodec, limit: Int,
  _ body: (UnsafeMutableRawPointer, Int) throws(CompressionError) -> Int
) throws(CompressionError) -> [UInt8] {
  var output: [UInt8] = []
  // One byte more than asked for keeps the address real when the limit is 0.
  try output.append(addingCapacity: limit + 1) { (span: inout OutputSpan<UInt8>) throws(CompressionError) in
    try span.withUnsafeMutableBufferPointer { buffer, used throws(CompressionError) in
      used = try body(UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped), limit)
    }
  }
  return output
}
