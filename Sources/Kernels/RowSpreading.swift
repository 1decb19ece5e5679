/// Moves the `validCount` elements that lie close at `rows.lowerBound` to the rows whose bit is set, in place; the
/// other rows become `filler`. No branch depends on a bit, so that any mixture of valid rows and null ones takes the
/// same time. Specialised for the numbers of the format.
///
/// - Precondition: `values` has all `rows`, `validity` a bit for each of its elements.
@specialized(where T == Int32)
@specialized(where T == Int64)
@specialized(where T == Float)
@specialized(where T == Double)
public func spreadRows<T: BitwiseCopyable>(
  _ values: inout MutableSpan<T>, rows: Range<Int>, validity: Span<UInt64>, validCount: Int, filler: T
) {
  precondition(rows.lowerBound >= 0 && rows.upperBound <= values.count, "rows of the values")
  precondition(rows.upperBound <= validity.count * 64, "rows of the validity")
  precondition(validCount == countBits(validity, in: rows), "the number of valid rows")
  values.withUnsafeMutableBufferPointer { buffer in
    validity.withUnsafeBufferPointer { words in
      guard let base = buffer.baseAddress, let bits = words.baseAddress else { return }
      // From the end, so that no value is overwritten before it has been moved. Once as many rows are left as values,
      // all the rest are valid and in their place.
      var source = rows.lowerBound &+ validCount
      var row = rows.upperBound
      while row > source {
        let first = max(rows.lowerBound, (row &- 1) & ~63)
        let word = bits[first &>> 6]
        while row > first, row > source {
          row &-= 1
          let bit = Int(truncatingIfNeeded: word &>> UInt64(truncatingIfNeeded: row & 63)) & 1
          source &-= bit
          // Read whether or not it is wanted: the choice is then one of values, not of ways.
          let value = base[source]
          base[row] = bit == 1 ? value : filler
        }
      }
    }
  }
}
