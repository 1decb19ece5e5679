import FoundationEssentials

/// In what a recording counts its time.
public enum RecordedTimeUnit: String, Sendable, CaseIterable {
  case nanoseconds = "ns"
  case microseconds = "us"
  case milliseconds = "ms"
  case seconds = "s"
  case minutes = "min"
  case hours = "h"
  case iso

  /// The unit that a column is named after, such as `minute`; nil where the name tells none.
  init?(columnName: String) {
    switch columnName.lowercased() {
    case "sec", "second", "seconds": self = .seconds
    case "min", "minute", "minutes": self = .minutes
    case "hour", "hours": self = .hours
    default: return nil
    }
  }

  private var millisPerUnit: Double {
    switch self {
    case .nanoseconds: 1e-6
    case .microseconds: 1e-3
    case .milliseconds, .iso: 1
    case .seconds: 1_000
    case .minutes: 60_000
    case .hours: 3_600_000
    }
  }

  /// A number of this unit in whole milliseconds; nil where that is no sensible time.
  func millis(_ number: Double) -> Int64? {
    let millis = (number * millisPerUnit).rounded()
    return abs(millis) < 1e15 ? Int64(millis) : nil
  }

  /// Text in this unit in whole milliseconds: a number, or a date and time of ISO 8601.
  func millis(text: String) -> Int64? {
    if self == .iso { return Self.instant(iso: text) }
    // Whole numbers exactly: nanoseconds since 1970 exceed a double's 53 bits.
    if self == .nanoseconds, let whole = Int64(text) { return whole / 1_000_000 }
    return Double(text).flatMap { millis($0) }
  }

  /// The instant of an ISO 8601 text, in milliseconds since 1970 UTC; without a zone it is UTC, without a time
  /// midnight.
  public static func instant(iso text: String) -> Int64? {
    var text = text.count == 10 ? text + "T00:00:00Z" : text
    if text.count > 10, text[text.index(text.startIndex, offsetBy: 10)] == " " {
      text.replaceSubrange(
        text.index(text.startIndex, offsetBy: 10)...text.index(text.startIndex, offsetBy: 10), with: "T")
    }
    let tail = text.dropFirst(11)
    if !tail.contains("Z") && !tail.contains("+") && !tail.contains("-") { text += "Z" }
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
    guard let date = try? style.parse(text) else { return nil }
    let millis = (date.timeIntervalSince1970 * 1000).rounded()
    return abs(millis) < 1e15 ? Int64(millis) : nil
  }
}
