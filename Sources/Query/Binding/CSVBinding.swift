extension CSVOptions {
  /// The options of `read_csv('…', header = true, delim = ';')`.
  init(_ named: [(Name, ExpressionSyntax)], location: String) throws(QueryError) {
    self.init()
    if location.lowercased().hasSuffix(".tsv") { delimiter = 0x09 }
    for (key, value) in named {
      switch key.text.lowercased() {
      case "header": hasHeader = try Self.flag(key, value)
      case "all_varchar": isAllText = try Self.flag(key, value)
      case "auto_detect": _ = try Self.flag(key, value)
      case "delim", "sep", "delimiter": delimiter = try Self.byte(key, value)
      case "quote": quote = try Self.byte(key, value)
      case "nullstr":
        guard case .text(let text) = value.kind else { throw Self.wrong(key, "a text", value) }
        nullText = text
      case "sample_size":
        guard case .number(let text) = value.kind, let count = Int(text), count > 0 else {
          throw Self.wrong(key, "a number of lines", value)
        }
        sampleSize = count
      default: throw QueryError(.notSupported, "the option \(key.text)", at: key.range)
      }
    }
  }

  private static func wrong(_ key: Name, _ wanted: String, _ value: ExpressionSyntax) -> QueryError {
    QueryError(.binding, "\(key.text) takes \(wanted)", at: value.range)
  }

  private static func flag(_ key: Name, _ value: ExpressionSyntax) throws(QueryError) -> Bool {
    guard case .boolean(let flag) = value.kind else { throw wrong(key, "true or false", value) }
    return flag
  }

  private static func byte(_ key: Name, _ value: ExpressionSyntax) throws(QueryError) -> UInt8 {
    guard case .text(let text) = value.kind else { throw wrong(key, "one character in single quotes", value) }
    if text == "\\t" { return 0x09 }
    guard text.utf8.count == 1, let byte = text.utf8.first, byte != 0x0A, byte != 0x0D, byte < 0x80 else {
      throw wrong(key, "one character in single quotes", value)
    }
    return byte
  }
}
