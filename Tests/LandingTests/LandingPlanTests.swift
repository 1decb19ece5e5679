import Delta
import Testing

@testable import Landing

private let source = TopicSource(topic: "vitals")

/// Progress marks of partition 0: the watermark, the chain's begin and the drained end.
private func marks(_ watermark: Int64?, chain: Int64? = nil, drained: Int64? = nil) -> [String: Transaction] {
  var marks: [String: Transaction] = [:]
  for (id, value) in [
    (source.watermarkID(0), watermark), (source.chainID(0), chain), (source.drainedID(0), drained),
  ] {
    if let value { marks[id] = Transaction(appId: id, version: value, lastUpdated: 1) }
  }
  return marks
}

@Suite("What may be committed")
struct LandingPlanTests {
  @Test(
    "the contiguity rule",
    arguments: [
      (nil, .commit), (10, .commit), (20, .landed(watermark: 20)), (25, .landed(watermark: 25)),
      (11, .overlap(watermark: 11)), (19, .overlap(watermark: 19)), (9, .gap(watermark: 9)), (0, .gap(watermark: 0)),
    ] as [(Int64?, RangeVerdict)])
  func contiguity(watermark: Int64?, verdict: RangeVerdict) {
    #expect(contiguityVerdict(start: 10, next: 20, watermark: watermark) == verdict)
  }

  @Test("each partition is judged alone, and the others commit")
  func alone() {
    let add = AddFile(path: "x", partitionValues: [:], size: 1, modificationTime: 1)
    let plan = LandingPlan(
      source: source, place: .table,
      ranges: [OffsetRange(partition: 0, start: 5, next: 9), OffsetRange(partition: 1, start: 0, next: 3)],
      adds: [0: [add], 1: [add]])
    let decision = plan.decide(marks(20), at: 7)
    #expect(decision.verdicts == [0: .landed(watermark: 20), 1: .commit])
    let id = source.watermarkID(1)
    #expect(decision.actions == [.transaction(Transaction(appId: id, version: 3, lastUpdated: 7)), .add(add)])
  }

  @Test("a later incarnation of the topic in the table refuses every range of an earlier one")
  func superseded() {
    let plan = LandingPlan(
      source: source, place: .table, ranges: [OffsetRange(partition: 0, start: 5, next: 9)], adds: [:])
    let decision = plan.decide(marks(5), incarnation: 1, at: 7)
    #expect(decision.verdicts == [0: .superseded(incarnation: 1)])
    #expect(decision.actions.isEmpty)
    #expect(plan.decide(marks(5), incarnation: 0, at: 7).verdicts == [0: .commit])
  }

  @Test("a range of bad records alone moves the watermark and adds no file")
  func onlyBad() {
    let plan = LandingPlan(
      source: source, place: .table, ranges: [OffsetRange(partition: 0, start: 5, next: 9)], adds: [:])
    #expect(plan.decide(marks(5), at: 7).actions.count == 1)
  }

  @Test(
    "a spool continues its chain, or begins one behind the last",
    arguments: [
      (marks(nil), .commit, 5), (marks(5, chain: 2), .commit, nil), (marks(5, chain: 2, drained: 5), .commit, 5),
      (marks(4, chain: 2, drained: 4), .commit, 5), (marks(4, chain: 2, drained: 3), .gap(watermark: 4), nil),
      (marks(9, chain: 2), .landed(watermark: 9), nil), (marks(7, chain: 2, drained: 7), .overlap(watermark: 7), nil),
    ] as [([String: Transaction], RangeVerdict, Int64?)])
  func spool(marks: [String: Transaction], verdict: RangeVerdict, chain: Int64?) {
    let plan = LandingPlan(
      source: source, place: .spool, ranges: [OffsetRange(partition: 0, start: 5, next: 9)], adds: [:])
    let decision = plan.decide(marks, at: 7)
    #expect(decision.verdicts[0] == verdict)
    let begun = decision.actions.compactMap { action -> Int64? in
      if case .transaction(let mark) = action, mark.appId == source.chainID(0) { mark.version } else { nil }
    }
    #expect(begun == (chain.map { [$0] } ?? []))
  }

  @Test("a name knows its partition and no other's")
  func names() {
    #expect(source.partition(ofWatermarkID: "vitals-sink/vitals@0/12") == 12)
    #expect(source.partition(ofWatermarkID: "vitals-sink/vitals@1/12") == nil)
    #expect(source.partition(ofWatermarkID: "vitals-sink/vitals2@0/12") == nil)
    #expect(source.partition(ofWatermarkID: "vitals-sink/vitals@0/x") == nil)
  }
}

@Suite("Where to take up")
struct ResumePointTests {
  private func point(
    watermark: Int64? = nil, answered: Bool = true, chain: SpoolChain? = nil, spoolEnd: Int64? = nil,
    group: Int64? = nil, low: Int64 = 0, high: Int64 = 100
  ) -> ResumePoint {
    resumePoint(
      PartitionKnowledge(
        watermark: watermark, tableAnswered: answered, chain: chain, spoolEnd: spoolEnd, groupOffset: group, low: low,
        high: high))
  }

