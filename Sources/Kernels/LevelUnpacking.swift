// Levels as bytes. A level counts the optional and repeated nodes of a path, so it fits in seven bits; eight of them
// fit in a register, and comparisons are made on all eight at once.

/// Adds `count` values of `width` bits each, the first of them being value `first` of the packed bytes.
///
/// - Precondition: `width` is 0 to 8, and `packed` holds at least `(first + count) * width` bits.
public func unpackBytes(_ packed: RawSpan, width: Int, first: Int, count: Int, appendingTo output: inout [UInt8]) {
  precondition(width >= 0 && width <= 8 && first >= 0 && count >= 0, "a width of 0 to 8")
  precondition(packed.byteCount >= ((first + count) * width + 7) / 8, "enough packed bytes")
  packed.withUnsafeBytes { bytes in
    appendWritten(count, to: &output) { values in
      guard width > 0, let base = bytes.baseAddress else {
        values.update(repeating: 0, count: count)
        return
      }
      let mask = (UInt64(1) &<< UInt64(width)) &- 1
      var index = 0
      // Up to the first whole group of eight, and behind the last, value by value.
      let head = min(count, (8 &- first & 7) & 7)
      while index < head {
        values[index] = single(base, bytes.count, (first &+ index) &* width, mask)
        index &+= 1
      }
      while index &+ 8 <= count {
        let word = loadPartial64(base, ((first &+ index) &>> 3) &* width, end: bytes.count)
        UnsafeMutableRawPointer(values + index).storeBytes(of: spreadGroup(word, width), as: UInt64.self)
        index &+= 8
      }
      while index < count {
        values[index] = single(base, bytes.count, (first &+ index) &* width, mask)
        index &+= 1
      }
    }
  }
}

@inline(__always)
private func single(_ base: UnsafeRawPointer, _ end: Int, _ bit: Int, _ mask: UInt64) -> UInt8 {
  UInt8(truncatingIfNeeded: loadPartial64(base, bit &>> 3, end: end) &>> UInt64(bit & 7) & mask)
}

/// Eight packed values of `width` bits as eight bytes of a word, little-endian: halves, quarters, then single values
/// are moved apart.
@inline(__always)
private func spreadGroup(_ packed: UInt64, _ width: Int) -> UInt64 {
  let w = UInt64(truncatingIfNeeded: width)
  let mask4 = width == 8 ? UInt64(0xFFFF_FFFF) : (1 &<< (4 &* w)) &- 1
  var word = packed & mask4 | (packed &>> (4 &* w) & mask4) &<< 32
  let mask2 = (UInt64(1) &<< (2 &* w)) &- 1
  word = word & (mask2 | mask2 &<< 32) | (word & ((mask2 | mask2 &<< 32) &<< (2 &* w))) &<< (16 &- 2 &* w)
  let mask1 = ((UInt64(1) &<< w) &- 1) &* 0x0001_0001_0001_0001
  return word & mask1 | (word & (mask1 &<< w)) &<< (8 &- w)
}

/// The largest level; 0 where there is none.
public func maximumLevel(_ levels: Span<UInt8>) -> UInt8 {
  var largest: UInt8 = 0
  levels.withUnsafeBufferPointer { for level in $0 { largest = max(largest, level) } }
  return largest
}

/// How many levels, which are below 128, are at least `threshold`.
public func countLevels(_ levels: Span<UInt8>, notBelow threshold: UInt8) -> Int {
  levels.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress, threshold <= 128 else { return 0 }
    // (level | 0x80) - threshold keeps the high bit exactly where level >= threshold.
    let subtrahend = UInt64(threshold) &* 0x0101_0101_0101_0101
    let high: UInt64 = 0x8080_8080_8080_8080
    var total = 0
    var index = 0
    while index &+ 8 <= buffer.count {
      let word = load64(UnsafeRawPointer(base), index)
      total &+= (((word | high) &- subtrahend) & high).nonzeroBitCount
      index &+= 8
    }
    while index < buffer.count {
      total &+= Int(unsafeBitCast(buffer[index] >= threshold, to: UInt8.self))
      index &+= 1
    }
    return total
  }
}

/// Where the row behind the next `rows` rows begins: the position of the zero that follows as many zeros, from
/// `start` on; and how many of them were found before the end.
public func findRowEnd(_ repetitions: Span<UInt8>, from start: Int, rows: Int) -> (end: Int, rows: Int) {
  precondition(start >= 0 && start <= repetitions.count && rows >= 0, "a position in the levels")
  return repetitions.withUnsafeBufferPointer { levels in
    var index = start
    var left = rows
    guard let base = levels.baseAddress else { return (start, 0) }
    while index &+ 8 <= levels.count {
      // The high bit of a byte is set where the level is not zero, for levels are below 128.
      let word = load64(UnsafeRawPointer(base), index) &+ 0x7F7F_7F7F_7F7F_7F7F
      let zeros = 8 &- (word & 0x8080_8080_8080_8080).nonzeroBitCount
      if zeros > left { break }
      left &-= zeros
      index &+= 8
    }
    while index < levels.count {
      if levels[index] == 0 {
        if left == 0 { break }
        left &-= 1
      }
      index &+= 1
    }
    return (index, rows &- left)
  }
}
