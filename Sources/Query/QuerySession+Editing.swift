public import Columnar
internal import Synchronization

// What a prompt needs to know beside the rows of statements.

extension QuerySession {
  /// The statements of a text, each up to its semicolon; a text that cannot be cut is one statement.
  public static func statements(in text: String) -> [String] {
    guard let tokens = try? Lexer.tokens(of: text) else { return [text] }
    let bytes = Array(text.utf8)
    var result: [String] = []
    var start = 0
    var isEmpty = true
    for token in tokens {
      let isEnd = token.kind == .end || (token.kind == .symbol && token.text == ";")
      guard isEnd else {
        isEmpty = false
        continue
      }
      let end = token.range.upperBound
      if !isEmpty { result.append(String(decoding: bytes[start..<end], as: UTF8.self)) }
      (start, isEmpty) = (end, true)
    }
    return result
  }

  /// Whether a text ends with the semicolon that ends a statement, so that nothing more is waited for.
  public static func isComplete(_ text: String) -> Bool {
    do throws(QueryError) {
      let last = try Lexer.tokens(of: text).dropLast().last
      return last?.kind == .symbol && last?.text == ";"
    } catch {
      // A quote or comment may end on a later line; what else is wrong is said when it runs.
      return !error.message.hasSuffix("without end")
    }
  }

  /// The names of the session's views and of the columns of all tables met so far.
  public var knownNames: [String] { names.withLock { $0.sorted() } + viewNames }

  /// The names of the session's views.
  public var viewNames: [String] { views.withLock { $0.keys.sorted() } }

  /// What a type of a result's column is called in SQL, in small letters.
  public static func typeName(of type: DataType) -> String { SQLType(type).name.lowercased() }

  /// The words of SQL.
  public static var keywords: [String] {
    Parser.reserved.sorted() + ["COPY", "DESCRIBE", "EXPLAIN", "EXISTS", "SUMMARIZE", "BY", "OVER", "PARTITION"]
  }

  /// Looks at the tables that an unfinished statement names, so that their columns are known.
  public func learnNames(from text: String) async {
    // A quote that is still open is closed for the look.
    guard let tokens = (try? Lexer.tokens(of: text)) ?? (try? Lexer.tokens(of: text + "'")) else { return }
    for (token, next) in zip(tokens, tokens.dropFirst()) {
      guard ["FROM", "JOIN", ","].contains(token.keyword), next.kind == .string else { continue }
      _ = try? await bind(Parser.describedTable(next))
    }
  }
}

extension Parser {
  /// `SELECT * FROM '…'`.
  static func describedTable(_ token: Token) -> QuerySyntax {
    let table = TableSyntax.named(Name(text: token.text, range: token.range), isQuoted: true, alias: nil)
    return QuerySyntax(body: .select(.everything(of: table, token.range)), range: token.range)
  }
}
