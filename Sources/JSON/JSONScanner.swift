/// What is wrong with a JSON text, and at which byte.
package struct JSONError: Error {
  /// The byte, counted from 0.
  package var position: Int
  /// What is expected there.
  package var message: String

  /// Makes an error.
  package init(position: Int, message: String) {
    self.position = position
    self.message = message
  }
}

/// Reads JSON (RFC 8259) from bytes in one pass, without a tree of values: the caller asks for what it expects and
/// passes over the rest.
///
///     {"txn":{"appId":"a","version":7}}
///     ^ open  ^ nextKey   ^ string   ^ integer; then nextKey gives nil twice
///
/// Nesting of values that are passed over is limited by their length alone, since they are counted, not recursed into.
package struct JSONScanner {
  /// The text, of which ``end`` is the first byte that does not belong to it.
  package let bytes: [UInt8]
  /// The next byte that is looked at.
  package private(set) var position: Int
  /// Where the text ends.
  package let end: Int

  /// Starts at the first byte that is no white space.
  package init(_ bytes: [UInt8], in range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
    skipSpace()
  }

  /// Starts at the beginning of a whole text.
  package init(_ bytes: [UInt8]) { self.init(bytes, in: bytes.indices) }

  /// The next byte, or 0 at the end.
  package var next: UInt8 { position < end ? bytes[position] : 0 }

  /// Whether only white space was left.
  package var isAtEnd: Bool { position == end }

  /// An error at this place.
  package func failure(_ message: String) -> JSONError { JSONError(position: position, message: message) }

  private mutating func skipSpace() {
    while position < end {
      switch bytes[position] {
      case 32, 10, 13, 9: position += 1
      default: return
      }
    }
  }

  /// Takes one byte of punctuation and the white space behind it, if it comes next.
  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    skipSpace()
    return true
  }

  // MARK: Structure

  /// Enters an object.
  package mutating func openObject() throws(JSONError) {
    guard take(UInt8(ascii: "{")) else { throw failure("an object is expected") }
  }

  /// Enters an array.
  package mutating func openArray() throws(JSONError) {
    guard take(UInt8(ascii: "[")) else { throw failure("an array is expected") }
  }

  /// The next key of the object entered last, or `nil` at its end; `count` is 0 before the first.
  package mutating func nextKey(_ count: inout Int) throws(JSONError) -> String? {
    guard try nextItem(&count, closing: UInt8(ascii: "}")) else { return nil }
    let key = try string()
    guard take(UInt8(ascii: ":")) else { throw failure("a colon is expected") }
    return key
  }

  /// Whether the array entered last has another value; `count` is 0 before the first.
  package mutating func nextValue(_ count: inout Int) throws(JSONError) -> Bool {
    try nextItem(&count, closing: UInt8(ascii: "]"))
  }

  private mutating func nextItem(_ count: inout Int, closing: UInt8) throws(JSONError) -> Bool {
    if take(closing) { return false }
    if count > 0, !take(UInt8(ascii: ",")) { throw failure("a comma is expected") }
    count += 1
    return true
  }

  // MARK: Values

  /// Takes `null`, if it comes next.
  package mutating func takeNull() throws(JSONError) -> Bool {
    guard next == UInt8(ascii: "n") else { return false }
    try word("null")
    return true
  }

  /// A truth value.
  package mutating func bool() throws(JSONError) -> Bool {
    switch next {
    case UInt8(ascii: "t"):
      try word("true")
      return true
    case UInt8(ascii: "f"):
      try word("false")
      return false
    default: throw failure("true or false is expected")
    }
  }

  private mutating func word(_ text: StaticString) throws(JSONError) {
    let count = text.utf8CodeUnitCount
    guard end - position >= count, bytes[position..<position + count].elementsEqual("\(text)".utf8) else {
      throw failure("\(text) is expected")
    }
    position += count
    skipSpace()
  }

  /// A whole number of 64 bits, written without fraction or exponent.
  package mutating func integer() throws(JSONError) -> Int64 {
    let digits = try number()
    guard let value = Int64(String(decoding: bytes[digits], as: UTF8.self)) else {
      throw failure("a whole number of 64 bits is expected")
    }
    return value
  }

  /// A number, as the double nearest to it; infinite where it is too large for any.
  package mutating func double() throws(JSONError) -> Double {
    let digits = try number()
    if let plain = plainDouble(digits) { return plain }
    // What the grammar lets pass is a number to Swift as well.
    return Double(String(decoding: bytes[digits], as: UTF8.self)) ?? .nan
  }

  /// The value of a number of at most 15 digits and without an exponent, else `nil`: digits and power of ten are exact
  /// doubles, so that their quotient is rounded once (W. D. Clinger, How to Read Floating Point Numbers Accurately,
  /// 1990).
  private func plainDouble(_ range: Range<Int>) -> Double? {
    var (whole, divisor, isFraction) = (Int64(0), 1.0, false)
    let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
    let digits = isNegative ? range.dropFirst() : range
    guard digits.count <= 16 else { return nil }
    for place in digits {
      switch bytes[place] {
      case 48...57:
        whole = whole &* 10 &+ Int64(bytes[place] &- 48)
        if isFraction { divisor *= 10 }
      case UInt8(ascii: "."): isFraction = true
      default: return nil
      }
    }
    guard whole < 1_000_000_000_000_000 else { return nil }
    let value = Double(whole) / divisor
    return isNegative ? -value : value
  }

  /// The bytes of any number: `-`? whole (`.` digits)? (`e` sign? digits)?.
  package mutating func number() throws(JSONError) -> Range<Int> {
    let start = position
    var at = start
    func byte() -> UInt8 { at < end ? bytes[at] : 0 }
    func digits() -> Int {
      let first = at
      while at < end, bytes[at] &- 48 < 10 { at += 1 }
      return at - first
    }
    if byte() == UInt8(ascii: "-") { at += 1 }
    let isZero = byte() == 48
    let whole = digits()
    var isNumber = whole > 0 && (!isZero || whole == 1)
    if byte() == UInt8(ascii: ".") {
      at += 1
      isNumber = digits() > 0 && isNumber
    }
    if byte() | 32 == UInt8(ascii: "e") {
      at += 1
      if byte() == UInt8(ascii: "-") || byte() == UInt8(ascii: "+") { at += 1 }
      isNumber = digits() > 0 && isNumber
    }
    guard isNumber, !Self.isPartOfNumber(byte()) else {
      throw JSONError(position: start, message: "a number is expected")
    }
    position = at
    skipSpace()
    return start..<at
  }

  /// Whether a byte behind a number makes it none.
  private static func isPartOfNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case 48...57, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): true
    default: false
    }
  }

  /// A text.
  package mutating func string() throws(JSONError) -> String {
    let range = try quoted()
    guard range.hasEscapes else {
      guard let text = String(validating: bytes[range.content], as: UTF8.self) else {
        throw failure("a text that is not UTF-8")
      }
      return text
    }
    return try unescaped(range.content)
  }

  /// Passes over a text; gives the bytes between its quotes.
  private mutating func quoted() throws(JSONError) -> (content: Range<Int>, hasEscapes: Bool) {
    guard next == UInt8(ascii: "\"") else { throw failure("a text is expected") }
    let start = position + 1
    var index = start
    var hasEscapes = false
    while index < end {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        position = index + 1
        skipSpace()
        return (start..<index, hasEscapes)
      }
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        index += 1
      } else if byte < 32 {
        break
      }
      index += 1
    }
    throw failure("a text without end")
  }

  /// Passes over any value; gives its bytes.
  @discardableResult
  package mutating func skip() throws(JSONError) -> Range<Int> {
    let start = position
    var closers: [UInt8] = []
    repeat {
      switch next {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        closers.append(next + 2)
        position += 1
        skipSpace()
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard closers.popLast() == next else { throw failure("brackets that do not match") }
        position += 1
        skipSpace()
      case UInt8(ascii: "\""): _ = try quoted()
      case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
      case UInt8(ascii: "n"): try word("null")
      // Inside a value that nobody asked for, the order of commas and colons does not matter.
      case UInt8(ascii: ","), UInt8(ascii: ":"):
        guard !closers.isEmpty else { throw failure("a value is expected") }
        position += 1
        skipSpace()
      default: _ = try number()
      }
    } while !closers.isEmpty
    return start..<position
  }
}

