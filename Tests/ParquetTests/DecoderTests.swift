import Columnar
import Kernels
import Storage
import Testing

@testable import Parquet

/// Decoders that keep their place: any way to cut the reading gives what reading at once gives.
@Suite struct DecoderTests {
  private static let cuts: [[Int]] = [[500], [1, 499], [7, 8, 9, 476], [64, 64, 64, 308], [250, 1, 249]]

  @Test("runs and packed groups in pieces", arguments: [1, 2, 3, 7, 8, 12, 20, 32])
  func hybrid(width: Int) throws {
    var random = SplitMix64(seed: UInt64(width))
    var values: [UInt32] = []
    while values.count < 500 {
      let value = UInt32.random(in: 0 ... .max, using: &random) >> UInt32(32 - width)
      let length = Bool.random(using: &random) ? 1 : Int.random(in: 1...70, using: &random)
      values += Array(repeating: value, count: min(length, 500 - values.count))
    }
    var bytes: [UInt8] = []
    encodeHybrid(values.span, width: width, appendingTo: &bytes)
    for cut in Self.cuts {
      var reader = HybridReader(width: width)
      var read: [UInt32] = []
      for count in cut { try reader.read(bytes.span, count: count, into: &read) }
      #expect(read == values, "width \(width), \(cut)")
      if width > 8 { continue }
      var small = HybridReader(width: width)
      var levels: [UInt8] = []
      for count in cut { try small.read(bytes.span, count: count, into: &levels) }
      #expect(levels.map(UInt32.init) == values)
    }
    var reader = HybridReader(width: width)
    var read: [UInt32] = []
    #expect(throws: ParquetError.self) { try reader.read(bytes.span, count: 600, into: &read) }
  }

  @Test("the specification's run: a hundred times 5 behind 0 to 7")
  func hybridExample() throws {
    var reader = HybridReader(width: 3)
    var read: [UInt32] = []
    try reader.read([0x03, 0x88, 0xC6, 0xFA, 0xC8, 0x01, 0x05].span, count: 108, into: &read)
    #expect(read == Array(0...7) + Array(repeating: 5, count: 100))
  }

  /// DELTA_BINARY_PACKED the plain way, one bit after the other.
  private static func delta(_ values: [Int64], block: Int, parts: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    func zigzag(_ value: Int64) -> Int {
      Int(bitPattern: UInt(bitPattern: Int(value << 1)) ^ UInt(bitPattern: Int(value >> 63)))
    }
    appendVarint(block, to: &bytes)
    appendVarint(parts, to: &bytes)
    appendVarint(values.count, to: &bytes)
    appendVarint(zigzag(values.first ?? 0), to: &bytes)
    let deltas = zip(values.dropFirst(), values).map { $0 &- $1 }
    for start in stride(from: 0, to: deltas.count, by: block) {
      let chunk = Array(deltas[start..<min(start + block, deltas.count)])
      let smallest = chunk.min() ?? 0
      appendVarint(zigzag(smallest), to: &bytes)
      let size = block / parts
      let groups = (0..<parts).map { part in
        chunk.dropFirst(part * size).prefix(size).map { UInt64(bitPattern: $0 &- smallest) }
      }
      let widths = groups.map { group in 64 - (group.max() ?? 0).leadingZeroBitCount }
      bytes += widths.map { UInt8($0) }
      for (group, width) in zip(groups, widths) where !group.isEmpty {
        var bits = [Bool](repeating: false, count: size * width)
        for (index, value) in group.enumerated() {
          for bit in 0..<width { bits[index * width + bit] = value >> UInt64(bit) & 1 == 1 }
        }
        for byte in 0..<bits.count / 8 {
          bytes.append((0..<8).reduce(0) { $0 | (bits[byte * 8 + $1] ? 1 << UInt8($1) : 0) })
        }
      }
    }
    return bytes
  }

