/// Pauses between attempts: doubling from 100 ms to 3 s, each shortened by up to a half so that many clients do not
/// come back together. Remembers what was reported, so that a long outage is one line a minute and not a flood.
struct Backoff {
  private var attempt = 0
  private var reported: (text: String, at: Moment)?

  /// The next pause.
  mutating func next() -> Duration {
    attempt += 1
    let full = min(3_000, 100 << min(attempt - 1, 10))
    return .milliseconds(Int.random(in: full / 2...full))
  }

  /// Whether this failure is worth a line: the first time, when it changes, and then once a minute.
  mutating func shouldReport(_ text: String, now: Moment = .now) -> Bool {
    if let reported, reported.text == text, now - reported.at < .seconds(60) { return false }
    reported = (text, now)
    return true
  }
}
