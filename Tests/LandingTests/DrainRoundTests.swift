import Delta
import Testing

@testable import Landing

@Suite("Rounds of a drain")
struct DrainRoundTests {
  private let topic = TopicSource(topic: "vitals")

  private func steps(_ partition: Int32, _ sizes: [[Int64]]) -> [DrainPlan.Step] {
    sizes.enumerated().map { index, files in
      let start = Int64(index) * 10
      return DrainPlan.Step(
        range: OffsetRange(partition: partition, start: start, next: start + 10),
        files: files.map { AddFile(path: "\(start)", partitionValues: [:], size: $0, modificationTime: 0) })
    }
  }

  @Test("takes the next steps of all partitions, as far as there is room")
  func fills() {
    var round = DrainRound(DrainRound.Limit(files: 5, bytes: 100))
    round.take(steps(0, [[10], [10, 10]]), of: topic, 0, from: nil)
    round.take(steps(1, [[90]]), of: topic, 1, from: 7)
    round.take(steps(2, [[10], [10], [10]]), of: topic, 2, from: 5)
    #expect(round.parts.map(\.partition) == [0, 2])
    #expect(round.parts.map(\.next) == [20, 20] && round.parts.map(\.files.count) == [3, 2])
    #expect(round.parts.map(\.watermark) == [nil, 5])
  }

  @Test("its first step always has room, and ranges without rows need none")
  func first() {
    var round = DrainRound(DrainRound.Limit(files: 1, bytes: 10))
    round.take(steps(0, [[20, 20], [1]]), of: topic, 0, from: nil)
    round.take(steps(1, [[]]), of: topic, 1, from: nil)
    #expect(round.parts.map { $0.steps.count } == [1])
    var small = DrainRound(DrainRound.Limit(files: 1, bytes: 10))
    small.take(steps(0, [[10], []]), of: topic, 0, from: nil)
    small.take(steps(1, [[]]), of: topic, 1, from: nil)
    #expect(small.parts.map { $0.steps.count } == [2, 1])
  }

  /// The letters of a long outage went home 4,096 files at once: a sink of 256 MB took 276 MB.
  @Test("counts the files of dead letters that there is room for, one always")
  func counts() {
    let limit = DrainRound.Limit(files: 3, bytes: 100)
    #expect(limit.count(of: [10, 20, 30, 40]) == 3)
    #expect(limit.count(of: [60, 40, 1]) == 2)
    #expect(limit.count(of: [200, 1]) == 1)
    #expect(limit.count(of: [.max, .max]) == 1)
    #expect(limit.count(of: []) == 0)
  }
}
