extension Parser {
  /// A literal, a name, a call, or something in parentheses.
  mutating func primary() throws(QueryError) -> ExpressionSyntax {
    let token = current
    let start = token.range.lowerBound
    switch token.kind {
    case .number:
      at += 1
      return try node(.number(token.text), from: start, [])
    case .string:
      at += 1
      return try node(.text(token.text), from: start, [])
    case .symbol: return try symbolPrimary()
    case .quotedName: return try nameOrCall()
    case .word: return try wordPrimary()
    case .end: throw unexpected("an expression")
    }
  }

  private mutating func symbolPrimary() throws(QueryError) -> ExpressionSyntax {
    let start = current.range.lowerBound
    if accept("(") {
      if isKeyword("SELECT") || isKeyword("WITH") || isKeyword("FROM") {
        let inner = try query()
        try expect(")")
        return try node(.subquery(inner), from: start, [])
      }
      var inner = try expression()
      if isSymbol(",") { throw QueryError(.notSupported, "rows in parentheses", at: current.range) }
      try expect(")")
      inner.range = start..<previousEnd
      return inner
    }
    if accept("*") { return try star(nil, from: start) }
    if accept("[") {
      let items = isSymbol("]") ? [] : try expressions()
      try expect("]")
      return try node(.list(items), from: start, items)
    }
    if accept("{") { return try structure(from: start) }
    throw unexpected("an expression")
  }

  /// `{'a': 1, b: 'x'}`.
  private mutating func structure(from start: Int) throws(QueryError) -> ExpressionSyntax {
    var fields: [(Name, ExpressionSyntax)] = []
    repeat {
      let token = current
      let key = token.kind == .string ? Name(text: try string().text, range: token.range) : try fieldName()
      try expect(":")
      fields.append((key, try expression()))
    } while accept(",")
    try expect("}")
    return try node(.structure(fields), from: start, fields.map(\.1))
  }

  private mutating func star(_ qualifier: Name?, from start: Int) throws(QueryError) -> ExpressionSyntax {
    var excluding: [Name] = []
    var replacing: [SelectItem] = []
    if accept("EXCLUDE") || accept("EXCEPT") { excluding = isSymbol("(") ? try names() : [try name()] }
    if isKeyword("RENAME"), peek(1).text == "(" { throw QueryError(.notSupported, "* RENAME", at: current.range) }
    if isKeyword("REPLACE"), peek(1).text == "(" {
      at += 2
      repeat {
        let value = try expression()
        try expect("AS")
        replacing.append(SelectItem(expression: value, alias: try name()))
      } while accept(",")
      try expect(")")
    }
    return try node(.star(qualifier: qualifier, excluding: excluding, replacing: replacing), from: start, [])
  }

  private mutating func wordPrimary() throws(QueryError) -> ExpressionSyntax {
    let start = current.range.lowerBound
    let isCall = peek(1).text == "(" && peek(1).kind == .symbol
    switch current.keyword {
    case "NULL":
      at += 1
      return try node(.null, from: start, [])
    case "TRUE", "FALSE":
      let value = advance().keyword == "TRUE"
      return try node(.boolean(value), from: start, [])
    case "CASE": return try choice()
    case "CAST" where isCall, "TRY_CAST" where isCall:
      let isTry = advance().keyword == "TRY_CAST"
      at += 1
      let value = try expression()
      try expect("AS")
      let target = try type()
      try expect(")")
      return try node(.cast(value, target, isTry: isTry), from: start, [value])
    case "EXISTS" where isCall:
      at += 2
      let inner = try query()
      try expect(")")
      return try node(.exists(inner), from: start, [])
    case "EXTRACT" where isCall: return try extract()
    case "POSITION" where isCall: return try position()
    case "TRIM" where isCall: return try trim()
    case "SUBSTRING" where isCall: return try substring()
    case "ARRAY" where peek(1).text == "[":
      at += 1
      return try symbolPrimary()
    case "ARRAY" where isCall, "COLUMNS" where isCall, "MAP" where peek(1).text == "{", "ROW" where isCall:
      throw QueryError(.notSupported, current.keyword, at: current.range)
    case "INTERVAL" where peek(1).kind == .string || peek(1).kind == .number || isCall: return try interval()
    case "DATE", "TIMESTAMP", "TIMESTAMPTZ", "TIME":
      if peek(1).kind == .string || ["WITH", "WITHOUT"].contains(peek(1).keyword) {
        let target = try type()
        let text = try string().text
        return try node(.typed(target, text), from: start, [])
      }
      return try nameOrCall()
    case "CURRENT_DATE" where !isCall, "CURRENT_TIMESTAMP" where !isCall:
      let token = advance()
      let call = CallSyntax(name: Name(text: token.text, range: token.range), arguments: [])
      return try node(.call(call), from: start, [])
    case "LEFT" where isCall, "RIGHT" where isCall:
      return try nameOrCall()
    default:
      return try nameOrCall()
    }
  }

