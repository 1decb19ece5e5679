// Rows with nulls in their place against values packed close: formats store only the values that are there.

/// Adds the values of `rows` whose validity bit is set, as 64-bit patterns.
///
/// - Precondition: `values` holds 8 bytes for each row, `validity` a bit for each row.
public func compact64(
  _ values: RawSpan, rows: Range<Int>, validity: Span<UInt64>, validCount: Int, appendingTo output: inout [UInt64]
) {
  compact(values, rows: rows, validity: validity, validCount: validCount, appendingTo: &output)
}

/// Adds the values of `rows` whose validity bit is set, as 32-bit patterns.
///
/// - Precondition: `values` holds 4 bytes for each row, `validity` a bit for each row.
public func compact32(
  _ values: RawSpan, rows: Range<Int>, validity: Span<UInt64>, validCount: Int, appendingTo output: inout [UInt32]
) {
  compact(values, rows: rows, validity: validity, validCount: validCount, appendingTo: &output)
}

@inline(__always)
private func compact<T: FixedWidthInteger & BitwiseCopyable>(
  _ values: RawSpan, rows: Range<Int>, validity: Span<UInt64>, validCount: Int, appendingTo output: inout [T]
) {
  let stride = MemoryLayout<T>.stride
  precondition(rows.lowerBound >= 0 && rows.upperBound * stride <= values.byteCount, "rows of the values")
  precondition(rows.upperBound <= validity.count * 64, "rows of the validity")
  precondition(validCount == countBits(validity, in: rows), "the number of valid rows")
  values.withUnsafeBytes { bytes in
    validity.withUnsafeBufferPointer { words in
      appendWritten(validCount, to: &output) { target in
        let source = bytes.baseAddress.unsafelyUnwrapped
        let bits = words.baseAddress.unsafelyUnwrapped
        var used = 0
        var row = rows.lowerBound
        while row < rows.upperBound {
          let inner = row & 63
          let step = min(rows.upperBound &- row, 64 &- inner)
          var word = bits[row &>> 6] &>> UInt64(inner)
          if step < 64 { word &= (1 &<< UInt64(step)) &- 1 }
          if word.nonzeroBitCount == step {
            UnsafeMutableRawPointer(target + used).copyMemory(from: source + row &* stride, byteCount: step &* stride)
            used &+= step
          } else {
            while word != 0 {
              let index = row &+ word.trailingZeroBitCount
              target[used] = source.loadUnaligned(fromByteOffset: index &* stride, as: T.self)
              used &+= 1
              word &= word &- 1
            }
          }
          row &+= step
        }
      }
    }
  }
}

/// As ``spreadRows(_:rows:validity:validCount:filler:)``, for values of `width` bytes each; a null's bytes become 0.
public func spreadFixed(
  _ bytes: inout MutableSpan<UInt8>, width: Int, rows: Range<Int>, validity: Span<UInt64>, validCount: Int
) {
  precondition(width >= 0 && rows.lowerBound >= 0 && rows.upperBound * width <= bytes.count, "rows of the values")
  precondition(rows.upperBound <= validity.count * 64, "rows of the validity")
  precondition(validCount == countBits(validity, in: rows), "the number of valid rows")
  bytes.withUnsafeMutableBufferPointer { buffer in
    validity.withUnsafeBufferPointer { words in
      guard let base = buffer.baseAddress, width > 0 else { return }
      var source = rows.lowerBound &+ validCount
      var row = rows.upperBound
      while row > source {
        row &-= 1
        if (words[row &>> 6] &>> UInt64(row & 63)) & 1 == 1 {
          source &-= 1
          (base + row &* width).update(from: base + source &* width, count: width)
        } else {
          (base + row &* width).update(repeating: 0, count: width)
        }
      }
    }
  }
}

/// The same for ends of byte strings, of which element `i + 1` is the end of row `i`: a row without a value becomes an
/// empty string.
///
/// - Precondition: `offsets` has one element more than rows, those behind the ends of valid rows free.
public func spreadOffsets(
  _ offsets: inout MutableSpan<Int32>, rows: Range<Int>, validity: Span<UInt64>, validCount: Int
) {
  precondition(rows.lowerBound >= 0 && rows.upperBound < offsets.count, "rows of the strings")
  precondition(rows.upperBound <= validity.count * 64, "rows of the validity")
  precondition(validCount == countBits(validity, in: rows), "the number of valid rows")
  offsets.withUnsafeMutableBufferPointer { ends in
    validity.withUnsafeBufferPointer { words in
      var source = rows.lowerBound &+ validCount
      var row = rows.upperBound
      while row > source {
        row &-= 1
        ends[row &+ 1] = ends[source]
        if (words[row &>> 6] &>> UInt64(row & 63)) & 1 == 1 { source &-= 1 }
      }
    }
  }
}
