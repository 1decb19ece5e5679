/// How long the recent commits took, so that a flush can begin early enough for its records to be visible in time.
/// Pure.
struct CommitTimes: Sendable {
  /// How many are remembered.
  static let capacity = 64
  private var times: [Duration] = []
  private var next = 0

  /// Takes in the time from the begin of a flush until it was visible.
  mutating func add(_ time: Duration) {
    if times.count < Self.capacity {
      times.append(time)
    } else {
      times[next] = time
      next = (next + 1) % Self.capacity
    }
  }

  /// The 95th percentile of what is remembered; zero before the first.
  var high: Duration {
    guard !times.isEmpty else { return .zero }
    return times.sorted()[(times.count * 95 - 1) / 100]
  }

  /// The age at which a batch is flushed so that its oldest record becomes visible within `limit`; never less than a
  /// quarter of it, or a slow store would be asked for ever smaller commits.
  ///
  /// A twentieth of the limit is left for the record's way to this program, where its age begins to be counted.
  func flushAge(within limit: Duration) -> Duration { max(limit - limit / 20 - high, limit / 4) }
}
