import Kernels
import Testing

@testable import Avro

@Suite("Passing over values in Avro")
struct AvroSkippingTests {
  private func schema(_ text: String) throws -> AvroSchema { try AvroSchema.parse(Array(text.utf8)) }

  /// Passes over one value; how many bytes it took.
  private func skipped(_ text: String, _ bytes: [UInt8]) throws -> Int {
    let schema = try schema(text)
    return try reading(bytes) { cursor in
      try cursor.skip(schema.root, of: schema)
      return cursor.offset
    }
  }

  @Test(
    "every type takes the bytes that it has",
    arguments: [
      (#""null""#, []), (#""boolean""#, [1]), (#""int""#, [0x80, 0x01]), (#""long""#, [0x36]),
      (#""float""#, [1, 2, 3, 4]), (#""double""#, [1, 2, 3, 4, 5, 6, 7, 8]), (#""string""#, [4, 65, 66]),
      (#""bytes""#, [2, 0xFF]), (#"{"type":"fixed","name":"F","size":3}"#, [1, 2, 3]),
      (#"{"type":"enum","name":"E","symbols":["A","B"]}"#, [2]), (#"["null","string"]"#, [0]),
      (#"["null","string"]"#, [2, 2, 65]), (#"{"type":"array","items":"int"}"#, [4, 2, 4, 0]),
      // Two items with the size of their block before them.
      (#"{"type":"array","items":"int"}"#, [3, 4, 2, 4, 0]), (#"{"type":"map","values":"long"}"#, [2, 2, 65, 6, 0]),
      (#"{"type":"array","items":"null"}"#, [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0]),
      (
        #"{"type":"record","name":"R","fields":[{"name":"a","type":"long"},{"name":"b","type":"string"}]}"#,
        [0x36, 6, 0x66, 0x6F, 0x6F]
      ),
    ] as [(String, [UInt8])])
  func types(text: String, bytes: [UInt8]) throws {
    #expect(try skipped(text, bytes) == bytes.count)
    #expect(try skipped(text, bytes + [7, 7, 7]) == bytes.count)
    for count in 0..<bytes.count {
      #expect(throws: AvroFault.self) { try skipped(text, Array(bytes.prefix(count))) }
    }
  }

  @Test("a list of itself may nest, but not without end")
  func recursion() throws {
    let list = #"{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}"#
    #expect(try skipped(list, [2, 2, 2, 0]) == 4)
    #expect(throws: AvroFault.tooDeep) { try skipped(list, [UInt8](repeating: 2, count: 1_000_000) + [0]) }
    let endless = #"{"type":"record","name":"L","fields":[{"name":"next","type":"L"}]}"#
    #expect(throws: AvroFault.tooDeep) { try skipped(endless, [1]) }
  }

  @Test("counts without bytes behind them end at once")
  func hugeCounts() throws {
    var count: [UInt8] = []
    AvroEncoding.append(long: .max, to: &count)
    #expect(throws: AvroFault.self) { try skipped(#"{"type":"array","items":"int"}"#, count + [2, 2]) }
    #expect(throws: AvroFault.self) { try skipped(#"{"type":"map","values":"null"}"#, count + [2, 65]) }
    var negative: [UInt8] = []
    AvroEncoding.append(long: .min, to: &negative)
    #expect(throws: AvroFault.self) { try skipped(#"{"type":"array","items":"int"}"#, negative + count) }
    let empty = #"{"type":"array","items":{"type":"record","name":"R","fields":[{"name":"n","type":"null"}]}}"#
    #expect(try skipped(empty, count + [0]) == count.count + 1)
  }

  @Test("types that branch out take no longer than their bytes")
  func branchingOut() throws {
    // Each record holds the next one twice: 2^25 leaves, of which none takes a byte.
    var text = #"{"type":"record","name":"R25","fields":[]}"#
    for level in (0..<25).reversed() {
      text =
        #"{"type":"record","name":"R\#(level)","fields":[{"name":"a","type":\#(text)},"#
        + #"{"name":"b","type":"R\#(level + 1)"}]}"#
    }
    #expect(try skipped(text, []) == 0)
    // Thousands of fields that take nothing, beside one that does.
    let nulls = (0..<5_000).map { #"{"name":"n\#($0)","type":"null"}"# }.joined(separator: ",")
    let wide =
      #"{"type":"array","items":{"type":"record","name":"W","fields":[\#(nulls),{"name":"b","type":"boolean"}]}}"#
    var bytes: [UInt8] = []
    AvroEncoding.append(long: 200_000, to: &bytes)
    bytes += [UInt8](repeating: 1, count: 200_000) + [0]
    #expect(try skipped(wide, bytes) == bytes.count)
  }

  @Test("bytes at random are passed over or refused, never more")
  func random() throws {
    let schema = try schema(
      """
      {"type":"record","name":"R","fields":[{"name":"a","type":{"type":"array","items":["null","R","string"]}},
       {"name":"m","type":{"type":"map","values":{"type":"fixed","name":"F","size":2}}}]}
      """)
    var generator = SplitMix64(seed: 7)
    for _ in 0..<20_000 {
      let bytes = (0..<Int(generator.next() % 40)).map { _ in UInt8(truncatingIfNeeded: generator.next() % 9) }
      reading(bytes) { cursor in
        try? cursor.skip(schema.root, of: schema)
        #expect(cursor.offset <= bytes.count)
      }
    }
  }
}
