/// Bytes of known length that can be read anywhere: a local file, an HDFS file, a buffer.
public protocol RandomAccess: Sendable {
  /// A name for messages: a path or URL, never content.
  var name: String { get }
  /// The length in bytes, fixed for the life of the value.
  var size: Int64 { get }
  /// Reads exactly the bytes of `range`.
  ///
  /// - Throws: ``StorageError`` with code ``StorageError/Code/truncated`` when the source ends before the range does.
  func read(_ range: Range<Int64>) async throws(StorageError) -> [UInt8]
}

/// Bytes in memory as a ``RandomAccess``.
public struct BytesSource: RandomAccess {
  public let name: String
  /// The bytes.
  public let bytes: [UInt8]

  /// Wraps bytes.
  public init(_ bytes: [UInt8], name: String = "memory") {
    self.bytes = bytes
    self.name = name
  }

  public var size: Int64 { Int64(bytes.count) }

  public func read(_ range: Range<Int64>) async throws(StorageError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= size else {
      throw StorageError(.truncated, path: name, message: "the range \(range) lies outside \(size) bytes")
    }
    return Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
  }
}
