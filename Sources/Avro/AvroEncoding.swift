/// Appends values in Avro's binary encoding; `AvroCursor.swift` opens with its grammar.
public enum AvroEncoding {
  /// Appends an `int`, a `long`, the number of a union's branch or of a symbol.
  public static func append(long value: Int64, to bytes: inout [UInt8]) {
    var rest = UInt64(bitPattern: (value &<< 1) ^ (value >> 63))
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest &>>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Appends a `boolean`.
  public static func append(boolean value: Bool, to bytes: inout [UInt8]) {
    bytes.append(value ? 1 : 0)
  }

  /// Appends a `double`.
  public static func append(double value: Double, to bytes: inout [UInt8]) {
    let bits = value.bitPattern
    for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits &>> shift)) }
  }

  /// Appends a `string`.
  public static func append(string value: String, to bytes: inout [UInt8]) {
    append(long: Int64(value.utf8.count), to: &bytes)
    bytes.append(contentsOf: value.utf8)
  }
}

/// The header that the clients of a schema registry put before a message: a zero, then the number of the writer's
/// schema in four bytes, the highest first. `00 00 00 01 02` is schema 258.
public enum ConfluentHeader {
  /// The length of the header in bytes.
  public static let count = 5

  /// The number of the writer's schema; `nil` where a message does not begin with such a header.
  @inline(__always)
  public static func schemaID(_ message: UnsafeRawBufferPointer) -> UInt32? {
    guard message.count >= count, unsafe message[0] == 0 else { return nil }
    return unsafe UInt32(bigEndian: message.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
  }

  /// Appends the header for a schema.
  public static func append(schemaID: UInt32, to bytes: inout [UInt8]) {
    bytes.append(0)
    for shift in stride(from: UInt32(24), through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: schemaID >> shift))
    }
  }
}
