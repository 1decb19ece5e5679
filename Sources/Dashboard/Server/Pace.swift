/// How soon a page is told again: an interval apart in the long run, but one update may follow another at once, and
/// what comes two fifths of the interval early is not put off. So a sink that commits as often as the interval is, is
/// never waited for, though it begins the earlier the slower its store is. Pure.
struct Pace: Sendable {
  private let interval: Duration
  /// When the next update would come at a steady pace.
  private var due: ContinuousClock.Instant?

  init(every: Duration) { interval = every * 3 / 5 }

  /// How long to wait; not above zero for not at all.
  func rest(at now: ContinuousClock.Instant) -> Duration { due.map { $0 - interval - now } ?? .zero }

  /// An update was sent.
  mutating func note(at now: ContinuousClock.Instant) { due = max(due ?? now, now) + interval }
}
