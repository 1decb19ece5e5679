extension Parser {
  /// What stands behind `FROM`: tables, joined by commas or by `JOIN`.
  mutating func tables() throws(QueryError) -> TableSyntax {
    var left = try tableFactor()
    var count = 0
    while true {
      let start = current.range.lowerBound
      var join = JoinSyntax(kind: .inner, range: start..<start)
      if accept(",") || (isKeyword("CROSS") && peek(1).keyword == "JOIN") {
        if accept("CROSS") { try expect("JOIN") }
        join.kind = .cross
      } else if !(try joinKind(&join)) {
        return left
      }
      let right = try tableFactor()
      if join.kind != .cross {
        if accept("ON") {
          join.condition = try expression()
        } else if isKeyword("USING") {
          at += 1
          join.using = try names()
        } else {
          throw unexpected("ON or USING")
        }
      }
      join.range = start..<previousEnd
      left = .join(left, right, join)
      count += 1
      guard count < 32 else { throw QueryError(.syntax, "more than 32 tables joined", at: join.range) }
    }
  }

  /// `[ASOF] [INNER | LEFT [OUTER] | …] JOIN`; whether it was there.
  private mutating func joinKind(_ join: inout JoinSyntax) throws(QueryError) -> Bool {
    let first = at
    join.isAsof = accept("ASOF")
    if peek(1).keyword == "JOIN" || peek(2).keyword == "JOIN" { try refuse(["NATURAL", "POSITIONAL"]) }
    let kinds: [(String, JoinSyntax.Kind)] = [
      ("INNER", .inner), ("LEFT", .left), ("RIGHT", .right), ("FULL", .full), ("SEMI", .semi), ("ANTI", .anti),
    ]
    for (word, kind) in kinds where accept(word) {
      join.kind = kind
      _ = accept("OUTER")
      try expect("JOIN")
      return true
    }
    if accept("JOIN") { return true }
    at = first
    return false
  }

  /// One table: a name, a path in quotes, a function, or a query in parentheses.
  mutating func tableFactor() throws(QueryError) -> TableSyntax {
    try nested { (parser) throws(QueryError) in try parser.unnestedFactor() }
  }

  private mutating func unnestedFactor() throws(QueryError) -> TableSyntax {
    if peek(1).text == "(" || peek(1).keyword == "SELECT" { try refuse(["LATERAL", "PIVOT", "UNPIVOT"]) }
    if accept("(") {
      if isKeyword("SELECT") || isKeyword("WITH") || isKeyword("FROM") || isKeyword("VALUES") || isSymbol("(") {
        let inner = try query()
        try expect(")")
        return .query(inner, alias: try tableAlias())
      }
      let inner = try tables()
      try expect(")")
      return inner
    }
    if current.kind == .string {
      let token = advance()
      return .named(Name(text: token.text, range: token.range), isQuoted: true, alias: try tableAlias())
    }
    let isQuoted = current.kind == .quotedName
    let name = try name()
    guard accept("(") else { return .named(name, isQuoted: isQuoted, alias: try tableAlias()) }
    var arguments: [ExpressionSyntax] = []
    var named: [(Name, ExpressionSyntax)] = []
    while !isSymbol(")") {
      if current.kind == .word, ["=", "=>"].contains(peek(1).text), peek(1).kind == .symbol {
        let key = try self.name()
        at += 1
        named.append((key, try expression()))
      } else {
        arguments.append(try expression())
      }
      guard accept(",") else { break }
    }
    try expect(")")
    return .function(name, arguments, named: named, alias: try tableAlias())
  }

  private mutating func tableAlias() throws(QueryError) -> TableAlias? {
    if peek(1).text == "(" || peek(1).kind == .word || peek(1).kind == .number {
      try refuse(["TABLESAMPLE", "PIVOT", "UNPIVOT"])
    }
    let isName = current.kind == .quotedName || (current.kind == .word && !Self.reserved.contains(current.keyword))
    guard accept("AS") || isName else { return nil }
    let name = try name()
    return TableAlias(name: name, columns: isSymbol("(") ? try names() : [])
  }
}
