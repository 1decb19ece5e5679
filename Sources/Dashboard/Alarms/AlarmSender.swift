internal import Dispatch
internal import EasyCurl
internal import FoundationEssentials
internal import JSON
internal import Logging
internal import ServiceLifecycle
internal import Storage

/// Sends alarms out, and keeps them between two runs.
struct AlarmSender: Service {
  let hub: WardHub
  let notify: WardSettings.Notify
  /// The folder of the state file; `nil` where nothing is kept.
  let store: (any FileStore)?
  /// What the addresses in messages begin with.
  let address: String
  let log: Logger

  private static let timeout = Duration.seconds(10)

  func run() async throws {
    try? await cancelWhenGracefulShutdown {
      var kept = -1
      while true {
        let due = hub.dueAlarms()
        if !due.isEmpty { await send(due) }
        kept = await keep(since: kept)
        try await Task.sleep(for: .seconds(1))
      }
    }
    _ = await keep(since: -1)
  }

  private func keep(since revision: Int) async -> Int {
    guard let store, let board = hub.alarms(since: revision) else { return revision }
    do {
      try await store.replace(AlarmFile.name, AlarmFile.encode(board))
      return board.revision
    } catch {
      log.warning("the state of alarms cannot be kept", metadata: ["error": "\(error)"])
      return revision
    }
  }

  /// Sends alarms to whoever is named, all of them in one message.
  ///
  /// - Returns: What went wrong, a line for each that could not be told.
  @discardableResult
  func send(_ alarms: [Alarm], isTest: Bool = false) async -> [String] {
    var failures: [String] = []
    if let webhook = notify.webhook {
      var request = EasyRequest(
        url: webhook, body: Self.json(alarms, address, isTest: isTest), timeout: Self.timeout, answerLimit: 64 << 10)
      request.headers = ["Content-Type: application/json"]
      if let failure = await request.failure() { failures.append("webhook: \(failure)") }
    }
    if let email = notify.email {
      var request = EasyRequest(
        url: email.server, body: Self.mail(alarms, email, address, isTest: isTest), timeout: Self.timeout,
        answerLimit: 64 << 10)
      request.envelope = .init(from: email.from, to: email.to)
      if let failure = await request.failure() { failures.append("e-mail: \(failure)") }
    }
    for failure in failures { log.warning("an alarm could not be sent", metadata: ["error": "\(failure)"]) }
    return failures
  }

  /// The alarms for programs. Patients stand there by key, with the address of their page.
  static func json(_ alarms: [Alarm], _ address: String, isTest: Bool) -> [UInt8] {
    var text = JSONText()
    text.open()
    text.member("test", isTest)
    text.open("alarms", "[")
    for alarm in alarms {
      text.open()
      text.member("number", alarm.number)
      text.member("priority", alarm.priority.name)
      text.member("what", alarm.kind.words)
      text.member("since", alarm.since)
      text.member("patient", alarm.patient)
      text.member("url", "\(address)/patients/\(alarm.patient)")
      text.close()
    }
    text.close("]")
    text.close()
    return text.bytes
  }

  /// The alarms as a mail (RFC 5322); lines are ours alone, so nothing of a patient's id can end one.
  static func mail(_ alarms: [Alarm], _ email: WardSettings.Email, _ address: String, isTest: Bool) -> [UInt8] {
    let subject =
      isTest ? "vitals-dashboard: test" : "vitals-dashboard: \(alarms.count) alarm\(alarms.count == 1 ? "" : "s")"
    var lines = [
      "From: <\(email.from)>", "To: \(email.to.map { "<\($0)>" }.joined(separator: ", "))", "Subject: \(subject)",
      "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "",
    ]
    if isTest { lines.append("This is a test: mails of alarms arrive.") }
    for alarm in alarms {
      lines.append("\(alarm.priority.marks) \(alarm.priority.name): \(alarm.kind.words)")
      lines.append("\(address)/patients/\(alarm.patient)")
    }
    return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
  }
}

extension EasyRequest {
  /// Carries the request out on a thread of its own.
  func result() async -> Outcome {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { [self] in continuation.resume(returning: perform()) }
    }
  }

  /// What went wrong; `nil` where the other side took it.
  fileprivate func failure() async -> String? {
    switch await result() {
    case .answer(let status, _): status < 400 ? nil : "it answers with status \(status)"
    case .failure(let reason): reason
    }
  }
}
