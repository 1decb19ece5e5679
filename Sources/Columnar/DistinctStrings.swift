internal import Kernels

/// Distinct byte strings, numbered from 0 on in the order in which they were added: an open hash table over strings
/// that lie one behind the other, without an allocation per string.
package struct DistinctStrings: Sendable {
  /// The strings in the order of their numbers.
  package private(set) var keys = ByteStrings()
  private var hashes: [UInt32] = []
  /// A string's number and 1, at the first free place from its hash on; 0 where free. At most half are taken.
  private var slots = [UInt32](repeating: 0, count: 1 << 10)

  /// Starts empty.
  package init() {}

  /// Adds the numbers of strings to `numbers`, up to the first string that is new.
  ///
  /// - Returns: how many strings were numbered, and the hash of the next one for ``add(_:hash:)``.
  package func find(
    _ strings: borrowing ByteStrings, rows: Range<Int>, appendingTo numbers: inout [UInt32]
  ) -> (done: Int, hash: UInt32) {
    unsafe lookUpKeys(
      offsets: strings.offsets.span, bytes: strings.bytes.span.bytes, rows: rows, slots: slots.span,
      keyOffsets: keys.offsets.span, keyBytes: keys.bytes.span.bytes, keyHashes: hashes.span, codes: &numbers)
  }

  /// Adds a new string and gives its number.
  ///
  /// - Parameter hash: what ``find(_:rows:appendingTo:)`` has returned for it.
  package mutating func add(_ key: ArraySlice<UInt8>, hash: UInt32) -> UInt32 {
    keys.append(key)
    hashes.append(hash)
    if keys.count * 2 > slots.count {
      slots = [UInt32](repeating: 0, count: slots.count * 4)
      for number in hashes.indices { insert(number) }
    } else {
      insert(keys.count - 1)
    }
    return UInt32(truncatingIfNeeded: keys.count - 1)
  }

  private mutating func insert(_ number: Int) {
    let mask = slots.count - 1
    var at = Int(hashes[number]) & mask
    while slots[at] != 0 { at = (at + 1) & mask }
    slots[at] = UInt32(number + 1)
  }

  /// About how many bytes are in use.
  package var byteCount: Int { keys.bytes.count + keys.count * 8 + slots.count * 4 }
}
