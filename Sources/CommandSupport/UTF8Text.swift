/// Characters in bytes that claim to be UTF-8.
enum UTF8Text {
  /// The character at a position and how many bytes it takes; U+FFFD of one byte where there is none.
  ///
  /// Refused are truncated and overlong forms, surrogates, and values above U+10FFFF (Unicode 16, table 3-7).
  static func scalar(in bytes: ArraySlice<UInt8>, at index: Int) -> (Unicode.Scalar, Int) {
    let replacement: (Unicode.Scalar, Int) = ("\u{FFFD}", 1)
    let lead = bytes[index]
    guard lead >= 0x80 else { return (Unicode.Scalar(lead), 1) }
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
    guard lead >= 0xC2, lead <= 0xF4, bytes.endIndex - index >= length else { return replacement }
    var value = UInt32(lead) & (0xFF >> UInt32(length + 1))
    for offset in 1..<length {
      let byte = bytes[index + offset]
      guard byte & 0xC0 == 0x80 else { return replacement }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x1_0000
    guard value >= smallest, let scalar = Unicode.Scalar(value) else { return replacement }
    return (scalar, length)
  }

  /// Whether a character must not reach a reader as it stands: it changes the direction in which text runs, by which
  /// a file could show other than it holds, or ends a line for some readers of lines (U+2028, U+2029).
  static func isTreacherous(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// How many columns of a terminal bytes of UTF-8 take.
  static func width(of bytes: ArraySlice<UInt8>) -> Int {
    var width = 0
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let (scalar, length) = scalar(in: bytes, at: index)
      width += columns(of: scalar)
      index += length
    }
    return width
  }

  /// The end of the longest beginning that takes at most this many columns.
  static func end(of bytes: ArraySlice<UInt8>, columns limit: Int) -> Int {
    var width = 0
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let (scalar, length) = scalar(in: bytes, at: index)
      width += columns(of: scalar)
      if width > limit { return index }
      index += length
    }
    return index
  }

  /// 0 for marks that combine with the character before them, 2 for wide characters of East Asia and emoji, else 1.
  private static func columns(of scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    switch value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
      0x1F900...0x1F9FF, 0x2_0000...0x3_FFFD:
      return 2
    default: return 1
    }
  }
}
