/// Text of a page, in which whatever comes from data is escaped on the way in.
///
/// A literal is taken as it stands, a value that is put into it is escaped: `"<td>\(name)</td>"`. What is HTML already
/// is a value of this type, and goes in as it is.
struct HTML: ExpressibleByStringInterpolation, Sendable {
  private(set) var text: String

  init(stringLiteral value: String) { text = value }

  init(stringInterpolation interpolation: Interpolation) { text = interpolation.text }

  /// Collects the parts.
  struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity * 2) }

    mutating func appendLiteral(_ literal: String) { text += literal }

    mutating func appendInterpolation(_ value: String) { text += HTML.escape(value) }

    mutating func appendInterpolation(_ value: some BinaryInteger) { text += String(value) }

    mutating func appendInterpolation(_ value: HTML) { text += value.text }

    mutating func appendInterpolation(_ values: [HTML]) { for value in values { text += value.text } }
  }

  static func += (left: inout HTML, right: HTML) { left.text += right.text }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): false
    default: (0x20...0x7e).contains(byte)
    }
  }

  /// What cannot end a text or an attribute. Characters that turn the direction of writing, or that no page may hold,
  /// become a visible mark: a name must not change how what follows it reads.
  static func escape(_ value: String) -> String {
    // Nearly all that is shown is numbers and plain words.
    if value.utf8.allSatisfy(isPlain) { return value }
    var text = ""
    text.reserveCapacity(value.utf8.count)
    for scalar in value.unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&#39;"
      case "\u{0}"..."\u{8}", "\u{b}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{200e}"..."\u{200f}",
        "\u{202a}"..."\u{202e}", "\u{2066}"..."\u{2069}":
        text += "\u{fffd}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension String {
  /// A name as it is shown: no longer than fits.
  var shownName: String { count > 40 ? "\(prefix(39))…" : self }
}
