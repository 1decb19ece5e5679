internal import Columnar

/// Times in UTC as people read them: `2026-01-02T03:04:05`.
enum EventTime {
  static func text(_ millis: Int64) -> String {
    let seconds = millis.quotient(flooredBy: 1_000)
    let days = seconds.quotient(flooredBy: 86_400)
    let rest = seconds - days * 86_400
    let date = Int32(exactly: days).map { CivilDate(daysSinceEpoch: Int($0)).description } ?? "far away"
    return "\(date)T\(two(rest / 3_600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
  }

  /// The time of the day alone: `03:04:05`.
  static func clock(_ millis: Int64) -> String { String(text(millis).suffix(8)) }

  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : String(value) }
}
