import FoundationEssentials

/// Record headers as text, for the dead-letter table.
enum HeaderText {
  private struct Header: Encodable {
    var name: String
    var value: String?
  }

  /// A JSON array of `{"name":…,"value":base64}`; `nil` for a record without headers.
  static func json(_ headers: [(name: String, value: [UInt8]?)]) -> String? {
    guard !headers.isEmpty else { return nil }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let list = headers.map { Header(name: $0.name, value: $0.value.map { Data($0).base64EncodedString() }) }
    return (try? encoder.encode(list)).map { String(decoding: $0, as: UTF8.self) }
  }
}
