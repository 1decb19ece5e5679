import Avro

/// The default of a field: what a reader takes where the writer's schema does not have the field.
public enum RecordDefault: Sendable, Hashable {
  case boolean(Bool)
  /// A number, a date or a time, in the unit of the field.
  case integer(Int64)
  case fraction(Double)
  /// Bytes, or text in UTF-8.
  case bytes([UInt8])

  /// Whole numbers beyond are not told apart by JSON readers.
  private static let exactIntegers = -0x1p53...0x1p53

  /// Reads the default of a field (Avro 1.12, "Complex Types"); `nil` for null and where there is none.
  ///
  /// - Throws: `SchemaError` for a value that the field cannot have.
  init?(_ json: AvroJSON?, of field: RecordField, at path: String) throws(SchemaError) {
    func unfit() -> SchemaError {
      SchemaError(path: path, message: "the default is no value of the field – give one of its type")
    }
    switch (json, field.type) {
    case (nil, _): return nil
    case (.null?, _):
      if !field.isNullable { throw unfit() }
      return nil
    case (.boolean(let value)?, .boolean): self = .boolean(value)
    case (.number(let value)?, .float), (.number(let value)?, .double): self = .fraction(value)
    case (.number(let value)?, .int), (.number(let value)?, .date):
      guard let whole = Int32(exactly: value) else { throw unfit() }
      self = .integer(Int64(whole))
    case (.number(let value)?, .long), (.number(let value)?, .timestampMillis), (.number(let value)?, .timestampMicros):
      guard Self.exactIntegers.contains(value), let whole = Int64(exactly: value) else { throw unfit() }
      self = .integer(whole)
    case (.string(let text)?, .string): self = .bytes(Array(text.utf8))
    case (.string(let text)?, .enumeration(let symbols)):
      guard symbols.contains(text) else { throw unfit() }
      self = .bytes(Array(text.utf8))
    case (.string(let text)?, .bytes):
      // Avro writes each byte as the character of that number.
      let bytes = text.unicodeScalars.compactMap { UInt8(exactly: $0.value) }
      guard bytes.count == text.unicodeScalars.count else { throw unfit() }
      self = .bytes(bytes)
    default: throw unfit()
    }
  }
}
