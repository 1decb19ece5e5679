public import Columnar

/// What the messages of one topic hold, and so what the columns of its table are; written down as an Avro record.
///
/// Beside Avro's own keys the schema carries custom properties (Avro allows any): on a field `unit` (UCUM), `loinc`,
/// `limits`, `normal` and `warning`, each range a pair `[low, high]`; on the record `eventTime`, `key` and
/// `atLeastOneOf`, which name fields. Another topic needs another schema and no code.
public struct RecordSchema: Sendable, Hashable {
  /// The record's name without its namespace.
  public var name: String
  /// The namespace, where the schema gives one.
  public var namespace: String?
  /// What a record is, in the author's words.
  public var doc: String?
  /// The fields in order.
  public var fields: [RecordField]
  /// The position of the field that holds the event time.
  public var eventTimeField: Int?
  /// The position of the field whose value is the message key.
  public var keyField: Int?
  /// The positions of fields of which each record must have at least one; empty where there is no such rule.
  public var atLeastOneOf: [Int]

  /// Makes a schema of its parts, unchecked; ``parse(avro:)`` checks.
  public init(
    name: String, namespace: String? = nil, doc: String? = nil, fields: [RecordField], eventTimeField: Int? = nil,
    keyField: Int? = nil, atLeastOneOf: [Int] = []
  ) {
    self.name = name
    self.namespace = namespace
    self.doc = doc
    self.fields = fields
    self.eventTimeField = eventTimeField
    self.keyField = keyField
    self.atLeastOneOf = atLeastOneOf
  }

  /// The columns that hold a record, one for each field in order; timestamps in microseconds adjusted to UTC.
  public var tableSchema: Schema {
    Schema(fields.map { Field($0.name, $0.type.columnType, isNullable: $0.isNullable) })
  }

  /// The position of the field of this name; linear in the number of fields.
  public func index(of name: String) -> Int? {
    fields.firstIndex { $0.name == name }
  }
}

/// One field of a record, with what is known of its values.
public struct RecordField: Sendable, Hashable {
  /// The name, in the message and of the column.
  public var name: String
  /// What the values are.
  public var type: RecordType
  /// Whether a record may lack the field.
  public var isNullable: Bool
  /// What the field means, in the author's words.
  public var doc: String?
  /// Names that the field has in schemas of other writers.
  public var aliases: [String] = []
  /// The value where a writer's schema lacks the field; `nil` for null, or for none if the field must be there.
  public var fallback: RecordDefault?
  /// The symbol that stands for those that the enumeration does not have.
  public var unknownSymbol: String?
  /// The unit as a UCUM code, case-sensitive: `/min`, `mm[Hg]`, `Cel`.
  public var unit: String?
  /// The LOINC code of the observation.
  public var loinc: String?
  /// What a body can show at all; a value outside is a fault of measurement, and its record a dead letter.
  public var limits: ClosedRange<Double>?
  /// Values that need no attention.
  public var normal: ClosedRange<Double>?
  /// Values that are not critical; holds ``normal``, and what lies outside it is critical.
  public var warning: ClosedRange<Double>?

  /// Makes a field of its parts, unchecked.
  public init(
    name: String, type: RecordType, isNullable: Bool, doc: String? = nil, unit: String? = nil, loinc: String? = nil,
    limits: ClosedRange<Double>? = nil, normal: ClosedRange<Double>? = nil, warning: ClosedRange<Double>? = nil
  ) {
    self.name = name
    self.type = type
    self.isNullable = isNullable
    self.doc = doc
    self.unit = unit
    self.loinc = loinc
    self.limits = limits
    self.normal = normal
    self.warning = warning
  }
}

/// What the values of a field are, in Avro's terms.
public enum RecordType: Sendable, Hashable {
  case boolean
  /// 32 bits.
  case int
  /// 64 bits.
  case long
  case float
  case double
  /// UTF-8 text.
  case string
  case bytes
  /// Days since 1970-01-01: Avro's `int` with logical type `date`.
  case date
  /// Milliseconds since 1970-01-01 UTC: Avro's `long` with logical type `timestamp-millis`.
  case timestampMillis
  /// Microseconds since 1970-01-01 UTC: Avro's `long` with logical type `timestamp-micros`.
  case timestampMicros
  /// One of these symbols, in the schema's order.
  case enumeration([String])

  /// The type of the column that holds such values.
  public var columnType: DataType {
    switch self {
    case .boolean: .boolean
    case .int: .int(bits: 32)
    case .long: .int(bits: 64)
    case .float: .float
    case .double: .double
    case .string, .enumeration: .string
    case .bytes: .binary
    case .date: .date
    case .timestampMillis, .timestampMicros: .timestamp(unit: .microseconds, isAdjustedToUTC: true)
    }
  }

  /// Whether the values are numbers that a range can bound.
  public var isNumeric: Bool {
    switch self {
    case .int, .long, .float, .double: true
    default: false
    }
  }
}
