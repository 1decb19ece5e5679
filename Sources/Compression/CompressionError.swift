/// Why bytes could not be compressed or decompressed.
public struct CompressionError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of failure that callers tell apart.
  public enum Code: String, Hashable, Sendable {
    /// The input is not what the codec writes, or ends early.
    case corrupt
    /// The output would be larger than the limit.
    case overLimit
    /// The codec's library refused: out of memory, or a parameter out of range.
    case failed
  }

  /// The kind of failure.
  public var code: Code
  /// The codec concerned.
  public var codec: CompressionCodec
  /// One line: what happened.
  public var message: String

  /// Makes an error.
  public init(_ code: Code, _ codec: CompressionCodec, _ message: String) {
    self.code = code
    self.codec = codec
    self.message = message
  }

  public var description: String { "\(codec): \(message)" }
}

/// The codecs at hand.
public enum CompressionCodec: String, Hashable, Sendable, CaseIterable {
  /// Snappy's raw format, without framing.
  case snappy
  /// RFC 1952; several members one behind the other are read as one.
  case gzip
  /// RFC 7932.
  case brotli
  /// RFC 8878.
  case zstd
  /// LZ4's block format, without framing.
  case lz4Raw
  /// LZ4 blocks as Hadoop frames them: big-endian lengths before each.
  case lz4Hadoop
}