  @Test("differences in pieces", arguments: [1, 30, 200, 1 << 40, Int64.max])
  func delta(spread: Int64) throws {
    var random = SplitMix64(seed: UInt64(spread))
    let values = (0..<500).map { _ in Int64.random(in: -spread...spread, using: &random) }
    for (block, parts) in [(128, 4), (64, 1), (32, 4), (256, 8)] {
      let bytes = Self.delta(values, block: block, parts: parts) + [0xAA, 0xBB]
      for cut in Self.cuts {
        var reader = try DeltaReader(bytes.span, position: 0, limit: 500)
        var read: [Int64] = []
        for count in cut {
          #expect(try reader.end(bytes.span) == bytes.count - 2)
          try reader.read(bytes.span, count: count, into: &read)
        }
        #expect(read == values, "blocks of \(block) in \(parts), \(cut)")
      }
      #expect(throws: ParquetError.self) { try DeltaReader(bytes.span, position: 0, limit: 499) }
    }
  }

  @Test("the examples of the specification for strings by differences")
  func strings() throws {
    let lengths = Self.delta([5, 5, 6, 6], block: 128, parts: 4) + Array("HelloWorldFoobarABCDEF".utf8)
    var reader = try DeltaStringReader(lengths.span, hasPrefixes: false, limit: 4)
    var strings = ByteStrings()
    for count in [1, 3] { try reader.read(lengths.span, count: count, limit: 100, into: &strings) }
    #expect((0..<4).map { Array(strings[$0]) } == ["Hello", "World", "Foobar", "ABCDEF"].map { Array($0.utf8) })
    let shared =
      Self.delta([0, 2, 0, 3], block: 128, parts: 4) + Self.delta([4, 2, 6, 5], block: 128, parts: 4)
      + Array("axislebabbleyhood".utf8)
    for cut in [[4], [1, 3], [2, 1, 1]] {
      var reader = try DeltaStringReader(shared.span, hasPrefixes: true, limit: 4)
      var words: [[UInt8]] = []
      for count in cut {
        var strings = ByteStrings()
        try reader.read(shared.span, count: count, limit: 100, into: &strings)
        words += (0..<count).map { Array(strings[$0]) }
      }
      #expect(words == ["axis", "axle", "babble", "babyhood"].map { Array($0.utf8) })
    }
    var greedy = try DeltaStringReader(shared.span, hasPrefixes: true, limit: 4)
    var few = ByteStrings()
    #expect(throws: ParquetError.self) { try greedy.read(shared.span, count: 4, limit: 10, into: &few) }
  }

  @Test("the specification's byte streams, in pieces")
  func split() throws {
    let bytes: [UInt8] = [0xAA, 0x00, 0xA3, 0xBB, 0x11, 0xB4, 0xCC, 0x22, 0xC5, 0xDD, 0x33, 0xD6]
    var reader = try StreamSplitReader(bytes.span, width: 4)
    var values: [UInt8] = []
    for count in [1, 2] { try reader.read(bytes.span, count: count, into: &values) }
    #expect(values == [0xAA, 0xBB, 0xCC, 0xDD, 0x00, 0x11, 0x22, 0x33, 0xA3, 0xB4, 0xC5, 0xD6])
    #expect(throws: ParquetError.self) { try reader.read(bytes.span, count: 1, into: &values) }
    #expect(throws: ParquetError.self) { try StreamSplitReader(bytes.span, width: 5) }
    var odd = try StreamSplitReader([1, 2, 3, 4, 5, 6].span, width: 3)
    var triples: [UInt8] = []
    try odd.read([1, 2, 3, 4, 5, 6].span, count: 2, into: &triples)
    #expect(triples == [1, 3, 5, 2, 4, 6])
  }

  @Test("the specification's deprecated levels, from the highest bit on")
  func bitPackedLevels() throws {
    var levels: [UInt8] = []
    let page = PageBytes(bytes: [0x05, 0x39, 0x77], range: 0..<3)
    try decodeLevels(page, encoding: .bitPacked, largest: 7, count: 8, into: &levels)
    #expect(levels == [0, 1, 2, 3, 4, 5, 6, 7])
    #expect(throws: ParquetError.self) {
      try decodeLevels(page, encoding: .bitPacked, largest: 7, count: 9, into: &levels)
    }
    #expect(throws: ParquetError.self) {
      try decodeLevels(page, encoding: .bitPacked, largest: 6, count: 8, into: &levels)
    }
  }
}
