/// Cuts SQL text into tokens. Comments are `-- to the end of the line` and `/* … */`.
struct Lexer {
  private let bytes: [UInt8]
  private var at = 0
  /// The longest text of a statement, in bytes.
  static let longest = 1 << 20

  private init(_ sql: String) { bytes = Array(sql.utf8) }

  /// All tokens, the last one being the end.
  static func tokens(of sql: String) throws(QueryError) -> [Token] {
    var lexer = Lexer(sql)
    guard lexer.bytes.count <= longest else {
      throw QueryError(.syntax, "the text is longer than \(longest) bytes")
    }
    var tokens: [Token] = []
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private func peek(_ ahead: Int = 0) -> UInt8 { at + ahead < bytes.count ? bytes[at + ahead] : 0 }

  private mutating func next() throws(QueryError) -> Token {
    try skipBlanks()
    let start = at
    guard at < bytes.count else { return Token(kind: .end, text: "", range: at..<at, keyword: "") }
    let byte = peek()
    switch byte {
    case UInt8(ascii: "'"): return try quoted(.string)
    case UInt8(ascii: "\""): return try quoted(.quotedName)
    case _ where byte.isDigit || (byte == UInt8(ascii: ".") && peek(1).isDigit): return try number()
    case _ where byte.isWordStart:
      while at < bytes.count, peek().isWordStart || peek().isDigit || peek() == UInt8(ascii: "$") { at += 1 }
      return token(.word, start)
    default:
      for length in [3, 2, 1] where at + length <= bytes.count {
        let text = String(decoding: bytes[at..<at + length], as: UTF8.self)
        if Self.symbols.contains(text) {
          at += length
          return token(.symbol, start)
        }
      }
      throw QueryError(.syntax, "a character that SQL does not know", at: start..<start + 1)
    }
  }

  private static let symbols: Set<String> = [
    "(", ")", ",", ".", ";", "+", "-", "*", "/", "%", "=", "<", ">", "<=", ">=", "<>", "!=", "==", "||", "::", "[", "]",
    "{", "}", ":", "//", "^", "**", "&", "|", "<<", ">>", "~", "!~", "~~", "!~~", "->",
    "->>", "=>", "$", "?", "@", "@>", "<@", "&&", "^@", "#", "!",
  ]

  private func token(_ kind: Token.Kind, _ start: Int) -> Token {
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    return Token(kind: kind, text: text, range: start..<at, keyword: kind == .word ? text.uppercased() : text)
  }

  private mutating func skipBlanks() throws(QueryError) {
    while at < bytes.count {
      let byte = peek()
      if byte == 0x20 || (0x09...0x0D).contains(byte) {
        at += 1
      } else if byte == UInt8(ascii: "-"), peek(1) == byte {
        while at < bytes.count, peek() != 0x0A { at += 1 }
      } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
        let start = at
        at += 2
        while at < bytes.count, !(peek() == UInt8(ascii: "*") && peek(1) == UInt8(ascii: "/")) { at += 1 }
        guard at < bytes.count else { throw QueryError(.syntax, "a comment without end", at: start..<start + 2) }
        at += 2
      } else {
        return
      }
    }
  }

  /// A text or name in quotes, in which the doubled quote stands for itself.
  private mutating func quoted(_ kind: Token.Kind) throws(QueryError) -> Token {
    let start = at
    let quote = peek()
    var content: [UInt8] = []
    at += 1
    while true {
      guard at < bytes.count else { throw QueryError(.syntax, "a quote without end", at: start..<start + 1) }
      if peek() == quote {
        guard peek(1) == quote else { break }
        at += 1
      }
      content.append(peek())
      at += 1
    }
    at += 1
    return Token(
      kind: kind, text: String(decoding: content, as: UTF8.self), range: start..<at, keyword: "")
  }

  /// `12`, `1_000`, `1.5`, `.5`, `1e-3`.
  private mutating func number() throws(QueryError) -> Token {
    let start = at
    func digits(_ from: Int) -> Int {
      var end = from
      while end < bytes.count, bytes[end].isDigit || (bytes[end] == UInt8(ascii: "_") && end > from) { end += 1 }
      return end
    }
    at = digits(at)
    if peek() == UInt8(ascii: ".") { at = digits(at + 1) }
    if peek() | 0x20 == UInt8(ascii: "e") {
      let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
      let end = digits(at + 1 + sign)
      if end > at + 1 + sign { at = end }
    }
    if at < bytes.count, peek().isWordStart {
      throw QueryError(.syntax, "a number that goes on in letters", at: start..<at + 1)
    }
    var result = token(.number, start)
    result.text.removeAll { $0 == "_" }
    return result
  }
}

extension UInt8 {
  /// Whether the byte is a decimal digit.
  var isDigit: Bool { self >= 0x30 && self <= 0x39 }
  /// Whether a word may begin with the byte; all beyond ASCII may.
  fileprivate var isWordStart: Bool {
    (self | 0x20 >= UInt8(ascii: "a") && self | 0x20 <= UInt8(ascii: "z") && self < 0x80)
      || self == UInt8(ascii: "_") || self >= 0x80
  }
}
