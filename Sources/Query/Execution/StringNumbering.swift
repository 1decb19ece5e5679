internal import Columnar
internal import Kernels

/// Numbers distinct byte strings from 0 on, in the order in which they first occur.
struct StringNumbering {
  /// The strings in the order of their numbers.
  private(set) var keys = ByteStrings()
  private var hashes: [UInt32] = []
  private var slots = [UInt32](repeating: 0, count: 1 << 10)

  /// Adds the numbers of strings.
  ///
  /// - Throws: ``QueryError`` with ``QueryError/Code/limit`` where the distinct ones fill more than 2 GiB.
  mutating func number(
    _ strings: ByteStrings, rows: Range<Int>, appendingTo numbers: inout [UInt32]
  ) throws(QueryError) {
    var next = rows.lowerBound
    while next < rows.upperBound {
      let found = unsafe lookUpKeys(
        offsets: strings.offsets.span, bytes: strings.bytes.span.bytes, rows: next..<rows.upperBound, slots: slots.span,
        keyOffsets: keys.offsets.span, keyBytes: keys.bytes.span.bytes, keyHashes: hashes.span, codes: &numbers)
      next += found.done
      if next == rows.upperBound { return }
      let key = strings[next]
      guard keys.bytes.count + key.count <= Int(Int32.max) else {
        throw QueryError(.limit, "the distinct texts of a key fill more than 2 GiB")
      }
      add(key, hash: found.hash)
      numbers.append(UInt32(truncatingIfNeeded: keys.count - 1))
      next += 1
    }
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

  /// About how many bytes are in use.
  var byteCount: Int { keys.bytes.count + keys.count * 8 + slots.count * 4 }
}
