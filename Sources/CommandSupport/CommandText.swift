/// Small matters of text that arguments and settings share.
public enum CommandText {
  /// The text without blanks at its ends.
  public static func trimmed(_ text: some StringProtocol) -> String {
    let rest = text.drop { $0 == " " || $0 == "\t" }
    return String(rest.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
  }

  /// The parts of a list separated by commas, blanks around them taken off, empty ones left out.
  public static func list(_ text: String) -> [String] {
    text.split(separator: ",").map(trimmed).filter { !$0.isEmpty }
  }

  /// The text on one line, safe for a terminal: control characters and direction marks as escapes.
  public static func printable(_ text: String) -> String {
    var result = TextBuffer()
    result.appendPrintable(text)
    return String(decoding: result.bytes, as: UTF8.self)
  }
}
