/// Numbers of which many follow each other, such as offsets of a Kafka partition or rows of a file: bits in chunks of
/// 1,024, so that a number that is all alone costs little as well.
struct NumberSet: Sendable {
  private static let chunkBits: Int64 = 10
  private var chunks: [Int64: [UInt64]] = [:]
  /// How many numbers there are.
  private(set) var count: Int64 = 0

  /// Whether a number is there.
  func contains(_ number: Int64) -> Bool {
    guard let words = chunks[number >> Self.chunkBits] else { return false }
    let bit = Int(number & ((1 << Self.chunkBits) - 1))
    return words[bit >> 6] & UInt64(1) << UInt64(bit & 63) != 0
  }

  /// Adds a number; false where it is there already.
  mutating func insert(_ number: Int64) -> Bool {
    let bit = Int(number & ((1 << Self.chunkBits) - 1))
    let mask = UInt64(1) << UInt64(bit & 63)
    var isNew = false
    chunks[number >> Self.chunkBits, default: [UInt64](repeating: 0, count: 1 << (Self.chunkBits - 6))]
      .change(bit >> 6) { word in
        isNew = word & mask == 0
        word |= mask
      }
    if isNew { count += 1 }
    return isNew
  }
}

extension [UInt64] {
  fileprivate mutating func change(_ index: Int, _ body: (inout UInt64) -> Void) { body(&self[index]) }
}
