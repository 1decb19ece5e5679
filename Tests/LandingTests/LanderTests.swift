import Delta
import Storage
import Testing

@testable import Landing

@Suite("Landing in the table")
struct LanderTests {
  @Test("rows and dead letters land once, the watermark at the end of the range")
  func plain() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0, 1])
    let receipt = try await lander.land(fixture.batch(0..<25))
    #expect(receipt.rows == 22 && receipt.deadLetters == 3 && receipt.files == 1 && !receipt.isSpooled)
    #expect(try await fixture.landed() == LanderFixture.good(0..<25))
    #expect(try await fixture.deadLetters() == [0, 10, 20])
    #expect(try await fixture.watermark() == 25)
    #expect(try await lander.land(fixture.batch(25..<30)).verdicts[0] == .commit)
    #expect(try await fixture.landed() == LanderFixture.good(0..<30))
  }

  @Test("a batch of bad records only moves the watermark")
  func onlyBad() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    let receipt = try await lander.land(fixture.batch(10..<11))
    #expect(receipt.rows == 0 && receipt.deadLetters == 1 && receipt.version == 1)
    #expect(try await fixture.watermark() == 11)
  }

  @Test(
    "an answer lost on its way lands nothing twice",
    arguments: ["0.json", "1.json", ".parquet"], [StorageError.Code.outcomeUnknown, .unavailable])
  func lostAnswer(file: String, code: StorageError.Code) async throws {
    let fixture = try LanderFixture()
    for store in [fixture.rows, fixture.letters] { store.failNext(.create, .loseAnswer(code), pathSuffix: file) }
    let lander = fixture.lander(hasSpool: false)
    _ = try await lander.land(fixture.batch(0..<25))
    _ = try await lander.land(fixture.batch(25..<30))
    #expect(try await fixture.landed() == LanderFixture.good(0..<30))
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<30))
  }

  @Test("a crash between the two commits repeats no dead letter, whatever the next boundaries")
  func crashBetween() async throws {
    let fixture = try LanderFixture()
    let first = fixture.lander(hasSpool: false)
    _ = try await first.knowledge(of: [0])
    fixture.rows.failNext(.create, .refuse(.permissionDenied), pathSuffix: ".parquet")
    await #expect(throws: LandingError.self) { try await first.land(fixture.batch(0..<25)) }
    #expect(try await fixture.deadLetters() == [0, 10, 20])
    #expect(try await fixture.landed() == [])

    let second = fixture.lander(hasSpool: false)
    let known = try await second.knowledge(of: [0])
    #expect(known[0]?.watermark == nil)
    try await second.takeUp([0: 0])
    for range in [0..<7, 7..<15, 15..<40] as [Range<Int64>] { _ = try await second.land(fixture.batch(range)) }
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<40))
    #expect(try await fixture.landed() == LanderFixture.good(0..<40))
  }

  /// The sink ended where HDFS went away between the look at the table and the look at its dead letters.
  @Test("a table that goes away while partitions are taken up sends batches to the spool, and repeats no dead letter")
  func awayWhileTakingUp() async throws {
    let fixture = try LanderFixture()
    let first = fixture.lander()
    _ = try await first.knowledge(of: [0])
    fixture.rows.failNext(.create, .refuse(.permissionDenied), pathSuffix: ".parquet")
    await #expect(throws: LandingError.self) { try await first.land(fixture.batch(0..<25)) }

    let second = fixture.lander()
    _ = try await second.knowledge(of: [0])
    fixture.isTableAway = true
    try await second.takeUp([0: 0])
    #expect(try await second.land(fixture.batch(0..<15)).isSpooled)
    fixture.isTableAway = false
    #expect(try await fixture.drainer.drain().remaining == 0)
    let third = fixture.lander()
    let known = try await third.knowledge(of: [0])
    #expect(known[0]?.watermark == 15)
    try await third.takeUp([0: 15])
    _ = try await third.land(fixture.batch(15..<40))
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<40))
    #expect(try await fixture.landed() == LanderFixture.good(0..<40))
  }

  @Test("files of an attempt that never committed are taken over, not written again")
  func adoption() async throws {
    let fixture = try LanderFixture()
    let first = fixture.lander(hasSpool: false)
    _ = try await first.knowledge(of: [0])
    fixture.rows.failNext(.create, .refuse(.permissionDenied), pathSuffix: "1.json")
    await #expect(throws: LandingError.self) { try await first.land(fixture.batch(1..<9)) }
    let second = fixture.lander(hasSpool: false)
    _ = try await second.land(fixture.batch(1..<9))
    let table = try await DeltaTable.open(store: fixture.rows)
    #expect(table.snapshot.files.count == 1)
    #expect(try await fixture.rows.list("date=2026-01-02").count == 1)
    #expect(try await fixture.landed() == LanderFixture.good(1..<9))
  }

  @Test("two sinks on one partition: one lands, the other is told")
  func zombie() async throws {
    let fixture = try LanderFixture()
    let (winner, loser) = (fixture.lander(), fixture.lander())
    for lander in [winner, loser] { _ = try await lander.knowledge(of: [0]) }
    _ = try await winner.land(fixture.batch(0..<25))
    #expect(try await loser.land(fixture.batch(0..<30)).verdicts[0] == .overlap(watermark: 25))
    #expect(try await loser.land(fixture.batch(0..<20)).verdicts[0] == .landed(watermark: 25))
    #expect(try await loser.land(fixture.batch(30..<40)).verdicts[0] == .gap(watermark: 25))
    #expect(try await fixture.landed() == LanderFixture.good(0..<25))
    #expect(try await fixture.deadLetters().allSatisfy { $0 % 10 == 0 })
    #expect(try await loser.land(fixture.batch(25..<40)).verdicts[0] == .commit)
    #expect(try await fixture.landed() == LanderFixture.good(0..<40))
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<40))
  }

  @Test("what no retry mends ends the landing with its reason")
  func denied() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    fixture.rows.failNext(.create, .refuse(.permissionDenied))
    let error = await #expect(throws: LandingError.self) { try await lander.land(fixture.batch(0..<5)) }
    #expect(error?.storageCode == .permissionDenied)
    #expect(error?.isRetriable == false)
  }

  @Test("a shutdown that cannot land gives up in time and says so")
  func giveUp() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander(hasSpool: false)
    _ = try await lander.knowledge(of: [0])
    fixture.isTableAway = true
    await lander.giveUp(at: .now + .milliseconds(200))
    let error = await #expect(throws: LandingError.self) { try await lander.land(fixture.batch(0..<5)) }
    #expect(error?.code == .gaveUp)
  }
}

