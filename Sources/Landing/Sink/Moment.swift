import Glibc

/// A time of the clock that never jumps.
///
/// `ContinuousClock.Instant` does the same, but its layout is known at run time only, and so is that of every type that
/// holds one: the loop that each record passes asked the runtime for the place of each of its own fields.
struct Moment: Hashable, Comparable, Sendable {
  private let nanoseconds: Int64

  static var now: Moment {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Moment(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

  static func - (left: Moment, right: Moment) -> Duration { .nanoseconds(left.nanoseconds - right.nanoseconds) }

  static func + (moment: Moment, time: Duration) -> Moment {
    let (seconds, attoseconds) = time.components
    // Far in the future for what no clock shows.
    let (whole, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, alsoOverflows) = moment.nanoseconds.addingReportingOverflow(overflows ? .max : whole)
    return Moment(nanoseconds: overflows || alsoOverflows ? .max : sum &+ attoseconds / 1_000_000_000)
  }
}
