internal import JSON

/// Alarms as they are kept between two runs: what a nurse has acknowledged stays so.
///
///     {"version":1,"active":[{"number":7,"patient":"…","kind":"score","priority":3,"since":…,…}],"history":[…]}
///
/// Patients stand there by their keys.
enum AlarmFile {
  static let name = "alarms.json"
  static let sizeLimit = 16 << 20

  static func encode(_ board: AlarmBoard) -> [UInt8] {
    var text = JSONText()
    text.open()
    text.member("version", 1)
    for (name, alarms) in [("active", board.list), ("history", board.history)] {
      text.open(name, "[")
      for alarm in alarms {
        text.open()
        text.member("number", alarm.number)
        text.member("patient", alarm.patient)
        text.member("kind", alarm.kind.code)
        text.member("priority", alarm.priority.rawValue)
        text.member("value", alarm.value)
        text.member("since", alarm.since)
        text.member("acknowledged", alarm.acknowledged)
        text.member("by", alarm.by)
        text.member("ended", alarm.ended)
        text.member("sent", alarm.sent)
        text.close()
      }
      text.close("]")
    }
    text.close()
    text.endLine()
    return text.bytes
  }

  /// - Returns: `nil` for what is no such file.
  static func decode(_ bytes: [UInt8]) -> (active: [Alarm], history: [Alarm])? {
    guard let document = try? JSONValue(parsing: bytes), document["version"]?.integer == 1,
      let active = alarms(document["active"]), let history = alarms(document["history"])
    else { return nil }
    return (active, history)
  }

  private static func alarms(_ value: JSONValue?) -> [Alarm]? {
    guard case .array(let items)? = value else { return nil }
    return items.compactMap { item in
      guard let number = item["number"]?.integer.flatMap({ Int(exactly: $0) }), number < .max,
        let patient = item["patient"]?.text, let kind = item["kind"]?.text.flatMap(AlarmKind.init(code:)),
        let priority = item["priority"]?.integer.flatMap({ AlarmPriority(rawValue: Int(clamping: $0)) }),
        let since = item["since"]?.integer
      else { return nil }
      return Alarm(
        number: number, patient: patient, kind: kind, priority: priority, value: item["value"]?.text ?? "",
        since: since, acknowledged: item["acknowledged"]?.integer, by: item["by"]?.text,
        ended: item["ended"]?.integer, sent: item["sent"]?.integer)
    }
  }
}
