import CZstd
private import Synchronization

/// Compresses stretches of bytes with one codec; keeps what the codec can use again between calls.
///
/// Copies share the kept state, one call at a time.
public final class Compressor: Sendable {
  /// The codec.
  public let codec: CompressionCodec
  /// The codec's level.
  public let level: Int
  private let zstd: Mutex<ZstdContext>

  /// Makes a compressor.
  ///
  /// - Parameter level: the codec's own measure; `nil` takes its default, values out of range are refused when used.
  public init(codec: CompressionCodec, level: Int? = nil) {
    self.codec = codec
    self.level = level ?? Self.defaultLevel(of: codec)
    zstd = Mutex(ZstdContext())
  }

  private static func defaultLevel(of codec: CompressionCodec) -> Int {
    switch codec {
    case .gzip: 6
    case .brotli: 5
    case .zstd: 3
    case .snappy, .lz4Raw, .lz4Hadoop: 0
    }
  }

  /// Adds the compressed form of `input` at the end of `output`.
  ///
  /// - Parameter borders: where content of another kind begins, rising. An entropy coder that has a table for each
  ///   kind does better than with one for all: zstd starts a block at each, other codecs have no use for them.
  public func compress(
    _ input: RawSpan, borders: [Int] = [], appendingTo output: inout [UInt8]
  ) throws(CompressionError) {
    switch codec {
    case .snappy: try compressSnappy(input, appendingTo: &output)
    case .gzip: try compressGzip(input, level: level, appendingTo: &output)
    case .brotli: try compressBrotli(input, level: level, appendingTo: &output)
    case .lz4Raw: try compressLZ4(input, appendingTo: &output)
    case .lz4Hadoop: throw CompressionError(.failed, codec, "a deprecated framing that is only read")
    case .zstd:
      // The context cannot leave the lock, so the bytes come out of it as a value.
      let level = level
      let made = zstd.withLock { context in
        Result(catching: { () throws(CompressionError) in
          try context.compress(input, borders: borders, level: level)
        })
      }
      output.append(contentsOf: try made.get())
    }
  }
}

/// The compression context of zstd, which is costly to make.
struct ZstdContext: ~Copyable {
  private var context: OpaquePointer?

  init() { context = nil }

  deinit {
    if let context { ZSTD_freeCCtx(context) }
  }

  mutating func compress(
    _ input: RawSpan, borders: [Int], level: Int
  ) throws(CompressionError) -> [UInt8] {
    if context == nil { context = ZSTD_createCCtx() }
    guard let context else { throw CompressionError(.failed, .zstd, "no memory for a context") }
    var output: [UInt8] = []
    let bound = ZSTD_compressBound(input.byteCount) + borders.count * Self.blockOverhead
    try append(.zstd, bound: bound, to: &output) { target, capacity in
      input.withUnsafeBytes { source in
        guard borders.isEmpty else {
          return Self.compressBlocks(context, source, borders, level: level, into: target, capacity: capacity)
        }
        let made = ZSTD_compressCCtx(
          context, target, capacity, source.baseAddress, source.count, Int32(clamping: level))
        return ZSTD_isError(made) == 0 ? made : nil
      }
    }
    return output
  }

  /// Bytes that a further block takes at most, beyond its content.
  private static let blockOverhead = 64

  /// One frame in which a block ends at each border; its size, or `nil` for a refusal.
  private static func compressBlocks(
    _ context: OpaquePointer, _ source: UnsafeRawBufferPointer, _ borders: [Int], level: Int,
    into target: UnsafeMutableRawPointer, capacity: Int
  ) -> Int? {
    ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters)
    // What is left in the context by a failure must not meet the next page.
    defer { ZSTD_CCtx_reset(context, ZSTD_reset_session_and_parameters) }
    guard
      ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(clamping: level))) == 0,
      ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(source.count))) == 0
    else { return nil }
    var output = ZSTD_outBuffer(dst: target, size: capacity, pos: 0)
    var input = ZSTD_inBuffer(src: source.baseAddress, size: 0, pos: 0)
    for end in borders + [source.count] {
      precondition(end >= input.size && end <= source.count, "borders that rise within the input")
      input.size = end
      let left = ZSTD_compressStream2(context, &output, &input, end == source.count ? ZSTD_e_end : ZSTD_e_flush)
      // All fits into the bound, so that nothing may be left.
      guard ZSTD_isError(left) == 0, left == 0, input.pos == end else { return nil }
    }
    return output.pos
  }
}

/// Adds at most `bound` bytes that `body` writes, returning how many, or `nil` for a refusal.
func append(
  _ codec: CompressionCodec, bound: Int, to output: inout [UInt8],
  _ body: (UnsafeMutableRawPointer, Int) -> Int?
) throws(CompressionError) {
  var refused = false
  output.append(addingCapacity: max(bound, 1)) { span in
    span.withUnsafeMutableBufferPointer { buffer, used in
      if let made = body(UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped), bound) {
        used = made
      } else {
        refused = true
      }
    }
  }
  if refused { throw CompressionError(.failed, codec, "the codec refused the input or its level") }
}
