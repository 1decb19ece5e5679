/// Runs a regular expression over texts; keeps its memory between them.
struct RegexMatcher {
  private let regex: Regex
  private let slotCount: Int
  /// The threads at a place of the text, those that are wanted most first, and the places that each has noted.
  private var threads: [Int] = []
  private var slots: [Int] = []
  private var nextThreads: [Int] = []
  private var nextSlots: [Int] = []
  /// For each step, at which place of the text a thread was last put there.
  private var marks: [Int]
  private var mark = 0
  private var stack: [(step: Int, restore: Int, value: Int)] = []

  /// - Parameter captures: how many groups are asked for, besides the whole.
  init(_ regex: Regex, captures: Int = 0) {
    self.regex = regex
    slotCount = 2 * (min(captures, regex.groupCount) + 1)
    marks = [Int](repeating: 0, count: regex.steps.count)
  }

  /// The first match at or behind a place: for each group where it begins and ends, -1 where it took no part.
  ///
  /// - Parameter isWhole: whether the match must begin at `start` and end with the text.
  mutating func match(_ text: ArraySlice<UInt8>, from start: Int, isWhole: Bool = false) -> [Int]? {
    threads.removeAll(keepingCapacity: true)
    slots.removeAll(keepingCapacity: true)
    var found: [Int]?
    var at = start
    while true {
      mark += 1
      nextThreads.removeAll(keepingCapacity: true)
      nextSlots.removeAll(keepingCapacity: true)
      // Threads that took the character before are wanted more than one that begins here.
      let waiting = threads
      for (index, thread) in waiting.enumerated() { follow(thread, slots, index * slotCount, text, at) }
      if found == nil, !isWhole || at == start {
        follow(0, [Int](repeating: -1, count: slotCount), 0, text, at)
      }
      if nextThreads.isEmpty, found != nil || isWhole { return found }
      let end = at < text.endIndex ? TextFunctions.next(at, in: text) : at
      let character = at < text.endIndex ? Self.character(text[at..<end]) : nil
      threads.removeAll(keepingCapacity: true)
      slots.removeAll(keepingCapacity: true)
      for (index, step) in nextThreads.enumerated() {
        let own = nextSlots[index * slotCount..<(index + 1) * slotCount]
        if case .match = regex.steps[step] {
          if isWhole, at < text.endIndex { continue }
          found = Array(own)
          // Those that are wanted less no longer matter.
          break
        }
        if let character, case .one(let set) = regex.steps[step], set.contains(character) {
          threads.append(step + 1)
          slots += own
        }
      }
      guard character != nil, !(threads.isEmpty && (found != nil || isWhole)) else { return found }
      at = end
    }
  }

  /// Puts a thread where it waits for a character or has matched, along all ways that lead there.
  private mutating func follow(_ first: Int, _ known: [Int], _ base: Int, _ text: ArraySlice<UInt8>, _ at: Int) {
    var own = Array(known[base..<base + slotCount])
    stack.removeAll(keepingCapacity: true)
    stack.append((first, -1, 0))
    while let (step, restore, value) = stack.popLast() {
      if restore >= 0 {
        own[restore] = value
        continue
      }
      if marks[step] == mark { continue }
      marks[step] = mark
      switch regex.steps[step] {
      case .jump(let target): stack.append((target, -1, 0))
      case .split(let rather, let other):
        stack.append((other, -1, 0))
        stack.append((rather, -1, 0))
      case .save(let slot):
        if slot < slotCount {
          stack.append((0, slot, own[slot]))
          own[slot] = at
        }
        stack.append((step + 1, -1, 0))
      case .assertion(let kind): if Self.holds(kind, text, at) { stack.append((step + 1, -1, 0)) }
      case .one, .match:
        nextThreads.append(step)
        nextSlots += own
      }
    }
  }

  private static func holds(_ kind: RegexAssertion, _ text: ArraySlice<UInt8>, _ at: Int) -> Bool {
    func isWord(_ place: Int) -> Bool {
      text.indices.contains(place) && RegexClass.words.contains(UInt32(text[place]))
    }
    switch kind {
    case .start: return at == text.startIndex
    case .end: return at == text.endIndex
    case .lineStart: return at == text.startIndex || text[at - 1] == 10
    case .lineEnd: return at == text.endIndex || text[at] == 10
    case .wordBoundary: return isWord(at - 1) != isWord(at)
    case .noWordBoundary: return isWord(at - 1) == isWord(at)
    }
  }

  /// The number of a character of UTF-8.
  private static func character(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    guard bytes.count > 1, let first = bytes.first else { return UInt32(bytes.first ?? 0) }
    let lead = UInt32(first) & (0x7F >> UInt32(min(bytes.count, 4)))
    return bytes.dropFirst().prefix(3).reduce(lead) { $0 << 6 | UInt32($1 & 0x3F) }
  }
}

extension RegexMatcher {
  /// A text with the first match, or all, replaced.
  ///
  /// - Parameter parts: the replacement as ``RegexReplacement`` has cut it.
  mutating func replacing(
    in text: ArraySlice<UInt8>, by replacement: RegexReplacement, all: Bool
  ) throws(QueryError) -> [UInt8] {
    var result: [UInt8] = []
    var at = text.startIndex
    var lastEnd = -1
    while at <= text.endIndex, let found = match(text, from: at) {
      result += text[at..<found[0]]
      if found[0] == found[1], found[0] == lastEnd {
        // Nothing, right behind a match, is none of its own.
        guard at < text.endIndex else { break }
        let next = TextFunctions.next(at, in: text)
        result += text[at..<next]
        at = next
        continue
      }
      replacement.append(to: &result, text, found)
      guard result.count <= ScalarFunction.longestText else {
        throw QueryError(.limit, "a text of more than \(ScalarFunction.longestText) bytes")
      }
      (at, lastEnd) = (found[1], found[1])
      if !all { break }
    }
    return at < text.endIndex ? result + text[at...] : result
  }
}

/// What is put in place of a match: text, and groups by `\1`.
struct RegexReplacement: Sendable {
  private enum Part: Sendable {
    case text([UInt8])
    case group(Int)
  }
  private var parts: [Part] = []
  /// The highest group that is named.
  private(set) var groups = 0

  /// - Throws: ``QueryError`` where a backslash is followed by something else than a digit or itself.
  init(_ written: ArraySlice<UInt8>, groupCount: Int) throws(QueryError) {
    var text: [UInt8] = []
    var at = written.startIndex
    while at < written.endIndex {
      let byte = written[at]
      at += 1
      guard byte == UInt8(ascii: "\\") else {
        text.append(byte)
        continue
      }
      guard at < written.endIndex, written[at].isDigit || written[at] == byte else {
        throw QueryError(.notSupported, "a backslash in a replacement that names no group")
      }
      if written[at] == byte {
        text.append(byte)
      } else {
        let group = Int(written[at] - 0x30)
        guard group <= groupCount else {
          throw QueryError(.notSupported, "a replacement by a group that the regular expression does not have")
        }
        parts += [.text(text), .group(group)]
        text = []
        groups = max(groups, group)
      }
      at += 1
    }
    parts.append(.text(text))
  }

  func append(to result: inout [UInt8], _ text: ArraySlice<UInt8>, _ found: [Int]) {
    for part in parts {
      switch part {
      case .text(let bytes): result += bytes
      case .group(let number):
        if found[2 * number] >= 0, found[2 * number + 1] >= 0 {
          result += text[found[2 * number]..<found[2 * number + 1]]
        }
      }
    }
  }
}
