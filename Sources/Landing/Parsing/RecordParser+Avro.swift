import Avro
import Vitals

// Messages in Avro's binary encoding, read into the same slots as JSON, straight from the bytes.
extension RecordParser {
  /// Reads one message by a plan, from a byte on; the slots are empty before.
  mutating func readAvro(
    _ payload: UnsafeRawBufferPointer, from start: Int, by plan: AvroPlan
  ) throws(Rejection) {
    guard let base = payload.baseAddress else { throw .empty }
    avro.unfit = nil
    var cursor = unsafe AvroCursor(
      base.assumingMemoryBound(to: UInt8.self), count: payload.count, offset: start)
    do throws(AvroFault) {
      for index in 0..<plan.width { try take(plan.steps[index], plan, &cursor) }
    } catch {
      switch error {
      case .malformed(let offset): throw .notAvro(offset: offset)
      case .tooDeep: throw .tooDeep
      }
    }
    guard cursor.isAtEnd else { throw .notAvro(offset: cursor.offset) }
    if let unfit = avro.unfit { throw unfit }
    for (slot, value) in plan.fallbacks { fill(slot, value) }
  }

  /// Reads one message that names its writer's schema in its header.
  mutating func readConfluent(_ payload: UnsafeRawBufferPointer) throws(Rejection) {
    guard let id = unsafe ConfluentHeader.schemaID(payload) else { throw .noSchemaID }
    switch avro.writers[id] {
    case .plan(let plan)?: try unsafe readAvro(payload, from: ConfluentHeader.count, by: plan)
    case .refused(let reason)?: throw reason
    case nil: throw .unknownSchema(id: id)
    }
  }

  /// Notes the first value that does not fit; the record is read on, so that what comes after is known to be whole.
  private mutating func note(_ rejection: Rejection) {
    if avro.unfit == nil { avro.unfit = rejection }
  }

  private mutating func noteTime(_ slot: Int) {
    note(.wrongType(schema.fields[slot].name, expected: "a time that its column can hold"))
  }

  @inline(__always)
  private mutating func set(_ slot: Int, _ bits: UInt64) {
    slots[slot].state = .value
    slots[slot].bits = bits
  }

  @inline(__always)
  private mutating func set(_ slot: Int, _ value: Int64) { set(slot, UInt64(bitPattern: value)) }

  @inline(__always)
  private mutating func set(_ slot: Int, _ range: Range<Int>) {
    slots[slot].state = .value
    slots[slot].start = range.lowerBound
    slots[slot].count = range.count
  }

  private mutating func fill(_ slot: Int, _ value: AvroPlan.Fallback) {
    slots[slot].state = .value
    switch value {
    case .bits(let bits): slots[slot].bits = bits
    case .text(let text): setText(text, slot)
    }
  }

  private mutating func setText(_ text: [UInt8], _ slot: Int) {
    slots[slot].home = .unescaped
    slots[slot].start = unescaped.count
    slots[slot].count = text.count
    unescaped.append(contentsOf: text)
  }

  private mutating func take(
    _ step: AvroPlan.Step, _ plan: AvroPlan, _ cursor: inout AvroCursor
  ) throws(AvroFault) {
    switch step.kind {
    case .union:
      let branch = try cursor.branch(of: step.count)
      try take(plan.steps[step.start &+ branch], plan, &cursor)
    case .double: set(step.slot, try cursor.double().bitPattern)
    case .null: slots[step.slot].state = .null
    case .integer: set(step.slot, try cursor.long())
    case .narrowInteger: set(step.slot, Int64(try cursor.int()))
    case .text: set(step.slot, try cursor.string())
    case .bytes: set(step.slot, try cursor.bytes())
    case .boolean: set(step.slot, try cursor.boolean() ? 1 : UInt64(0))
    case .float: set(step.slot, Double(try cursor.float()).bitPattern)
    case .integerToDouble: set(step.slot, Double(try cursor.long()).bitPattern)
    case .integerToFloat: set(step.slot, Double(Float(try cursor.long())).bitPattern)
    case .microsToMillis: set(step.slot, try cursor.long().flooredQuotient(1_000))
    case .millis:
      let millis = try cursor.long()
      if kafkaMicros(millis) == nil { noteTime(step.slot) }
      set(step.slot, millis)
    case .millisToMicros:
      let micros = kafkaMicros(try cursor.long())
      if micros == nil { noteTime(step.slot) }
      set(step.slot, micros ?? 0)
    case .symbol:
      let symbol = try cursor.branch(of: step.count)
      guard let text = plan.symbols[step.start &+ symbol] else {
        note(.wrongType(schema.fields[step.slot].name, expected: "a symbol that the schema has"))
        return
      }
      slots[step.slot].state = .value
      setText(text, step.slot)
    case .skip: try cursor.skip(step.start, of: plan.writer)
    case .unfit:
      note(.wrongType(schema.fields[step.slot].name, expected: "of a type that goes into its column"))
      try cursor.skip(step.start, of: plan.writer)
    }
  }
}
