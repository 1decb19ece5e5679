import Columnar
import Testing

@testable import Parquet

/// Encoders give the bytes of the specification, and decoders get the values back.
@Suite struct EncoderTests {
  private func encoded(_ column: LeafColumn, _ encoding: ParquetEncoding, _ fill: (inout PageValues) -> Void) -> [UInt8]
  {
    var values = PageValues(column, usesDictionary: false, dictionaryBytes: 0)
    fill(&values)
    var bytes: [UInt8] = []
    values.encode(encoding, codeWidth: 0, into: &bytes)
    return bytes
  }

  private func leaf(_ type: DataType) throws -> LeafColumn {
    let tree = try WriteTree(Schema([Field("c", type, isNullable: false)]), columns: nil)
    return try LeafColumn.leaves(of: tree.elements, maxDepth: 3)[0]
  }

  private func strings(_ texts: [String]) -> ByteStrings {
    texts.reduce(into: ByteStrings()) { $0.append($1.utf8) }
  }

  @Test("differences: the specification's example")
  func deltaExample() throws {
    let numbers: [Int32] = [7, 5, 3, 1, 2, 3, 4, 5]
    let bytes = encoded(try leaf(.int(bits: 32)), .deltaBinaryPacked) { _ = $0.append(numbers: numbers.span.bytes) }
    #expect(bytes == [0x80, 1, 4, 8, 0x0E, 3, 2, 0, 0, 0, 0xC0, 0x3F, 0, 0, 0, 0, 0, 0])
  }

  @Test("differences of no value, of one, and of equal ones take no blocks or none of any width")
  func deltaOfFew() throws {
    let column = try leaf(.int(bits: 64))
    #expect(encoded(column, .deltaBinaryPacked) { _ in } == [0x80, 1, 4, 0, 0])
    let one: [Int64] = [-3]
    #expect(encoded(column, .deltaBinaryPacked) { _ = $0.append(numbers: one.span.bytes) } == [0x80, 1, 4, 1, 5])
    let equal: [Int64] = [9, 9, 9]
    #expect(
      encoded(column, .deltaBinaryPacked) { _ = $0.append(numbers: equal.span.bytes) }
        == [0x80, 1, 4, 3, 18, 0, 0, 0, 0, 0])
  }

  @Test("byte strings by differences: the specification's examples")
  func deltaStrings() throws {
    let column = try leaf(.binary)
    let words = strings(["Hello", "World", "Foobar", "ABCDEF"])
    let lengths = encoded(column, .deltaLengthByteArray) { _ = $0.append(strings: words, rows: 0..<4) }
    // First 5, then the differences 0 1 0, of which the smallest is 0, in one bit.
    #expect(lengths.prefix(14) == [0x80, 1, 4, 4, 10, 0, 1, 0, 0, 0, 0b010, 0, 0, 0])
    #expect(lengths.dropFirst(14) == Array("HelloWorldFoobarABCDEF".utf8)[...])
    let similar = strings(["axis", "axle", "babble", "babyhood"])
    let prefixes = encoded(column, .deltaByteArray) { _ = $0.append(strings: similar, rows: 0..<4) }
    #expect(prefixes.suffix(17) == Array("axislebabbleyhood".utf8)[...])
    // Prefixes 0 2 0 3: first 0, smallest difference -2, in three bits 4 0 5.
    #expect(prefixes.prefix(10) == [0x80, 1, 4, 4, 0, 3, 3, 0, 0, 0])
    #expect(prefixes[10] == 0b0100_0100 && prefixes[11] == 0b1)
  }

  @Test("byte streams: the specification's example, and every width")
  func byteStreams() throws {
    let column = try leaf(.float)
    let values: [UInt32] = [0xDDCC_BBAA, 0x3322_1100, 0xD6C5_B4A3]
    let bytes = encoded(column, .byteStreamSplit) { _ = $0.append(numbers: values.span.bytes) }
    #expect(bytes == [0xAA, 0x00, 0xA3, 0xBB, 0x11, 0xB4, 0xCC, 0x22, 0xC5, 0xDD, 0x33, 0xD6])
  }

  @Test("booleans in runs carry their length")
  func booleans() throws {
    let bytes = encoded(try leaf(.boolean), .rle) {
      $0.append(booleans: Bitmap(repeating: true, count: 128), range: 0..<128)
    }
    #expect(bytes == [3, 0, 0, 0, 0x80, 2, 1])
  }

  @Test("the worked example of levels: [a b], null, [] and [c]")
  func levels() throws {
    let type = DataType.list(Field("element", .int(bits: 32), isNullable: false))
    let tree = try WriteTree(Schema([Field("c", type)]), columns: nil)
    let items = Column(type: .int(bits: 32), values: .int32([1, 2, 3]))
    let column = Column(
      type: type, values: .list(offsets: [0, 2, 2, 2, 3], items: items), validity: Bitmap([true, false, true, true]))
    var shredder = Shredder()
    try shredder.shred(tree.roots[0], column, rows: 0..<4)
    #expect(shredder.leaves[0].definition == [2, 2, 0, 1, 2])
    #expect(shredder.leaves[0].repetition == [0, 1, 0, 0, 0])
    #expect(shredder.leaves[0].range == 0..<3)
    #expect(tree.elements.map(\.name) == ["schema", "c", "list", "element"])
    #expect(tree.elements[1].logicalType == .list && tree.elements[1].convertedType == 3)
  }

  @Test("items that a null list holds are left out")
  func nullListsWithItems() throws {
    let type = DataType.list(Field("element", .int(bits: 32)))
    let tree = try WriteTree(Schema([Field("c", type)]), columns: nil)
    let items = Column(
      type: .int(bits: 32), values: .int32([1, 7, 7, 2]), validity: Bitmap([true, true, true, false]))
    let column = Column(
      type: type, values: .list(offsets: [0, 1, 3, 4], items: items), validity: Bitmap([true, false, true]))
    var shredder = Shredder()
    try shredder.shred(tree.roots[0], column, rows: 0..<3)
    #expect(shredder.leaves[0].definition == [3, 0, 2])
    #expect(shredder.leaves[0].values.sliced(shredder.leaves[0].range) == .int32([1]))
  }
}
