internal import Columnar

/// Numbers distinct byte strings from 0 on, in the order in which they first occur.
struct StringNumbering {
  private var distinct = DistinctStrings()

  /// The strings in the order of their numbers.
  var keys: ByteStrings { distinct.keys }
  /// About how many bytes are in use.
  var byteCount: Int { distinct.byteCount }

  /// Adds the numbers of strings.
  ///
  /// - Throws: ``QueryError`` with ``QueryError/Code/limit`` where the distinct ones fill more than 2 GiB.
  mutating func number(
    _ strings: ByteStrings, rows: Range<Int>, appendingTo numbers: inout [UInt32]
  ) throws(QueryError) {
    var next = rows.lowerBound
    while true {
      let found = distinct.find(strings, rows: next..<rows.upperBound, appendingTo: &numbers)
      next += found.done
      if next == rows.upperBound { return }
      let key = strings[next]
      guard distinct.keys.bytes.count + key.count <= Int(Int32.max) else {
        throw QueryError(.limit, "the distinct texts of a key fill more than 2 GiB")
      }
      numbers.append(distinct.add(key, hash: found.hash))
      next += 1
    }
  }
}
