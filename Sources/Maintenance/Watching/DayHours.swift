/// The hours of the day in which work may be done, in UTC: `22-6` from ten in the evening until six in the morning.
public struct DayHours: Hashable, Sendable {
  private static let day: Int64 = 86_400
  private let start: Int64
  private let length: Int64

  /// Reads `FROM-TO`, two different hours from 0 to 24; `nil` for any other text.
  public init?(parsing text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { part in
      part.count <= 2 && part.allSatisfy { $0.isASCII && $0.isNumber } ? Int64(part) : nil
    }
    guard parts.count == 2, let from = parts[0], let to = parts[1], from < 24, to <= 24, from != to else { return nil }
    start = from * 3_600
    length = ((to - from) * 3_600 + Self.day) % Self.day
    // From 0 to 24 is the whole day.
    guard length > 0 || to == 24 else { return nil }
  }

  /// How many seconds it is until work may be done, at a time in seconds since 1970-01-01 UTC; 0 where it may now.
  public func wait(at time: Int64) -> Int64 {
    let since = ((time - start) % Self.day + Self.day) % Self.day
    return length == 0 || since < length ? 0 : Self.day - since
  }
}
