/// Writes JSON, member by member; absent values leave no member.
package struct JSONText {
  /// The bytes so far.
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  /// Starts empty.
  package init() {}

  /// The text so far.
  package var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Begins an object, as a member where it has a name.
  package mutating func open(_ name: String? = nil, _ bracket: Unicode.Scalar = "{") {
    begin(name)
    bytes.append(UInt8(ascii: bracket))
    needsComma = false
  }

  /// Ends an object or array.
  package mutating func close(_ bracket: Unicode.Scalar = "}") {
    bytes.append(UInt8(ascii: bracket))
    needsComma = true
  }

  /// Ends a line.
  package mutating func endLine() {
    bytes.append(UInt8(ascii: "\n"))
    needsComma = false
  }

  /// A text.
  package mutating func member(_ name: String?, _ value: String?) {
    guard let value else { return }
    begin(name)
    quote(value)
    needsComma = true
  }

  /// A number.
  package mutating func member(_ name: String?, _ value: (some BinaryInteger)?) {
    if let value { raw(name, String(value)) }
  }

  /// A truth value.
  package mutating func member(_ name: String?, _ value: Bool?) {
    if let value { raw(name, value ? "true" : "false") }
  }

  /// Texts in order.
  package mutating func member(_ name: String?, _ values: [String]?) {
    guard let values else { return }
    open(name, "[")
    for value in values { member(nil, value) }
    close("]")
  }

  /// Texts by name, sorted by it, so that equal maps make equal texts.
  package mutating func member(_ name: String?, _ values: [String: String?]?) {
    guard let values else { return }
    open(name)
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      if let value { member(key, value) } else { raw(key, "null") }
    }
    close()
  }

  /// A value that is JSON already.
  package mutating func raw(_ name: String?, _ json: String) {
    begin(name)
    bytes += json.utf8
    needsComma = true
  }

  private mutating func begin(_ name: String?) {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    guard let name else { return }
    quote(name)
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    defer { bytes.append(UInt8(ascii: "\"")) }
    guard text.utf8.contains(where: { $0 < 32 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
      bytes += text.utf8
      return
    }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 10: bytes += "\\n".utf8
      case ..<32:
        let digits = String(byte, radix: 16)
        bytes += (byte < 16 ? "\\u000\(digits)" : "\\u00\(digits)").utf8
      default: bytes.append(byte)
      }
    }
  }
}
