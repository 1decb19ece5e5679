import FoundationEssentials

/// A JSON value as a schema needs it: numbers as doubles, objects without their order.
public enum AvroJSON: Decodable, Hashable, Sendable {
  case null
  case boolean(Bool)
  case number(Double)
  case string(String)
  case array([AvroJSON])
  case object([String: AvroJSON])

  /// The longest schema read, in bytes; real ones have a few kilobytes.
  public static let maximumBytes = 1 << 20

  /// Parses a whole document; linear in its length.
  public static func parse(_ json: [UInt8]) throws(SchemaError) -> AvroJSON {
    guard json.count <= maximumBytes else {
      throw SchemaError(
        path: "", message: "\(json.count) bytes are more than the \(maximumBytes) that a schema may have")
    }
    do {
      return try JSONDecoder().decode(AvroJSON.self, from: Data(json))
    } catch {
      throw SchemaError(path: "", message: "not a JSON document – check commas, quotes and brackets")
    }
  }

  /// Takes whatever value comes, a number as a double.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .boolean(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([AvroJSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: AvroJSON].self))
    }
  }
}
