import FoundationEssentials

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

  /// A point in time as ISO 8601 with its zone, `2026-01-31T12:00:00Z`, in milliseconds since 1970-01-01 UTC; `option`
  /// is the one that was given it.
  ///
  /// - Throws: ``CommandError`` with ``ExitStatus/usage`` where the text is no such time.
  public static func instant(_ text: String, option: String) throws(CommandError) -> Int64 {
    guard let date = try? Date(text, strategy: .iso8601) else {
      throw CommandError(
        "\(option): \(text.prefix(40).debugDescription) is no time; write it as 2026-01-31T12:00:00Z", exit: .usage)
    }
    return Int64((date.timeIntervalSince1970 * 1_000).rounded(.down))
  }

  /// The text on one line, safe for a terminal: control characters and direction marks as escapes.
  public static func printable(_ text: String) -> String {
    var result = TextBuffer()
    result.appendPrintable(text)
    return String(decoding: result.bytes, as: UTF8.self)
  }
}
