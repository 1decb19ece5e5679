/// Copies bits between bitmaps whose bit `i` is bit `i % 8` of byte `i / 8`; the target's bits must be zero before.
///
/// - Precondition: source and target hold the bits named.
public func copyBits(
  from source: RawSpan, at sourceBit: Int, count: Int, into words: inout MutableSpan<UInt64>, at targetBit: Int
) {
  precondition(sourceBit >= 0 && targetBit >= 0 && count >= 0, "positions of bits")
  precondition(sourceBit + count <= source.byteCount * 8, "bits of the source")
  precondition(targetBit + count <= words.count * 64, "bits of the target")
  source.withUnsafeBytes { bytes in
    words.withUnsafeMutableBufferPointer { target in
      guard let base = bytes.baseAddress else { return }
      var done = 0
      while done < count {
        // Up to the end of one target word in a step, and no more than a load at any bit offset gives.
        let bit = sourceBit &+ done
        let into = (targetBit &+ done) & 63
        let step = min(count &- done, 64 &- into, 64 &- (bit & 7))
        let raw = loadPartial64(base, bit &>> 3, end: bytes.count) &>> UInt64(bit & 7)
        let mask: UInt64 = step == 64 ? .max : (1 &<< UInt64(step)) &- 1
        target[(targetBit &+ done) &>> 6] |= (raw & mask) &<< UInt64(into)
        done &+= step
      }
    }
  }
}

/// Sets a range of bits.
///
/// - Precondition: the target holds the bits named.
public func setBits(_ range: Range<Int>, in words: inout MutableSpan<UInt64>) {
  precondition(range.lowerBound >= 0 && range.upperBound <= words.count * 64, "bits of the target")
  var bit = range.lowerBound
  while bit < range.upperBound {
    let inner = bit & 63
    let step = min(range.upperBound - bit, 64 - inner)
    let mask: UInt64 = step == 64 ? .max : (1 &<< UInt64(step)) &- 1
    words[bit >> 6] |= mask &<< UInt64(inner)
    bit += step
  }
}

/// How many bits of a range are set.
///
/// - Precondition: the words hold the bits named.
public func countBits(_ words: Span<UInt64>, in range: Range<Int>) -> Int {
  precondition(range.lowerBound >= 0 && range.upperBound <= words.count * 64, "bits of the words")
  var total = 0
  var bit = range.lowerBound
  while bit < range.upperBound {
    let inner = bit & 63
    let step = min(range.upperBound - bit, 64 - inner)
    let mask: UInt64 = step == 64 ? .max : (1 &<< UInt64(step)) &- 1
    total &+= (words[bit >> 6] &>> UInt64(inner) & mask).nonzeroBitCount
    bit += step
  }
  return total
}
