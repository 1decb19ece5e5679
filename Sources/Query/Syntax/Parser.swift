/// Reads tokens by recursive descent. Statements are in this file, queries, tables and expressions in others.
struct Parser {
  let tokens: [Token]
  var at = 0
  /// How deep calls are nested; held against ``deepest``.
  var nesting = 0
  static let deepest = 60

  /// Reads one statement, which must be all there is but for a semicolon.
  static func statement(_ sql: String) throws(QueryError) -> StatementSyntax {
    var parser = Parser(tokens: try Lexer.tokens(of: sql))
    let statement = try parser.statement()
    _ = parser.accept(";")
    guard parser.current.kind == .end else { throw parser.unexpected("the end of the statement") }
    return statement
  }

  private mutating func statement() throws(QueryError) -> StatementSyntax {
    if accept("EXPLAIN") {
      let analyze = accept("ANALYZE")
      return .explain(try nested { (parser) throws(QueryError) in try parser.statement() }, analyze: analyze)
    }
    if accept("DESCRIBE") || accept("SHOW") { return .describe(try describedQuery()) }
    if accept("SUMMARIZE") { return .summarize(try describedQuery()) }
    if accept("COPY") { return try copy() }
    if accept("CREATE") {
      let replace = accept("OR") ? try expect("REPLACE") : false
      _ = accept("TEMP") || accept("TEMPORARY")
      try refuse(["TABLE", "MACRO", "FUNCTION", "SCHEMA", "TYPE", "SEQUENCE", "INDEX", "UNIQUE", "SECRET"], "CREATE ")
      try expect("VIEW")
      let name = try name()
      try expect("AS")
      return .createView(name, try query(), replace: replace)
    }
    if accept("DROP") {
      try refuse(["TABLE", "MACRO", "FUNCTION", "SCHEMA", "TYPE", "SEQUENCE", "INDEX", "SECRET"], "DROP ")
      try expect("VIEW")
      let ifExists = accept("IF") ? try expect("EXISTS") : false
      return .dropView(try name(), ifExists: ifExists)
    }
    if current.kind == .word, Self.unsupportedStatements.contains(current.keyword) {
      throw QueryError(.notSupported, "the statement \(current.keyword)", at: current.range)
    }
    return .query(try query())
  }

  /// A query, or a table alone.
  private mutating func describedQuery() throws(QueryError) -> QuerySyntax {
    if isKeyword("SELECT") || isKeyword("WITH") || isKeyword("FROM") || isSymbol("(") { return try query() }
    let start = current.range.lowerBound
    let table = try tableFactor()
    let range = start..<previousEnd
    return QuerySyntax(body: .select(.everything(of: table, range)), range: range)
  }

  private mutating func copy() throws(QueryError) -> StatementSyntax {
    let start = current.range.lowerBound
    let source: QuerySyntax
    if accept("(") {
      source = try query()
      try expect(")")
    } else {
      source = try describedQuery()
    }
    try expect("TO")
    let target = try string()
    var options: [(String, String)] = []
    if accept("(") {
      repeat {
        let key = try name().text.lowercased()
        // A name alone asks for it.
        options.append((key, isSymbol(",") || isSymbol(")") ? "true" : advance().text))
      } while accept(",")
      try expect(")")
    }
    return .copy(source, to: target.text, options: options, range: start..<previousEnd)
  }

  // MARK: The tokens at hand

  var current: Token { tokens[at] }
  func peek(_ ahead: Int) -> Token { tokens[min(at + ahead, tokens.count - 1)] }
  var previousEnd: Int { at == 0 ? 0 : tokens[at - 1].range.upperBound }

  func isKeyword(_ word: String) -> Bool { current.kind == .word && current.keyword == word }
  func isSymbol(_ text: String) -> Bool { current.kind == .symbol && current.text == text }

  mutating func advance() -> Token {
    let token = current
    if token.kind != .end { at += 1 }
    return token
  }

  /// Passes over a keyword or symbol if it is there.
  mutating func accept(_ text: String) -> Bool {
    guard current.kind == .word || current.kind == .symbol, current.keyword == text else { return false }
    at += 1
    return true
  }

