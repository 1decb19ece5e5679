internal import Kernels

// A split-block Bloom filter: answers "not in this chunk" with certainty and "perhaps" otherwise.
//
//   filter := BloomFilterHeader block*        block := 8 words of 32 bits, little-endian
//   BloomFilterHeader := { 1: i32 bytes of blocks, 2: { 1: {} } block, 3: { 1: {} } xxhash, 4: { 1: {} } uncompressed }
//
// A value is hashed by XXH64, seed 0, over its PLAIN bytes without a length. The upper half of the hash chooses a
// block, `((hash >> 32) * blocks) >> 32`; the lower half sets one bit in each of its words, `bit = (low * salt) >> 27`.
//
// Worked example: header of one block, 15 40 1c 1c 00 00 1c 1c 00 00 1c 1c 00 00 00.
//
// Specification: apache/parquet-format, BloomFilter.md and parquet.thrift.

/// A split-block Bloom filter over the values of one column chunk.
public struct BloomFilter: Hashable, Sendable {
  /// The blocks, eight words each.
  private(set) var words: [UInt32]

  private static let salts: [UInt32] = [
    0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D, 0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947, 0x5C6B_FB31,
  ]

  /// The largest filter that is made or read: 128 MiB.
  static let maxBytes = 128 << 20

  /// Makes an empty filter for a number of different values.
  ///
  /// - Parameter falsePositives: the share of absent values that may seem present, above 0 and below 1.
  public init(distinctValues: Int, falsePositives: Double) {
    // One word of each block takes a bit of each value, so a word of m bits with n values has 1 - e^(-n/m) of them set;
    // in eight words all bits are set with the eighth power of that. Solved for the number of bits of all words.
    let share = min(max(falsePositives, 1e-9), 0.999)
    let root = share.squareRoot().squareRoot().squareRoot()
    let bitsPerValue = -8 / Self.logarithm(1 - root)
    let wanted = Int(min(Double(max(distinctValues, 1)) * bitsPerValue / 8, Double(Self.maxBytes)))
    var bytes = 32
    // Powers of two: some readers take no others.
    while bytes < wanted { bytes *= 2 }
    words = [UInt32](repeating: 0, count: bytes / 4)
  }

  /// Natural logarithm by its series about 1, after halving the argument into [2/3, 4/3].
  private static func logarithm(_ value: Double) -> Double {
    var rest = value
    var halvings = 0.0
    while rest < 2.0 / 3 {
      rest *= 2
      halvings += 1
    }
    let ratio = (rest - 1) / (rest + 1)
    var term = ratio
    var sum = 0.0
    for step in 0..<20 {
      sum += term / Double(2 * step + 1)
      term *= ratio * ratio
    }
    return 2 * sum - halvings * 0.693_147_180_559_945_3
  }

  /// Adds a hashed value.
  mutating func insert(hash: UInt64) {
    let block = Self.block(of: hash, count: words.count / 8)
    for index in 0..<8 { words[block * 8 + index] |= Self.mask(hash, index) }
  }

  /// Whether a value of this hash may be among those added.
  public func mayContain(hash: UInt64) -> Bool {
    let block = Self.block(of: hash, count: words.count / 8)
    return (0..<8).allSatisfy { words[block * 8 + $0] & Self.mask(hash, $0) != 0 }
  }

  /// The hash of a value, given in PLAIN encoding without a length before it.
  public static func hash(plain bytes: [UInt8]) -> UInt64 { unsafe xxHash64(bytes.span.bytes) }

  private static func block(of hash: UInt64, count: Int) -> Int { Int(((hash >> 32) &* UInt64(count)) >> 32) }

  private static func mask(_ hash: UInt64, _ index: Int) -> UInt32 {
    1 << ((UInt32(truncatingIfNeeded: hash) &* salts[index]) >> 27)
  }

  /// Header and blocks as they lie in the file.
  func serialised() -> [UInt8] {
    var writer = ThriftWriter()
    writer.structure { writer in
      writer.int32(1, Int32(words.count * 4))
      for id: Int16 in 2...4 { writer.structure(id) { $0.structure(1) { _ in } } }
    }
    var bytes = writer.bytes
    for word in words {
      for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    return bytes
  }

  /// Reads header and blocks.
  ///
  /// - Throws: ``ParquetError/Code/notSupported`` for another algorithm, hash or compression.
  init(_ bytes: [UInt8], base: Int64 = 0, limits: ReaderLimits = .init()) throws(ParquetError) {
    var reader = ThriftReader(bytes, base: base, limits: limits)
    var size: Int32 = 0
    var known = 0
    try reader.structure { (reader, field) throws(ParquetError) in
      switch field.id {
      case 1: size = try reader.int32(field) ?? 0
      case 2...4:
        _ = try reader.structure(field) { (reader) throws(ParquetError) in
          try reader.structure { (reader, member) throws(ParquetError) in
            if member.id == 1 { known += 1 }
            try reader.skip(member)
          }
        }
      default: try reader.skip(field)
      }
    }
    guard known == 3 else { throw ParquetError(.notSupported, "a Bloom filter of another kind", offset: base) }
    guard size >= 32, size % 32 == 0, Int(size) <= Self.maxBytes, Int(size) <= bytes.count - reader.position else {
      throw ParquetError(.outOfSpec, "a Bloom filter of \(size) bytes", offset: base)
    }
    let start = reader.position
    words = (0..<Int(size) / 4).map { index in
      (0..<4).reduce(0) { $0 | UInt32(bytes[start + 4 * index + $1]) << UInt32(8 * $1) }
    }
  }
}
