import Avro
import Vitals

/// Why messages of a writer's schema cannot be read with the reader's: the field and what is wrong, on one line.
struct AvroMismatch: Error, Hashable, CustomStringConvertible {
  var description: String
}

// Avro 1.12 specification, "Schema Resolution", for readers whose record is flat:
//
// * Fields meet by name, or by a name among the reader's aliases; the order does not matter. A field that only the
//   writer has is passed over; one that only the reader has takes its default, or is null where it may be.
// * int goes into long, float and double, long into float and double, float into double, string and bytes into each
//   other. A symbol goes into the reader's symbol of the same text, or into the reader's default symbol.
// * Each branch of a writer's union is resolved alone; the record that has an unfit one is at fault, not the others.
//
// Beyond the specification: names of records and enums are not compared; a symbol also goes into a string; and units
// of time are converted rather than confused.
struct AvroResolution {
  typealias Step = AvroPlan.Step

  private(set) var steps: [Step] = []
  private(set) var width = 0
  private(set) var symbols: [[UInt8]?] = []
  private(set) var fallbacks: [(slot: Int, value: AvroPlan.Fallback)] = []
  private let writer: AvroSchema

  init(writer: AvroSchema, reader: RecordSchema) throws(AvroMismatch) {
    self.writer = writer
    guard let members = writer.members else { throw AvroMismatch(description: "the writer's schema is no record") }
    let targets = Self.targets(of: members, in: reader)
    width = members.count
    steps = members.map { Step(kind: .skip, slot: -1, start: $0.type) }
    for (index, member) in members.enumerated() {
      guard let slot = targets[index] else { continue }
      steps[index] = try step(member.type, into: slot, of: reader)
    }
    let filled = Set(targets.compactMap(\.self))
    for (slot, field) in reader.fields.enumerated() where !filled.contains(slot) {
      if let value = field.fallback {
        fallbacks.append((slot, AvroPlan.Fallback(value)))
      } else if !field.isNullable {
        throw AvroMismatch(description: "field \(field.name) is required and not in the writer's schema")
      }
    }
  }

  /// The slot that takes each of the writer's fields, `nil` for none. A name counts for more than an alias.
  static func targets(of members: [AvroSchema.Member], in reader: RecordSchema) -> [Int?] {
    var taken: Set<Int> = []
    var targets = members.map { reader.index(of: $0.name) }
    for case let target? in targets { taken.insert(target) }
    for (index, member) in members.enumerated() where targets[index] == nil {
      let slot = reader.fields.firstIndex { $0.aliases.contains(member.name) }
      if let slot, taken.insert(slot).inserted { targets[index] = slot }
    }
    return targets
  }

  private mutating func step(
    _ type: Int, into slot: Int, of reader: RecordSchema
  ) throws(AvroMismatch) -> Step {
    let field = reader.fields[slot]
    guard case .union(let branches) = writer.types[type].shape else {
      if let step = plainStep(type, into: slot, field, mayBeNull: field.isNullable) { return step }
      throw AvroMismatch(description: "field \(field.name) has another type in the writer's schema")
    }
    let made = branches.map { branch in
      // A null where a value must be is found by the rules of the record.
      plainStep(branch, into: slot, field, mayBeNull: true) ?? Step(kind: .unfit, slot: slot, start: branch)
    }
    guard made.contains(where: { $0.kind != .unfit }) else {
      throw AvroMismatch(description: "field \(field.name) has another type in the writer's schema")
    }
    defer { steps += made }
    return Step(kind: .union, slot: slot, start: steps.count, count: made.count)
  }

  /// The step for a type that is no union; `nil` where it does not go into the field.
  private mutating func plainStep(_ type: Int, into slot: Int, _ field: RecordField, mayBeNull: Bool) -> Step? {
    let node = writer.types[type]
    if node.shape == .null { return mayBeNull ? Step(kind: .null, slot: slot) : nil }
    if case .enumeration(let own) = node.shape { return symbolStep(own, into: slot, field) }
    return Self.kind(node, field.type).map { Step(kind: $0, slot: slot) }
  }

  private mutating func symbolStep(_ own: [String], into slot: Int, _ field: RecordField) -> Step? {
    let texts: [[UInt8]?]
    switch field.type {
    case .string: texts = own.map { Array($0.utf8) }
    case .enumeration(let known):
      texts = own.map { symbol in (known.contains(symbol) ? symbol : field.unknownSymbol).map { Array($0.utf8) } }
    default: return nil
    }
    defer { symbols += texts }
    return Step(kind: .symbol, slot: slot, start: symbols.count, count: texts.count)
  }

  /// How a value of the writer goes into a column of the reader.
  private static func kind(_ node: AvroSchema.TypeNode, _ target: RecordType) -> Step.Kind? {
    switch (target, node.shape, node.logicalType) {
    case (.boolean, .boolean, _): .boolean
    case (.int, .int, _): .narrowInteger
    case (.long, .int, _), (.long, .long, _): .integer
    case (.float, .int, _), (.float, .long, _): .integerToFloat
    case (.double, .int, _), (.double, .long, _): .integerToDouble
    case (.float, .float, _), (.double, .float, _): .float
    case (.double, .double, _): .double
    case (.string, .string, _), (.string, .bytes, nil): .text
    case (.bytes, .bytes, _), (.bytes, .string, _): .bytes
    case (.date, .int, nil), (.date, .int, "date"): .narrowInteger
    case (.timestampMillis, .long, nil), (.timestampMillis, .int, nil): .millis
    case (.timestampMicros, .long, nil), (.timestampMicros, .int, nil): .integer
    case (.timestampMillis, .long, "timestamp-millis"): .millis
    case (.timestampMicros, .long, "timestamp-micros"): .integer
    case (.timestampMicros, .long, "timestamp-millis"): .millisToMicros
    case (.timestampMillis, .long, "timestamp-micros"): .microsToMillis
    default: nil
    }
  }
}

extension AvroPlan.Fallback {
  init(_ value: RecordDefault) {
    switch value {
    case .boolean(let value): self = .bits(value ? 1 : 0)
    case .integer(let value): self = .bits(UInt64(bitPattern: value))
    case .fraction(let value): self = .bits(value.bitPattern)
    case .bytes(let value): self = .text(value)
    }
  }
}
