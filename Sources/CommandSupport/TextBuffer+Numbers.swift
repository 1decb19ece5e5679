extension TextBuffer {
  /// Adds a number in the shortest form that reads back as the same number; `NaN`, `Infinity`, `-Infinity`.
  mutating func append(double value: Double) {
    // n / 100 with n of at most 12 digits: distinct decimals of up to 15 digits are distinct doubles, so where the
    // quotient gives back the value, these digits without trailing zeros are the shortest.
    let magnitude = value.magnitude
    if magnitude < 1e10 {
      let hundredths = (magnitude * 100).rounded()
      if hundredths / 100 == magnitude {
        return append(hundredths: UInt64(hundredths), isNegative: value.sign == .minus)
      }
    }
    guard value.isFinite else { return appendNonFinite(isNaN: value.isNaN, isNegative: value.sign == .minus) }
    append(value.description)
  }

  /// Adds a number in the shortest form that reads back as the same single-precision number.
  mutating func append(float value: Float) {
    // As above with n of at most 6 digits, which are distinct in single precision; the way over double is exact enough,
    // since no such decimal lies within 2^-29 of the middle between two floats.
    let magnitude = Double(value.magnitude)
    if magnitude < 1e4 {
      let hundredths = (magnitude * 100).rounded()
      if Float(hundredths / 100) == value.magnitude {
        return append(hundredths: UInt64(hundredths), isNegative: value.sign == .minus)
      }
    }
    guard value.isFinite else { return appendNonFinite(isNaN: value.isNaN, isNegative: value.sign == .minus) }
    append(value.description)
  }

  /// Adds a half-precision number given by its bits.
  mutating func append(halfBits bits: UInt16) {
    let value = Float16(bitPattern: bits)
    guard value.isFinite else { return appendNonFinite(isNaN: value.isNaN, isNegative: value.sign == .minus) }
    append(value.description)
  }

  private mutating func append(hundredths: UInt64, isNegative: Bool) {
    if isNegative { append(0x2D) }
    let whole = hundredths / 100
    let fraction = hundredths &- whole &* 100
    append(integer: whole)
    append(0x2E)
    if fraction % 10 == 0 {
      append(digits: fraction / 10, width: 1)
    } else {
      append(digits: fraction, width: 2)
    }
  }

  private mutating func appendNonFinite(isNaN: Bool, isNegative: Bool) {
    append(isNaN ? "NaN" : isNegative ? "-Infinity" : "Infinity")
  }

  /// Adds `unscaled × 10^-scale` exactly; the sign apart, so that `digits` may have any length.
  ///
  /// A scale below 0 adds zeros; scales come from a schema and are bounded here to 1,000 either way.
  mutating func appendDecimal(digits: ArraySlice<UInt8>, isNegative: Bool, scale: Int) {
    let scale = min(max(scale, -1_000), 1_000)
    if isNegative { append(0x2D) }
    guard scale > 0 else {
      append(contentsOf: digits)
      if scale < 0, digits != [0x30] { append(contentsOf: repeatElement(0x30, count: -scale)) }
      return
    }
    let whole = digits.count - scale
    if whole > 0 {
      append(contentsOf: digits.prefix(whole))
      append(0x2E)
      append(contentsOf: digits.suffix(scale))
    } else {
      append(0x30)
      append(0x2E)
      append(contentsOf: repeatElement(0x30, count: -whole))
      append(contentsOf: digits)
    }
  }

  /// Adds a decimal whose unscaled value fits 64 bits.
  mutating func appendDecimal(unscaled: Int64, scale: Int) {
    var digits = TextBuffer()
    digits.append(integer: unscaled.magnitude)
    digits.withBytes { appendDecimal(digits: $0, isNegative: unscaled < 0, scale: scale) }
  }

  /// Adds a decimal whose unscaled value is big-endian two's complement; quadratic in its length, which is refused
  /// (shown as base64) above 128 bytes.
  mutating func appendDecimal(bigEndian bytes: ArraySlice<UInt8>, scale: Int) {
    guard bytes.count <= 128 else { return appendBase64(bytes) }
    let isNegative = (bytes.first ?? 0) & 0x80 != 0
    if bytes.count <= 8 {
      let value = bytes.reduce(isNegative ? Int64(-1) : 0) { ($0 << 8) | Int64($1) }
      return appendDecimal(unscaled: value, scale: scale)
    }
    var limbs = TextBuffer.magnitudeLimbs(bytes, isNegative: isNegative)
    // Nine digits at a time, from the lowest: long division by 10^9.
    var groups: [UInt32] = []
    while !limbs.isEmpty {
      var remainder: UInt64 = 0
      for index in limbs.indices {
        let current = remainder << 32 | UInt64(limbs[index])
        limbs[index] = UInt32(truncatingIfNeeded: current / 1_000_000_000)
        remainder = current % 1_000_000_000
      }
      groups.append(UInt32(truncatingIfNeeded: remainder))
      if let first = limbs.firstIndex(where: { $0 != 0 }) {
        limbs.removeSubrange(..<first)
      } else {
        limbs.removeAll()
      }
    }
    var digits = TextBuffer()
    digits.append(integer: UInt64(groups.last ?? 0))
    for group in groups.dropLast().reversed() { digits.append(digits: UInt64(group), width: 9) }
    digits.withBytes { appendDecimal(digits: $0, isNegative: isNegative, scale: scale) }
  }

  /// The absolute value of a two's complement number as 32-bit limbs, highest first.
  private static func magnitudeLimbs(_ bytes: ArraySlice<UInt8>, isNegative: Bool) -> [UInt32] {
    let padding: [UInt8] = Array(repeating: isNegative ? 0xFF : 0, count: (4 - bytes.count % 4) % 4)
    let padded = padding + bytes
    var limbs = stride(from: 0, to: padded.count, by: 4).map { start in
      padded[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    }
    if isNegative {
      var carry = true
      for index in limbs.indices.reversed() {
        limbs[index] = ~limbs[index]
        if carry { (limbs[index], carry) = limbs[index].addingReportingOverflow(1) }
      }
      if carry { limbs.insert(1, at: 0) }
    }
    return limbs
  }
}