  private func chain(_ start: Int64, _ end: Int64) -> SpoolChain? {
    SpoolChain(marks(end, chain: start), source: source, partition: 0)
  }

  @Test("the table's log decides, whatever the group says")
  func table() {
    #expect(point(watermark: 40, group: 70) == .start(40))
    #expect(point(watermark: 40, group: 10) == .start(40))
    #expect(point(low: 7) == .start(7))
    #expect(point(watermark: 100) == .start(100))
  }

  @Test("a spooled chain that continues the table is continued")
  func spooled() {
    #expect(point(watermark: 40, chain: chain(40, 60), spoolEnd: 60) == .start(60))
    #expect(point(watermark: 50, chain: chain(40, 60), spoolEnd: 60) == .start(60))
    #expect(point(watermark: 70, chain: chain(40, 60), spoolEnd: 60) == .start(70))
    #expect(point(chain: chain(0, 60), spoolEnd: 60) == .start(60))
  }

  @Test("a chain that does not reach the table stops the partition")
  func gap() {
    guard case .stop(let reason) = point(watermark: 30, chain: chain(40, 60), spoolEnd: 60) else {
      Issue.record("records 30 to 39 would be lost")
      return
    }
    #expect(reason == .spoolGap(watermark: 30, start: 40))
  }

  @Test("without the table, the farthest that is known")
  func away() {
    #expect(point(answered: false, low: 3) == .start(3))
    #expect(point(answered: false, group: 20) == .start(20))
    #expect(point(answered: false, spoolEnd: 60, group: 20) == .start(60))
    #expect(point(answered: false, spoolEnd: 60, group: 80) == .start(80))
    #expect(point(watermark: 90, answered: false, spoolEnd: 60, group: 80) == .start(90))
    #expect(point(watermark: 40, answered: false, group: 80) == .start(80))
  }

  @Test("a topic made anew, and records lost to retention, stop the partition")
  func broken() {
    #expect(point(watermark: 101) == .stop(.beyondEnd(position: 101, high: 100)))
    #expect(point(watermark: 40, low: 41) == .stop(.retention(position: 40, low: 41)))
    #expect(point(answered: false, spoolEnd: 40, low: 41) == .stop(.retention(position: 40, low: 41)))
  }

  /// The group's offset is ahead where another host landed later ranges before the table went away: a range that began
  /// there was a gap in the spool, and the sink stopped.
  @Test("while the table is away a chain that waits in the spool is gone on with, whatever the group says")
  func chainWhileAway() {
    let waiting = chain(10, 30)
    #expect(point(answered: false, chain: waiting, spoolEnd: 30, group: 70) == .start(30))
    #expect(point(answered: false, chain: waiting, spoolEnd: 30, group: 20) == .start(30))
    #expect(point(answered: false, chain: nil, spoolEnd: 30, group: 70) == .start(70))
    // Between 5 and 10 another sink has landed since the table was read.
    #expect(point(watermark: 5, answered: false, chain: waiting, spoolEnd: 30) == .start(30))
  }

  @Test("the broker's record at the last landed offset must be the one that was landed")
  func otherRecord() {
    func point(broker: Int64?) -> ResumePoint {
      resumePoint(
        PartitionKnowledge(
          watermark: 40, tableAnswered: true, chain: nil, spoolEnd: nil, groupOffset: nil, low: 0, high: 100,
          lastLanded: RecordMark(offset: 39, timestampMillis: 7), brokerMillis: broker))
    }
    #expect(point(broker: 7) == .start(40))
    #expect(point(broker: nil) == .start(40), "a record that is gone proves nothing")
    #expect(point(broker: 8) == .stop(.otherRecord(offset: 39)))
    #expect(StopReason.otherRecord(offset: 39).isRecreation)
    #expect(!StopReason.retention(position: 0, low: 1).isRecreation)
  }

  @Test("an accepted gap is part of the range, so that the rule of contiguity still holds")
  func acceptedGap() {
    let known = PartitionKnowledge(
      watermark: 40, tableAnswered: true, chain: nil, spoolEnd: nil, groupOffset: nil, low: 60, high: 100)
    #expect(resumePoint(known, acceptsGap: true) == .startBehindGap(watermark: 40, low: 60))
  }

  @Test("a first start may begin later, never before what the broker holds")
  func first() {
    func point(_ first: Int64?, watermark: Int64? = nil) -> ResumePoint {
      resumePoint(
        PartitionKnowledge(
          watermark: watermark, tableAnswered: true, chain: nil, spoolEnd: nil, groupOffset: nil, low: 5, high: 100,
          firstOffset: first))
    }
    #expect(point(nil) == .start(5))
    #expect(point(70) == .start(70))
    #expect(point(2) == .start(5))
    #expect(point(70, watermark: 30) == .start(30))
  }
}

