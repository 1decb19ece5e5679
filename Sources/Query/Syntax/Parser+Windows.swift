extension Parser {
  /// `IGNORE NULLS` and `RESPECT NULLS`; `nil` where neither stands here.
  mutating func nullTreatment() throws(QueryError) -> Bool? {
    guard isKeyword("IGNORE") || isKeyword("RESPECT"), peek(1).keyword == "NULLS" else { return nil }
    let ignores = advance().keyword == "IGNORE"
    at += 1
    return ignores
  }

  /// `WINDOW a AS (…), b AS (…)`.
  mutating func namedWindows() throws(QueryError) -> [(name: Name, window: WindowSyntax)] {
    var result: [(name: Name, window: WindowSyntax)] = []
    repeat {
      let name = try name()
      try expect("AS")
      result.append((name, try window()))
    } while accept(",")
    return result
  }

  /// What stands behind `OVER`: a name, or a window in parentheses, which may go on from a named one.
  mutating func window() throws(QueryError) -> WindowSyntax {
    let start = current.range.lowerBound
    var window = WindowSyntax(range: start..<start)
    guard accept("(") else {
      let base = try name()
      window.base = base
      window.range = base.range
      return window
    }
    if current.kind == .quotedName || (current.kind == .word && !isWindowPart) { window.base = try name() }
    if accept("PARTITION") {
      try expect("BY")
      window.partition = try expressions()
    }
    if accept("ORDER") {
      try expect("BY")
      window.order = try orderKeys()
    }
    if isKeyword("ROWS") || isKeyword("RANGE") || isKeyword("GROUPS") { window.frame = try frame() }
    try expect(")")
    window.range = start..<previousEnd
    return window
  }

  private var isWindowPart: Bool {
    switch current.keyword {
    case "PARTITION", "ORDER": peek(1).keyword == "BY"
    case "ROWS", "RANGE", "GROUPS": true
    default: false
    }
  }

  private mutating func frame() throws(QueryError) -> FrameSyntax {
    let word = advance()
    let mode = Frame.Mode(rawValue: word.keyword.lowercased()) ?? .rows
    var frame = FrameSyntax(mode: mode, start: .currentRow, end: .currentRow, range: word.range)
    if accept("BETWEEN") {
      frame.start = try frameBound()
      try expect("AND")
      frame.end = try frameBound()
    } else {
      frame.start = try frameBound()
    }
    if accept("EXCLUDE") { frame.exclusion = try exclusion() }
    frame.range = word.range.lowerBound..<previousEnd
    return frame
  }

  private mutating func exclusion() throws(QueryError) -> Frame.Exclusion {
    if accept("NO") {
      try expect("OTHERS")
      return .none
    }
    if accept("CURRENT") {
      try expect("ROW")
      return .currentRow
    }
    if accept("GROUP") { return .group }
    try expect("TIES")
    return .ties
  }

  private mutating func frameBound() throws(QueryError) -> FrameSyntax.Bound {
    if accept("CURRENT") {
      try expect("ROW")
      return .currentRow
    }
    if accept("UNBOUNDED") {
      if accept("PRECEDING") { return .unboundedPreceding }
      try expect("FOLLOWING")
      return .unboundedFollowing
    }
    let distance = try operand()
    if accept("PRECEDING") { return .preceding(distance) }
    try expect("FOLLOWING")
    return .following(distance)
  }
}
