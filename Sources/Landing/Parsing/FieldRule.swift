import Vitals

/// What the parser must know of a field for every record, without any reference to count.
struct FieldRule {
  /// How a value is read and where it is kept.
  enum Kind: UInt8 {
    case double, float, long, int, boolean, text
    /// A timestamp in milliseconds, whose column counts microseconds.
    case millis
    /// One of a set of strings.
    case symbol
  }

  let kind: Kind
  let isNullable: Bool
  let hasLimits: Bool
  let low: Double
  let high: Double

  /// Whether a slot's bits are those of a double.
  var isFraction: Bool { kind == .double || kind == .float }

  init(_ field: RecordField) {
    kind = Kind(field.type)
    isNullable = field.isNullable
    hasLimits = field.limits != nil
    low = field.limits?.lowerBound ?? 0
    high = field.limits?.upperBound ?? 0
  }
}

extension FieldRule.Kind {
  init(_ type: RecordType) {
    self =
      switch type {
      case .double: .double
      case .float: .float
      case .timestampMillis: .millis
      case .long, .timestampMicros: .long
      case .int, .date: .int
      case .boolean: .boolean
      case .string, .bytes: .text
      case .enumeration: .symbol
      }
  }
}
