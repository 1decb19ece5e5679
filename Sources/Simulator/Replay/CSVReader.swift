/// Reads comma-separated values (RFC 4180) from chunks of bytes, without I/O.
///
///     minute,HR,note              record 1
///     0,72.5,"a ""quoted"", note" record 2: the quotes hold a comma and one pair of quotes
///
/// Lines end with LF or CRLF; a byte order mark and blank lines are passed over.
public struct CSVReader: Sendable {
  /// Longer fields are refused.
  public static let maximumFieldBytes = 65_536
  /// Records of more fields are refused.
  public static let maximumFields = 10_000

  /// One record, and the number of the line that it begins on, from 1.
  public typealias Record = (line: Int, fields: [String])

  private enum State { case fieldStart, plain, quoted, quoteInQuoted }

  private var state = State.fieldStart
  private var field: [UInt8] = []
  private var fields: [String] = []
  private var line = 1
  private var recordLine = 1
  private var isFirstField = true

  /// A reader at the start of a file.
  public init() {}

  /// Takes the next bytes of the file and hands out the records that they complete.
  ///
  /// - Throws: `ReplayError` with the line number on a stray quote, or a field or record beyond the limits; whatever
  ///   `body` throws.
  public mutating func push(_ chunk: [UInt8], _ body: (Record) throws -> Void) throws {
    for byte in chunk {
      switch (state, byte) {
      case (.quoted, UInt8(ascii: "\"")): state = .quoteInQuoted
      case (.quoted, _):
        if byte == 0x0a { line += 1 }
        try take(byte)
      case (.quoteInQuoted, UInt8(ascii: "\"")):
        state = .quoted
        try take(byte)
      case (.fieldStart, UInt8(ascii: "\"")): state = .quoted
      case (_, UInt8(ascii: ",")): try endField()
      case (_, 0x0a):
        if field.last == 0x0d && state == .plain { field.removeLast() }
        line += 1
        try endRecord(body)
      case (.quoteInQuoted, 0x0d): break  // of CRLF behind a closing quote
      case (.quoteInQuoted, _): throw ReplayError("text follows a closing quote", line: line)
      default:
        state = .plain
        try take(byte)
      }
    }
  }

  /// Hands out the last record, if the file did not end with a line feed.
  ///
  /// - Throws: `ReplayError` on a quote that was never closed; whatever `body` throws.
  public mutating func finish(_ body: (Record) throws -> Void) throws {
    if state == .quoted { throw ReplayError("a quote is not closed", line: recordLine) }
    if !fields.isEmpty || !field.isEmpty || state != .fieldStart { try endRecord(body) }
  }

  private mutating func take(_ byte: UInt8) throws {
    guard field.count < Self.maximumFieldBytes else {
      throw ReplayError("a field is longer than \(Self.maximumFieldBytes) bytes", line: line)
    }
    field.append(byte)
  }

  private mutating func endField() throws {
    guard fields.count < Self.maximumFields else {
      throw ReplayError("a record has more than \(Self.maximumFields) fields", line: line)
    }
    if isFirstField, field.starts(with: [0xef, 0xbb, 0xbf]) { field.removeFirst(3) }
    isFirstField = false
    fields.append(String(decoding: field, as: UTF8.self))
    field.removeAll(keepingCapacity: true)
    state = .fieldStart
  }

  private mutating func endRecord(_ body: (Record) throws -> Void) throws {
    let isBlank = fields.isEmpty && field.isEmpty && state != .quoteInQuoted
    if !isBlank {
      try endField()
      try body((recordLine, fields))
    }
    fields.removeAll(keepingCapacity: true)
    field.removeAll(keepingCapacity: true)
    state = .fieldStart
    recordLine = line
  }
}
