import Kernels

/// A position in a JSON text that somebody else holds for the time of the parse.
///
/// Every step checks that it stays inside; errors carry the offset at which the text stops being JSON.
@safe
struct JSONCursor {
  /// A string in the text, without its quotes.
  struct Text {
    var start: Int
    var count: Int
    var hasEscape: Bool
    var isASCII: Bool
  }

  /// What stands where a number was asked for.
  enum Number {
    case integer(Int64, Double)
    case double(Double)
    /// Another JSON value.
    case notANumber
    /// No JSON value at all.
    case malformed(Int)
  }

  private let base: UnsafePointer<UInt8>
  let count: Int
  private(set) var offset = 0

  /// - Precondition: `base` has `count` readable bytes for as long as the cursor is used.
  @unsafe
  init(_ base: UnsafePointer<UInt8>, count: Int) {
    unsafe self.base = unsafe base
    self.count = count
  }

  /// The byte at the position; 0, which stands nowhere in JSON, at the end.
  @inline(__always)
  var peek: UInt8 { offset < count ? unsafe base[offset] : 0 }

  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    offset &+= 1
    return true
  }

  @inline(__always)
  mutating func skipSpace() {
    while offset < count {
      let byte = unsafe base[offset]
      guard byte == 32 || byte == 10 || byte == 13 || byte == 9 else { return }
      offset &+= 1
    }
  }

  /// Takes one of the three words of JSON.
  @inline(__always)
  mutating func takeWord(_ word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard offset &+ length <= count else { return false }
    for index in 0..<length where unsafe base[offset &+ index] != word.utf8Start[index] { return false }
    offset &+= length
    return true
  }

  /// Takes a key with its quotes and colon, if it stands here without escapes and spaces: the first of some patterns.
  ///
  /// A key near the end of the text is not looked at.
  @inline(__always)
  mutating func takeKey(_ patterns: [KeyPattern], in range: Range<Int>) -> Int? {
    guard count &- offset >= KeyPattern.window else { return nil }
    let place = unsafe UnsafeRawPointer(base + offset)
    let first = unsafe place.loadUnaligned(fromByteOffset: 0, as: UInt64.self).littleEndian
    let second = unsafe place.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
    let third = unsafe place.loadUnaligned(fromByteOffset: 16, as: UInt64.self).littleEndian
    for index in range where patterns[index].matches(first, second, third) {
      offset &+= patterns[index].count
      return index
    }
    return nil
  }

  /// Takes a string, checked as UTF-8.
  mutating func string() throws(Rejection) -> Text {
    guard take(UInt8(ascii: "\"")) else { throw .notJSON(offset: offset) }
    let span = unsafe scanJSONString(base, from: offset, to: count)
    guard span.end >= 0 else { throw .notJSON(offset: offset) }
    let text = Text(start: offset, count: span.end &- offset, hasEscape: span.hasEscape, isASCII: span.isASCII)
    if !span.isASCII, String(validating: bytes(text), as: UTF8.self) == nil { throw .notJSON(offset: offset) }
    offset = span.end &+ 1
    return text
  }

  /// The bytes of a string as they stand in the text.
  func bytes(_ text: Text) -> [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: base + text.start, count: text.count))
  }

  @inline(__always)
  func equals(_ text: Text, _ name: [UInt8]) -> Bool {
    guard text.count == name.count else { return false }
    for index in 0..<text.count where unsafe base[text.start &+ index] != name[index] { return false }
    return true
  }

  /// Takes a number; another value is left where it is, except that it must be JSON.
  mutating func number() -> Number {
    let number = unsafe scanJSONNumber(base, from: offset, to: count)
    switch number.kind {
    case .integer:
      offset = number.end
      return .integer(number.integer, number.double)
    case .double:
      offset = number.end
      return .double(number.double)
    case .inexact:
      let text = unsafe String(
        decoding: UnsafeBufferPointer(start: base + offset, count: number.end - offset), as: UTF8.self)
      offset = number.end
      guard let value = Double(text), value.isFinite else { return .notANumber }
      return .double(value)
    case .malformed:
      do throws(Rejection) {
        try skipValue(depth: RecordParser.depthLimit)
        return .notANumber
      } catch {
        return .malformed(offset)
      }
    }
  }

  /// Passes over one value of any kind, checked as JSON.
  mutating func skipValue(depth: Int) throws(Rejection) {
    if depth == 0 { throw .tooDeep }
    switch peek {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "{"): try skipMembers(depth: depth, close: UInt8(ascii: "}"), hasKeys: true)
    case UInt8(ascii: "["): try skipMembers(depth: depth, close: UInt8(ascii: "]"), hasKeys: false)
    default:
      if takeWord("true") || takeWord("false") || takeWord("null") { return }
      let number = unsafe scanJSONNumber(base, from: offset, to: count)
      if number.kind == .malformed { throw .notJSON(offset: offset) }
      offset = number.end
    }
  }

  private mutating func skipMembers(depth: Int, close: UInt8, hasKeys: Bool) throws(Rejection) {
    offset &+= 1
    skipSpace()
    if take(close) { return }
    while true {
      skipSpace()
      if hasKeys {
        _ = try string()
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw .notJSON(offset: offset) }
        skipSpace()
      }
      try skipValue(depth: depth - 1)
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      if take(close) { return }
      throw .notJSON(offset: offset)
    }
  }
}
