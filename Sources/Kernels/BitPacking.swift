/// Adds `values`, each reduced to `width` bits, packed from the least significant bit of each byte upwards; the last
/// group of eight is filled up with zeros, so that `8 * width` bits per started group are added.
///
/// Width 3, the values 0 1 2 3 4 5 6 7: the bytes 0x88 0xC6 0xFA. Specification: see `unpackBits`.
///
/// - Precondition: `width` is 0 to 32, and no value needs more bits.
public func packBits(_ values: Span<UInt32>, width: Int, appendingTo output: inout [UInt8]) {
  precondition(width >= 0 && width <= 32, "a width of 0 to 32")
  let count = values.count
  let groups = (count + 7) / 8
  let byteCount = groups * width
  // The stores of the last group reach beyond its bytes.
  let slack = 32
  values.withUnsafeBufferPointer { source in
    guard width > 0, let base = source.baseAddress else { return }
    output.append(addingCapacity: byteCount + slack) { span in
      span.withUnsafeMutableBufferPointer { buffer, used in
        var target = UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped)
        let full = count / 8
        packGroups(base, &target, groups: full, width: width)
        if full < groups {
          withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 8) { padded in
            padded.initialize(repeating: 0)
            for index in full * 8..<count { padded[index - full * 8] = base[index] }
            packGroups(padded.baseAddress.unsafelyUnwrapped, &target, groups: 1, width: width)
          }
        }
        used = byteCount
      }
    }
  }
}

/// Packs whole groups of eight values into `width` bytes each.
@inline(__always)
private func packGroups(
  _ values: UnsafePointer<UInt32>, _ target: inout UnsafeMutableRawPointer, groups: Int, width: Int
) {
  let shift = UInt64(truncatingIfNeeded: width)
  var source = values
  for _ in 0..<groups {
    @inline(__always) func pair(_ index: Int) -> UInt64 {
      UInt64(source[index]) | (UInt64(source[index &+ 1]) &<< shift)
    }
    if width <= 16 {
      let low = pair(0) | (pair(2) &<< (2 &* shift))
      let high = pair(4) | (pair(6) &<< (2 &* shift))
      // Four values fill 4 * width bits; a shift by 64 (width 16) must not wrap to a shift by 0.
      target.storeBytes(of: low | (high << (4 &* shift)), as: UInt64.self)
      target.storeBytes(of: high >> (64 &- 4 &* shift), toByteOffset: 8, as: UInt64.self)
    } else {
      // Each pair fills 34 to 64 bits: put down one pair at a time, joining the byte it shares with the last.
      var bit = 0
      for index in 0..<4 {
        let word = pair(index &* 2)
        let offset = bit &>> 3
        let inner = UInt64(truncatingIfNeeded: bit & 7)
        let shared = inner == 0 ? 0 : UInt64(target.load(fromByteOffset: offset, as: UInt8.self))
        target.storeBytes(of: shared | (word &<< inner), toByteOffset: offset, as: UInt64.self)
        let spill = inner == 0 ? 0 : UInt8(truncatingIfNeeded: word &>> (64 &- inner))
        target.storeBytes(of: spill, toByteOffset: offset &+ 8, as: UInt8.self)
        bit &+= 2 &* width
      }
    }
    source += 8
    target += width
  }
}

/// How many elements from `start` on equal the one at `start`.
public func lengthOfRun(_ values: Span<UInt32>, from start: Int) -> Int {
  precondition(start >= 0 && start < values.count, "a position among the values")
  return values.withUnsafeBufferPointer { buffer in
    let base = buffer.baseAddress.unsafelyUnwrapped
    let first = base[start]
    var index = start &+ 1
    while index < buffer.count, base[index] == first { index &+= 1 }
    return index &- start
  }
}

/// The first group of eight, counted from `start` in steps of eight, whose values are all equal; `values.count` (or the
/// start of the last, incomplete group) when there is none.
public func nextUniformGroup(_ values: Span<UInt32>, from start: Int) -> Int {
  precondition(start >= 0 && start <= values.count, "a position among the values")
  return values.withUnsafeBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return start }
    var index = start
    while index &+ 8 <= buffer.count {
      let group = UnsafeRawPointer(base + index).loadUnaligned(as: SIMD8<UInt32>.self)
      let difference = group ^ SIMD8(repeating: group[0])
      let folded = difference.lowHalf | difference.highHalf
      let half = folded.lowHalf | folded.highHalf
      if half[0] | half[1] == 0 { return index }
      index &+= 8
    }
    return index
  }
}

/// The largest of the values; 0 when there are none.
public func maximum(_ values: Span<UInt32>) -> UInt32 {
  values.withUnsafeBufferPointer { buffer in
    var largest: UInt32 = 0
    for value in buffer { largest = max(largest, value) }
    return largest
  }
}
