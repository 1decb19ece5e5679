/// Names and values as a browser writes them into a query or a form's body: `a=1&b=x%20y`.
enum FormText {
  private static let most = 100

  static func parse(_ bytes: some Sequence<UInt8>) -> [String: String] {
    var values: [String: String] = [:]
    for pair in Array(bytes).split(separator: UInt8(ascii: "&")).prefix(most) {
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      values[decoded(parts[0])] = parts.count > 1 ? decoded(parts[1]) : ""
    }
    return values
  }

  private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
    var text: [UInt8] = []
    var rest = bytes
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): text.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        if let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16), rest.count >= 2 {
          text.append(code)
          rest = rest.dropFirst(2)
        } else {
          text.append(byte)
        }
      default: text.append(byte)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
