/// A packed sequence of bits in Arrow's layout: bit `i` of the sequence is bit `i % 64` of word `i / 64`, so on a
/// little-endian machine the bytes are the least-significant-bit-first bitmap that Arrow and Parquet define.
public struct Bitmap: Hashable, Sendable {
  /// The bits, 64 a word; bits at and above ``count`` are zero.
  public internal(set) var words: [UInt64]
  /// How many bits there are.
  public internal(set) var count: Int

  /// Makes an empty bitmap.
  public init() {
    words = []
    count = 0
  }

  /// Makes `count` bits, all of the same value.
  public init(repeating bit: Bool, count: Int) {
    words = Array(repeating: bit ? .max : 0, count: (count + 63) / 64)
    self.count = count
    clearTail()
  }

  /// Takes over packed words; the bits above `count` are cleared.
  ///
  /// - Precondition: `words` holds exactly the words that `count` bits need.
  public init(words: [UInt64], count: Int) {
    precondition(words.count == (count + 63) / 64, "a bitmap of \(count) bits needs \((count + 63) / 64) words")
    self.words = words
    self.count = count
    clearTail()
  }

  /// Makes a bitmap of single flags; linear.
  public init(_ flags: some Sequence<Bool>) {
    self.init()
    for flag in flags { append(flag) }
  }

  /// The bit at a position below ``count``.
  public subscript(index: Int) -> Bool {
    @inlinable get {
      precondition(index >= 0 && index < count, "bit out of range")
      return (words[index &>> 6] &>> UInt64(index & 63)) & 1 == 1
    }
  }

  /// Adds one bit at the end.
  public mutating func append(_ bit: Bool) {
    if count & 63 == 0 { words.append(0) }
    if bit { words[count &>> 6] |= 1 &<< UInt64(count & 63) }
    count += 1
  }

  /// How many bits are set; linear in the words.
  public var setCount: Int {
    words.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  private mutating func clearTail() {
    let used = count & 63
    if used != 0 { words[words.count - 1] &= (1 &<< UInt64(used)) &- 1 }
  }
}
