// Numbering of distinct values by an open-addressing table: slot = code + 1, 0 = free, capacity a power of two, linear
// probing. The keys lie apart in order of their codes, so that they are the dictionary page as they stand.

/// The slot in which the search for a 64-bit pattern begins, by multiplication with the golden ratio.
@inline(__always)
private func slot(of key: UInt64, shift: UInt64) -> Int {
  Int(truncatingIfNeeded: ((key ^ (key &>> 32)) &* 0x9E37_79B9_7F4A_7C15) &>> shift)
}

/// Adds the codes of 64-bit patterns, numbering new ones, until all are done or a new one would exceed `keyLimit`.
///
/// - Returns: how many values were done.
/// - Precondition: `slots.count` is a power of two of at least twice `keyLimit`, and `values` holds whole patterns.
public func numberKeys64(
  _ values: RawSpan, slots: inout [UInt32], keys: inout [UInt64], keyLimit: Int, codes: inout [UInt32]
) -> Int {
  numberKeys(values, as: UInt64.self, slots: &slots, keys: &keys, keyLimit: keyLimit, codes: &codes)
}

/// The same for 32-bit patterns, whose keys are kept with zeros in the upper half.
public func numberKeys32(
  _ values: RawSpan, slots: inout [UInt32], keys: inout [UInt64], keyLimit: Int, codes: inout [UInt32]
) -> Int {
  numberKeys(values, as: UInt32.self, slots: &slots, keys: &keys, keyLimit: keyLimit, codes: &codes)
}

@inline(__always)
private func numberKeys<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
  _ values: RawSpan, as type: T.Type, slots: inout [UInt32], keys: inout [UInt64], keyLimit: Int, codes: inout [UInt32]
) -> Int {
  let count = values.byteCount / MemoryLayout<T>.stride
  precondition(slots.count.nonzeroBitCount == 1 && slots.count >= 2 * keyLimit, "a table at most half full")
  precondition(keys.count <= keyLimit, "keys within their limit")
  if count == 0 { return 0 }
  let shift = UInt64(64 - slots.count.trailingZeroBitCount)
  let known = keys.count
  var done = 0
  // One more than can be used, so that a full table still gives an address.
  keys.append(addingCapacity: keyLimit - known + 1) { added in
    added.withUnsafeMutableBufferPointer { newKeys, newCount in
      // The keys before and behind `known` are one piece of memory.
      let table = newKeys.baseAddress.map { $0 - known }
      done = values.withUnsafeBytes { bytes in
        slots.withUnsafeMutableBufferPointer { slots in
          numberLoop(
            bytes.baseAddress.unsafelyUnwrapped, as: type, count: count, slots: slots.baseAddress.unsafelyUnwrapped,
            shift: shift, keys: table, known: known, room: keyLimit - known, added: &newCount, codes: &codes)
        }
      }
    }
  }
  return done
}

@inline(__always)
private func numberLoop<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
  _ values: UnsafeRawPointer, as type: T.Type, count: Int, slots: UnsafeMutablePointer<UInt32>, shift: UInt64,
  keys: UnsafeMutablePointer<UInt64>?, known: Int, room: Int, added: inout Int, codes: inout [UInt32]
) -> Int {
  guard let keys else { return 0 }
  let mask = (1 &<< (64 &- Int(shift))) &- 1
  var done = 0
  var new = 0
  codes.append(addingCapacity: count) { output in
    output.withUnsafeMutableBufferPointer { buffer, used in
      let target = buffer.baseAddress.unsafelyUnwrapped
      scan: while done < count {
        let raw = values.loadUnaligned(fromByteOffset: done &* MemoryLayout<T>.stride, as: T.self)
        let key = UInt64(truncatingIfNeeded: raw)
        var at = slot(of: key, shift: shift)
        var code = slots[at]
        while code == 0 || keys[Int(truncatingIfNeeded: code) &- 1] != key {
          if code == 0 {
            if new == room { break scan }
            keys[known &+ new] = key
            new &+= 1
            code = UInt32(truncatingIfNeeded: known &+ new)
            slots[at] = code
            break
          }
          at = (at &+ 1) & mask
          code = slots[at]
        }
        target[done] = code &- 1
        done &+= 1
      }
      used = done
    }
  }
  added = new
  return done
}

/// Fills an empty table with the keys in order of their codes.
///
/// - Precondition: `slots` is all zero, a power of two, and at least twice `keys.count`.
public func rehash64(_ keys: Span<UInt64>, into slots: inout MutableSpan<UInt32>) {
  precondition(slots.count.nonzeroBitCount == 1 && slots.count >= 2 * keys.count, "a table at most half full")
  let shift = UInt64(64 - slots.count.trailingZeroBitCount)
  slots.withUnsafeMutableBufferPointer { table in
    keys.withUnsafeBufferPointer { keys in
      for code in 0..<keys.count {
        var at = slot(of: keys[code], shift: shift)
        while table[at] != 0 { at = (at &+ 1) & (table.count &- 1) }
        table[at] = UInt32(truncatingIfNeeded: code &+ 1)
      }
    }
  }
}
