// Expressions, by precedence climbing. From loose to tight:
// OR · AND · NOT · IS · comparison, IN, LIKE, BETWEEN · || and others · + - · * / // % · ^ ** · unary · :: [] .

extension Parser {
  private static let deepestTree = 200
  private static let comparisonLevel = 4

  /// One expression.
  mutating func expression() throws(QueryError) -> ExpressionSyntax {
    try nested { (parser) throws(QueryError) in try parser.disjunction() }
  }

  /// Expressions between commas.
  mutating func expressions() throws(QueryError) -> [ExpressionSyntax] {
    var result = [try expression()]
    while accept(",") { result.append(try expression()) }
    return result
  }

  func node(
    _ kind: ExpressionSyntax.Kind, from start: Int, _ parts: [ExpressionSyntax]
  ) throws(QueryError) -> ExpressionSyntax {
    let depth = 1 + (parts.map(\.depth).max() ?? 0)
    let range = start..<max(start, previousEnd)
    guard depth <= Self.deepestTree else {
      throw QueryError(.syntax, "an expression of more than \(Self.deepestTree) levels", at: range)
    }
    return ExpressionSyntax(kind: kind, range: range, depth: depth)
  }

  private mutating func disjunction() throws(QueryError) -> ExpressionSyntax {
    var parts = [try conjunction()]
    while accept("OR") { parts.append(try conjunction()) }
    return parts.count == 1 ? parts[0] : try node(.or(parts), from: parts[0].range.lowerBound, parts)
  }

  private mutating func conjunction() throws(QueryError) -> ExpressionSyntax {
    var parts = [try negation()]
    while accept("AND") { parts.append(try negation()) }
    return parts.count == 1 ? parts[0] : try node(.and(parts), from: parts[0].range.lowerBound, parts)
  }

  private mutating func negation() throws(QueryError) -> ExpressionSyntax {
    guard isKeyword("NOT") else { return try predicate() }
    let start = advance().range.lowerBound
    let operand = try nested { (parser) throws(QueryError) in try parser.negation() }
    return try node(.not(operand), from: start, [operand])
  }

  /// Comparisons and what stands behind a value: `IS …`, `[NOT] IN`, `[NOT] LIKE`, `[NOT] BETWEEN`.
  private mutating func predicate() throws(QueryError) -> ExpressionSyntax {
    var left = try operation(Self.comparisonLevel)
    while true {
      let start = left.range.lowerBound
      if accept("IS") {
        left = try isPredicate(left)
      } else if accept("ISNULL") {
        left = try node(.isNull(left, negated: false), from: start, [left])
      } else if accept("NOTNULL") {
        left = try node(.isNull(left, negated: true), from: start, [left])
      } else if current.kind == .symbol, ["=", "==", "<", ">", "<=", ">=", "<>", "!="].contains(current.text) {
        let symbol = advance().text
        if ["ANY", "ALL", "SOME"].contains(current.keyword), peek(1).text == "(" {
          throw QueryError(.notSupported, "a comparison with \(current.keyword)", at: current.range)
        }
        let right = try operation(Self.comparisonLevel)
        left = try node(.binary(symbol, left, right), from: start, [left, right])
      } else if isKeyword("NOT"), ["IN", "LIKE", "ILIKE", "BETWEEN"].contains(peek(1).keyword) {
        at += 1
        left = try rangePredicate(left, negated: true)
      } else if ["IN", "LIKE", "ILIKE", "BETWEEN"].contains(current.keyword), current.kind == .word {
        left = try rangePredicate(left, negated: false)
      } else if let matched = try pattern(left) {
        left = matched
      } else {
        return left
      }
    }
  }

  /// `~ 'regular expression'`, `!~`, and `[NOT] SIMILAR TO`, which asks for the whole text; `nil` where none is here.
  private mutating func pattern(_ left: ExpressionSyntax) throws(QueryError) -> ExpressionSyntax? {
    let start = left.range.lowerBound
    let first = at
    let token = current
    var isNegated = accept("NOT")
    var name = "regexp_matches"
    if isKeyword("SIMILAR"), peek(1).keyword == "TO" {
      at += 2
      name = "regexp_full_match"
    } else if isNegated {
      if isKeyword("GLOB") { throw QueryError(.notSupported, "GLOB", at: current.range) }
      at = first
      return nil
    } else if accept("!~") {
      isNegated = true
    } else if !accept("~") {
      if isKeyword("GLOB") { throw QueryError(.notSupported, "GLOB", at: current.range) }
      return nil
    }
    let pattern = try operation(Self.comparisonLevel)
    let call = CallSyntax(name: Name(text: name, range: token.range), arguments: [left, pattern])
    let result = try node(.call(call), from: start, [left, pattern])
    return isNegated ? try node(.not(result), from: start, [result]) : result
  }

  private mutating func isPredicate(_ left: ExpressionSyntax) throws(QueryError) -> ExpressionSyntax {
    let start = left.range.lowerBound
    let negated = accept("NOT")
    if accept("NULL") { return try node(.isNull(left, negated: negated), from: start, [left]) }
    if accept("TRUE") { return try node(.isBoolean(left, true, negated: negated), from: start, [left]) }
    if accept("FALSE") { return try node(.isBoolean(left, false, negated: negated), from: start, [left]) }
    if accept("UNKNOWN") { return try node(.isNull(left, negated: negated), from: start, [left]) }
    try expect("DISTINCT")
    try expect("FROM")
    let right = try operation(Self.comparisonLevel)
    return try node(.isDistinct(left, right, negated: negated), from: start, [left, right])
  }

