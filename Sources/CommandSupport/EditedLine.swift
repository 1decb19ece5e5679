/// A key as a terminal sends it.
public enum Key: Hashable, Sendable {
  case character(Character)
  case enter, tab, backspace, delete
  case left, right, wordLeft, wordRight, home, end
  case up, down
  case cutToEnd, cutToStart, cutWord
  /// Ctrl-C.
  case interrupt
  /// Ctrl-D: deletes, or on an empty line ends the input.
  case endOfInput
  case clearScreen
  case unknown
}

/// Makes keys of the bytes that a terminal sends. A key may come in pieces; pasted text is many keys at once.
public struct KeyDecoder: Sendable {
  private var pending: [UInt8] = []

  /// Starts with nothing pending.
  public init() {}

  /// The keys that are complete with these bytes.
  public mutating func keys(_ bytes: [UInt8]) -> [Key] {
    pending += bytes
    var keys: [Key] = []
    while let first = pending.first {
      guard let (key, length) = first == 0x1B ? escape() : first < 0x80 ? (Self.control(first), 1) : text(first) else {
        break
      }
      pending.removeFirst(length)
      keys.append(key)
    }
    return keys
  }

  private static func control(_ byte: UInt8) -> Key {
    switch byte {
    case 0x0D, 0x0A: .enter
    case 0x09: .tab
    case 0x7F, 0x08: .backspace
    case 0x01: .home
    case 0x02: .left
    case 0x03: .interrupt
    case 0x04: .endOfInput
    case 0x05: .end
    case 0x06: .right
    case 0x0B: .cutToEnd
    case 0x0C: .clearScreen
    case 0x0E: .down
    case 0x10: .up
    case 0x15: .cutToStart
    case 0x17: .cutWord
    case 0x00..<0x20: .unknown
    default: .character(Character(UnicodeScalar(byte)))
    }
  }

  /// A character of several bytes; what is no UTF-8 is passed over.
  private func text(_ first: UInt8) -> (Key, Int)? {
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
    // The rest of a character has other bytes than any beginning.
    guard pending.dropFirst().prefix(length - 1).allSatisfy({ $0 & 0xC0 == 0x80 }) else { return (.unknown, 1) }
    guard pending.count >= length else { return nil }
    guard length > 1, let text = String(validating: pending.prefix(length), as: UTF8.self), let only = text.first else {
      return (.unknown, 1)
    }
    return (.character(only), length)
  }

  /// `ESC [ A` and its like. The longest sequence has eight bytes; what is longer is none.
  private func escape() -> (Key, Int)? {
    guard pending.count > 1 else { return nil }
    switch pending[1] {
    case UInt8(ascii: "b"): return (.wordLeft, 2)
    case UInt8(ascii: "f"): return (.wordRight, 2)
    case UInt8(ascii: "["), UInt8(ascii: "O"): break
    default: return (.unknown, 2)
    }
    guard let end = pending.dropFirst(2).firstIndex(where: { $0 >= 0x40 && $0 <= 0x7E }) else {
      return pending.count >= 8 ? (.unknown, pending.count) : nil
    }
    let sequence = String(decoding: pending[2...end], as: UTF8.self)
    let keys: [String: Key] = [
      "A": .up, "B": .down, "C": .right, "D": .left, "H": .home, "F": .end, "1~": .home, "4~": .end, "7~": .home,
      "8~": .end, "3~": .delete, "1;5D": .wordLeft, "1;5C": .wordRight, "1;3D": .wordLeft, "1;3C": .wordRight,
    ]
    return (keys[sequence] ?? .unknown, end + 1)
  }
}

/// A line that is being written, with the place of the cursor in it, and the lines before it. Pure: keys in, text out.
public struct EditedLine: Sendable {
  /// The characters of the line.
  public private(set) var characters: [Character] = []
  /// How many characters are before the cursor.
  public private(set) var cursor = 0
  /// Earlier lines, the oldest first.
  private let history: [String]
  /// The line of the history that is shown; its count for the new one.
  private var place: Int
  private var draft: [Character] = []

  /// Starts an empty line.
  public init(history: [String] = []) {
    self.history = history
    place = history.count
  }

  /// The line as text.
  public var text: String { String(characters) }

  /// Changes the line as a key asks; keys that end it, complete it or stop it are left to the caller.
  public mutating func apply(_ key: Key) {
    switch key {
    case .character(let character):
      characters.insert(character, at: cursor)
      cursor += 1
    case .backspace:
      guard cursor > 0 else { return }
      cursor -= 1
      characters.remove(at: cursor)
    case .delete, .endOfInput: if cursor < characters.count { characters.remove(at: cursor) }
    case .left: cursor = max(0, cursor - 1)
    case .right: cursor = min(characters.count, cursor + 1)
    case .wordLeft: cursor = wordStart
    case .wordRight: cursor = wordEnd
    case .home: cursor = 0
    case .end: cursor = characters.count
    case .cutToEnd: characters.removeSubrange(cursor...)
    case .cutToStart: cut(from: 0)
    case .cutWord: cut(from: wordStart)
    case .up: show(place - 1)
    case .down: show(place + 1)
    case .enter, .tab, .interrupt, .clearScreen, .unknown: return
    }
  }

  private mutating func cut(from start: Int) {
    characters.removeSubrange(start..<cursor)
    cursor = start
  }

  private static func isOfWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }

  private var wordStart: Int {
    var at = cursor
    while at > 0, !Self.isOfWord(characters[at - 1]) { at -= 1 }
    while at > 0, Self.isOfWord(characters[at - 1]) { at -= 1 }
    return at
  }

  private var wordEnd: Int {
    var at = cursor
    while at < characters.count, !Self.isOfWord(characters[at]) { at += 1 }
    while at < characters.count, Self.isOfWord(characters[at]) { at += 1 }
    return at
  }

  private mutating func show(_ index: Int) {
    guard (0...history.count).contains(index), index != place else { return }
    if place == history.count { draft = characters }
    place = index
    characters = index == history.count ? draft : Array(history[index])
    cursor = characters.count
  }

  /// Puts text in place of the last characters before the cursor.
  public mutating func replace(last count: Int, with text: String) {
    cut(from: max(0, cursor - count))
    for character in text { apply(.character(character)) }
  }

  /// What stands before the cursor.
  public var beforeCursor: String { String(characters[..<cursor]) }

  /// The part of the line that fits into so many columns and has the cursor in it, and the cursor's place there.
  public func window(columns: Int) -> (text: String, cursor: Int) {
    let room = max(1, columns)
    let start = max(0, cursor - room + 1)
    let end = min(characters.count, start + room)
    return (String(characters[start..<end]), cursor - start)
  }
}

/// Finds what a half-written word may become.
public enum Completion {
  /// What the word can be completed to: all that begin with it, and what they have in common.
  public static func of(_ word: String, among candidates: [String]) -> (common: String, matches: [String]) {
    let lower = word.lowercased()
    let matches = Set(candidates.filter { $0.lowercased().hasPrefix(lower) }).sorted()
    guard var common = matches.first else { return (word, []) }
    for match in matches.dropFirst() {
      common = String(zip(common, match).prefix { $0.lowercased() == $1.lowercased() }.map(\.0))
    }
    return (common.count >= word.count ? common : word, matches)
  }
}
