package import Columnar
internal import Kernels

/// Distinct byte strings of a column chunk in order of first occurrence.
package struct StringDictionary: Sendable {
  private var distinct = DistinctStrings()

  /// The strings.
  package var keys: ByteStrings { distinct.keys }

  /// Starts empty.
  package init() {}

  /// Adds the codes of `rows` of the strings, until all are done or the entries exceed `limit` bytes.
  ///
  /// - Returns: how many strings were done.
  package mutating func encode(
    _ strings: borrowing ByteStrings, rows: Range<Int>, limit: Int, into codes: inout [UInt32]
  ) -> Int {
    var done = 0
    while true {
      let found = distinct.find(strings, rows: rows.lowerBound + done..<rows.upperBound, appendingTo: &codes)
      done += found.done
      if done == rows.count { return done }
      let next = strings[rows.lowerBound + done]
      if distinct.keys.bytes.count + next.count + 4 * distinct.keys.count > limit { return done }
      codes.append(distinct.add(next, hash: found.hash))
      done += 1
    }
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
}
