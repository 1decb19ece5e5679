import Testing

@testable import Avro

/// Reads from bytes with a cursor.
func reading<Value>(
  _ bytes: [UInt8], _ body: (inout AvroCursor) throws -> Value
) rethrows -> Value {
  // A place for the address of no bytes.
  try (bytes + [0]).withUnsafeBufferPointer { buffer in
    var cursor = unsafe AvroCursor(buffer.baseAddress!, count: bytes.count)
    return try body(&cursor)
  }
}

@Suite("Reading Avro's binary encoding")
struct AvroCursorTests {
  @Test(
    "the examples of the specification, and the ends of the range",
    arguments: [
      (0, [0x00]), (-1, [0x01]), (1, [0x02]), (-2, [0x03]), (2, [0x04]), (-64, [0x7F]), (64, [0x80, 0x01]),
      (27, [0x36]), (8192, [0x80, 0x80, 0x01]), (-8193, [0x81, 0x80, 0x01]),
      (Int64(Int32.max), [0xFE, 0xFF, 0xFF, 0xFF, 0x0F]),
      (.max, [0xFE] + Array(repeating: 0xFF, count: 8) + [0x01]),
      (.min, [0xFF] + Array(repeating: 0xFF, count: 8) + [0x01]),
    ] as [(Int64, [UInt8])])
  func numbers(value: Int64, bytes: [UInt8]) throws {
    #expect(try reading(bytes) { try $0.long() } == value)
    var written: [UInt8] = []
    AvroEncoding.append(long: value, to: &written)
    #expect(written == bytes)
    for count in 0..<bytes.count {
      #expect(throws: AvroFault.malformed(offset: count)) { try reading(Array(bytes.prefix(count))) { try $0.long() } }
    }
  }

  @Test("every number that is written is read again")
  func roundTrip() throws {
    var generator = SystemRandomNumberGenerator()
    for bits in 0..<64 {
      let power = Int64(1) << bits
      for value in [power, power &- 1, 0 &- power, Int64(bitPattern: generator.next() >> UInt64(bits))] {
        var bytes: [UInt8] = []
        AvroEncoding.append(long: value, to: &bytes)
        #expect(try reading(bytes) { try $0.long() } == value)
      }
    }
  }

  @Test("a number of more than 64 bits is refused, at the byte that is too much")
  func tooLong() {
    let endless = [UInt8](repeating: 0x80, count: 11)
    #expect(throws: AvroFault.malformed(offset: 9)) { try reading(endless) { try $0.long() } }
    let tooMuch = [UInt8](repeating: 0xFF, count: 9) + [0x02]
    #expect(throws: AvroFault.malformed(offset: 9)) { try reading(tooMuch) { try $0.long() } }
  }

  @Test("an int holds 32 bits and no more")
  func int() throws {
    var bytes: [UInt8] = []
    AvroEncoding.append(long: Int64(Int32.min), to: &bytes)
    #expect(try reading(bytes) { try $0.int() } == .min)
    bytes = []
    AvroEncoding.append(long: Int64(Int32.max) + 1, to: &bytes)
    #expect(throws: AvroFault.malformed(offset: 0)) { try reading(bytes) { try $0.int() } }
  }

  @Test("fractions are little-endian")
  func fractions() throws {
    #expect(try reading([0, 0, 0x80, 0x3F]) { try $0.float() } == 1)
    #expect(try reading([0, 0, 0, 0, 0, 0, 0xF0, 0x3F]) { try $0.double() } == 1)
    var bytes: [UInt8] = []
    AvroEncoding.append(double: -0.1, to: &bytes)
    #expect(try reading(bytes) { try $0.double() } == -0.1)
    #expect(throws: AvroFault.malformed(offset: 0)) { try reading([0, 0, 0]) { try $0.float() } }
    #expect(throws: AvroFault.malformed(offset: 0)) { try reading([1, 2, 3, 4, 5, 6, 7]) { try $0.double() } }
  }

  @Test("a boolean is 0 or 1")
  func booleans() throws {
    #expect(try reading([0, 1]) { [try $0.boolean(), try $0.boolean()] } == [false, true])
    #expect(throws: AvroFault.malformed(offset: 0)) { try reading([2]) { try $0.boolean() } }
    #expect(throws: AvroFault.malformed(offset: 0)) { try reading([]) { try $0.boolean() } }
  }

  @Test("text is UTF-8, and its length is believed only as far as there are bytes")
  func text() throws {
    #expect(try reading([0x06, 0x66, 0x6F, 0x6F]) { try $0.string() } == 1..<4)
    #expect(try reading([0x00]) { try $0.string() } == 1..<1)
    #expect(throws: AvroFault.malformed(offset: 1)) { try reading([0x02, 0xFF]) { try $0.string() } }
    #expect(try reading([0x02, 0xFF]) { try $0.bytes() } == 1..<2)
    #expect(throws: AvroFault.malformed(offset: 1)) { try reading([0x06, 0x66]) { try $0.bytes() } }
    #expect(throws: AvroFault.malformed(offset: 0)) { try reading([0x01, 0x66]) { try $0.bytes() } }
    let huge = [0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01]
    #expect(throws: AvroFault.malformed(offset: 10)) { try reading(huge) { try $0.bytes() } }
  }

  @Test("the branch of a union is one of those that there are")
  func branches() throws {
    #expect(try reading([0x02]) { try $0.branch(of: 2) } == 1)
    for bytes in [[0x04], [0x01]] as [[UInt8]] {
      #expect(throws: AvroFault.malformed(offset: 0)) { try reading(bytes) { try $0.branch(of: 2) } }
    }
  }

  @Test("a registry's header is a zero and four bytes, the highest first")
  func header() {
    var bytes: [UInt8] = []
    ConfluentHeader.append(schemaID: 258, to: &bytes)
    #expect(bytes == [0, 0, 0, 1, 2])
    #expect(bytes.withUnsafeBytes { unsafe ConfluentHeader.schemaID($0) } == 258)
    for other in [[1, 0, 0, 1, 2], [0, 0, 0, 1], []] as [[UInt8]] {
      #expect(other.withUnsafeBytes { unsafe ConfluentHeader.schemaID($0) } == nil)
    }
  }
}
