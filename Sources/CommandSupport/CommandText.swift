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

  /// A time in milliseconds since 1970-01-01 UTC as ISO 8601, to the second.
  public static func instantText(_ milliseconds: Int64) -> String {
    Date(timeIntervalSince1970: Double(milliseconds) / 1_000).formatted(.iso8601)
  }

  /// A number of bytes with a unit, such as `512MB`; units count in 1,024s. `nil` for what is no such number above 0.
  public static func bytes(_ text: String) -> Int? {
    let units = ["": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40]
    return number(text) { units[$0.uppercased()] }
  }

  /// A span of time with a unit, such as `90s`, `10m`, `12h`, `7d`, `8w`, `2y` (of 365 days), in seconds; `nil` for
  /// what is no such span above 0.
  public static func seconds(_ text: String) -> Int? {
    let units = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400]
    return number(text) { units[$0] }
  }

  private static func number(_ text: String, unit: (String) -> Int?) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits), number > 0, let unit = unit(String(text.dropFirst(digits.count))) else {
      return nil
    }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit)
    return overflow ? nil : product
  }

  /// The text on one line, safe for a terminal: control characters and direction marks as escapes.
  public static func printable(_ text: String) -> String {
    var result = TextBuffer()
    result.appendPrintable(text)
    return String(decoding: result.bytes, as: UTF8.self)
  }
}
