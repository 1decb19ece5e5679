// A regular expression as a program for many threads that walk through the text side by side, one for each way in which
// it may go on (Thompson, 1968; captures and priorities by Pike). Time is at most text times program, whatever the
// expression.
//
// Worked example, `a+b`: 0 one(a), 1 split(0, 2), 2 one(b), 3 match.

/// What a thread of the program does next.
enum RegexStep: Sendable {
  /// Takes a character of a class, or dies.
  case one(RegexClass)
  /// Goes on in two places, rather in the first.
  case split(Int, Int)
  case jump(Int)
  /// Notes the place in the text.
  case save(Int)
  /// Goes on where the place in the text is of this kind, or dies.
  case assertion(RegexAssertion)
  case match
}

/// Places in a text.
enum RegexAssertion: Sendable { case start, end, lineStart, lineEnd, wordBoundary, noWordBoundary }

/// A set of characters.
struct RegexClass: Sendable {
  var ranges: [ClosedRange<UInt32>] = []
  var isNegated = false
  /// Whether capital and small letters are alike.
  var ignoresCase = false

  static let digits = RegexClass(ranges: [0x30...0x39])
  static let words = RegexClass(ranges: [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  static let blanks = RegexClass(ranges: [0x09...0x0A, 0x0C...0x0D, 0x20...0x20])

  func contains(_ character: UInt32) -> Bool {
    var isIn = holds(character)
    if !isIn, ignoresCase, let scalar = Unicode.Scalar(character) {
      for text in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] where !isIn {
        if let other = Array(text.unicodeScalars).only, other != scalar { isIn = holds(other.value) }
      }
    }
    return isIn != isNegated
  }

  private func holds(_ character: UInt32) -> Bool { ranges.contains { $0.contains(character) } }

  /// The characters of the class as ranges, those of a negated one too.
  var plainRanges: [ClosedRange<UInt32>] {
    guard isNegated else { return ranges }
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
      next = max(next, range.upperBound + 1)
    }
    result.append(next...0x10FFFF)
    return result
  }
}

/// A compiled regular expression, in the syntax of RE2.
struct Regex: Sendable {
  /// How letters, line ends and several matches are taken.
  struct Options: Hashable, Sendable {
    var ignoresCase = false
    /// `.` matches a line end too.
    var dotMatchesAll = false
    /// `^` and `$` match at line ends.
    var isMultiline = false
    /// All matches are replaced, not only the first.
    var isGlobal = false
  }

  let steps: [RegexStep]
  /// How many groups there are in parentheses, besides the whole.
  let groupCount: Int

  /// Compiles an expression.
  ///
  /// - Throws: ``QueryError`` for what is no expression, or one that needs more than bounded time.
  init(_ pattern: ArraySlice<UInt8>, _ options: Options = Options()) throws(QueryError) {
    var parser = RegexParser(String(decoding: pattern, as: UTF8.self), options)
    let tree = try parser.whole()
    var builder = RegexBuilder()
    try builder.add(.group(tree, 0))
    try builder.add(step: .match)
    steps = builder.steps
    groupCount = parser.groupCount
  }
}

/// The tree of an expression.
indirect enum RegexNode: Sendable {
  case one(RegexClass)
  case assertion(RegexAssertion)
  case sequence([RegexNode])
  case either([RegexNode])
  case group(RegexNode, Int)
  case repeated(RegexNode, least: Int, most: Int?, isLazy: Bool)
}

/// Turns a tree into steps.
private struct RegexBuilder {
  var steps: [RegexStep] = []
  /// The most steps: what repeats repetitions grows fast.
  private static let mostSteps = 20_000
  /// The most nodes that are looked at: those of nothing make no steps, however often they are repeated.
  private static let mostVisits = 100_000
  private var visits = 0

  mutating func add(step: RegexStep) throws(QueryError) {
    guard steps.count < Self.mostSteps else {
      throw QueryError(.limit, "a regular expression of more than \(Self.mostSteps) steps")
    }
    steps.append(step)
  }

  mutating func add(_ node: RegexNode) throws(QueryError) {
    visits += 1
    guard visits <= Self.mostVisits else { throw QueryError(.limit, "a regular expression that repeats too much") }
    switch node {
    case .one(let set): try add(step: .one(set))
    case .assertion(let kind): try add(step: .assertion(kind))
    case .sequence(let parts): for part in parts { try add(part) }
    case .group(let inner, let number):
      try add(step: .save(2 * number))
      try add(inner)
      try add(step: .save(2 * number + 1))
    case .either(let branches):
      var ends: [Int] = []
      for (index, branch) in branches.enumerated() {
        let split = steps.count
        if index + 1 < branches.count { try add(step: .jump(0)) }
        try add(branch)
        if index + 1 < branches.count {
          ends.append(steps.count)
          try add(step: .jump(0))
          steps[split] = .split(split + 1, steps.count)
        }
      }
      for end in ends { steps[end] = .jump(steps.count) }
    case .repeated(let inner, let least, let most, let isLazy):
      for _ in 0..<least { try add(inner) }
      guard let most else { return try addLoop(inner, isLazy) }
      var splits: [Int] = []
      for _ in least..<max(least, most) {
        splits.append(steps.count)
        try add(step: .jump(0))
        try add(inner)
      }
      for split in splits { steps[split] = choice(split + 1, steps.count, isLazy) }
    }
  }

  private mutating func addLoop(_ inner: RegexNode, _ isLazy: Bool) throws(QueryError) {
    let split = steps.count
    try add(step: .jump(0))
    try add(inner)
    try add(step: .jump(split))
    steps[split] = choice(split + 1, steps.count, isLazy)
  }

  private func choice(_ on: Int, _ past: Int, _ isLazy: Bool) -> RegexStep {
    isLazy ? .split(past, on) : .split(on, past)
  }
}
