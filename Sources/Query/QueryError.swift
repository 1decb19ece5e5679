/// What is wrong with a query, and where in its text.
public struct QueryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kinds of failure that callers tell apart.
  public enum Code: String, Hashable, Sendable {
    /// The text is no SQL that this engine reads.
    case syntax
    /// A name, a type or a number of arguments does not fit.
    case binding
    /// SQL that is understood, or may be, but not carried out.
    case notSupported
    /// A value cannot be computed: an overflow, a text that is no number.
    case value
    /// A limit is reached: memory or time.
    case limit
  }

  /// The kind of failure.
  public var code: Code
  /// One line: what is wrong. Holds no values of the data.
  public var message: String
  /// The bytes of the SQL text that are to blame, where known.
  public var range: Range<Int>?

  /// Makes an error.
  public init(_ code: Code, _ message: String, at range: Range<Int>? = nil) {
    self.code = code
    self.message = message
    self.range = range
  }

  /// The message alone, without the text of the query.
  public var description: String {
    code == .notSupported ? "not supported: \(message)" : message
  }

  /// The message with the line of the text that is to blame, and carets below the place.
  ///
  /// ```
  /// no column is called "hart_rate" – did you mean "heart_rate"?
  ///   select hart_rate from t
  ///          ^^^^^^^^^
  /// ```
  public func explained(in sql: String) -> String {
    guard let range else { return description }
    let bytes = Array(sql.utf8)
    let start = min(range.lowerBound, bytes.count)
    let newline = UInt8(ascii: "\n")
    let lineStart = bytes[..<start].lastIndex(of: newline).map { $0 + 1 } ?? 0
    let lineEnd = bytes[start...].firstIndex(of: newline) ?? bytes.count
    func text(_ part: ArraySlice<UInt8>) -> String {
      String(decoding: part, as: UTF8.self).map { $0.isASCII && !($0 >= " ") ? " " : String($0) }.joined()
    }
    let before = text(bytes[lineStart..<start])
    let marked = text(bytes[start..<max(start, min(range.upperBound, lineEnd))])
    let carets = String(repeating: "^", count: max(1, marked.count))
    return """
      \(description)
        \(text(bytes[lineStart..<lineEnd]))
        \(String(repeating: " ", count: before.count))\(carets)
      """
  }
}
