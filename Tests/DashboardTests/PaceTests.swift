import Testing

@testable import Dashboard

@Suite("Pace of updates")
struct PaceTests {
  /// Lets commits come at times in seconds; when each of the updates is sent.
  private func sent(every: Int, commits: [Double]) -> [Double] {
    let start = ContinuousClock.now
    var pace = Pace(every: .seconds(every))
    var (free, times) = (0.0, [Double]())
    for commit in commits {
      var time = max(commit, free)
      let rest = pace.rest(at: start + .seconds(time)) / .seconds(1)
      time += max(0, rest)
      pace.note(at: start + .seconds(time))
      (free, times) = (time, times + [time])
    }
    return times
  }

  @Test("a sink that commits a little more often than the interval is never waited for")
  func sinkAtItsPace() {
    for gap in [4.7, 3.2] {
      let commits = (0..<200).map { Double($0) * gap }
      #expect(sent(every: 5, commits: commits) == commits)
    }
  }

  @Test("an update after a rest, and one right behind it, go at once")
  func burst() {
    #expect(sent(every: 5, commits: [0, 0.2, 60, 60.1]) == [0, 0.2, 60, 60.1])
  }

  @Test("where much happens, updates are an interval apart")
  func busy() {
    let times = sent(every: 10, commits: (0..<100).map { Double($0) * 0.5 })
    let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
    #expect(gaps.dropFirst(2).allSatisfy { abs($0 - 6) < 0.001 })
  }
}
