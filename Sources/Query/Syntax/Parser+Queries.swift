extension Parser {
  /// A whole query: `WITH … SELECT … UNION … ORDER BY … LIMIT …`.
  mutating func query() throws(QueryError) -> QuerySyntax {
    try nested { (parser) throws(QueryError) in try parser.unnestedQuery() }
  }

  private mutating func unnestedQuery() throws(QueryError) -> QuerySyntax {
    let start = current.range.lowerBound
    var withs: [CommonTable] = []
    if accept("WITH") {
      if isKeyword("RECURSIVE") { throw QueryError(.notSupported, "WITH RECURSIVE", at: current.range) }
      repeat { withs.append(try commonTable()) } while accept(",")
    }
    var query = QuerySyntax(withs: withs, body: try queryBody(), range: start..<start)
    try refuse(["FETCH", "FOR"])
    if accept("ORDER") {
      try expect("BY")
      if isKeyword("ALL") {
        at += 1
        query.orderAll = try direction()
      } else {
        query.order = try orderKeys()
      }
    }
    while isKeyword("LIMIT") || isKeyword("OFFSET") {
      if accept("LIMIT") {
        if peek(1).text == "%", ["", ";", ")", "OFFSET"].contains(peek(2).keyword) {
          throw QueryError(.notSupported, "LIMIT by percent", at: peek(1).range)
        }
        query.limit = accept("ALL") ? nil : try expression()
        if isSymbol("%") || isKeyword("PERCENT") {
          throw QueryError(.notSupported, "LIMIT by percent", at: current.range)
        }
      }
      if accept("OFFSET") {
        query.offset = try expression()
        _ = accept("ROWS") || accept("ROW")
      }
    }
    query.range = start..<previousEnd
    return query
  }

  private mutating func commonTable() throws(QueryError) -> CommonTable {
    let name = try name()
    let columns = isSymbol("(") ? try names() : []
    try expect("AS")
    _ = accept("MATERIALIZED")
    try expect("(")
    let inner = try query()
    try expect(")")
    return CommonTable(name: name, columns: columns, query: inner)
  }

  /// `(a, b, c)`.
  mutating func names() throws(QueryError) -> [Name] {
    try expect("(")
    var result: [Name] = []
    repeat { result.append(try name()) } while accept(",")
    try expect(")")
    return result
  }

  /// Queries between `UNION` and `EXCEPT`, from the left; `INTERSECT` binds tighter.
  private mutating func queryBody() throws(QueryError) -> QueryBody {
    try combined([.union, .except]) { (parser) throws(QueryError) in
      try parser.combined([.intersect]) { (parser) throws(QueryError) in try parser.queryTerm() }
    }
  }

  private mutating func combined(
    _ operations: [SetOperation], _ part: (inout Parser) throws(QueryError) -> QueryBody
  ) throws(QueryError) -> QueryBody {
    var body = try part(&self)
    var count = 0
    while let operation = operations.first(where: { isKeyword($0.rawValue) }) {
      let range = advance().range
      let all = accept("ALL")
      if !all { _ = accept("DISTINCT") }
      if isKeyword("BY") { throw QueryError(.notSupported, "\(operation.rawValue) BY NAME", at: current.range) }
      body = .combined(operation, body, try part(&self), all: all, range: range)
      count += 1
      guard count < 64 else { throw QueryError(.syntax, "more than 64 queries put together", at: range) }
    }
    return body
  }

  private mutating func queryTerm() throws(QueryError) -> QueryBody {
    if accept("(") {
      let inner = try query()
      try expect(")")
      return .nested(inner)
    }
    if accept("VALUES") {
      var rows: [[ExpressionSyntax]] = []
      repeat {
        try expect("(")
        rows.append(try expressions())
        try expect(")")
      } while accept(",")
      return .values(rows)
    }
    return .select(try select())
  }

  private mutating func select() throws(QueryError) -> SelectSyntax {
    let start = current.range.lowerBound
    var select = SelectSyntax(range: start..<start)
    // `FROM t SELECT …` and `FROM t` alone.
    if accept("FROM") { select.from = try tables() }
    if accept("SELECT") {
      if accept("DISTINCT") {
        select.isDistinct = true
        if accept("ON") {
          try expect("(")
          select.distinctOn = try expressions()
          try expect(")")
        }
      } else {
        _ = accept("ALL")
      }
      repeat {
        // A comma may stand behind the last item.
        if isKeyword("FROM") || current.kind == .end { break }
        select.items.append(try selectItem())
      } while accept(",")
    } else if select.from != nil {
      select.items =
        SelectSyntax.everything(
          of: .named(Name(text: "", range: start..<start), isQuoted: false, alias: nil),
          start..<previousEnd
        ).items
    } else {
      throw unexpected("SELECT")
    }
    if select.from == nil, accept("FROM") { select.from = try tables() }
    if accept("WHERE") { select.filter = try expression() }
    if accept("GROUP") {
      try expect("BY")
      if isSymbol("("), peek(1).text == ")" { throw QueryError(.notSupported, "GROUP BY ()", at: current.range) }
      if peek(1).text == "(" || peek(1).keyword == "SETS" { try refuse(["GROUPING", "ROLLUP", "CUBE"]) }
      if accept("ALL") { select.groupsAll = true } else { select.groups = try expressions() }
    }
    if accept("HAVING") { select.having = try expression() }
    if accept("WINDOW") { select.windows = try namedWindows() }
    if accept("QUALIFY") { select.qualify = try expression() }
    if isKeyword("USING"), peek(1).keyword == "SAMPLE" {
      throw QueryError(.notSupported, "USING SAMPLE", at: current.range)
    }
    select.range = start..<previousEnd
    return select
  }

  private mutating func selectItem() throws(QueryError) -> SelectItem {
    let expression = try expression()
    if accept("AS") {
      if current.kind == .string { return SelectItem(expression: expression, alias: alias(advance())) }
      if current.kind == .word { return SelectItem(expression: expression, alias: alias(advance())) }
      return SelectItem(expression: expression, alias: try name())
    }
    let isName = current.kind == .quotedName || (current.kind == .word && !Self.reserved.contains(current.keyword))
    return SelectItem(expression: expression, alias: isName ? try name() : nil)
  }

  private func alias(_ token: Token) -> Name { Name(text: token.text, range: token.range) }

  /// The keys behind `ORDER BY`.
  mutating func orderKeys() throws(QueryError) -> [OrderSyntax] {
    var keys: [OrderSyntax] = []
    repeat {
      let expression = try expression()
      let (isDescending, nullsFirst) = try direction()
      keys.append(OrderSyntax(expression: expression, isDescending: isDescending, nullsFirst: nullsFirst))
    } while accept(",")
    return keys
  }

  private mutating func direction() throws(QueryError) -> (isDescending: Bool, nullsFirst: Bool?) {
    let isDescending = accept("DESC")
    if !isDescending { _ = accept("ASC") }
    guard accept("NULLS") else { return (isDescending, nil) }
    if accept("FIRST") { return (isDescending, true) }
    try expect("LAST")
    return (isDescending, false)
  }
}
