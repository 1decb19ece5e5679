/// A 32-bit hash of a byte string; equal strings give equal hashes within one process and build.
@inline(__always)
private func hash(_ bytes: UnsafeRawPointer, _ count: Int) -> UInt32 {
  var state: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: count)
  var at = 0
  while at &+ 16 < count {
    state = fold(load64(bytes, at) ^ state, load64(bytes, at &+ 8) ^ 0xE703_7ED1_A0B4_28DB)
    at &+= 16
  }
  // The last one to sixteen bytes, by two loads that may overlap.
  let left = count &- at
  var low: UInt64 = 0
  var high: UInt64 = 0
  if left >= 8 {
    low = load64(bytes, at)
    high = load64(bytes, count &- 8)
  } else if left >= 4 {
    low = UInt64(load32(bytes, at))
    high = UInt64(load32(bytes, count &- 4))
  } else if left > 0 {
    low = UInt64(bytes.load(fromByteOffset: at, as: UInt8.self))
    high =
      UInt64(bytes.load(fromByteOffset: at &+ left / 2, as: UInt8.self)) &<< 8
      | UInt64(bytes.load(fromByteOffset: count &- 1, as: UInt8.self))
  }
  let mixed = fold(low ^ state, high ^ 0x8EBC_6AF0_9C88_C6E3)
  return UInt32(truncatingIfNeeded: mixed ^ (mixed &>> 32))
}

/// Both halves of the product, folded.
@inline(__always)
private func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let product = a.multipliedFullWidth(by: b)
  return product.high ^ product.low
}

/// Whether two stretches of bytes are equal.
@inline(__always)
private func equal(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, _ count: Int) -> Bool {
  if count < 4 {
    for at in 0..<count
    where a.load(fromByteOffset: at, as: UInt8.self) != b.load(fromByteOffset: at, as: UInt8.self) {
      return false
    }
    return true
  }
  if count < 8 {
    return load32(a, 0) == load32(b, 0) && load32(a, count &- 4) == load32(b, count &- 4)
  }
  var at = 0
  while at &+ 8 < count {
    if load64(a, at) != load64(b, at) { return false }
    at &+= 8
  }
  return load64(a, count &- 8) == load64(b, count &- 8)
}

/// Adds the codes of byte strings that are among the keys, up to the first that is not.
///
/// The table is that of `numberKeys64`; beside the keys lie their hashes.
///
/// - Returns: how many strings were done, and the hash of the next one when it is not among the keys.
/// - Precondition: `rows` are strings of `offsets`, whose values rise within `bytes`; likewise the keys; the table is a
///   power of two with a free slot.
public func lookUpKeys(
  offsets: Span<Int32>, bytes: RawSpan, rows: Range<Int>, slots: Span<UInt32>, keyOffsets: Span<Int32>,
  keyBytes: RawSpan, keyHashes: Span<UInt32>, codes: inout [UInt32]
) -> (done: Int, hash: UInt32) {
  precondition(rows.lowerBound >= 0 && rows.upperBound < offsets.count, "rows of the strings")
  precondition(slots.count.nonzeroBitCount == 1, "a table of a power of two")
  var done = 0
  var missed: UInt32 = 0
  if rows.isEmpty { return (0, 0) }
  let mask = slots.count &- 1
  withBuffers(offsets, bytes, keyOffsets, keyBytes) { ends, source, keyEnds, keySource in
    slots.withUnsafeBufferPointer { table in
      keyHashes.withUnsafeBufferPointer { hashes in
        codes.append(addingCapacity: rows.count) { output in
          output.withUnsafeMutableBufferPointer { target, used in
            scan: while done < rows.count {
              let start = Int(ends[rows.lowerBound &+ done])
              let length = Int(ends[rows.lowerBound &+ done &+ 1]) &- start
              let hashed = hash(source + start, length)
              var at = Int(hashed) & mask
              while true {
                let code = Int(table[at]) &- 1
                if code < 0 {
                  missed = hashed
                  break scan
                }
                let keyStart = Int(keyEnds[code])
                if hashes[code] == hashed, Int(keyEnds[code &+ 1]) &- keyStart == length,
                  equal(source + start, keySource + keyStart, length)
                {
                  target[done] = UInt32(truncatingIfNeeded: code)
                  break
                }
                at = (at &+ 1) & mask
              }
              done &+= 1
            }
            used = done
          }
        }
      }
    }
  }
  return (done, missed)
}

/// The four stretches of memory that a look-up reads; an empty one is given as some valid address.
@inline(__always)
private func withBuffers(
  _ offsets: Span<Int32>, _ bytes: RawSpan, _ keyOffsets: Span<Int32>, _ keyBytes: RawSpan,
  _ body: (UnsafePointer<Int32>, UnsafeRawPointer, UnsafePointer<Int32>, UnsafeRawPointer) -> Void
) {
  offsets.withUnsafeBufferPointer { ends in
    keyOffsets.withUnsafeBufferPointer { keyEnds in
      bytes.withUnsafeBytes { source in
        keyBytes.withUnsafeBytes { keys in
          let table = ends.baseAddress.unsafelyUnwrapped
          body(
            table, source.baseAddress ?? UnsafeRawPointer(table), keyEnds.baseAddress.unsafelyUnwrapped,
            keys.baseAddress ?? UnsafeRawPointer(table))
        }
      }
    }
  }
}
