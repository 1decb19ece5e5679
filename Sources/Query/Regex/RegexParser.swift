/// Reads a regular expression in the syntax of RE2 by recursive descent:
///
///     either   = sequence *( "|" sequence )
///     sequence = *( atom *( "*" / "+" / "?" / "{" n "," m "}" ) )
///     atom     = character / "." / "[" … "]" / "(" either ")" / "^" / "$" / "\" escape
struct RegexParser {
  private let text: [Unicode.Scalar]
  private var at = 0
  private var options: Regex.Options
  private(set) var groupCount = 0
  private var depth = 0
  private static let deepest = 100
  private static let mostRepetitions = 1_000

  init(_ text: String, _ options: Regex.Options) {
    self.text = Array(text.unicodeScalars)
    self.options = options
  }

  mutating func whole() throws(QueryError) -> RegexNode {
    let node = try either()
    guard at == text.count else { throw wrong("a parenthesis that closes nothing") }
    return node
  }

  private func wrong(_ what: String) -> QueryError { QueryError(.value, "no regular expression: \(what)") }
  private var current: Unicode.Scalar? { at < text.count ? text[at] : nil }

  private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    at += 1
    return true
  }

  private mutating func accept(_ word: String) -> Bool {
    guard text[at...].starts(with: word.unicodeScalars) else { return false }
    at += word.unicodeScalars.count
    return true
  }

  private mutating func either() throws(QueryError) -> RegexNode {
    guard depth < Self.deepest else { throw wrong("parentheses more than \(Self.deepest) levels deep") }
    depth += 1
    defer { depth -= 1 }
    let outer = options
    defer { options = outer }
    var branches = [try sequence()]
    while accept("|" as Unicode.Scalar) { branches.append(try sequence()) }
    return branches.only ?? .either(branches)
  }

  private mutating func sequence() throws(QueryError) -> RegexNode {
    var parts: [RegexNode] = []
    while let scalar = current, scalar != "|", scalar != ")" {
      guard var part = try atom() else { continue }
      if let (least, most) = try quantifier() {
        part = .repeated(part, least: least, most: most, isLazy: accept("?" as Unicode.Scalar))
        // Without parentheses, whose depth has a limit, the tree could become as deep as the expression is long.
        guard try quantifier() == nil else { throw wrong("a repetition of a repetition") }
      }
      parts.append(part)
    }
    return parts.only ?? .sequence(parts)
  }

  private mutating func quantifier() throws(QueryError) -> (Int, Int?)? {
    if accept("*" as Unicode.Scalar) { return (0, nil) }
    if accept("+" as Unicode.Scalar) { return (1, nil) }
    if accept("?" as Unicode.Scalar) { return (0, 1) }
    guard current == "{" else { return nil }
    let start = at
    at += 1
    guard let least = number() else {
      // A brace that holds no number stands for itself.
      at = start
      return nil
    }
    var most: Int? = least
    if accept("," as Unicode.Scalar) { most = current == "}" ? nil : number() }
    guard accept("}" as Unicode.Scalar) else {
      at = start
      return nil
    }
    guard least <= Self.mostRepetitions, most ?? 0 <= Self.mostRepetitions, most ?? least >= least else {
      throw wrong("a part is repeated more than \(Self.mostRepetitions) times, or less than its least")
    }
    return (least, most)
  }

  private mutating func number() -> Int? {
    var digits = ""
    while let scalar = current, ("0"..."9").contains(scalar), digits.count < 6 {
      digits.unicodeScalars.append(scalar)
      at += 1
    }
    return Int(digits)
  }

  private func one(_ scalar: Unicode.Scalar) -> RegexNode {
    .one(folded(RegexClass(ranges: [scalar.value...scalar.value])))
  }

  private func folded(_ set: RegexClass) -> RegexClass {
    var set = set
    set.ignoresCase = options.ignoresCase
    return set
  }

  /// One atom; `nil` where only options change.
  private mutating func atom() throws(QueryError) -> RegexNode? {
    guard let scalar = current else { return nil }
    at += 1
    switch scalar {
    case ".":
      return .one(options.dotMatchesAll ? RegexClass(isNegated: true) : RegexClass(ranges: [10...10], isNegated: true))
    case "^": return .assertion(options.isMultiline ? .lineStart : .start)
    case "$": return .assertion(options.isMultiline ? .lineEnd : .end)
    case "[": return .one(try bracket())
    case "(": return try group()
    case "*", "+", "?": throw wrong("a repetition of nothing")
    case "{" where isQuantifier: throw wrong("a repetition of nothing")
    case "\\": return try escape()
    default: return one(scalar)
    }
  }

  /// Whether a number in braces follows the brace just read.
  private var isQuantifier: Bool {
    var probe = self
    probe.at -= 1
    return ((try? probe.quantifier()) ?? nil) != nil
  }

  private mutating func group() throws(QueryError) -> RegexNode? {
    var number: Int?
    if accept("?P<") || accept("?<") {
      if current == "=" || current == "!" { throw QueryError(.notSupported, "looking around in regular expressions") }
      while let scalar = current, scalar != ">" { at += scalar == ")" ? text.count : 1 }
      guard accept(">" as Unicode.Scalar) else { throw wrong("the name of a group without end") }
      groupCount += 1
      number = groupCount
    } else if accept("?" as Unicode.Scalar) {
      if current == "=" || current == "!" { throw QueryError(.notSupported, "looking around in regular expressions") }
      let outer = options
      try changeOptions()
      // Options alone hold up to the end of the group around.
      if accept(")" as Unicode.Scalar) { return nil }
      guard accept(":" as Unicode.Scalar) else { throw wrong("a group of an unknown kind") }
      let inner = try either()
      options = outer
      guard accept(")" as Unicode.Scalar) else { throw wrong("a parenthesis without end") }
      return inner
    } else {
      groupCount += 1
      number = groupCount
    }
    let inner = try either()
    guard accept(")" as Unicode.Scalar) else { throw wrong("a parenthesis without end") }
    return number.map { .group(inner, $0) } ?? inner
  }

  private mutating func changeOptions() throws(QueryError) {
    var value = true
    while let scalar = current, scalar != ":", scalar != ")" {
      at += 1
      switch scalar {
      case "-": value = false
      case "i": options.ignoresCase = value
      case "s": options.dotMatchesAll = value
      case "m": options.isMultiline = value
      default: throw QueryError(.notSupported, "this option within a regular expression")
      }
    }
  }

  private mutating func escape() throws(QueryError) -> RegexNode {
    guard let scalar = current else { throw wrong("a backslash at the end") }
    switch scalar {
    case "A": at += 1; return .assertion(.start)
    case "z": at += 1; return .assertion(.end)
    case "b": at += 1; return .assertion(.wordBoundary)
    case "B": at += 1; return .assertion(.noWordBoundary)
    default: break
    }
    if let set = try setEscape() { return .one(folded(set)) }
    return one(try characterEscape())
  }

  /// `\d`, `\W` and such.
  private mutating func setEscape() throws(QueryError) -> RegexClass? {
    guard let scalar = current else { return nil }
    var set: RegexClass
    switch scalar {
    case "d", "D": set = .digits
    case "w", "W": set = .words
    case "s", "S": set = .blanks
    case "p", "P": throw QueryError(.notSupported, "classes of Unicode in regular expressions")
    default: return nil
    }
    at += 1
    set.isNegated = ("A"..."Z").contains(scalar)
    return set
  }

  private mutating func characterEscape() throws(QueryError) -> Unicode.Scalar {
    guard let scalar = current else { throw wrong("a backslash at the end") }
    at += 1
    switch scalar {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "f": return "\u{0C}"
    case "v": return "\u{0B}"
    case "a": return "\u{07}"
    case "x": return try hexadecimal()
    case "0"..."9": throw QueryError(.notSupported, "references to groups in regular expressions")
    case "a"..."z", "A"..."Z": throw wrong("an escape that is not known")
    default: return scalar
    }
  }

  private mutating func hexadecimal() throws(QueryError) -> Unicode.Scalar {
    var digits = ""
    let isBraced = accept("{" as Unicode.Scalar)
    while let scalar = current, digits.count < (isBraced ? 6 : 2), Character(scalar).isHexDigit {
      digits.unicodeScalars.append(scalar)
      at += 1
    }
    guard let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value), isBraced || digits.count == 2,
      !isBraced || accept("}" as Unicode.Scalar)
    else { throw wrong("\\x without its number") }
    return scalar
  }

  /// `[a-z_\d]`, behind its opening bracket.
  private mutating func bracket() throws(QueryError) -> RegexClass {
    var set = RegexClass()
    set.isNegated = accept("^" as Unicode.Scalar)
    var isFirst = true
    while true {
      guard let scalar = current else { throw wrong("a bracket without end") }
      if scalar == "]", !isFirst {
        at += 1
        return folded(set)
      }
      isFirst = false
      if accept("[:") {
        set.ranges += try posixClass().plainRanges
        continue
      }
      if scalar == "\\" {
        at += 1
        if let inner = try setEscape() {
          set.ranges += inner.plainRanges
          continue
        }
        at -= 1
      }
      let low = try bracketCharacter()
      guard current == "-", at + 1 < text.count, text[at + 1] != "]" else {
        set.ranges.append(low.value...low.value)
        continue
      }
      at += 1
      let high = try bracketCharacter()
      guard low <= high else { throw wrong("a range whose end lies before its start") }
      set.ranges.append(low.value...high.value)
    }
  }

  private mutating func bracketCharacter() throws(QueryError) -> Unicode.Scalar {
    guard let scalar = current else { throw wrong("a bracket without end") }
    at += 1
    return scalar == "\\" ? try characterEscape() : scalar
  }

  /// `alpha:]`, with a `^` before it for all others.
  private mutating func posixClass() throws(QueryError) -> RegexClass {
    let isNegated = accept("^" as Unicode.Scalar)
    for (name, ranges) in Self.posixClasses where accept(name + ":]") {
      return RegexClass(ranges: ranges, isNegated: isNegated)
    }
    throw wrong("a class that is not known")
  }

  private static let posixClasses: [(String, [ClosedRange<UInt32>])] = [
    ("alnum", [0x30...0x39, 0x41...0x5A, 0x61...0x7A]), ("alpha", [0x41...0x5A, 0x61...0x7A]), ("ascii", [0...0x7F]),
    ("blank", [0x09...0x09, 0x20...0x20]), ("cntrl", [0...0x1F, 0x7F...0x7F]), ("digit", [0x30...0x39]),
    ("graph", [0x21...0x7E]), ("lower", [0x61...0x7A]), ("print", [0x20...0x7E]),
    ("punct", [0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]), ("space", [0x09...0x0D, 0x20...0x20]),
    ("upper", [0x41...0x5A]), ("word", [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]),
    ("xdigit", [0x30...0x39, 0x41...0x46, 0x61...0x66]),
  ]
}
