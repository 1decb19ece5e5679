// Byte strings with a length before each: four bytes little-endian, then the bytes themselves.
// "ab", "" and "c" are 02 00 00 00 61 62 00 00 00 00 01 00 00 00 63.
// Specification: apache/parquet-format, Encodings.md, "Plain", BYTE_ARRAY.

/// Adds the strings of `rows`, each behind its length.
///
/// - Precondition: `rows` are strings of `offsets`, whose values rise within `bytes`.
public func encodePlainBytes(
  offsets: Span<Int32>, bytes: RawSpan, rows: Range<Int>, appendingTo output: inout [UInt8]
) {
  precondition(rows.lowerBound >= 0 && rows.upperBound < offsets.count, "rows of the strings")
  if rows.isEmpty { return }
  let total = Int(offsets[rows.upperBound]) - Int(offsets[rows.lowerBound]) + 4 * rows.count
  precondition(Int(offsets[rows.upperBound]) <= bytes.byteCount, "offsets within the bytes")
  offsets.withUnsafeBufferPointer { ends in
    bytes.withUnsafeBytes { source in
      appendWritten(total, to: &output) { buffer in
        var target = UnsafeMutableRawPointer(buffer)
        for row in rows {
          let start = Int(ends[row])
          let length = Int(ends[row &+ 1]) &- start
          target.storeBytes(of: UInt32(truncatingIfNeeded: length).littleEndian, as: UInt32.self)
          target += 4
          if length > 0 { target.copyMemory(from: source.baseAddress.unsafelyUnwrapped + start, byteCount: length) }
          target += length
        }
      }
    }
  }
}

/// Reads `count` strings, each behind its length: their ends to `offsets`, their bytes to `bytes`.
///
/// - Returns: how many bytes were read; `nil`, with nothing added, when a string reaches beyond `data` or the strings
///   together beyond 31 bits.
public func decodePlainBytes(
  _ data: RawSpan, count: Int, appendingOffsetsTo offsets: inout [Int32], bytesTo bytes: inout [UInt8]
) -> Int? {
  // Each string takes four bytes at least, so this bounds what is allocated.
  guard count >= 0, count <= data.byteCount / 4 else { return nil }
  if count == 0 { return 0 }
  return data.withUnsafeBytes { source in
    let base = source.baseAddress.unsafelyUnwrapped
    let start = bytes.count
    var at = 0
    for _ in 0..<count {
      guard at &+ 4 <= source.count else { return nil }
      let length = Int(load32(base, at))
      guard length <= source.count &- at &- 4 else { return nil }
      at &+= 4 &+ length
    }
    let total = at - 4 * count
    guard start + total <= Int(Int32.max) else { return nil }
    appendWritten(total, to: &bytes) { buffer in
      var from = 0
      var target = UnsafeMutableRawPointer(buffer)
      for _ in 0..<count {
        let length = Int(load32(base, from))
        target.copyMemory(from: base + from + 4, byteCount: length)
        target += length
        from &+= 4 &+ length
      }
    }
    appendWritten(count, to: &offsets) { ends in
      var from = 0
      var end = start
      for index in 0..<count {
        let length = Int(load32(base, from))
        end &+= length
        ends[index] = Int32(truncatingIfNeeded: end)
        from &+= 4 &+ length
      }
    }
    return at
  }
}
