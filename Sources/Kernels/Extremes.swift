/// The smallest and largest of signed 64-bit numbers given by their patterns; `nil` when there are none.
public func extremesInt64(_ values: Span<UInt64>) -> (min: Int64, max: Int64)? {
  if values.isEmpty { return nil }
  return values.withUnsafeBufferPointer { buffer in
    var low = Int64.max
    var high = Int64.min
    for pattern in buffer {
      let value = Int64(bitPattern: pattern)
      low = min(low, value)
      high = max(high, value)
    }
    return (low, high)
  }
}

/// The smallest and largest of unsigned 64-bit numbers; `nil` when there are none.
public func extremesUInt64(_ values: Span<UInt64>) -> (min: UInt64, max: UInt64)? {
  if values.isEmpty { return nil }
  return values.withUnsafeBufferPointer { buffer in
    var low = UInt64.max
    var high = UInt64.min
    for value in buffer {
      low = min(low, value)
      high = max(high, value)
    }
    return (low, high)
  }
}

/// The smallest and largest of doubles given by their patterns, NaN left out and counted; an empty range (infinity,
/// minus infinity) when no number is left.
public func extremesDouble(_ values: Span<UInt64>) -> (min: Double, max: Double, nanCount: Int) {
  values.withUnsafeBufferPointer { buffer in
    var low = Double.infinity
    var high = -Double.infinity
    var nans = 0
    for pattern in buffer {
      let value = Double(bitPattern: pattern)
      // Comparisons with NaN are false, so NaN never gets in.
      low = value < low ? value : low
      high = value > high ? value : high
      let isNaN: UInt8 = value != value ? 1 : 0
      nans &+= Int(isNaN)
    }
    return (low, high, nans)
  }
}
