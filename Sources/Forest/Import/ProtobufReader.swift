/// Reads messages in the encoding of Protocol Buffers, field by field: the counterpart of ``ProtobufWriter``.
///
///     message := (tag value)…
///     tag     := varint of field number × 8 + kind
///     value   := kind 0: varint   kind 1: 8 bytes   kind 2: varint length, so many bytes   kind 5: 4 bytes
///
///     08 96 01        field 1, the number 150
///     12 02 68 69     field 2, the text "hi"
///
/// See protobuf.dev, "Encoding". Every length is checked against what is there.
struct ProtobufReader {
  /// The value of a field.
  enum Value {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
    /// Four bytes, as of a float.
    case word(UInt32)
    case long(UInt64)
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next field; `nil` at the end.
  ///
  /// - Throws: ``ForestError`` for what is cut off, or no message at all.
  mutating func next() throws(ForestError) -> (field: Int, value: Value)? {
    if rest.isEmpty { return nil }
    let tag = try varint()
    let field = Int(truncatingIfNeeded: tag >> 3)
    switch tag & 7 {
    case 0: return (field, .number(try varint()))
    case 1: return (field, .long(UInt64(try fixed(8))))
    case 2:
      let length = try varint()
      guard length <= UInt64(rest.count) else { throw Self.damaged }
      defer { rest = rest.dropFirst(Int(length)) }
      return (field, .bytes(rest.prefix(Int(length))))
    case 5: return (field, .word(UInt32(truncatingIfNeeded: try fixed(4))))
    default: throw Self.damaged
    }
  }

  /// The next number of a packed field; `nil` at the end.
  mutating func nextVarint() throws(ForestError) -> UInt64? { rest.isEmpty ? nil : try varint() }

  /// The next float of a packed field; `nil` at the end.
  mutating func nextFloat() throws(ForestError) -> Float? {
    rest.isEmpty ? nil : Float(bitPattern: UInt32(truncatingIfNeeded: try fixed(4)))
  }

  private static let damaged = ForestError(.badModel, "the file is cut off or damaged")

  private mutating func varint() throws(ForestError) -> UInt64 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw Self.damaged }
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
    }
    throw Self.damaged
  }

  private mutating func fixed(_ count: Int) throws(ForestError) -> UInt64 {
    guard rest.count >= count else { throw Self.damaged }
    var number: UInt64 = 0
    for place in 0..<count { number |= UInt64(rest.popFirst() ?? 0) << UInt64(8 * place) }
    return number
  }
}
