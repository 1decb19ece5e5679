/// Blanks out comments and string literals, so that rules look at code alone.
///
/// The result has the same lines and columns (in bytes) as the source. Code inside an interpolation counts as part of
/// its string. Regular expression literals are taken for code.
struct SwiftCode {
  private let source: [UInt8]
  private var result: [UInt8]
  private var position = 0

  /// The code of a source text, line by line.
  static func lines(of text: String) -> [String] {
    var code = SwiftCode(text)
    code.strip()
    return code.result.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private init(_ text: String) {
    source = Array(text.utf8)
    result = source
  }

  private func sees(_ text: String, at offset: Int = 0) -> Bool {
    source[min(position + offset, source.count)...].starts(with: text.utf8)
  }

  /// Goes on by some bytes, blanking all but line ends.
  private mutating func blank(_ count: Int) {
    let end = min(position + count, source.count)
    while position < end {
      if source[position] != UInt8(ascii: "\n") { result[position] = UInt8(ascii: " ") }
      position += 1
    }
  }

  private mutating func strip() {
    while position < source.count {
      if sees("//") {
        while position < source.count, !sees("\n") { blank(1) }
      } else if sees("/*") {
        blankBlockComment()
      } else if let hashes = hashesOfString() {
        blankString(hashes: hashes)
      } else {
        position += 1
      }
    }
  }

  private mutating func blankBlockComment() {
    var depth = 0
    repeat {
      if sees("/*") {
        depth += 1
        blank(2)
      } else if sees("*/") {
        depth -= 1
        blank(2)
      } else {
        blank(1)
      }
    } while depth > 0 && position < source.count
  }

  /// The number of `#` before a string that begins here, or `nil` where none begins.
  private func hashesOfString() -> Int? {
    var hashes = 0
    while sees("#", at: hashes) { hashes += 1 }
    return sees("\"", at: hashes) ? hashes : nil
  }

  private mutating func blankString(hashes: Int) {
    let fence = String(repeating: "#", count: hashes)
    blank(hashes)
    let quote = sees("\"\"\"") ? "\"\"\"" : "\""
    blank(quote.utf8.count)
    while position < source.count {
      if sees(quote + fence) {
        blank(quote.utf8.count + hashes)
        return
      } else if sees("\\" + fence + "(") {
        blank(2 + hashes)
        blankInterpolation()
      } else if sees("\\" + fence) {
        blank(2 + hashes)
      } else if quote.utf8.count == 1, sees("\n") {
        return  // Not closed: the compiler has more to say about it.
      } else {
        blank(1)
      }
    }
  }

  private mutating func blankInterpolation() {
    var depth = 1
    while depth > 0, position < source.count {
      if let hashes = hashesOfString() {
        blankString(hashes: hashes)
        continue
      }
      if sees("(") { depth += 1 }
      if sees(")") { depth -= 1 }
      blank(1)
    }
  }
}
