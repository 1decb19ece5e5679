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
  public func compress(_ input: RawSpan, appendingTo output: inout [UInt8]) throws(CompressionError) {
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
          try context.compress(input, level: level)
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

  mutating func compress(_ input: RawSpan, level: Int) throws(CompressionError) -> [UInt8] {
    if context == nil { context = ZSTD_createCCtx() }
    guard let context else { throw CompressionError(.failed, .zstd, "no memory for a context") }
    var output: [UInt8] = []
    try append(.zstd, bound: ZSTD_compressBound(input.byteCount), to: &output) { target, capacity in
      let made = input.withUnsafeBytes {
        ZSTD_compressCCtx(context, target, capacity, $0.baseAddress, $0.count, Int32(clamping: level))
      }
      return ZSTD_isError(made) == 0 ? made : nil
    }
    return output
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