  /// Passes over a keyword or symbol that must be there.
  @discardableResult
  mutating func expect(_ text: String) throws(QueryError) -> Bool {
    guard accept(text) else { throw unexpected(text) }
    return true
  }

  func unexpected(_ wanted: String) -> QueryError {
    if current.kind == .symbol, let what = Self.unsupportedSymbols[current.text] {
      return QueryError(.notSupported, what, at: current.range)
    }
    let found = current.kind == .end ? "the text ends" : "there is \(current.text.debugDescription)"
    return QueryError(.syntax, "\(found) where \(wanted) is expected", at: current.range)
  }

  /// What symbols mean that SQL has and this engine has not.
  private static let unsupportedSymbols: [String: String] = [
    "->": "functions within functions, and ->", "->>": "->>", "?": "parameters", "$": "parameters",
    "@": "the operator @",
    "@>": "the operator @>", "<@": "the operator <@", "&&": "the operator &&", "^@": "the operator ^@",
    "#": "columns by position", "~~": "the operator ~~", "!~~": "the operator !~~", "!": "the operator !",
    ":": "names before values",
  ]

  /// Statements and clauses that SQL has and this engine has not.
  private static let unsupportedStatements: Set<String> = [
    "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "ALTER", "ATTACH", "DETACH", "USE", "PRAGMA", "SET", "RESET",
    "LOAD", "INSTALL", "CALL", "VACUUM", "ANALYZE", "CHECKPOINT", "BEGIN", "COMMIT", "ROLLBACK", "PREPARE", "EXECUTE",
    "DEALLOCATE", "EXPORT", "IMPORT", "PIVOT", "PIVOT_WIDER", "UNPIVOT", "PIVOT_LONGER", "COMMENT", "TABLE",
  ]

  /// Says of words that begin what SQL has and this engine has not that it is so.
  func refuse(_ words: [String], _ before: String = "") throws(QueryError) {
    guard current.kind == .word, words.contains(current.keyword) else { return }
    throw QueryError(.notSupported, before + current.keyword, at: current.range)
  }

  /// A name: a word that is no reserved keyword, or anything in double quotes.
  mutating func name() throws(QueryError) -> Name {
    guard current.kind == .quotedName || (current.kind == .word && !Self.reserved.contains(current.keyword)) else {
      throw unexpected("a name")
    }
    let token = advance()
    return Name(text: token.text, range: token.range)
  }

  mutating func string() throws(QueryError) -> Token {
    guard current.kind == .string else { throw unexpected("a text in single quotes") }
    return advance()
  }

  mutating func integer() throws(QueryError) -> Int {
    guard current.kind == .number, let value = Int(current.text) else { throw unexpected("a whole number") }
    at += 1
    return value
  }

  /// Goes one level deeper.
  mutating func nested<T>(_ body: (inout Parser) throws(QueryError) -> T) throws(QueryError) -> T {
    guard nesting < Self.deepest else {
      throw QueryError(.syntax, "nested more than \(Self.deepest) levels deep", at: current.range)
    }
    nesting += 1
    let result = try body(&self)
    nesting -= 1
    return result
  }

  /// Words that end an expression or a table, and so are no names without quotes.
  static let reserved: Set<String> = [
    "ALL", "AND", "AS", "ASC", "ASOF", "BETWEEN", "CASE", "CAST", "CROSS", "DESC", "DISTINCT", "ELSE", "END",
    "EXCEPT", "FROM", "FULL", "GROUP", "HAVING", "IN", "INNER", "INTERSECT", "IS", "JOIN", "LEFT", "LIKE",
    "ILIKE", "LIMIT", "NATURAL", "NOT", "NULL", "OFFSET", "ON", "OR", "ORDER", "QUALIFY", "RIGHT", "SELECT", "THEN",
    "TRUE", "FALSE", "UNION", "USING", "WHEN", "WHERE", "WITH", "WINDOW", "SEMI", "ANTI",
  ]
}

extension SelectSyntax {
  /// `SELECT * FROM table`.
  static func everything(of table: TableSyntax, _ range: Range<Int>) -> SelectSyntax {
    let star = ExpressionSyntax(kind: .star(qualifier: nil, excluding: [], replacing: []), range: range, depth: 1)
    return SelectSyntax(items: [SelectItem(expression: star)], from: table, range: range)
  }
}
