/// Options of the form `name=value`, such as `-X compression.codec=zstd`.
public enum NameValue {
  /// The pairs of an option that may be repeated; the last value of a name counts.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` for a text without `=`; the value is not repeated in it,
  ///   since it may be a secret.
  public static func pairs(_ texts: [String], option: String) throws(CommandError) -> [String: String] {
    var pairs: [String: String] = [:]
    for text in texts {
      guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
        throw CommandError("\(option): a property is written as name=value", exit: .usage)
      }
      pairs[String(text[..<sign])] = String(text[text.index(after: sign)...])
    }
    return pairs
  }
}
