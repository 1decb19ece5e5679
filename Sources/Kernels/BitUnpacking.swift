// Bit unpacking: the inverse of `packBits`. Value `i` of width `w` fills bits `i * w ..< (i + 1) * w` of the bytes,
// counted from the least significant bit of byte 0. Width 3, the bytes 0x88 0xC6 0xFA: 0 1 2 3 4 5 6 7.
// Specification: apache/parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid", note 1.

/// Adds `count` values of `width` bits each.
///
/// - Precondition: `width` is 0 to 32, and `packed` holds at least `count * width` bits.
public func unpackBits(_ packed: RawSpan, width: Int, count: Int, appendingTo output: inout [UInt32]) {
  precondition(width >= 0 && width <= 32 && count >= 0, "a width of 0 to 32")
  precondition(packed.byteCount >= (count * width + 7) / 8, "enough packed bytes")
  packed.withUnsafeBytes { bytes in
    appendWritten(count, to: &output) { values in
      unpack(bytes, width: width, count: count, into: values)
    }
  }
}

/// The work of ``unpackBits(_:width:count:appendingTo:)``, whose checks have been made.
@inline(never)
func unpack(_ bytes: UnsafeRawBufferPointer, width: Int, count: Int, into values: UnsafeMutablePointer<UInt32>) {
  guard width > 0, let base = bytes.baseAddress else {
    values.update(repeating: 0, count: count)
    return
  }
  // A group of eight reads up to seven bytes beyond its own; the last groups go value by value.
  let groups = max(0, min(count / 8, (bytes.count - 8) / width))
  withConstantWidth(width) { unpackGroups(base, values, groups: groups, width: $0) }
  let mask: UInt64 = (1 &<< UInt64(width)) &- 1
  var index = groups * 8
  while index < count {
    let bit = index &* width
    let word = loadPartial64(base, bit &>> 3, end: bytes.count)
    values[index] = UInt32(truncatingIfNeeded: (word &>> UInt64(bit & 7)) & mask)
    index &+= 1
  }
}

/// Adds `count` values of `width` bits each, for widths up to 64.
///
/// - Precondition: `width` is 0 to 64, and `packed` holds at least `count * width` bits.
public func unpackBits64(_ packed: RawSpan, width: Int, count: Int, appendingTo output: inout [UInt64]) {
  precondition(width >= 0 && width <= 64 && count >= 0, "a width of 0 to 64")
  precondition(packed.byteCount >= (count * width + 7) / 8, "enough packed bytes")
  packed.withUnsafeBytes { bytes in
    appendWritten(count, to: &output) { values in
      guard width > 0, let base = bytes.baseAddress else {
        values.update(repeating: 0, count: count)
        return
      }
      let mask: UInt64 = width == 64 ? .max : (1 &<< UInt64(width)) &- 1
      var index = 0
      while index < count {
        let bit = index &* width
        let shift = UInt64(bit & 7)
        var word = loadPartial64(base, bit &>> 3, end: bytes.count) &>> shift
        // Beyond 57 bits a value can reach into a ninth byte.
        if width > 57, Int(shift) + width > 64 {
          word |= UInt64(bytes[(bit &>> 3) &+ 8]) &<< (64 &- shift)
        }
        values[index] = word & mask
        index &+= 1
      }
    }
  }
}

/// Eight values are put together in registers and stored as one vector: twice as fast as eight stores.
@inline(__always)
private func unpackGroups(
  _ input: UnsafeRawPointer, _ output: UnsafeMutablePointer<UInt32>, groups: Int, width: Int
) {
  let mask: UInt32 = width == 32 ? .max : (1 &<< UInt32(truncatingIfNeeded: width)) &- 1
  var source = input
  var target = UnsafeMutableRawPointer(output)
  var group = 0
  while group < groups {
    @inline(__always) func value(_ index: Int) -> UInt32 {
      let bit = index &* width
      return UInt32(truncatingIfNeeded: load64(source, bit &>> 3) &>> UInt64(truncatingIfNeeded: bit & 7))
    }
    let values =
      SIMD8<UInt32>(value(0), value(1), value(2), value(3), value(4), value(5), value(6), value(7))
      & SIMD8(repeating: mask)
    target.storeBytes(of: values, as: SIMD8<UInt32>.self)
    source += width
    target += 32
    group &+= 1
  }
}

/// Calls `body` with the width as a constant, so that each width gets shifts and masks of its own.
@inline(__always)
private func withConstantWidth(_ width: Int, _ body: (Int) -> Void) {
  switch width {
  case 1: body(1)
  case 2: body(2)
  case 3: body(3)
  case 4: body(4)
  case 5: body(5)
  case 6: body(6)
  case 7: body(7)
  case 8: body(8)
  case 9: body(9)
  case 10: body(10)
  case 11: body(11)
  case 12: body(12)
  case 13: body(13)
  case 14: body(14)
  case 15: body(15)
  case 16: body(16)
  case 17: body(17)
  case 18: body(18)
  case 19: body(19)
  case 20: body(20)
  default: body(width)
  }
}
