internal import Features

/// The readings of one patient that a model of what is to come looks back at: those of its window, 37 bytes each.
///
/// There are at most ``limit`` of them, which is one a second for more than an hour. Where they come faster, they are
/// thinned evenly over the window, the newest left aside: means and slopes stay, an extreme value may be lost.
struct RecentReadings: Sendable {
  /// How far back the model looks.
  let windowMillis: Int64
  private(set) var series = PatientSeries()
  /// How far readings are apart at least, once there were too many.
  private var spacing: Int64?

  static let limit = 4_000

  init(windowMillis: Int64) { self.windowMillis = windowMillis }

  /// Whether readings are left out for want of room.
  var isThinned: Bool { spacing != nil }

  /// Takes a reading in, wherever in time it stands.
  mutating func take(_ said: CurrentVitals, at time: Int64) {
    if let spacing, series.count > 1, let last = series.times.last, time > last,
      last - series.times[series.count - 2] < spacing
    {
      series.removeLast()
    }
    series.take(said, at: time)
    if series.count >= Self.limit { makeRoom() }
  }

  private mutating func makeRoom() {
    let times = series.times
    let oldest = (times.last ?? 0) - windowMillis
    var places = Array((times.firstIndex { $0 > oldest } ?? 0)..<times.count)
    if places.count > Self.limit * 15 / 16 {
      let apart = max(1, windowMillis / Int64(Self.limit * 3 / 4))
      spacing = apart
      var last = Int64.min / 2
      places = places.filter { place in
        guard times[place] - last >= apart || place == times.count - 1 else { return false }
        last = times[place]
        return true
      }
    }
    series.keep(places)
  }
}
