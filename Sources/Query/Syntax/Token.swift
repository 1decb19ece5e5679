/// A piece of SQL text.
struct Token: Hashable {
  enum Kind: Hashable {
    /// A word that may be a keyword or a name; `text` is as written.
    case word
    /// A name in double quotes.
    case quotedName
    /// A number: digits, perhaps with a point and an exponent.
    case number
    /// A text in single quotes, without them.
    case string
    /// An operator or punctuation.
    case symbol
    /// Behind the last piece.
    case end
  }

  var kind: Kind
  /// The word, name or text without its quotes; the symbol.
  var text: String
  /// The bytes of the SQL text.
  var range: Range<Int>
  /// The word in upper case, for comparing with keywords.
  var keyword: String
}