  private mutating func rangePredicate(
    _ left: ExpressionSyntax, negated: Bool
  ) throws(QueryError) -> ExpressionSyntax {
    let start = left.range.lowerBound
    if accept("BETWEEN") {
      let low = try operation(Self.comparisonLevel)
      try expect("AND")
      let high = try operation(Self.comparisonLevel)
      return try node(.between(left, low, high, negated: negated), from: start, [left, low, high])
    }
    if accept("IN") {
      try expect("(")
      if isKeyword("SELECT") || isKeyword("WITH") || isKeyword("FROM") {
        let inner = try query()
        try expect(")")
        return try node(.inQuery(left, inner, negated: negated), from: start, [left])
      }
      let items = try expressions()
      try expect(")")
      return try node(.inList(left, items, negated: negated), from: start, [left] + items)
    }
    let ignoringCase = accept("ILIKE")
    if !ignoringCase { try expect("LIKE") }
    let pattern = try operation(Self.comparisonLevel)
    let escape = accept("ESCAPE") ? try operation(Self.comparisonLevel) : nil
    return try node(
      .like(left, pattern, escape: escape, ignoringCase: ignoringCase, negated: negated), from: start, [left, pattern])
  }

  /// How tightly a binary operator binds; `nil` for what is none.
  private func level(of token: Token) -> Int? {
    guard token.kind == .symbol else { return nil }
    switch token.text {
    case "||", "&", "|", "<<", ">>": return 5
    case "+", "-": return 6
    case "*", "/", "//", "%": return 7
    case "^", "**": return 8
    default: return nil
    }
  }

  private mutating func operation(_ minimum: Int) throws(QueryError) -> ExpressionSyntax {
    var left = try unary()
    while let level = level(of: current), level > minimum {
      let symbol = advance()
      let right = try operation(level)
      left = try node(.binary(symbol.text, left, right), from: left.range.lowerBound, [left, right])
    }
    return left
  }

  /// An expression without comparisons, which `AND` may follow.
  mutating func operand() throws(QueryError) -> ExpressionSyntax {
    try nested { (parser) throws(QueryError) in try parser.operation(Self.comparisonLevel) }
  }

  private mutating func unary() throws(QueryError) -> ExpressionSyntax {
    guard isSymbol("-") || isSymbol("+") || isSymbol("~") else { return try postfix() }
    let symbol = advance()
    // A power binds tighter than the sign before it: -2 ^ 2 is -4 in mathematics, but 4 in PostgreSQL and DuckDB.
    let operand = try nested { (parser) throws(QueryError) in try parser.unary() }
    return try node(.unary(symbol.text, operand), from: symbol.range.lowerBound, [operand])
  }

  /// `value::type`, `list[1]`, `structure.field`.
  private mutating func postfix() throws(QueryError) -> ExpressionSyntax {
    var value = try primary()
    while true {
      let start = value.range.lowerBound
      if accept("::") {
        let type = try type()
        value = try node(.cast(value, type, isTry: false), from: start, [value])
      } else if accept("[") {
        value = try subscripted(value, from: start)
      } else if isKeyword("AT"), peek(1).keyword == "TIME", peek(2).keyword == "ZONE" {
        at += 3
        let zone = try primary()
        value = try node(.atTimeZone(value, zone), from: start, [value, zone])
      } else if isKeyword("COLLATE") {
        throw QueryError(.notSupported, "COLLATE", at: current.range)
      } else if isSymbol("."), !(value.isColumn) {
        at += 1
        let field = try fieldName()
        value = try node(.field(value, field), from: start, [value])
      } else {
        return value
      }
    }
  }

  /// `[1]`, `[2:4]`, `[:-2]`, behind the opening bracket.
  private mutating func subscripted(_ value: ExpressionSyntax, from start: Int) throws(QueryError) -> ExpressionSyntax {
    let low = isSymbol(":") ? nil : try expression()
    guard accept(":") else {
      try expect("]")
      guard let low else { throw unexpected("an expression") }
      return try node(.element(value, low), from: start, [value, low])
    }
    let high = isSymbol("]") || isSymbol(":") ? nil : try expression()
    if isSymbol(":") { throw QueryError(.notSupported, "slices by steps", at: current.range) }
    try expect("]")
    return try node(.slice(value, low, high), from: start, [value] + [low, high].compactMap(\.self))
  }

  /// A type: `decimal(10, 2)`, `double precision`, `timestamp with time zone`, `integer[]`.
  mutating func type() throws(QueryError) -> TypeSyntax {
    let first = try name()
    var type = TypeSyntax(name: first.text.uppercased(), range: first.range)
    if type.name == "DOUBLE" { _ = accept("PRECISION") }
    if accept("(") {
      repeat { type.arguments.append(try integer()) } while accept(",")
      try expect(")")
    }
    if type.name == "TIMESTAMP" || type.name == "TIME" {
      if isKeyword("WITH") && peek(1).keyword == "TIME" {
        at += 3
        type.name += "TZ"
      } else if isKeyword("WITHOUT") {
        at += 3
      }
    }
    while isSymbol("["), peek(1).text == "]" {
      at += 2
      type.listDepth += 1
    }
    type.range = first.range.lowerBound..<previousEnd
    return type
  }

  mutating func fieldName() throws(QueryError) -> Name {
    guard current.kind == .word || current.kind == .quotedName else { throw unexpected("a name") }
    let token = advance()
    return Name(text: token.text, range: token.range)
  }
}

extension ExpressionSyntax {
  fileprivate var isColumn: Bool {
    if case .column = kind { return true }
    return false
  }
}
