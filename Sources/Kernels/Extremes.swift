// Smallest and largest of numbers that lie back to back at any alignment.

/// The smallest and largest of signed 32-bit numbers; `nil` when there are none.
public func extremesInt32(_ values: RawSpan) -> (min: Int32, max: Int32)? { extremes(values) }

/// The smallest and largest of signed 64-bit numbers; `nil` when there are none.
public func extremesInt64(_ values: RawSpan) -> (min: Int64, max: Int64)? { extremes(values) }

/// The smallest and largest of unsigned 32-bit numbers; `nil` when there are none.
public func extremesUInt32(_ values: RawSpan) -> (min: UInt32, max: UInt32)? { extremes(values) }

/// The smallest and largest of unsigned 64-bit numbers; `nil` when there are none.
public func extremesUInt64(_ values: RawSpan) -> (min: UInt64, max: UInt64)? { extremes(values) }

/// The smallest and largest of doubles, NaN left out and counted; (infinity, -infinity) when no number is left.
public func extremesDouble(_ values: RawSpan) -> (min: Double, max: Double, nanCount: Int) { floatExtremes(values) }

/// The smallest and largest of floats, NaN left out and counted; (infinity, -infinity) when no number is left.
public func extremesFloat(_ values: RawSpan) -> (min: Float, max: Float, nanCount: Int) { floatExtremes(values) }

@inline(__always)
private func extremes<T: FixedWidthInteger & BitwiseCopyable>(_ values: RawSpan) -> (min: T, max: T)? {
  let stride = MemoryLayout<T>.stride
  if values.byteCount < stride { return nil }
  return values.withUnsafeBytes { bytes in
    let base = bytes.baseAddress.unsafelyUnwrapped
    var low = T.max
    var high = T.min
    for index in 0..<bytes.count / stride {
      let value = base.loadUnaligned(fromByteOffset: index &* stride, as: T.self)
      low = min(low, value)
      high = max(high, value)
    }
    return (low, high)
  }
}

@inline(__always)
private func floatExtremes<T: BinaryFloatingPoint & BitwiseCopyable>(
  _ values: RawSpan
) -> (min: T, max: T, nanCount: Int) {
  let stride = MemoryLayout<T>.stride
  var low = T.infinity
  var high = -T.infinity
  var nans = 0
  values.withUnsafeBytes { bytes in
    guard let base = bytes.baseAddress else { return }
    for index in 0..<bytes.count / stride {
      let value = base.loadUnaligned(fromByteOffset: index &* stride, as: T.self)
      // Comparisons with NaN are false, so NaN never gets in.
      low = value < low ? value : low
      high = value > high ? value : high
      let isNaN: UInt8 = value != value ? 1 : 0
      nans &+= Int(isNaN)
    }
  }
  return (low, high, nans)
}

/// The positions of the smallest and largest byte string of `rows` by unsigned comparison; `nil` when there are none.
///
/// - Precondition: `rows` are strings of `offsets`, whose values rise within `bytes`.
public func extremeByteStrings(
  offsets: Span<Int32>, bytes: RawSpan, rows: Range<Int>
) -> (min: Int, max: Int)? {
  precondition(rows.lowerBound >= 0 && rows.upperBound < offsets.count, "rows of the strings")
  guard !rows.isEmpty else { return nil }
  return offsets.withUnsafeBufferPointer { ends in
    bytes.withUnsafeBytes { source in
      @inline(__always) func isLess(_ a: Int, _ b: Int) -> Bool {
        let first = UnsafeRawBufferPointer(rebasing: source[Int(ends[a])..<Int(ends[a &+ 1])])
        let second = UnsafeRawBufferPointer(rebasing: source[Int(ends[b])..<Int(ends[b &+ 1])])
        return first.lexicographicallyPrecedes(second)
      }
      var low = rows.lowerBound
      var high = rows.lowerBound
      for row in rows.dropFirst() {
        if isLess(row, low) { low = row } else if isLess(high, row) { high = row }
      }
      return (low, high)
    }
  }
}