// MARK: - Escapes

extension JSONScanner {
  /// The text of a string that has escapes.
  private func unescaped(_ content: Range<Int>) throws(JSONError) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(content.count)
    var index = content.lowerBound
    while index < content.upperBound {
      guard bytes[index] == UInt8(ascii: "\\") else {
        text.append(bytes[index])
        index += 1
        continue
      }
      let escape = bytes[index + 1]
      index += 2
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
      case UInt8(ascii: "b"): text.append(8)
      case UInt8(ascii: "f"): text.append(12)
      case UInt8(ascii: "n"): text.append(10)
      case UInt8(ascii: "r"): text.append(13)
      case UInt8(ascii: "t"): text.append(9)
      case UInt8(ascii: "u"): text += Array(String(Character(try unicode(&index, content.upperBound))).utf8)
      default: throw failure("an escape that JSON does not have")
      }
    }
    guard let result = String(validating: text, as: UTF8.self) else { throw failure("a text that is not UTF-8") }
    return result
  }

  /// The character of `\u` and four digits, which come next, or of a pair of surrogates.
  private func unicode(_ index: inout Int, _ limit: Int) throws(JSONError) -> Unicode.Scalar {
    let first = try hexDigits(&index, limit)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard (0xD800...0xDBFF).contains(first), index + 2 <= limit, bytes[index] == UInt8(ascii: "\\"),
      bytes[index + 1] == UInt8(ascii: "u")
    else { throw failure("half a surrogate pair") }
    index += 2
    let second = try hexDigits(&index, limit)
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw failure("half a surrogate pair") }
    return scalar
  }

  private func hexDigits(_ index: inout Int, _ limit: Int) throws(JSONError) -> UInt32 {
    guard index + 4 <= limit, let value = UInt32(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16),
      bytes[index] != UInt8(ascii: "+")
    else { throw failure("four hexadecimal digits are expected") }
    index += 4
    return value
  }
}
