import Testing

@testable import Dashboard
@testable import Features

@Suite("Alarms")
final class AlarmTests {
  private var ward = Samples.ward()
  private var board = AlarmBoard()

  private static let fast = Samples.healthy.merging([.heartRate: 135]) { $1 }

  private func take(_ id: String, _ seconds: Int64, _ vitals: [Vital: Double] = Samples.healthy) throws {
    try ward.take([.init(id, seconds, vitals)])
    board.update(ward, now: Samples.time(seconds))
  }

  @Test("a critical vital is of high priority, and latches until somebody has seen it")
  func latch() throws {
    try take("a", 0, Self.fast)
    let alarm = try #require(board.list.first)
    #expect(alarm.kind == .vital(.heartRate, isHigh: true) && alarm.priority == .high && alarm.value == "135 /min")
    try take("a", 10)
    #expect(board.list.map(\.state) == ["over, not acknowledged"])
    let isTaken1 = board.acknowledge(alarm.number, by: "me", now: Samples.time(20))
    #expect(isTaken1)
    #expect(board.list.isEmpty && board.history.map(\.by) == ["me"])
    let isTaken2 = board.acknowledge(alarm.number, by: "me", now: Samples.time(21))
    #expect(!isTaken2)
  }

  @Test("what comes back while it is latched is the same alarm")
  func comesBack() throws {
    try take("a", 0, Self.fast)
    try take("a", 10)
    try take("a", 20, Self.fast)
    #expect(board.list.map(\.state) == ["active"] && board.list.map(\.since) == [Samples.time(0)])
  }

  @Test("what is acknowledged stays quiet while it lasts, and is over when it is over")
  func acknowledged() throws {
    try take("a", 0, Self.fast)
    board.acknowledge(board.list[0].number, by: "me", now: 1)
    try take("a", 10, Self.fast)
    #expect(board.list.map(\.state) == ["acknowledged"] && board.highest(of: Samples.key("a")) == nil)
    try take("a", 20)
    #expect(board.list.isEmpty && board.history.count == 1)
    try take("a", 30, Self.fast)
    #expect(board.list.map(\.state) == ["active"])
  }

  @Test("the score calls from 5 and 7 on; getting worse undoes an acknowledgement")
  func score() throws {
    // Breathing 23 scores 2, saturation 93 scores 2, pulse 95 scores 1: five, and no vital critical.
    let five = Samples.healthy.merging([.respiratoryRate: 23, .spo2: 93, .heartRate: 95]) { $1 }
    try take("a", 0, five)
    #expect(board.list.map(\.kind) == [.score] && board.list[0].priority == .medium)
    #expect(board.list[0].value == "5, partial")
    board.acknowledge(board.list[0].number, by: "me", now: 1)
    let seven = five.merging([.heartRate: 112, .systolicBP: 105]) { $1 }
    try take("a", 10, seven)
    #expect(board.list.map(\.priority) == [.high] && board.list[0].isOpen)
  }

  @Test("silence is a technical alarm of its own, and does not end what was known")
  func stale() throws {
    try take("a", 0, Self.fast)
    ward.tick(now: Samples.time(60))
    board.update(ward, now: Samples.time(60))
    #expect(Set(board.list.map(\.kind)) == [.vital(.heartRate, isHigh: true), .stale])
    #expect(board.list.last?.priority == .low)
    try take("a", 61)
    ward.tick(now: Samples.time(61))
    board.update(ward, now: Samples.time(61))
    #expect(board.list.map(\.state) == ["over, not acknowledged"])
  }

  @Test("a sensor that falls off is told while others go on")
  func lostSensor() throws {
    try take("a", 0)
    var rest = Samples.healthy
    rest[.spo2] = nil
    try take("a", 60, rest)
    #expect(board.list.isEmpty)
    try take("a", 61, rest)
    #expect(board.list.map(\.kind) == [.lostSensor(.spo2)])
    try take("a", 62)
    #expect(board.list.isEmpty && board.history.count == 1)
  }

