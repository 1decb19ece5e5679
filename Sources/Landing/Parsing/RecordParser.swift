import Kernels
import Vitals

/// One field of a parsed record.
struct Slot {
  enum State: UInt8 { case absent, null, value }
  /// Where the bytes of a string are.
  enum Home: UInt8 { case payload, unescaped }

  var state = State.absent
  var home = Home.payload
  /// The value's bits: a double's pattern, an integer, or 0 and 1 for a boolean.
  var bits: UInt64 = 0
  /// The place of a string's bytes in its home.
  var start = 0
  var count = 0

  var double: Double { Double(bitPattern: bits) }
  var integer: Int64 { Int64(bitPattern: bits) }
}

/// Parses JSON messages into the fields of a record schema, straight from the bytes.
///
/// The grammar is RFC 8259; fields of the schema are converted as they are met, others are checked and passed over.
/// Nothing is allocated for a record in the usual form: strings stay where they are in the message, and the slots are
/// used again. Fields in the schema's order are found without a search.
struct RecordParser {
  /// How deep values that are passed over may nest.
  static let depthLimit = 64

  let schema: RecordSchema
  /// One slot for each field of the schema, valid until the next call of `parse`.
  private(set) var slots: [Slot]
  /// The text of strings that held escapes, valid as long as the slots.
  private(set) var unescaped: [UInt8] = []

  /// The event time in milliseconds; meaningful while that field has a value.
  var eventMillis: Int64 {
    guard let index = schema.eventTimeField else { return 0 }
    return eventIsMicros ? slots[index].integer / 1_000 : slots[index].integer
  }

  private let names: [[UInt8]]
  private let eventIsMicros: Bool
  private let limits: [ClosedRange<Double>?]

  init(schema: RecordSchema) {
    self.schema = schema
    slots = Array(repeating: Slot(), count: schema.fields.count)
    names = schema.fields.map { Array($0.name.utf8) }
    limits = schema.fields.map(\.limits)
    eventIsMicros = schema.eventTimeField.map { schema.fields[$0].type == .timestampMicros } ?? false
  }

  /// Parses one message; `nil` when every rule holds and the slots are filled.
  mutating func parse(_ payload: UnsafeRawBufferPointer) -> Rejection? {
    guard let base = payload.baseAddress, unsafe !payload.isEmpty else { return .empty }
    for index in slots.indices { slots[index] = Slot() }
    unescaped.removeAll(keepingCapacity: true)
    var cursor = unsafe JSONCursor(base.assumingMemoryBound(to: UInt8.self), count: payload.count)
    do throws(Rejection) {
      try parseObject(&cursor)
      cursor.skipSpace()
      if cursor.offset != cursor.count { throw .notJSON(offset: cursor.offset) }
      try checkRules()
      return nil
    } catch {
      return error
    }
  }

  /// The bytes of a string field; `body` must not keep them.
  @inline(__always)
  func withBytes(
    of slot: Slot, payload: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
  ) {
    switch slot.home {
    case .payload:
      unsafe body(UnsafeRawBufferPointer(rebasing: payload[slot.start..<slot.start + slot.count]))
    case .unescaped:
      unsafe unescaped.withUnsafeBytes { bytes in
        unsafe body(UnsafeRawBufferPointer(rebasing: bytes[slot.start..<slot.start + slot.count]))
      }
    }
  }

  private mutating func parseObject(_ cursor: inout JSONCursor) throws(Rejection) {
    cursor.skipSpace()
    guard cursor.take(UInt8(ascii: "{")) else {
      var probe = cursor
      try probe.skipValue(depth: Self.depthLimit)
      throw .notAnObject
    }
    cursor.skipSpace()
    if cursor.take(UInt8(ascii: "}")) { return }
    var expected = 0
    while true {
      cursor.skipSpace()
      let key = try cursor.string()
      let index = fieldIndex(key, in: cursor, expected: expected)
      cursor.skipSpace()
      guard cursor.take(UInt8(ascii: ":")) else { throw .notJSON(offset: cursor.offset) }
      cursor.skipSpace()
      if let index {
        if slots[index].state != .absent { throw .duplicateField(schema.fields[index].name) }
        try parseField(index, &cursor)
        expected = index + 1
      } else {
        try cursor.skipValue(depth: Self.depthLimit)
      }
      cursor.skipSpace()
      if cursor.take(UInt8(ascii: ",")) { continue }
      if cursor.take(UInt8(ascii: "}")) { return }
      throw .notJSON(offset: cursor.offset)
    }
  }

