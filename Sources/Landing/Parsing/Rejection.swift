/// Why a record cannot become a row. It goes to the dead letters with this as its reason.
///
/// The reason names the field and the rule, never the value: reasons are logged, values are patients'.
public enum Rejection: Error, Hashable, CustomStringConvertible {
  /// The message has no value: a tombstone.
  case tombstone
  /// The message has a value of no bytes.
  case empty
  /// The bytes at this offset are not JSON, or go on behind the record.
  case notJSON(offset: Int)
  /// The bytes at this offset do not hold what the writer's Avro schema says, or go on behind the record.
  case notAvro(offset: Int)
  /// The message does not begin with the number of its writer's schema.
  case noSchemaID
  /// The registry has no schema of this number.
  case unknownSchema(id: UInt32)
  /// The writer's schema cannot be reconciled with the table's.
  case schemaMismatch(id: UInt32, reason: String)
  /// The value is JSON, but no object.
  case notAnObject
  /// Values are nested deeper than the limit.
  case tooDeep
  /// A field of the schema appears twice.
  case duplicateField(String)
  /// A field that must be there is missing or null.
  case missingField(String)
  /// The value is not of the field's type, or outside its range.
  case wrongType(String, expected: String)
  /// The number is outside the field's physiological limits.
  case outOfLimits(String)
  /// None of the fields is there of which one must be.
  case noneOf([String])
  /// The event time is too far ahead of the clock.
  case inTheFuture(String)
  /// The event time is too far back.
  case inThePast(String)

  /// One word for counting and grouping.
  public var code: String {
    switch self {
    case .tombstone: "tombstone"
    case .empty: "empty"
    case .notJSON: "not-json"
    case .notAvro: "not-avro"
    case .noSchemaID: "no-schema-id"
    case .unknownSchema: "unknown-schema"
    case .schemaMismatch: "schema-mismatch"
    case .notAnObject: "not-an-object"
    case .tooDeep: "too-deep"
    case .duplicateField: "duplicate-field"
    case .missingField: "missing-field"
    case .wrongType: "wrong-type"
    case .outOfLimits: "out-of-limits"
    case .noneOf: "no-measurement"
    case .inTheFuture: "in-the-future"
    case .inThePast: "in-the-past"
    }
  }

  public var description: String {
    switch self {
    case .tombstone: "the message has no value (tombstone)"
    case .empty: "the message is empty"
    case .notJSON(let offset): "not JSON: unexpected text at byte \(offset)"
    case .notAvro(let offset): "not Avro of the writer's schema: unexpected bytes at byte \(offset)"
    case .noSchemaID: "the message does not begin with the number of its writer's schema"
    case .unknownSchema(let id): "the schema registry has no schema \(id)"
    case .schemaMismatch(let id, let reason): "schema \(id) does not fit the table: \(reason)"
    case .notAnObject: "the value is not a JSON object"
    case .tooDeep: "values are nested deeper than \(RecordParser.depthLimit) levels"
    case .duplicateField(let name): "field \(name) appears twice"
    case .missingField(let name): "field \(name) is required and missing"
    case .wrongType(let name, let expected): "field \(name) is not \(expected)"
    case .outOfLimits(let name): "field \(name) is outside its physiological limits"
    case .noneOf(let names): "none of \(names.joined(separator: ", ")) is present"
    case .inTheFuture(let name): "field \(name) lies too far in the future"
    case .inThePast(let name): "field \(name) lies too far in the past"
    }
  }
}