@Suite("Landing by the spool")
struct SpoolTests {
  @Test("an outage sends batches to the spool, and the drain brings all home in order")
  func outage() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    _ = try await lander.land(fixture.batch(0..<10))
    fixture.isTableAway = true
    for range in [10..<20, 20..<21, 21..<45] as [Range<Int64>] {
      #expect(try await lander.land(fixture.batch(range)).isSpooled)
    }
    #expect(try await fixture.spooled() == LanderFixture.good(10..<45))
    fixture.isTableAway = false
    #expect(try await lander.land(fixture.batch(45..<50)).isSpooled, "the spool is sticky until it is drained")

    let report = try await fixture.drainer.drain()
    #expect(report.stopped.isEmpty && report.remaining == 0)
    #expect(try await fixture.landed() == LanderFixture.good(0..<50))
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<50))
    #expect(try await fixture.watermark() == 50)
    #expect(try await fixture.spooled() == [])
    #expect(try await fixture.spoolRows.list("date=2026-01-02").isEmpty, "drained files are removed")
    #expect(try await fixture.drainer.drain().hadWork == false)
  }

  @Test("a table that was away from the start is made by the drain")
  func freshTable() async throws {
    let fixture = try LanderFixture()
    fixture.isTableAway = true
    let lander = fixture.lander()
    let known = try await lander.knowledge(of: [0])
    #expect(known[0]?.tableAnswered == false)
    #expect(try await lander.land(fixture.batch(0..<25)).isSpooled)
    fixture.isTableAway = false
    #expect(try await fixture.drainer.drain().files == 2)
    #expect(try await fixture.landed() == LanderFixture.good(0..<25))
  }

  /// What was read of the table before an outage counted as its answer: a chain that began where a sync had brought
  /// the table meanwhile stood behind a gap that was none, and the partition was given up.
  @Test("a table that was read before the outage says nothing during it")
  func staleTable() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    #expect(try await !lander.land(fixture.batch(0..<20)).isSpooled)
    fixture.isTableAway = true
    #expect(try await lander.land(fixture.batch(20..<40)).isSpooled)
    fixture.isTableAway = false
    _ = try await fixture.drainer.drain()
    #expect(try await fixture.watermark() == 40)
    fixture.isTableAway = true
    #expect(try await lander.land(fixture.batch(40..<60)).isSpooled)
    var known = try #require(try await lander.knowledge(of: [0])[0])
    #expect(!known.tableAnswered && known.watermark ?? 0 <= 40 && known.chain?.start == 40)
    known.high = 100
    #expect(resumePoint(known) == .start(60))
    fixture.isTableAway = false
    _ = try await fixture.drainer.drain()
    #expect(try await fixture.landed() == LanderFixture.good(0..<60))
  }

  @Test("a sink that starts again drains first, and then lands in the table")
  func restart() async throws {
    let fixture = try LanderFixture()
    let first = fixture.lander()
    _ = try await first.knowledge(of: [0])
    fixture.isTableAway = true
    _ = try await first.land(fixture.batch(0..<25))

    let away = fixture.lander()
    let known = try await away.knowledge(of: [0])
    #expect(known[0]?.chain?.end == 25)
    #expect(try await away.land(fixture.batch(25..<31)).isSpooled)

    fixture.isTableAway = false
    let back = fixture.lander()
    #expect(try await back.knowledge(of: [0])[0]?.watermark == 31)
    #expect(try await back.land(fixture.batch(31..<40)).isSpooled == false)
    #expect(try await fixture.landed() == LanderFixture.good(0..<40))
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<40))
  }

  @Test("a commit of unknown outcome that was spooled too lands once", arguments: [true, false])
  func inDoubt(didLand: Bool) async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    // The commit of version 1 is cut off, and so is every question about it until the sink has spooled the batch.
    fixture.rows.failNext(.create, didLand ? .loseAnswer(.unavailable) : .refuse(.unavailable), pathSuffix: "1.json")
    fixture.rows.failNext(.create, .refuse(.unavailable), count: 100, pathSuffix: ".parquet")
    fixture.rows.failNext(.create, .refuse(.unavailable), count: 100, pathSuffix: "1.json")
    _ = try await lander.land(fixture.batch(0..<25))
    #expect(try await fixture.spooled() == LanderFixture.good(0..<25))
    fixture.rows.mend()
    _ = try await fixture.drainer.drain()
    #expect(try await fixture.landed() == LanderFixture.good(0..<25))
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<25))
    #expect(try await fixture.watermark() == 25)
  }

  @Test("two outages: the second chain begins where the table then ends")
  func secondOutage() async throws {
    let fixture = try LanderFixture()
    var lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    fixture.isTableAway = true
    _ = try await lander.land(fixture.batch(0..<15))
    fixture.isTableAway = false
    lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    #expect(try await lander.land(fixture.batch(15..<30)).isSpooled == false)
    fixture.isTableAway = true
    #expect(try await lander.land(fixture.batch(30..<45)).isSpooled)
    fixture.isTableAway = false
    _ = try await fixture.drainer.drain()
    #expect(try await fixture.landed() == LanderFixture.good(0..<45))
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<45))
  }

  @Test("rows that another host landed meanwhile are cut off a spooled file")
  func overlap() async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    fixture.isTableAway = true
    _ = try await lander.land(fixture.batch(0..<25))
    fixture.isTableAway = false
    let other = fixture.lander(hasSpool: false)
    _ = try await other.land(fixture.batch(0..<13))
    let report = try await fixture.drainer.drain()
    #expect(report.stopped.isEmpty)
    #expect(try await fixture.landed() == LanderFixture.good(0..<25))
    // Spooled dead letters were sent home whole, and those that the other host had landed stood there twice.
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<25))
    #expect(try await fixture.watermark() == 25)
  }

  @Test("an outage that begins before a part that has landed since brings no dead letter home twice")
  func secondOutageFromBefore() async throws {
    let fixture = try LanderFixture()
    let first = fixture.lander()
    _ = try await first.knowledge(of: [0])
    _ = try await first.land(fixture.batch(0..<25))
    fixture.isTableAway = true
    // Knows neither the table nor the group, and reads from the beginning.
    let second = fixture.lander()
    _ = try await second.knowledge(of: [0])
    _ = try await second.land(fixture.batch(0..<18))
    _ = try await second.land(fixture.batch(18..<45))
    fixture.isTableAway = false
    #expect(try await fixture.drainer.drain().stopped.isEmpty)
    #expect(try await fixture.landed() == LanderFixture.good(0..<45))
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<45))
  }

  @Test("a full spool that another process drained takes batches again, or the table does")
  func drainedBeside() async throws {
    let fixture = try LanderFixture()
    var configuration = fixture.configuration()
    configuration.spool?.limits.size = 6_000
    let lander = Lander(configuration, log: fixture.log)
    _ = try await lander.knowledge(of: [0])
    fixture.isTableAway = true
    var next: Int64 = 0
    var wasFull = false
    while !wasFull, next < 500 {
      let begin = next
      next += 25
      let isDone = Latest(false)
      let landing = Task { [next] in
        defer { isDone.value = true }
        return try await lander.land(fixture.batch(begin..<next))
      }
      // A batch that finds no room waits until the table is back or the spool is empty.
      while !isDone.value, !lander.status.isSpoolFull { try await Task.sleep(for: .milliseconds(2)) }
      if lander.status.isSpoolFull {
        wasFull = true
        fixture.isTableAway = false
        _ = try await fixture.drainer.drain()
      }
      _ = try await landing.value
    }
    #expect(wasFull && !lander.status.isSpoolFull)
    _ = try await fixture.drainer.drain()
    #expect(try await fixture.landed() == LanderFixture.good(0..<next))
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<next))
  }

  @Test("a drain cut short anywhere is finished by the next", arguments: 0..<14)
  func crash(step: Int) async throws {
    let fixture = try LanderFixture()
    let lander = fixture.lander()
    _ = try await lander.knowledge(of: [0])
    fixture.isTableAway = true
    for range in [0..<15, 15..<25, 25..<40] as [Range<Int64>] { _ = try await lander.land(fixture.batch(range)) }
    fixture.isTableAway = false
    // Each step breaks another call of the drain, on the table's side or on the spool's.
    let store = [fixture.rows, fixture.letters, fixture.spoolRows, fixture.spoolLetters][step % 4]
    let fault: MemoryFileStore.Fault = step % 2 == 0 ? .refuse(.unavailable) : .loseAnswer(.unavailable)
    store.failNext(step < 8 ? .create : .read, fault, pathSuffix: step % 3 == 0 ? "json" : "")
    _ = try? await fixture.drainer.drain()
    let report = try await fixture.drainer.drain()
    #expect(report.stopped.isEmpty && report.remaining == 0)
    #expect(try await fixture.landed() == LanderFixture.good(0..<40))
    #expect(try await fixture.deadLetters() == LanderFixture.bad(0..<40))
    #expect(try await fixture.watermark() == 40)
  }
}
