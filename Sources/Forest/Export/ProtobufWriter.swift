/// Writes messages in the encoding of Protocol Buffers: each field as its number and kind, then its value.
///
///     field 1, the number 150          08 96 01
///     field 2, the text "hi"           12 02 68 69
///
/// See protobuf.dev, "Encoding".
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// A whole number, seven bits a byte, the lowest first.
  mutating func varint(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func field(_ number: Int, _ value: Int) {
    varint(UInt64(number) << 3)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func field(_ number: Int, _ value: [UInt8]) {
    varint(UInt64(number) << 3 | 2)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func field(_ number: Int, _ value: String) { field(number, Array(value.utf8)) }

  /// A message within the message.
  mutating func field(_ number: Int, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    field(number, inner.bytes)
  }

  /// Whole numbers back to back.
  mutating func field(_ number: Int, packed values: [Int]) {
    field(number) { inner in for value in values { inner.varint(UInt64(bitPattern: Int64(value))) } }
  }

  /// Floats back to back.
  mutating func field(_ number: Int, packed values: [Float]) {
    field(number) { inner in
      for value in values {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
          inner.bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
        }
      }
    }
  }
}
