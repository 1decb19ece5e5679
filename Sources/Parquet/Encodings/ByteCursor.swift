/// A position in untrusted bytes, with reads that check before they look.
///
/// The bytes are an argument of each read rather than a member, so that the cursor may be stored and copied.
struct ByteCursor {
  /// The position of the next byte to read.
  var position = 0

  /// An unsigned number of at most ten bytes, seven bits each, least significant first (ULEB128).
  mutating func varint(_ bytes: Span<UInt8>) throws(ParquetError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while shift < 64 {
      guard position < bytes.count else { throw ParquetError(.outOfSpec, "a number ends early") }
      let byte = bytes[position]
      position += 1
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw ParquetError(.outOfSpec, "a number of more than ten bytes")
  }

  /// A signed number in zigzag form: 0, -1, 1, -2 are 0, 1, 2, 3.
  mutating func zigzag(_ bytes: Span<UInt8>) throws(ParquetError) -> Int64 {
    let value = try varint(bytes)
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A little-endian number of up to four bytes.
  mutating func littleEndian(_ bytes: Span<UInt8>, byteCount: Int) throws(ParquetError) -> UInt32 {
    guard byteCount <= bytes.count - position else { throw ParquetError(.outOfSpec, "a value ends early") }
    var value: UInt32 = 0
    for index in 0..<byteCount { value |= UInt32(bytes[position + index]) &<< UInt32(8 * index) }
    position += byteCount
    return value
  }

  /// A stretch of bytes behind its length in four bytes.
  mutating func sized(_ bytes: Span<UInt8>) throws(ParquetError) -> Range<Int> {
    let length = Int(try littleEndian(bytes, byteCount: 4))
    guard length <= bytes.count - position else { throw ParquetError(.outOfSpec, "a section longer than its page") }
    defer { position += length }
    return position..<position + length
  }
}

/// Adds an unsigned number, seven bits a byte, least significant first (ULEB128).
func appendVarint(_ value: Int, to output: inout [UInt8]) {
  var rest = UInt(bitPattern: value)
  while rest >= 0x80 {
    output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
    rest >>= 7
  }
  output.append(UInt8(truncatingIfNeeded: rest))
}
