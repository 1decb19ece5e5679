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

/// Reads messages into the fields of a record schema, straight from the bytes: JSON here, Avro in
/// `RecordParser+Avro.swift`.
///
/// The grammar of JSON is RFC 8259; fields of the schema are converted as they are met, others are checked and passed
/// over. Nothing is allocated for a record in the usual form: strings stay where they are in the message, and the slots
/// are used again. Fields in the schema's order are found without a search. It is never copied, since a copy for each
/// record would cost as much as a field.
struct RecordParser: ~Copyable {
  /// How deep values that are passed over may nest.
  static let depthLimit = 64
  /// How many fields that may follow are tried before a key is read as a string.
  private static let keysAhead = 6

  private let plan: ParsingPlan
  /// One slot for each field of the schema, valid until the next call of `parse`.
  var slots: [Slot]
  /// The text of strings that held escapes, valid as long as the slots.
  var unescaped: [UInt8] = []
  /// How messages are written.
  var form = Form.json
  /// What reading Avro needs besides; an object, so that the parser itself stays a few words.
  var avro = AvroState()

  /// The fields that are read.
  var schema: RecordSchema { plan.schema }

  /// The event time in milliseconds; meaningful while that field has a value.
  var eventMillis: Int64 {
    guard let index = plan.schema.eventTimeField else { return 0 }
    return plan.eventIsMicros ? slots[index].integer / 1_000 : slots[index].integer
  }

  init(schema: RecordSchema) {
    plan = ParsingPlan(schema)
    slots = Array(repeating: Slot(), count: schema.fields.count)
  }

  /// Parses one message; `nil` when every rule holds and the slots are filled.
  mutating func parse(_ payload: UnsafeRawBufferPointer) -> Rejection? {
    guard let base = payload.baseAddress, unsafe !payload.isEmpty else { return .empty }
    for index in slots.indices { slots[index] = Slot() }
    unescaped.removeAll(keepingCapacity: true)
    do throws(Rejection) {
      switch form {
      case .json:
        var cursor = unsafe JSONCursor(base.assumingMemoryBound(to: UInt8.self), count: payload.count)
        try parseObject(&cursor)
        cursor.skipSpace()
        if cursor.offset != cursor.count { throw .notJSON(offset: cursor.offset) }
      case .avro(let plan): try unsafe readAvro(payload, from: 0, by: plan)
      case .confluent: try unsafe readConfluent(payload)
      }
      try checkRules()
      return nil
    } catch {
      return error
    }
  }

  /// Which of the fields `word * 64` and up have a value, the first in the lowest bit.
  @inline(__always)
  func validityWord(_ word: Int) -> UInt64 {
    var bits: UInt64 = 0
    for index in word &* 64..<min(word &* 64 &+ 64, slots.count) where slots[index].state == .value {
      bits |= 1 &<< UInt64(index & 63)
    }
    return bits
  }

