import Columnar
import FoundationEssentials

/// The schema of a Delta table in Spark's JSON form:
///
///     {"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}}]}
///
/// (Delta protocol, "Schema Serialization Format".)
enum SchemaText {
  private struct Struct: Codable {
    var type = "struct"
    var fields: [Column]
  }

  private struct Column: Codable {
    var name: String
    var type: Kind
    var nullable: Bool
    var metadata: [String: Property]?
  }

  /// The name of a primitive type; nested types, which are objects, are only recognised.
  private enum Kind: Codable {
    case primitive(String)
    case nested

    init(from decoder: any Decoder) throws {
      if let name = try? decoder.singleValueContainer().decode(String.self) {
        self = .primitive(name)
      } else {
        self = .nested
      }
    }

    func encode(to encoder: any Encoder) throws {
      guard case .primitive(let name) = self else { return }
      var container = encoder.singleValueContainer()
      try container.encode(name)
    }
  }

  /// A property of a column; only its name matters here.
  private struct Property: Codable {
    init(from decoder: any Decoder) throws {}
    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encodeNil()
    }
  }

  /// The text of a schema.
  static func encode(_ schema: Schema) throws(DeltaError) -> String {
    var columns: [Column] = []
    for field in schema.fields {
      guard let name = name(of: field.type) else {
        throw DeltaError(
          .notSupported, path: field.name, message: "Delta has no type for \(field.type) of column \(field.name)")
      }
      columns.append(Column(name: field.name, type: .primitive(name), nullable: field.isNullable, metadata: [:]))
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let text = try? encoder.encode(Struct(fields: columns)) else {
      throw DeltaError(.malformedLog, path: "_delta_log", message: "the schema cannot be written as JSON")
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The schema of a text, and the names of all column properties in it.
  static func decode(_ text: String, path: String) throws(DeltaError) -> (schema: Schema, properties: Set<String>) {
    guard let parsed = try? JSONDecoder().decode(Struct.self, from: Data(text.utf8)) else {
      throw DeltaError(.malformedLog, path: path, message: "the schemaString is not a schema")
    }
    var fields: [Field] = []
    var properties: Set<String> = []
    for column in parsed.fields {
      guard case .primitive(let name) = column.type, let type = dataType(named: name) else {
        throw DeltaError(.notSupported, path: path, message: "column \(column.name) has a type that cannot be read yet")
      }
      fields.append(Field(column.name, type, isNullable: column.nullable))
      properties.formUnion((column.metadata ?? [:]).keys)
    }
    return (Schema(fields), properties)
  }

  private static func name(of type: DataType) -> String? {
    switch type {
    case .boolean: "boolean"
    case .int(bits: 8): "byte"
    case .int(bits: 16): "short"
    case .int(bits: 32): "integer"
    case .int(bits: 64): "long"
    case .float: "float"
    case .double: "double"
    case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
    case .date: "date"
    case .timestamp(_, isAdjustedToUTC: true): "timestamp"
    case .timestamp(_, isAdjustedToUTC: false): "timestamp_ntz"
    case .string, .enumeration, .json: "string"
    case .binary: "binary"
    default: nil
    }
  }

  private static func dataType(named name: String) -> DataType? {
    switch name {
    case "boolean": return .boolean
    case "byte": return .int(bits: 8)
    case "short": return .int(bits: 16)
    case "integer": return .int(bits: 32)
    case "long": return .int(bits: 64)
    case "float": return .float
    case "double": return .double
    case "date": return .date
    case "timestamp": return .timestamp(unit: .microseconds, isAdjustedToUTC: true)
    case "timestamp_ntz": return .timestamp(unit: .microseconds, isAdjustedToUTC: false)
    case "string": return .string
    case "binary": return .binary
    default:
      guard name.hasPrefix("decimal("), name.hasSuffix(")") else { return nil }
      let numbers = name.dropFirst(8).dropLast().split(separator: ",").map { Int($0.filter { $0 != " " }) }
      guard numbers.count == 2, let precision = numbers[0], let scale = numbers[1],
        (1...38).contains(precision), (0...precision).contains(scale)
      else { return nil }
      return .decimal(precision: precision, scale: scale)
    }
  }
}
