internal import Features

/// The readings of one patient that a model of what is to come looks back at: those of its window, 37 bytes each.
///
/// There are at most ``limit`` of them, which is one a second for more than an hour. Where readings come faster, every
/// second one of the older half goes, again and again: means and slopes stay, an extreme value may be lost.
struct RecentReadings: Sendable {
  /// How far back the model looks.
  let windowMillis: Int64
  private(set) var series = PatientSeries()
  /// Whether readings were left out for want of room since the window began.
  private(set) var isThinned = false

  static let limit = 4_000

  init(windowMillis: Int64) { self.windowMillis = windowMillis }

  /// Takes a reading in, wherever in time it stands.
  mutating func take(_ said: CurrentVitals, at time: Int64) {
    series.take(said, at: time)
    guard series.count >= Self.limit else { return }
    let oldest = (series.times.last ?? 0) - windowMillis
    let first = series.times.firstIndex { $0 > oldest } ?? 0
    isThinned = series.count - first > Self.limit * 7 / 8
    let half = isThinned ? (first + series.count) / 2 : first
    series.keep(Array(stride(from: first, to: half, by: 2)) + (half..<series.count))
  }
}
