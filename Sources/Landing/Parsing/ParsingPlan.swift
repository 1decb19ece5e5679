import Vitals

/// What a parser knows of its schema beforehand: the same for every record.
///
/// A class, so that the parser itself is a few words: the compiler moves a struct to another place before it lends it
/// to a call.
final class ParsingPlan {
  let schema: RecordSchema
  let rules: [FieldRule]
  let names: [[UInt8]]
  let keys: [KeyPattern]
  /// The symbols of each enumeration; empty for other fields.
  let symbols: [[[UInt8]]]
  /// Whether the event time counts microseconds, and not milliseconds.
  let eventIsMicros: Bool

  init(_ schema: RecordSchema) {
    self.schema = schema
    rules = schema.fields.map(FieldRule.init)
    names = schema.fields.map { Array($0.name.utf8) }
    keys = schema.fields.map { KeyPattern(name: $0.name) }
    symbols = schema.fields.map { field in
      if case .enumeration(let symbols) = field.type { symbols.map { Array($0.utf8) } } else { [] }
    }
    eventIsMicros = schema.eventTimeField.map { schema.fields[$0].type == .timestampMicros } ?? false
  }
}
