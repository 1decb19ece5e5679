/// Rows of comma-separated values (RFC 4180): fields in quotes may hold commas, line ends, and quotes written twice.
///
///     a,"b ""c""",
///
/// is a row of three fields: `a`, `b "c"`, and an empty one.
struct CSVRows {
  private let bytes: [UInt8]
  private var at = 0
  /// The line on which the row begins that was read last, from 1.
  private(set) var line = 0
  private var nextLine = 1

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    // A byte order mark says nothing here.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
  }

  /// The next row's fields, empty lines left out; `nil` at the end.
  ///
  /// - Throws: ``ForestError`` where a quote is not closed or followed by other text.
  mutating func next() throws(ForestError) -> [ArraySlice<UInt8>]? {
    while at < bytes.count, bytes[at] == UInt8(ascii: "\n") || bytes[at] == UInt8(ascii: "\r") {
      if bytes[at] == UInt8(ascii: "\n") { nextLine += 1 }
      at += 1
    }
    if at == bytes.count { return nil }
    line = nextLine
    var fields: [ArraySlice<UInt8>] = []
    while true {
      fields.append(try field())
      if at == bytes.count { return fields }
      let end = bytes[at]
      at += 1
      if end == UInt8(ascii: ",") { continue }
      if end == UInt8(ascii: "\r"), at < bytes.count, bytes[at] == UInt8(ascii: "\n") { at += 1 }
      nextLine += 1
      return fields
    }
  }

  private mutating func field() throws(ForestError) -> ArraySlice<UInt8> {
    func isEnd(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
    guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
      let start = at
      while at < bytes.count, !isEnd(bytes[at]) { at += 1 }
      return bytes[start..<at]
    }
    at += 1
    var text: [UInt8] = []
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      if byte == UInt8(ascii: "\n") { nextLine += 1 }
      guard byte == UInt8(ascii: "\"") else {
        text.append(byte)
        continue
      }
      if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
        text.append(byte)
        at += 1
      } else if at == bytes.count || isEnd(bytes[at]) {
        return text[...]
      } else {
        throw ForestError(.badData, "line \(line): text behind a closing quote")
      }
    }
    throw ForestError(.badData, "line \(line): a quote is not closed")
  }
}
