// Avro 1.12 specification, "Binary Encoding":
//
//   int, long := a number in zigzag form (0, -1, 1, -2 … as 0, 1, 2, 3 …), seven bits a byte, the lowest first, the
//                highest bit of a byte set where more follow
//   boolean   := one byte, 0 or 1          float, double := 4, 8 bytes, little-endian
//   bytes, string := long count, then so many bytes          enum := int          fixed := its bytes
//   array, map := blocks: long count, its items; a count below zero is followed by the long size of the block in bytes
//                and stands for its absolute value; a count of 0 ends
//   union     := long branch, then its value          record := its fields, one behind the other
//
// For example the record {"a": 27, "b": "foo"} of a long and a string is 36 06 66 6F 6F.

/// A place where bytes do not hold what the schema says.
public enum AvroFault: Error, Hashable, Sendable {
  /// The bytes end too early, or hold what cannot be a value, at this offset.
  case malformed(offset: Int)
  /// Values of a recursive type nest too deep.
  case tooDeep
}

/// A position in a message in Avro's binary encoding that somebody else holds for the time of the reading.
///
/// Every step checks that it stays inside.
@safe
public struct AvroCursor {
  @usableFromInline let base: UnsafePointer<UInt8>
  /// How many bytes there are.
  public let count: Int
  /// How many bytes were passed.
  public internal(set) var offset: Int

  /// - Precondition: `base` has `count` readable bytes for as long as the cursor is used, and `offset` is not above it.
  @unsafe
  public init(_ base: UnsafePointer<UInt8>, count: Int, offset: Int = 0) {
    precondition(offset <= count, "a cursor behind its end")
    unsafe self.base = unsafe base
    self.count = count
    self.offset = offset
  }

  /// Whether nothing is left.
  public var isAtEnd: Bool { offset == count }

  /// Bytes that are left.
  public var remaining: Int { count &- offset }

  /// Takes an `int` or a `long`.
  @inline(__always)
  public mutating func long() throws(AvroFault) -> Int64 {
    // Most numbers of real messages take one byte: counts, branches, symbols.
    if offset < count {
      let byte = unsafe base[offset]
      if byte < 0x80 {
        offset &+= 1
        return Int64(byte &>> 1) ^ -Int64(byte & 1)
      }
    }
    return try longOfManyBytes()
  }

  private mutating func longOfManyBytes() throws(AvroFault) -> Int64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < count {
      let byte = unsafe base[offset]
      // The tenth byte holds the highest bit alone.
      if shift == 63, byte > 1 { throw .malformed(offset: offset) }
      offset &+= 1
      value |= UInt64(byte & 0x7F) &<< shift
      if byte < 0x80 { return Int64(bitPattern: value &>> 1) ^ -Int64(bitPattern: value & 1) }
      shift &+= 7
    }
    throw .malformed(offset: offset)
  }

  /// Takes an `int`, which has 32 bits.
  public mutating func int() throws(AvroFault) -> Int32 {
    let start = offset
    guard let value = Int32(exactly: try long()) else { throw .malformed(offset: start) }
    return value
  }

  /// Takes a `boolean`.
  public mutating func boolean() throws(AvroFault) -> Bool {
    guard offset < count, unsafe base[offset] <= 1 else { throw .malformed(offset: offset) }
    defer { offset &+= 1 }
    return unsafe base[offset] == 1
  }

  /// Takes a `float`.
  public mutating func float() throws(AvroFault) -> Float {
    let start = try pass(4)
    let bits = unsafe UnsafeRawPointer(base + start).loadUnaligned(as: UInt32.self)
    return Float(bitPattern: UInt32(littleEndian: bits))
  }

  /// Takes a `double`.
  @inline(__always)
  public mutating func double() throws(AvroFault) -> Double {
    let start = try pass(8)
    let bits = unsafe UnsafeRawPointer(base + start).loadUnaligned(as: UInt64.self)
    return Double(bitPattern: UInt64(littleEndian: bits))
  }

  /// Takes `bytes` or a `string`: where its content lies.
  public mutating func bytes() throws(AvroFault) -> Range<Int> {
    let place = offset
    guard let length = Int(exactly: try long()), length >= 0 else { throw .malformed(offset: place) }
    let start = try pass(length)
    return start..<start &+ length
  }

  /// Takes a `string`, checked as UTF-8.
  public mutating func string() throws(AvroFault) -> Range<Int> {
    let range = try bytes()
    let text = unsafe UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
    if unsafe text.contains(where: { $0 >= 0x80 }), unsafe String(validating: text, as: UTF8.self) == nil {
      throw .malformed(offset: range.lowerBound)
    }
    return range
  }

  /// Passes over so many bytes; where they begin.
  @inline(__always)
  public mutating func pass(_ length: Int) throws(AvroFault) -> Int {
    guard length <= count &- offset else { throw .malformed(offset: offset) }
    defer { offset &+= length }
    return offset
  }
}
