package import Columnar
internal import Kernels

/// Distinct byte strings in order of first occurrence.
package struct StringDictionary: Sendable {
  /// The strings.
  package private(set) var keys = ByteStrings()
  private var hashes: [UInt32] = []
  private var slots = [UInt32](repeating: 0, count: 1024)

  /// Starts empty.
  package init() {}

  /// Adds the codes of `rows` of the strings, until all are done or the entries exceed `limit` bytes.
  ///
  /// - Returns: how many strings were done.
  package mutating func encode(
    _ strings: borrowing ByteStrings, rows: Range<Int>, limit: Int, into codes: inout [UInt32]
  ) -> Int {
    var done = 0
    while done < rows.count {
      let rest = rows.lowerBound + done..<rows.upperBound
      let found = unsafe lookUpKeys(
        offsets: strings.offsets.span, bytes: strings.bytes.span.bytes, rows: rest, slots: slots.span,
        keyOffsets: keys.offsets.span, keyBytes: keys.bytes.span.bytes, keyHashes: hashes.span, codes: &codes)
      done += found.done
      if done == rows.count { break }
      let next = strings[rows.lowerBound + done]
      if keys.bytes.count + next.count + 4 * keys.count > limit { break }
      add(next, hash: found.hash)
      codes.append(UInt32(truncatingIfNeeded: keys.count - 1))
      done += 1
    }
    return done
  }

  /// The strings that the codes stand for.
  func strings(of codes: [UInt32]) -> ByteStrings {
    var dense = ByteStrings()
    let fits = unsafe gatherBytes(
      codes.span, offsets: keys.offsets.span, bytes: keys.bytes.span.bytes, appendingOffsetsTo: &dense.offsets,
      bytesTo: &dense.bytes)
    precondition(fits, "a page holds far less than 2 GiB")
    return dense
  }

  private mutating func add(_ key: ArraySlice<UInt8>, hash: UInt32) {
    keys.append(key)
    hashes.append(hash)
    if keys.count * 2 > slots.count {
      slots = [UInt32](repeating: 0, count: slots.count * 4)
      for code in hashes.indices { insert(code) }
    } else {
      insert(keys.count - 1)
    }
  }

  private mutating func insert(_ code: Int) {
    let mask = slots.count - 1
    var at = Int(hashes[code]) & mask
    while slots[at] != 0 { at = (at + 1) & mask }
    slots[at] = UInt32(code + 1)
  }
}