  /// `extract(hour from t)` as the call `date_part('hour', t)`.
  private mutating func extract() throws(QueryError) -> ExpressionSyntax {
    let token = advance()
    try expect("(")
    let part = current.kind == .string ? advance() : advance()
    let field = ExpressionSyntax(kind: .text(part.text), range: part.range, depth: 1)
    try expect("FROM")
    let value = try expression()
    try expect(")")
    return try call("date_part", [field, value], token)
  }

  /// `position(part in text)` as the call `strpos(text, part)`.
  private mutating func position() throws(QueryError) -> ExpressionSyntax {
    let token = advance()
    try expect("(")
    let part = try operand()
    try expect("IN")
    let text = try expression()
    try expect(")")
    return try call("strpos", [text, part], token)
  }

  /// `trim(both 'x' from text)` as `trim(text, 'x')`; the form of other functions too.
  private mutating func trim() throws(QueryError) -> ExpressionSyntax {
    let token = advance()
    try expect("(")
    var name = "trim"
    if accept("LEADING") { name = "ltrim" } else if accept("TRAILING") { name = "rtrim" } else { _ = accept("BOTH") }
    if accept("FROM") {
      let text = try expression()
      try expect(")")
      return try call(name, [text], token)
    }
    var arguments = [try expression()]
    if accept("FROM") {
      arguments.insert(try expression(), at: 0)
    } else if accept(",") {
      arguments += try expressions()
    }
    try expect(")")
    return try call(name, arguments, token)
  }

  /// `substring(text from 2 for 3)` as `substring(text, 2, 3)`; the form of other functions too.
  private mutating func substring() throws(QueryError) -> ExpressionSyntax {
    let token = advance()
    try expect("(")
    var arguments = [try expression()]
    if accept("FROM") {
      arguments.append(try expression())
      if accept("FOR") { arguments.append(try expression()) }
    } else if accept("FOR") {
      let one = ExpressionSyntax(kind: .number("1"), range: token.range, depth: 1)
      arguments += [one, try expression()]
    } else if accept(",") {
      arguments += try expressions()
    }
    try expect(")")
    return try call("substring", arguments, token)
  }

  private func call(
    _ name: String, _ arguments: [ExpressionSyntax], _ token: Token
  ) throws(QueryError) -> ExpressionSyntax {
    let call = CallSyntax(name: Name(text: name, range: token.range), arguments: arguments)
    return try node(.call(call), from: token.range.lowerBound, arguments)
  }

  private mutating func interval() throws(QueryError) -> ExpressionSyntax {
    let start = advance().range.lowerBound
    let amount = try primary()
    var unit: String?
    if current.kind == .word, IntervalUnit(name: current.keyword) != nil { unit = advance().keyword }
    return try node(.interval(amount, unit: unit), from: start, [amount])
  }

  private mutating func choice() throws(QueryError) -> ExpressionSyntax {
    let start = advance().range.lowerBound
    let operand = isKeyword("WHEN") ? nil : try expression()
    var branches: [(ExpressionSyntax, ExpressionSyntax)] = []
    while accept("WHEN") {
      let condition = try expression()
      try expect("THEN")
      branches.append((condition, try expression()))
    }
    guard !branches.isEmpty else { throw unexpected("WHEN") }
    let otherwise = accept("ELSE") ? try expression() : nil
    try expect("END")
    let parts = branches.flatMap { [$0.0, $0.1] } + [operand, otherwise].compactMap(\.self)
    return try node(.choice(operand: operand, branches: branches, otherwise: otherwise), from: start, parts)
  }

  /// `name`, `table.column.field`, `table.*`, `function(…)`.
  private mutating func nameOrCall() throws(QueryError) -> ExpressionSyntax {
    let start = current.range.lowerBound
    let mayCall = peek(1).text == "(" && peek(1).kind == .symbol
    let first: Name
    if mayCall {
      first = try fieldName()
    } else {
      first = try name()
    }
    if mayCall { return try call(first) }
    var path = [first]
    while isSymbol("."), path.count < 32 {
      at += 1
      if accept("*") {
        guard path.count == 1 else { throw QueryError(.notSupported, "all fields of a field", at: path[0].range) }
        return try star(first, from: start)
      }
      path.append(try fieldName())
    }
    return try node(.column(path), from: start, [])
  }

  private mutating func call(_ name: Name) throws(QueryError) -> ExpressionSyntax {
    try expect("(")
    var call = CallSyntax(name: name, arguments: [])
    if isSymbol("*"), peek(1).text == ")" {
      at += 1
      call.hasStar = true
    } else if !isSymbol(")") {
      if accept("DISTINCT") { call.isDistinct = true } else { _ = accept("ALL") }
      call.arguments = try expressions()
      if accept("ORDER") {
        try expect("BY")
        call.order = try orderKeys()
      }
      call.ignoresNulls = try nullTreatment() ?? false
    }
    try expect(")")
    if isKeyword("FILTER"), peek(1).text == "(" {
      at += 2
      _ = accept("WHERE")
      call.filter = try expression()
      try expect(")")
    }
    if let ignores = try nullTreatment() { call.ignoresNulls = ignores }
    if accept("OVER") { call.window = try window() }
    var parts = call.arguments + call.order.map(\.expression)
    if let filter = call.filter { parts.append(filter) }
    return try node(.call(call), from: name.range.lowerBound, parts)
  }
}