  /// The field of this name: first the one behind the last field found, then all of them.
  private func fieldIndex(_ key: JSONCursor.Text, in cursor: JSONCursor, expected: Int) -> Int? {
    if key.hasEscape {
      var text: [UInt8] = []
      guard cursor.unescape(key, into: &text) else { return nil }
      return names.firstIndex(of: text)
    }
    if expected < names.count, cursor.equals(key, names[expected]) { return expected }
    return names.indices.first { cursor.equals(key, names[$0]) }
  }

  private mutating func parseField(_ index: Int, _ cursor: inout JSONCursor) throws(Rejection) {
    if cursor.takeWord("null") {
      slots[index].state = .null
      return
    }
    var slot = Slot()
    slot.state = .value
    let field = schema.fields[index]
    switch field.type {
    case .double:
      slot.bits = try number(cursor.number(), field, "a number").bitPattern
    case .float:
      let value = Float(try number(cursor.number(), field, "a number"))
      guard value.isFinite else { throw .wrongType(field.name, expected: "a number in single precision") }
      slot.bits = Double(value).bitPattern
    case .timestampMillis:
      // The column counts microseconds.
      slot.bits = UInt64(bitPattern: try integer(cursor.number(), field, Int64.min / 1_000...Int64.max / 1_000))
    case .long, .timestampMicros:
      slot.bits = UInt64(bitPattern: try integer(cursor.number(), field, Int64.min...Int64.max))
    case .int, .date:
      slot.bits = UInt64(bitPattern: try integer(cursor.number(), field, Int64(Int32.min)...Int64(Int32.max)))
    case .boolean:
      if cursor.takeWord("true") {
        slot.bits = 1
      } else if !cursor.takeWord("false") {
        throw try typeMismatch(&cursor, field, "true or false")
      }
    case .string, .bytes, .enumeration:
      guard cursor.peek == UInt8(ascii: "\"") else { throw try typeMismatch(&cursor, field, "a string") }
      try parseString(&slot, field, &cursor)
    }
    slots[index] = slot
  }

  private func number(
    _ number: JSONCursor.Number, _ field: RecordField, _ expected: String
  ) throws(Rejection) -> Double {
    switch number {
    case .double(let value), .integer(_, let value): return value
    case .malformed(let offset): throw .notJSON(offset: offset)
    case .notANumber: throw .wrongType(field.name, expected: expected)
    }
  }

  private func integer(
    _ number: JSONCursor.Number, _ field: RecordField, _ range: ClosedRange<Int64>
  ) throws(Rejection) -> Int64 {
    switch number {
    case .integer(let value, _) where range.contains(value): return value
    case .malformed(let offset): throw .notJSON(offset: offset)
    default: throw .wrongType(field.name, expected: "a whole number of its type")
    }
  }

  /// What is wrong with a value of another type: malformed text before the type.
  private func typeMismatch(
    _ cursor: inout JSONCursor, _ field: RecordField, _ expected: String
  ) throws(Rejection) -> Rejection {
    try cursor.skipValue(depth: Self.depthLimit)
    return .wrongType(field.name, expected: expected)
  }

  private mutating func parseString(
    _ slot: inout Slot, _ field: RecordField, _ cursor: inout JSONCursor
  ) throws(Rejection) {
    let text = try cursor.string()
    if text.hasEscape {
      slot.home = .unescaped
      slot.start = unescaped.count
      guard cursor.unescape(text, into: &unescaped) else { throw .notJSON(offset: text.start) }
      slot.count = unescaped.count - slot.start
    } else {
      slot.start = text.start
      slot.count = text.count
    }
    if case .enumeration(let symbols) = field.type {
      let value = text.hasEscape ? Array(unescaped[slot.start...]) : cursor.bytes(text)
      guard symbols.contains(where: { $0.utf8.elementsEqual(value) }) else {
        throw .wrongType(field.name, expected: "one of \(symbols.joined(separator: ", "))")
      }
    }
  }

  /// The rules that hold across a record: required fields, limits, and one of several fields.
  private func checkRules() throws(Rejection) {
    for index in slots.indices {
      let slot = slots[index]
      guard slot.state == .value else {
        if !schema.fields[index].isNullable { throw .missingField(schema.fields[index].name) }
        continue
      }
      if let range = limits[index], !range.contains(measured(slot, schema.fields[index].type)) {
        throw .outOfLimits(schema.fields[index].name)
      }
    }
    let choice = schema.atLeastOneOf
    if !choice.isEmpty, !choice.contains(where: { slots[$0].state == .value }) {
      throw .noneOf(choice.map { schema.fields[$0].name })
    }
  }

  private func measured(_ slot: Slot, _ type: RecordType) -> Double {
    switch type {
    case .double, .float: slot.double
    default: Double(slot.integer)
    }
  }
}
