internal import Columnar

// RFC 4180, with the freedoms that files take: any one-byte delimiter, lines that end in LF, CR LF or CR, a byte order
// mark before the first.
//
//   file   = [mark] *(record line-end) [record]
//   record = field *(delimiter field)
//   field  = *plain | quote *(any byte but quote | quote quote) quote
//
// Example: 1,"a ""b""",\n  is one record of the fields  1 · a "b" · (empty), of which the second is quoted.

/// Records of a CSV file, their fields one behind the other.
struct CSVRecords: Sendable {
  var fields = ByteStrings()
  /// Whether a field stands in quotes: an empty one is then a text and not a missing value.
  var isQuoted: [Bool] = []
  /// How many fields there are before each record, and behind the last.
  var starts: [Int] = [0]
  /// The line on which each record begins, counted from 1.
  var lines: [Int] = []

  var count: Int { lines.count }

  /// The fields of a record.
  func fields(of record: Int) -> Range<Int> { starts[record]..<starts[record + 1] }
}

/// Cuts the bytes of a CSV file into records, piece by piece.
struct CSVParser {
  let delimiter: UInt8
  let quote: UInt8
  /// The file, for messages.
  let name: String
  private var line = 1
  private var isAtStart = true
  /// The beginning of a record whose end has not come yet.
  private var rest: [UInt8] = []
  /// The longest record, in bytes.
  static let longestRecord = 16 << 20

  init(delimiter: UInt8, quote: UInt8, name: String) {
    self.delimiter = delimiter
    self.quote = quote
    self.name = name
  }

  /// The records that are complete with these bytes.
  ///
  /// - Throws: ``QueryError`` with file and line for what is no CSV.
  mutating func parse(_ bytes: [UInt8], isLast: Bool) throws(QueryError) -> CSVRecords {
    var buffer = rest + bytes
    if isAtStart, buffer.starts(with: [0xEF, 0xBB, 0xBF]) { buffer.removeFirst(3) }
    if !buffer.isEmpty { isAtStart = false }
    var records = CSVRecords()
    var at = 0
    while at < buffer.count {
      let start = (at: at, line: line, fields: records.isQuoted.count)
      guard try record(buffer, &at, &records, isLast) else {
        // Its end is still to come.
        let fields = start.fields
        records.isQuoted.removeLast(records.isQuoted.count - fields)
        records.fields.offsets.removeLast(records.fields.offsets.count - 1 - fields)
        records.fields.bytes.removeLast(records.fields.bytes.count - Int(records.fields.offsets[fields]))
        (at, line) = (start.at, start.line)
        break
      }
      records.starts.append(records.isQuoted.count)
      records.lines.append(start.line)
    }
    rest = Array(buffer[at...])
    guard rest.count <= Self.longestRecord else {
      throw QueryError(
        .limit, "\(name): line \(line): a record of more than \(Self.longestRecord >> 20) MiB – is a quote without end?"
      )
    }
    return records
  }

  /// Reads a record and its line end; whether both were there.
  private mutating func record(
    _ buffer: [UInt8], _ at: inout Int, _ records: inout CSVRecords, _ isLast: Bool
  ) throws(QueryError) -> Bool {
    while true {
      if at < buffer.count, buffer[at] == quote {
        guard try quoted(buffer, &at, &records, isLast) else { return false }
      } else {
        let start = at
        while at < buffer.count, buffer[at] != delimiter, buffer[at] != 0x0A, buffer[at] != 0x0D { at += 1 }
        records.fields.append(buffer[start..<at])
        records.isQuoted.append(false)
      }
      if at == buffer.count { return isLast }
      let byte = buffer[at]
      if byte == delimiter {
        at += 1
        // A delimiter at the very end has an empty field behind it.
        if at == buffer.count, !isLast { return false }
        continue
      }
      if byte == 0x0D {
        if at + 1 == buffer.count, !isLast { return false }
        if at + 1 < buffer.count, buffer[at + 1] == 0x0A { at += 1 }
      } else if byte != 0x0A {
        throw QueryError(.value, "\(name): line \(line): text behind the quote that ends a field")
      }
      at += 1
      line += 1
      return true
    }
  }

  /// Reads a field in quotes; whether its end was there.
  private mutating func quoted(
    _ buffer: [UInt8], _ at: inout Int, _ records: inout CSVRecords, _ isLast: Bool
  ) throws(QueryError) -> Bool {
    let first = line
    var content: [UInt8] = []
    at += 1
    while true {
      let start = at
      while at < buffer.count, buffer[at] != quote {
        if buffer[at] == 0x0A { line += 1 }
        at += 1
      }
      content += buffer[start..<at]
      if at == buffer.count { break }
      if at + 1 == buffer.count, !isLast { return false }
      at += 1
      guard at < buffer.count, buffer[at] == quote else {
        records.fields.append(content)
        records.isQuoted.append(true)
        return true
      }
      content.append(quote)
      at += 1
    }
    guard !isLast else { throw QueryError(.value, "\(name): line \(first): a quote without end") }
    return false
  }
}
