/// Adds the values of `rows` whose validity bit is set.
///
/// - Precondition: `values` has all `rows`, `validity` a bit for each of them.
@inlinable
public func compactValues<T: BitwiseCopyable>(
  _ values: Span<T>, rows: Range<Int>, validity: Span<UInt64>, appendingTo output: inout [T]
) {
  precondition(rows.lowerBound >= 0 && rows.upperBound <= values.count, "rows of the values")
  precondition(rows.upperBound <= validity.count * 64, "rows of the validity")
  output.append(addingCapacity: rows.count) { span in
    span.withUnsafeMutableBufferPointer { buffer, used in
      values.withUnsafeBufferPointer { source in
        validity.withUnsafeBufferPointer { words in
          var kept = 0
          var row = rows.lowerBound
          while row < rows.upperBound {
            let inner = row & 63
            let step = min(rows.upperBound &- row, 64 &- inner)
            var word = words[row &>> 6] &>> UInt64(truncatingIfNeeded: inner)
            if step < 64 { word &= (1 &<< UInt64(truncatingIfNeeded: step)) &- 1 }
            if word.nonzeroBitCount == step {
              for index in 0..<step { buffer.initializeElement(at: kept &+ index, to: source[row &+ index]) }
              kept &+= step
            } else {
              while word != 0 {
                buffer.initializeElement(at: kept, to: source[row &+ word.trailingZeroBitCount])
                kept &+= 1
                word &= word &- 1
              }
            }
            row &+= step
          }
          used = kept
        }
      }
    }
  }
}

/// Adds the positions of the set bits of a range, counted from 0 at bit 0.
///
/// - Precondition: the words hold the bits named.
public func appendSetPositions(_ words: Span<UInt64>, in range: Range<Int>, to positions: inout [UInt32]) {
  precondition(range.lowerBound >= 0 && range.upperBound <= words.count * 64, "bits of the words")
  let count = countBits(words, in: range)
  words.withUnsafeBufferPointer { words in
    appendWritten(count, to: &positions) { target in
      var used = 0
      var bit = range.lowerBound
      while bit < range.upperBound {
        let inner = bit & 63
        let step = min(range.upperBound &- bit, 64 &- inner)
        var word = words[bit &>> 6] &>> UInt64(inner)
        if step < 64 { word &= (1 &<< UInt64(step)) &- 1 }
        while word != 0 {
          target[used] = UInt32(truncatingIfNeeded: bit &+ word.trailingZeroBitCount)
          used &+= 1
          word &= word &- 1
        }
        bit &+= step
      }
    }
  }
}
