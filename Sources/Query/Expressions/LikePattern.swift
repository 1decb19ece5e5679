internal import Columnar

/// `LIKE`: `%` stands for any text, `_` for one character.
struct LikePattern {
  private enum Part: Equatable {
    case byte(UInt8)
    case one
    case any
  }

  private let parts: [Part]
  private let ignoresCase: Bool
  /// The text between two `%` of a pattern that has nothing else.
  private let inner: [UInt8]?

  /// - Throws: ``QueryError`` where the escape is no single character, or ends the pattern.
  init(_ pattern: [UInt8], escape: [UInt8]?, ignoresCase: Bool) throws(QueryError) {
    if let escape, escape.count > 1 { throw QueryError(.value, "ESCAPE takes one character") }
    let pattern = ignoresCase ? TextFunctions.lowered(pattern[...]) : pattern
    var parts: [Part] = []
    var at = 0
    while at < pattern.count {
      let byte = pattern[at]
      if let mark = escape?.first, byte == mark {
        at += 1
        guard at < pattern.count else { throw QueryError(.value, "a pattern of LIKE ends with its escape character") }
        parts.append(.byte(pattern[at]))
      } else if byte == UInt8(ascii: "%") {
        if parts.last != .any { parts.append(.any) }
      } else {
        parts.append(byte == UInt8(ascii: "_") ? .one : .byte(byte))
      }
      at += 1
    }
    self.parts = parts
    self.ignoresCase = ignoresCase
    let literal = parts.compactMap { part -> UInt8? in
      if case .byte(let byte) = part { return byte }
      return nil
    }
    inner = parts.first == .any && parts.last == .any && literal.count == parts.count - 2 ? literal : nil
  }

  /// Whether a text matches; at most linear in text times pattern.
  func matches(_ text: ArraySlice<UInt8>) -> Bool {
    let text = ignoresCase ? TextFunctions.lowered(text)[...] : text
    if let inner { return TextFunctions.find(inner[...], in: text) != nil }
    var (at, part) = (text.startIndex, 0)
    // Where to go on after a wrong turn: the last `%`, and the text behind what it has taken.
    var retry: (part: Int, at: Int)?
    while at < text.endIndex {
      if part < parts.count, parts[part] == .any {
        retry = (part, at)
        part += 1
      } else if part < parts.count, case .byte(let byte) = parts[part], byte == text[at] {
        at += 1
        part += 1
      } else if part < parts.count, parts[part] == .one {
        at = TextFunctions.next(at, in: text)
        part += 1
      } else if let last = retry {
        retry = (last.part, last.at + 1)
        part = last.part + 1
        at = last.at + 1
      } else {
        return false
      }
    }
    while part < parts.count, parts[part] == .any { part += 1 }
    return part == parts.count
  }

  static func apply(_ arguments: [Vector], ignoringCase: Bool, count: Int) throws(QueryError) -> Vector {
    let strings = arguments[0].strings
    let patterns = arguments[1].strings
    let escapes = arguments.count > 2 ? arguments[2].strings : nil
    let validity = Vector.validity(of: arguments, count: count)
    var pattern: LikePattern?
    var result = [UInt8](repeating: 0, count: count)
    let isFixed = patterns.count == 1 && (escapes?.count ?? 1) == 1
    for row in 0..<count where validity?[row] ?? true {
      if pattern == nil || !isFixed {
        let escape = escapes.map { Array($0[$0.count == 1 ? 0 : row]) }
        pattern = try LikePattern(
          Array(patterns[patterns.count == 1 ? 0 : row]), escape: escape, ignoresCase: ignoringCase)
      }
      result[row] = pattern?.matches(strings[strings.count == 1 ? 0 : row]) == true ? 1 : 0
    }
    return Vector(.boolean, .flags(result), validity: validity)
  }
}