  /// Adds the bytes of a string field of the message that was parsed last.
  @inline(__always)
  func appendBytes(of slot: Slot, payload: UnsafeRawBufferPointer, to text: inout [UInt8]) {
    let range = slot.start..<slot.start &+ slot.count
    switch slot.home {
    case .payload: unsafe text.append(contentsOf: UnsafeRawBufferPointer(rebasing: payload[range]))
    case .unescaped: text.append(contentsOf: unescaped[range])
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
      let index = try takeKey(&cursor, expected: expected)
      cursor.skipSpace()
      if let index {
        if slots[index].state != .absent { throw .duplicateField(plan.schema.fields[index].name) }
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

  /// Takes a key and its colon: first those of the fields behind the last one found, of which some may be left out.
  @inline(__always)
  private func takeKey(_ cursor: inout JSONCursor, expected: Int) throws(Rejection) -> Int? {
    let next = expected..<min(expected &+ Self.keysAhead, plan.keys.count)
    if let index = cursor.takeKey(plan.keys, in: next) { return index }
    let key = try cursor.string()
    let index = fieldIndex(key, in: cursor, expected: expected)
    cursor.skipSpace()
    guard cursor.take(UInt8(ascii: ":")) else { throw .notJSON(offset: cursor.offset) }
    return index
  }

  /// The field of this name: first the one behind the last field found, then all of them.
  private func fieldIndex(_ key: JSONCursor.Text, in cursor: JSONCursor, expected: Int) -> Int? {
    if key.hasEscape {
      var text: [UInt8] = []
      guard cursor.unescape(key, into: &text) else { return nil }
      return plan.names.firstIndex(of: text)
    }
    if expected < plan.names.count, cursor.equals(key, plan.names[expected]) { return expected }
    return plan.names.indices.first { cursor.equals(key, plan.names[$0]) }
  }

  private mutating func parseField(_ index: Int, _ cursor: inout JSONCursor) throws(Rejection) {
    if cursor.takeWord("null") {
      slots[index].state = .null
      return
    }
    var slot = Slot()
    slot.state = .value
    switch plan.rules[index].kind {
    case .double:
      slot.bits = try number(cursor.number(), index, "a number").bitPattern
    case .float:
      let value = Float(try number(cursor.number(), index, "a number"))
      guard value.isFinite else { throw wrongType(index, "a number in single precision") }
      slot.bits = Double(value).bitPattern
    case .millis:
      // The column counts microseconds.
      slot.bits = UInt64(bitPattern: try integer(cursor.number(), index, Int64.min / 1_000...Int64.max / 1_000))
    case .long:
      slot.bits = UInt64(bitPattern: try integer(cursor.number(), index, Int64.min...Int64.max))
    case .int:
      slot.bits = UInt64(bitPattern: try integer(cursor.number(), index, Int64(Int32.min)...Int64(Int32.max)))
    case .boolean:
      if cursor.takeWord("true") {
        slot.bits = 1
      } else if !cursor.takeWord("false") {
        throw try typeMismatch(&cursor, index, "true or false")
      }
    case .text, .symbol:
      guard cursor.peek == UInt8(ascii: "\"") else { throw try typeMismatch(&cursor, index, "a string") }
      try parseString(&slot, index, &cursor)
    }
    slots[index] = slot
  }

  private func wrongType(_ index: Int, _ expected: String) -> Rejection {
    .wrongType(plan.schema.fields[index].name, expected: expected)
  }

  private func number(
    _ number: JSONCursor.Number, _ index: Int, _ expected: String
  ) throws(Rejection) -> Double {
    switch number {
    case .double(let value), .integer(_, let value): return value
    case .malformed(let offset): throw .notJSON(offset: offset)
    case .notANumber: throw wrongType(index, expected)
    }
  }

  private func integer(
    _ number: JSONCursor.Number, _ index: Int, _ range: ClosedRange<Int64>
  ) throws(Rejection) -> Int64 {
    switch number {
    case .integer(let value, _) where range.contains(value): return value
    case .malformed(let offset): throw .notJSON(offset: offset)
    default: throw wrongType(index, "a whole number of its type")
    }
  }

  /// What is wrong with a value of another type: malformed text before the type.
  private func typeMismatch(
    _ cursor: inout JSONCursor, _ index: Int, _ expected: String
  ) throws(Rejection) -> Rejection {
    try cursor.skipValue(depth: Self.depthLimit)
    return wrongType(index, expected)
  }

  private mutating func parseString(
    _ slot: inout Slot, _ index: Int, _ cursor: inout JSONCursor
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
    guard plan.rules[index].kind == .symbol else { return }
    let isKnown = plan.symbols[index].contains {
      text.hasEscape ? $0.elementsEqual(unescaped[slot.start...]) : cursor.equals(text, $0)
    }
    if !isKnown, case .enumeration(let symbols) = plan.schema.fields[index].type {
      throw wrongType(index, "one of \(symbols.joined(separator: ", "))")
    }
  }

  /// The rules that hold across a record: required fields, limits, and one of several fields.
  private func checkRules() throws(Rejection) {
    for index in slots.indices {
      let rule = plan.rules[index]
      guard slots[index].state == .value else {
        if !rule.isNullable { throw .missingField(plan.schema.fields[index].name) }
        continue
      }
      if rule.hasLimits {
        let value = rule.isFraction ? slots[index].double : Double(slots[index].integer)
        if !(rule.low <= value && value <= rule.high) { throw .outOfLimits(plan.schema.fields[index].name) }
      }
    }
    let choice = plan.schema.atLeastOneOf
    if !choice.isEmpty, !choice.contains(where: { slots[$0].state == .value }) {
      throw .noneOf(choice.map { plan.schema.fields[$0].name })
    }
  }
}
