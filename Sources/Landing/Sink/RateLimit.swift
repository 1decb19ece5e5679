/// Holds a stream of records to so many a second, over a window of a tenth of a second. Pure; the clock is the
/// caller's and monotonic.
struct RateLimit: Sendable {
  private let perSecond: Double
  private var allowance: Double
  private var last: Moment

  init(recordsPerSecond: Int, now: Moment) {
    perSecond = Double(recordsPerSecond)
    allowance = max(1, perSecond / 10)
    last = now
  }

  /// Notes that records were taken; how long to wait before the next ones.
  mutating func took(_ count: Int, now: Moment) -> Duration {
    allowance = min(max(1, perSecond / 10), allowance + (now - last) / .seconds(1) * perSecond) - Double(count)
    last = now
    return allowance >= 0 ? .zero : .seconds(-allowance / perSecond)
  }
}
