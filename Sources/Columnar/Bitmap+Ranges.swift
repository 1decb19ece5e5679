internal import Kernels

extension Bitmap {
  /// Adds `count` bits of the same value at the end.
  public mutating func append(repeating bit: Bool, count added: Int) {
    let start = grow(by: added)
    if bit {
      var target = words.mutableSpan
      setBits(start..<start + added, in: &target)
    }
  }

  /// Adds bits out of packed bytes, whose bit `i` is bit `i % 8` of byte `i / 8`.
  ///
  /// - Precondition: `packed` holds the bits of `range`.
  public mutating func append(packed: RawSpan, range: Range<Int>) {
    let start = grow(by: range.count)
    var target = words.mutableSpan
    copyBits(from: packed, at: range.lowerBound, count: range.count, into: &target, at: start)
  }

  /// Adds a range of another bitmap's bits.
  ///
  /// - Precondition: `other` holds the bits of `range`.
  public mutating func append(_ other: Bitmap, range: Range<Int>) {
    precondition(range.upperBound <= other.count, "bits of the other bitmap")
    unsafe append(packed: other.words.span.bytes, range: range)
  }

  /// A run of bits as a bitmap of its own; linear in its words.
  ///
  /// - Precondition: `range` lies within the bitmap.
  public func sliced(_ range: Range<Int>) -> Bitmap {
    var result = Bitmap()
    result.append(self, range: range)
    return result
  }

  /// The bits at these positions, in their order.
  ///
  /// - Precondition: each position is below ``count``.
  public func taking(_ positions: [UInt32]) -> Bitmap {
    Bitmap(words: gatherBits(positions.span, from: words.span), count: positions.count)
  }

  /// How many bits of a range are set; linear in its words.
  public func setCount(in range: Range<Int>) -> Int {
    precondition(range.upperBound <= count, "bits of the bitmap")
    return countBits(words.span, in: range)
  }

  /// Removes all bits and keeps the memory.
  public mutating func removeAll() {
    words.removeAll(keepingCapacity: true)
    count = 0
  }

  /// Makes room for more bits, which are zero, and gives the position of the first.
  private mutating func grow(by added: Int) -> Int {
    precondition(added >= 0, "a number of bits")
    let start = count
    count += added
    appendZeros((count + 63) / 64 - words.count, to: &words)
    return start
  }
}
