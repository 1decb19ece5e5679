extension TextBuffer {
  /// Adds text as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD, and control characters,
  /// C1 and DEL included, escapes.
  mutating func appendJSONString(_ text: String) {
    appendJSONString(Array(text.utf8)[...])
  }

  /// Adds bytes of UTF-8 as a JSON string with its quotes.
  mutating func appendJSONString(_ bytes: ArraySlice<UInt8>) {
    append(0x22)
    appendEscaped(bytes, escaping: [0x22, 0x5C]) { text, scalar in
      switch scalar.value {
      case 0x22: text.append("\\\"")
      case 0x5C: text.append("\\\\")
      case 0x08: text.append("\\b")
      case 0x09: text.append("\\t")
      case 0x0A: text.append("\\n")
      case 0x0C: text.append("\\f")
      case 0x0D: text.append("\\r")
      default: text.appendUnicodeEscape(scalar.value)
      }
    }
    append(0x22)
  }

  /// Adds text for a person's terminal: control characters, and those that turn the direction of text, become escapes,
  /// so that no file can command the terminal or hide what it holds.
  mutating func appendPrintable(_ text: String) {
    appendPrintable(Array(text.utf8)[...])
  }

  /// Adds bytes of UTF-8 for a person's terminal. The backslash itself stays as it is.
  mutating func appendPrintable(_ bytes: ArraySlice<UInt8>) {
    appendEscaped(bytes, escaping: []) { text, scalar in
      switch scalar.value {
      case 0x09: text.append("\\t")
      case 0x0A: text.append("\\n")
      case 0x0D: text.append("\\r")
      default: text.appendUnicodeEscape(scalar.value)
      }
    }
  }

  /// Adds text for a tab-separated cell: tab, line ends and backslash as `\t`, `\n`, `\r`, `\\`.
  mutating func appendTabSeparated(_ bytes: ArraySlice<UInt8>) {
    appendEscaped(bytes, escaping: [0x5C]) { text, scalar in
      switch scalar.value {
      case 0x09: text.append("\\t")
      case 0x0A: text.append("\\n")
      case 0x0D: text.append("\\r")
      case 0x5C: text.append("\\\\")
      default: text.appendUnicodeEscape(scalar.value)
      }
    }
  }

  /// Adds text for a cell of a Markdown table: the bar escaped, line ends as `<br>`.
  mutating func appendMarkdown(_ bytes: ArraySlice<UInt8>) {
    appendEscaped(bytes, escaping: [0x7C, 0x5C]) { text, scalar in
      switch scalar.value {
      case 0x0A: text.append("<br>")
      case 0x0D: break
      case 0x7C: text.append("\\|")
      case 0x5C: text.append("\\\\")
      default: text.appendUnicodeEscape(scalar.value)
      }
    }
  }

  /// Adds a field of a CSV record (RFC 4180): quoted where it holds a comma, a quote or a line end, or is empty, since
  /// an empty field without quotes is null.
  mutating func appendCSV(_ bytes: ArraySlice<UInt8>) {
    let needsQuotes =
      bytes.isEmpty || bytes.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
      || bytes.first == 0x20 || bytes.last == 0x20
    if needsQuotes { append(0x22) }
    reserve(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte < 0x80 {
        if byte == 0x22 { append(0x22) }
        append(byte)
        index += 1
      } else {
        let (scalar, length) = UTF8Text.scalar(in: bytes, at: index)
        append(scalar: scalar)
        index += length
      }
    }
    if needsQuotes { append(0x22) }
  }

  /// Adds bytes as base64 with padding (RFC 4648).
  mutating func appendBase64(_ bytes: ArraySlice<UInt8>) {
    let alphabet = TextBuffer.base64Alphabet
    reserve((bytes.count + 2) / 3 * 4)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let left = bytes.endIndex - index
      let second = left > 1 ? UInt32(bytes[index + 1]) : 0
      let third = left > 2 ? UInt32(bytes[index + 2]) : 0
      let group = UInt32(bytes[index]) << 16 | second << 8 | third
      append(alphabet[Int(group >> 18)])
      append(alphabet[Int(group >> 12 & 63)])
      append(left > 1 ? alphabet[Int(group >> 6 & 63)] : 0x3D)
      append(left > 2 ? alphabet[Int(group & 63)] : 0x3D)
      index += 3
    }
  }

  /// Adds 16 bytes as a UUID in its text form; bytes of another length as base64.
  mutating func appendUUID(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count == 16 else { return appendBase64(bytes) }
    for (position, byte) in bytes.enumerated() {
      if position == 4 || position == 6 || position == 8 || position == 10 { append(0x2D) }
      append(TextBuffer.hexDigits[Int(byte >> 4)])
      append(TextBuffer.hexDigits[Int(byte & 15)])
    }
  }

  /// Adds one character.
  mutating func append(scalar: Unicode.Scalar) {
    append(contentsOf: scalar.utf8)
  }

  private mutating func appendUnicodeEscape(_ value: UInt32) {
    append("\\u")
    for shift in stride(from: UInt32(12), through: 0, by: -4) {
      append(TextBuffer.hexDigits[Int(value >> shift & 15)])
    }
  }

  /// Copies harmless runs as they are and hands every other character to `escape`: controls, what
  /// ``UTF8Text/isTreacherous(_:)`` names, and the ASCII characters of `special`.
  @inline(__always)
  private mutating func appendEscaped(
    _ bytes: ArraySlice<UInt8>, escaping special: [UInt8], _ escape: (inout TextBuffer, Unicode.Scalar) -> Void
  ) {
    reserve(bytes.count)
    let first = special.first ?? 0
    let second = special.last ?? 0
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if byte >= 0x20, byte < 0x7F, byte != first, byte != second {
        append(byte)
        index += 1
        continue
      }
      let (scalar, length) = UTF8Text.scalar(in: bytes, at: index)
      if scalar.value >= 0xA0, !UTF8Text.isTreacherous(scalar) {
        append(scalar: scalar)
      } else {
        escape(&self, scalar)
      }
      index += length
    }
  }

  private static let base64Alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let hexDigits = Array("0123456789abcdef".utf8)
}
