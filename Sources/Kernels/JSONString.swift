/// Where a JSON string ends and what is in it.
public struct JSONStringSpan: Sendable {
  /// The offset of the closing quote, or -1 where the string does not end or holds a raw control character.
  public var end: Int
  /// Whether a backslash stands in it.
  public var hasEscape: Bool
  /// Whether all its bytes are ASCII.
  public var isASCII: Bool
}

/// Finds the end of a JSON string (RFC 8259, section 7) whose first byte behind the opening quote is at `start`.
///
/// Worked example: in `"a\"b"` with `start` 1 the closing quote is at 5, and an escape was seen.
///
/// - Precondition: `base` has `end` readable bytes.
public func scanJSONString(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> JSONStringSpan {
  var i = start
  var seen: UInt8 = 0
  var hasEscape = false
  while i < end {
    let byte = base[i]
    if byte == UInt8(ascii: "\"") { return JSONStringSpan(end: i, hasEscape: hasEscape, isASCII: seen < 128) }
    if byte < 32 { break }
    seen |= byte
    if byte == UInt8(ascii: "\\") {
      hasEscape = true
      i &+= 1
    }
    i &+= 1
  }
  return JSONStringSpan(end: -1, hasEscape: hasEscape, isASCII: seen < 128)
}
