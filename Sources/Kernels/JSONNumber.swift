/// What a number in a JSON text turned out to be.
public struct JSONNumber: Sendable {
  /// How the number can be had.
  public enum Kind: Sendable {
    /// The text at this place is no JSON number.
    case malformed
    /// Written without fraction and exponent, and within Int64: `integer` and `double` hold it.
    case integer
    /// `double` holds the nearest double.
    case double
    /// A number, but not one that two exact doubles give by one rounding: the caller converts the text.
    case inexact
  }

  /// How the number can be had.
  public var kind: Kind
  /// The value, for `integer`.
  public var integer: Int64
  /// The value, for `integer` and `double`.
  public var double: Double
  /// The offset behind the number.
  public var end: Int
}

/// Powers of ten that a double holds exactly.
private let exactPowers: InlineArray<23, Double> = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22,
]

/// Scans one JSON number (RFC 8259, section 6) that begins at `start`.
///
///     number = [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ("e" / "E") [ "+" / "-" ] 1*digit ]
///
/// Worked example: `72.5` gives mantissa 725 and exponent -1; 725 and 10 are exact doubles, so 725 / 10 is rounded once
/// and is the nearest double (W. D. Clinger, How to Read Floating Point Numbers Accurately, 1990).
///
/// - Precondition: `start` is at most `end`, and `base` has `end` readable bytes.
public func scanJSONNumber(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> JSONNumber {
  let malformed = JSONNumber(kind: .malformed, integer: 0, double: 0, end: start)
  var i = start
  let isNegative = i < end && base[i] == UInt8(ascii: "-")
  if isNegative { i &+= 1 }

  var mantissa: UInt64 = 0
  let firstDigit = i
  while i < end, base[i] &- 48 < 10 {
    mantissa = mantissa &* 10 &+ UInt64(base[i] &- 48)
    i &+= 1
  }
  var digits = i &- firstDigit
  if digits == 0 || (digits > 1 && base[firstDigit] == UInt8(ascii: "0")) { return malformed }

  var exponent = 0
  var isInteger = true
  if i < end, base[i] == UInt8(ascii: ".") {
    isInteger = false
    i &+= 1
    let fraction = i
    while i < end, base[i] &- 48 < 10 {
      mantissa = mantissa &* 10 &+ UInt64(base[i] &- 48)
      i &+= 1
    }
    if i == fraction { return malformed }
    exponent = fraction &- i
    digits &+= i &- fraction
  }
  if i < end, base[i] | 0x20 == UInt8(ascii: "e") {
    isInteger = false
    i &+= 1
    var isDown = false
    if i < end, base[i] == UInt8(ascii: "+") || base[i] == UInt8(ascii: "-") {
      isDown = base[i] == UInt8(ascii: "-")
      i &+= 1
    }
    let exponentDigits = i
    var written = 0
    while i < end, base[i] &- 48 < 10 {
      written = min(written &* 10 &+ Int(base[i] &- 48), 100_000)
      i &+= 1
    }
    if i == exponentDigits { return malformed }
    exponent &+= isDown ? 0 &- written : written
  }
  // Nineteen digits never overflow 64 bits; more may have.
  guard digits <= 19 else { return JSONNumber(kind: .inexact, integer: 0, double: 0, end: i) }
  return convert(mantissa, exponent: exponent, isNegative: isNegative, isInteger: isInteger, end: i)
}

@inline(__always)
private func convert(
  _ mantissa: UInt64, exponent: Int, isNegative: Bool, isInteger: Bool, end: Int
) -> JSONNumber {
  if isInteger && mantissa <= UInt64(Int64.max) &+ (isNegative ? 1 : 0) {
    let integer = Int64(bitPattern: isNegative ? 0 &- mantissa : mantissa)
    // The sign of -0 lives in the double alone.
    let double = isNegative ? -Double(mantissa) : Double(mantissa)
    return JSONNumber(kind: .integer, integer: integer, double: double, end: end)
  }
  guard mantissa <= 1 << 53, exponent >= -22, exponent <= 22 else {
    return JSONNumber(kind: .inexact, integer: 0, double: 0, end: end)
  }
  let magnitude =
    exponent < 0
    ? Double(mantissa) / exactPowers[0 &- exponent] : Double(mantissa) * exactPowers[exponent]
  return JSONNumber(kind: .double, integer: 0, double: isNegative ? -magnitude : magnitude, end: end)
}
