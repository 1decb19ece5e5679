internal import Columnar

/// Functions of texts, on their UTF-8 bytes.
enum TextFunctions {
  /// The position behind the character at a position.
  static func next(_ at: Int, in text: ArraySlice<UInt8>) -> Int {
    var end = at + 1
    while end < text.endIndex, text[end] & 0xC0 == 0x80 { end += 1 }
    return end
  }

  /// How many characters (Unicode scalars).
  static func length(_ text: ArraySlice<UInt8>) -> Int {
    text.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }

  /// Where a text first occurs in another, as an index.
  static func find(_ part: ArraySlice<UInt8>, in text: ArraySlice<UInt8>) -> Int? {
    guard let first = part.first else { return text.startIndex }
    guard text.count >= part.count else { return nil }
    var at = text.startIndex
    let last = text.endIndex - part.count
    while at <= last {
      if text[at] == first, text[at..<at + part.count].elementsEqual(part) { return at }
      at += 1
    }
    return nil
  }

  static func lowered(_ text: ArraySlice<UInt8>) -> [UInt8] { changed(text) { $0.properties.lowercaseMapping } }
  static func uppered(_ text: ArraySlice<UInt8>) -> [UInt8] { changed(text) { $0.properties.uppercaseMapping } }

  /// Changes each character for itself; one whose change would take several stays.
  private static func changed(_ text: ArraySlice<UInt8>, _ mapping: (Unicode.Scalar) -> String) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      let mapped = mapping(scalar)
      result += mapped.unicodeScalars.count == 1 ? Array(mapped.utf8) : Array(String(scalar).utf8)
    }
    return result
  }

  /// The characters from a position on, counted from 1 or, where negative, from the end.
  static func substring(_ text: ArraySlice<UInt8>, from start: Int64, count: Int64?) -> ArraySlice<UInt8> {
    let total = Int64(length(text))
    // Position 0 lies before the first character and counts.
    var first = start < 0 ? max(total + start, -1 << 40) : min(start - 1, 1 << 40)
    var last = total
    if let count {
      let end = first + min(max(count, -1 << 40), 1 << 40)
      (first, last) = count >= 0 ? (first, end) : (end, first)
    }
    first = max(first, 0)
    last = min(max(last, 0), total)
    guard first < last else { return text.prefix(0) }
    return text[index(of: first, in: text)..<index(of: last, in: text)]
  }

  private static func index(of character: Int64, in text: ArraySlice<UInt8>) -> Int {
    var left = character
    for at in text.indices where text[at] & 0xC0 != 0x80 {
      if left == 0 { return at }
      left -= 1
    }
    return text.endIndex
  }

  static func trimmed(_ text: ArraySlice<UInt8>, _ set: ArraySlice<UInt8>, start: Bool, end: Bool) -> [UInt8] {
    let scalars = Set(String(decoding: set, as: UTF8.self).unicodeScalars)
    var rest = Array(String(decoding: text, as: UTF8.self).unicodeScalars)[...]
    while start, let first = rest.first, scalars.contains(first) { rest.removeFirst() }
    while end, let last = rest.last, scalars.contains(last) { rest.removeLast() }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: rest)
    return Array(String(view).utf8)
  }

  static func replacing(_ part: ArraySlice<UInt8>, by other: ArraySlice<UInt8>, in text: ArraySlice<UInt8>) -> [UInt8] {
    guard !part.isEmpty else { return Array(text) }
    var result: [UInt8] = []
    var rest = text
    while let found = find(part, in: rest) {
      result += rest[..<found]
      result += other
      rest = rest[(found + part.count)...]
    }
    return result + rest
  }

  /// What stands between marks; between the characters where the mark is empty.
  static func parts(_ text: ArraySlice<UInt8>, by mark: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var parts: [ArraySlice<UInt8>] = []
    var rest = text
    if mark.isEmpty {
      while !rest.isEmpty {
        let end = next(rest.startIndex, in: rest)
        parts.append(rest[..<end])
        rest = rest[end...]
      }
      return parts.isEmpty ? [text] : parts
    }
    while let found = find(mark, in: rest) {
      parts.append(rest[..<found])
      rest = rest[(found + mark.count)...]
    }
    parts.append(rest)
    return parts
  }

  static func split(_ text: ArraySlice<UInt8>, by mark: ArraySlice<UInt8>, part: Int64) -> [UInt8] {
    let parts = mark.isEmpty ? [text] : parts(text, by: mark)
    // 0 is taken for the first.
    let index = part < 0 ? Int64(parts.count) + part : max(part, 1) - 1
    return index >= 0 && index < parts.count ? Array(parts[Int(index)]) : []
  }

  static func reversed(_ text: ArraySlice<UInt8>) -> [UInt8] {
    Array(String(String(decoding: text, as: UTF8.self).reversed()).utf8)
  }

  static func padded(_ text: ArraySlice<UInt8>, to count: Int64, with pad: ArraySlice<UInt8>, left: Bool) -> [UInt8] {
    let have = Int64(length(text))
    guard have < count else { return Array(substring(text, from: 1, count: max(count, 0))) }
    let padding = Array(String(decoding: pad, as: UTF8.self).unicodeScalars)
    guard !padding.isEmpty else { return Array(text) }
    var view = String.UnicodeScalarView()
    for index in 0..<Int(count - have) { view.append(padding[index % padding.count]) }
    let fill = Array(String(view).utf8)
    return left ? fill + text : text + fill
  }
}