@Suite("What goes home")
struct DrainPlanTests {
  private func file(_ start: Int64, _ next: Int64, _ name: String = "f") -> (range: OffsetRange, file: AddFile) {
    let range = OffsetRange(partition: 0, start: start, next: next)
    return (range, AddFile(path: "\(name)-\(start)", partitionValues: [:], size: 1, modificationTime: 1))
  }

  private func plan(_ start: Int64, _ end: Int64, _ files: [(range: OffsetRange, file: AddFile)], at watermark: Int64?)
    throws -> DrainPlan
  {
    let chain = try #require(SpoolChain(marks(end, chain: start), source: source, partition: 0))
    return DrainPlan(chain: chain, files: files, watermark: watermark)
  }

  @Test("files go in the order of offsets, those of one range together")
  func order() throws {
    let plan = try plan(0, 30, [file(20, 30), file(0, 10, "b"), file(0, 10, "a"), file(10, 20)], at: 0)
    #expect(plan.steps.map(\.range.start) == [0, 10, 20])
    #expect(plan.steps[0].files.count == 2)
    #expect(plan.landed.isEmpty && plan.gap == nil)
  }

  @Test("what the table has is not sent again; what it has in part is cut")
  func landed() throws {
    let plan = try plan(0, 30, [file(0, 10), file(10, 20), file(20, 30)], at: 15)
    #expect(plan.landed.map(\.path) == ["f-0"])
    #expect(plan.steps.map(\.cutBelow) == [15, nil])
  }

  @Test("a table that misses records before the chain gets nothing")
  func gap() throws {
    let plan = try plan(10, 30, [file(10, 30)], at: 5)
    #expect(plan.gap == 5..<10)
    #expect(plan.steps.isEmpty)
  }

  @Test("ranges without rows still move the watermark to the chain's end")
  func tail() throws {
    #expect(
      try plan(0, 30, [file(0, 10)], at: 0).steps.map(\.range) == [
        OffsetRange(partition: 0, start: 0, next: 10), OffsetRange(partition: 0, start: 10, next: 30),
      ])
    #expect(try plan(0, 30, [], at: 0).steps.map(\.range) == [OffsetRange(partition: 0, start: 0, next: 30)])
    #expect(try plan(0, 30, [], at: 30).steps.isEmpty)
  }
}

@Suite("When a batch is full")
struct RotationTests {
  @Test(
    "rows, bytes or age, whichever comes first",
    arguments: [
      (0, 0, 0, false), (49_999, 1, 4_999, false), (50_000, 1, 0, true), (1, 64 << 20, 0, true), (1, 1, 5_000, true),
    ])
  func due(rows: Int, bytes: Int, age: Int, isDue: Bool) {
    #expect(Rotation().isDue(rows: rows, bytes: bytes, age: .milliseconds(age), limit: .seconds(5)) == isDue)
  }

  @Test("a flush begins early enough for its records to be visible in time, but not ever earlier")
  func early() {
    var times = CommitTimes()
    #expect(times.flushAge(within: .seconds(5)) == .milliseconds(4_750))
    for _ in 0..<94 { times.add(.milliseconds(100)) }
    for _ in 0..<6 { times.add(.milliseconds(700)) }
    #expect(times.high == .milliseconds(700))
    #expect(times.flushAge(within: .seconds(5)) == .milliseconds(4_050))
    for _ in 0..<CommitTimes.capacity { times.add(.seconds(60)) }
    #expect(times.flushAge(within: .seconds(5)) == .milliseconds(1_250))
  }

  @Test("a limited rate is held over time, and a burst of a tenth of a second is free")
  func rate() {
    let start = Moment.now
    var limit = RateLimit(recordsPerSecond: 1_000, now: start)
    #expect(limit.took(100, now: start) == .zero)
    #expect(limit.took(50, now: start) == .milliseconds(50))
    #expect(limit.took(50, now: start + .milliseconds(50)) == .milliseconds(50))
    #expect(limit.took(100, now: start + .seconds(60)) == .zero)
  }

  @Test("moments are apart by what was added, and never pass the last one")
  func moments() {
    let start = Moment.now
    #expect(start + .milliseconds(1_500) - start == .milliseconds(1_500))
    #expect(start + .zero == start && start < start + .nanoseconds(1) && start <= Moment.now)
    for time in [Duration.seconds(Int64.max), .seconds(9_223_372_036)] {
      #expect(start + time > start + .seconds(1_000_000_000))
      #expect(start + time + time == start + time + time)
    }
  }

  @Test("pauses double up to three seconds, and a lasting failure is told once a minute")
  func backoff() {
    var backoff = Backoff()
    let pauses = (0..<12).map { _ in backoff.next() }
    #expect(pauses[0] <= .milliseconds(100) && pauses[0] >= .milliseconds(50))
    #expect(pauses.allSatisfy { $0 <= .seconds(3) })
    #expect(pauses[11] >= .milliseconds(1_500))
    let now = Moment.now
    let told = [("a", 0), ("a", 59), ("b", 59), ("b", 120)].map { text, second in
      backoff.shouldReport(text, now: now + .seconds(second))
    }
    #expect(told == [true, false, true, true])
  }
}
