/// Adds values out of packed differences: each is the value before, plus `smallest`, plus its difference; arithmetic
/// wraps. Gives the last value.
///
/// - Precondition: `width` is 0 to 64, and `packed` holds at least `(first + count) * width` bits.
public func appendDeltas(
  _ packed: RawSpan, width: Int, first: Int, count: Int, smallest: Int64, last: Int64, to output: inout [Int64]
) -> Int64 {
  precondition(width >= 0 && width <= 64 && first >= 0 && count >= 0, "a width of 0 to 64")
  precondition(packed.byteCount >= ((first + count) * width + 7) / 8, "enough packed bytes")
  var value = last
  packed.withUnsafeBytes { bytes in
    appendWritten(count, to: &output) { target in
      guard width > 0, let base = bytes.baseAddress else {
        for index in 0..<count {
          value &+= smallest
          target[index] = value
        }
        return
      }
      let mask: UInt64 = width == 64 ? .max : (1 &<< UInt64(width)) &- 1
      // As many as have eight bytes behind their first bit.
      let fast = width > 56 ? 0 : min(count, max(0, (bytes.count * 8 - 64) / width - first))
      var bit = first &* width
      for index in 0..<fast {
        let difference = load64(base, bit &>> 3) &>> UInt64(truncatingIfNeeded: bit & 7) & mask
        value = value &+ smallest &+ Int64(bitPattern: difference)
        target[index] = value
        bit &+= width
      }
      for index in fast..<count {
        let shift = UInt64(truncatingIfNeeded: bit & 7)
        var word = loadPartial64(base, bit &>> 3, end: bytes.count) &>> shift
        // Beyond 57 bits a value can reach into a ninth byte.
        if Int(shift) &+ width > 64 { word |= UInt64(bytes[(bit &>> 3) &+ 8]) &<< (64 &- shift) }
        value = value &+ smallest &+ Int64(bitPattern: word & mask)
        target[index] = value
        bit &+= width
      }
    }
  }
  return value
}

/// Adds the lower halves of numbers.
public func appendNarrowed(_ values: Span<Int64>, to output: inout [Int32]) {
  values.withUnsafeBufferPointer { source in
    appendWritten(source.count, to: &output) { target in
      for index in 0..<source.count { target[index] = Int32(truncatingIfNeeded: source[index]) }
    }
  }
}