  @Test("a pause ends by time, by hand, and by something worse")
  func pause() throws {
    let five = Samples.healthy.merging([.respiratoryRate: 23, .spo2: 93, .heartRate: 95]) { $1 }
    try take("a", 0, five)
    board.pause(until: Samples.time(120))
    let due3 = board.due(now: Samples.time(1), reminderMillis: 1)
    #expect(due3.isEmpty)
    try take("b", 10, five)
    #expect(board.pause != nil)
    try take("b", 20, Self.fast)
    #expect(board.pause == nil)
    board.pause(until: Samples.time(30))
    board.update(ward, now: Samples.time(31))
    #expect(board.pause == nil)
  }

  @Test("an alarm is sent once; one of high priority again while nobody answers")
  func due() throws {
    try take("a", 0, Self.fast)
    let minute: Int64 = 60_000
    let due4 = board.due(now: Samples.time(0), reminderMillis: minute)
    #expect(due4.count == 1)
    try take("a", 10, Self.fast)
    let due5 = board.due(now: Samples.time(59), reminderMillis: minute)
    #expect(due5.isEmpty)
    let due6 = board.due(now: Samples.time(60), reminderMillis: minute)
    #expect(due6.count == 1)
    board.acknowledge(board.list[0].number, by: "me", now: 1)
    let due7 = board.due(now: Samples.time(600), reminderMillis: minute)
    #expect(due7.isEmpty)
  }

  @Test("history is bounded")
  func bounded() throws {
    for round in 0..<300 {
      try take("a", Int64(round) * 20, Self.fast)
      board.acknowledge(board.list[0].number, by: "me", now: 1)
      try take("a", Int64(round) * 20 + 10)
    }
    for round in 300..<600 {
      try take("a", Int64(round) * 20, Self.fast)
      board.acknowledge(board.list[0].number, by: "me", now: 1)
      try take("a", Int64(round) * 20 + 10)
    }
    #expect(board.history.count == AlarmBoard.historyLimit)
  }

  @Test("a restart keeps what was acknowledged, and what still waits for somebody")
  func restart() throws {
    try take("a", 0, Self.fast)
    try take("b", 0, Self.fast)
    let first = try #require(board.list.first { $0.patient == Samples.key("a") })
    board.acknowledge(first.number, by: "me", now: Samples.time(5))
    let kept = try #require(AlarmFile.decode(AlarmFile.encode(board)))
    var after = AlarmBoard()
    after.restore(kept.active, history: kept.history)
    #expect(after.list == board.list)
    // The ward is not read yet: nothing ends before it is.
    after.update(Samples.ward(), now: Samples.time(6))
    #expect(after.list == board.list)
    after.update(ward, now: Samples.time(7))
    #expect(after.list.map(\.state) == board.list.map(\.state))
  }

  @Test(
    "a state file that is damaged is none",
    arguments: ["", "{}", "[1]", #"{"version":2}"#, #"{"version":1,"active":7}"#])
  func damaged(text: String) { #expect(AlarmFile.decode(Array(text.utf8)) == nil) }

  @Test("messages name patients by key, and no line of a mail can be forged")
  func messages() throws {
    try take("Mr. Smith\r\nBcc: x@example.org", 0, Self.fast)
    let email = WardSettings.Email(server: "smtp://x", from: "a@b", to: ["c@d", "e@f"])
    let mail = String(decoding: AlarmSender.mail(board.list, email, "http://h", isTest: false), as: UTF8.self)
    let json = String(decoding: AlarmSender.json(board.list, "http://h", isTest: false), as: UTF8.self)
    for text in [mail, json] {
      #expect(!text.contains("Smith") && !text.contains("Bcc"))
      #expect(text.contains("http://h/patients/\(board.list[0].patient)"))
    }
    #expect(mail.contains("\r\nTo: <c@d>, <e@f>\r\n") && !mail.replacing("\r\n", with: "").contains("\n"))
  }
}
