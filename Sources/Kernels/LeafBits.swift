/// The number of the leaf at which each of 256 rows arrives, bit by bit: plane `b` holds bit `b` of all numbers.
struct LeafBits {
  var planes = InlineArray<8, TreeSlices.Mask>(repeating: TreeSlices.Mask())

  /// Adds to each row's sum the value of its leaf.
  ///
  /// - Precondition: there are at most 256 sums, and a value for each number that occurs among their rows.
  func add(_ values: UnsafePointer<Double>, to sums: UnsafeMutableBufferPointer<Double>) {
    var first = 0
    while first < sums.count {
      let numbers = numbers(first &>> 6)
      let end = min(first &+ 64, sums.count)
      var eight = 0
      while first < end {
        var rest = numbers[eight]
        for row in first..<min(first &+ 8, end) {
          sums[row] += values[Int(rest & 0xFF)]
          rest &>>= 8
        }
        first &+= 8
        eight &+= 1
      }
    }
  }

  /// The numbers of the 64 rows of a word as bytes, eight rows in each of the eight words.
  func numbers(_ word: Int) -> SIMD8<UInt64> {
    var x = SIMD8<UInt64>()
    for bit in 0..<8 { x[bit] = planes[bit][word] }
    // Bytes change places first, so that each word gets eight rows of all planes; then the bits within the words.
    for (distance, mask) in [(4, 0xFFFF_FFFF), (2, 0xFFFF_0000_FFFF), (1, 0xFF_00FF_00FF_00FF)] as [(Int, UInt64)] {
      for low in 0..<8 where low & distance == 0 {
        let changed = (x[low] &>> UInt64(8 &* distance) ^ x[low | distance]) & mask
        x[low | distance] ^= changed
        x[low] ^= changed &<< UInt64(8 &* distance)
      }
    }
    for (distance, mask) in [(7, 0x00AA_00AA_00AA_00AA), (14, 0xCCCC_0000_CCCC), (28, 0xF0F0_F0F0)]
      as [(UInt64, UInt64)]
    {
      let changed = (x ^ (x &>> distance)) & SIMD8(repeating: mask)
      x ^= changed ^ (changed &<< distance)
    }
    return x
  }
}
