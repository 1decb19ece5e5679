import Columnar
import JSON

/// The schema of a Delta table in Spark's JSON form:
///
///     {"type":"struct","fields":[{"name":"a","type":"long","nullable":true,"metadata":{}},
///      {"name":"m","type":{"type":"map","keyType":"string","valueType":"long","valueContainsNull":true},…}]}
///
/// (Delta protocol, "Schema Serialization Format".)
enum SchemaText {
  /// How deep types may be nested.
  private static let maximumDepth = 50

  /// The text of a schema.
  static func encode(_ schema: Schema) throws(DeltaError) -> String {
    var fields: [JSONValue] = []
    for field in schema.fields { fields.append(try encode(field)) }
    return JSONValue.structure(fields).json
  }

  /// A field as it stands in the text.
  static func encode(_ field: Field) throws(DeltaError) -> JSONValue {
    .object([
      .init(name: "name", value: .string(field.name)),
      .init(name: "type", value: try encode(field.type, column: field.name)),
      .init(name: "nullable", value: .bool(field.isNullable)),
      .init(name: "metadata", value: .object([])),
    ])
  }

  private static func encode(_ type: DataType, column: String) throws(DeltaError) -> JSONValue {
    switch type {
    case .list(let item):
      return .object([
        .init(name: "type", value: .string("array")),
        .init(name: "elementType", value: try encode(item.type, column: column)),
        .init(name: "containsNull", value: .bool(item.isNullable)),
      ])
    case .map(let key, let value):
      return .object([
        .init(name: "type", value: .string("map")),
        .init(name: "keyType", value: try encode(key.type, column: column)),
        .init(name: "valueType", value: try encode(value.type, column: column)),
        .init(name: "valueContainsNull", value: .bool(value.isNullable)),
      ])
    case .structure(let fields):
      var members: [JSONValue] = []
      for field in fields { members.append(try encode(field)) }
      return .structure(members)
    default:
      guard let name = name(of: type) else {
        throw DeltaError(.notSupported, path: column, message: "Delta has no type for \(type) of column \(column)")
      }
      return .string(name)
    }
  }

  /// The schema of a text, and the names of all column properties in it.
  static func decode(_ text: String, path: String) throws(DeltaError) -> (schema: Schema, properties: Set<String>) {
    var properties: Set<String> = []
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONValue(parsing: Array(text.utf8))
    } catch {
      throw DeltaError(.malformedLog, path: path, message: "the schemaString is no JSON: \(error.message)")
    }
    guard let fields = try structure(document, path: path, depth: 0, &properties) else {
      throw DeltaError(.malformedLog, path: path, message: "the schemaString is no schema")
    }
    return (Schema(fields), properties)
  }

  /// The fields of a struct; `nil` for anything else.
  private static func structure(
    _ value: JSONValue, path: String, depth: Int, _ properties: inout Set<String>
  ) throws(DeltaError) -> [Field]? {
    guard value["type"]?.text == "struct", case .array(let columns) = value["fields"] else { return nil }
    var fields: [Field] = []
    for column in columns {
      guard let name = column["name"]?.text, let type = column["type"], case .bool(let isNullable) = column["nullable"]
      else { throw DeltaError(.malformedLog, path: path, message: "a column without name, type or nullable") }
      if case .object(let members) = column["metadata"] { properties.formUnion(members.map(\.name)) }
      guard let type = try dataType(type, path: path, depth: depth + 1, &properties) else {
        throw DeltaError(.notSupported, path: path, message: "column \(name) has a type that is not implemented here")
      }
      fields.append(Field(name, type, isNullable: isNullable))
    }
    return fields
  }

  /// The type of a column; `nil` where we do not know it.
  private static func dataType(
    _ value: JSONValue, path: String, depth: Int, _ properties: inout Set<String>
  ) throws(DeltaError) -> DataType? {
    if let name = value.text { return dataType(named: name) }
    guard depth < maximumDepth else { return nil }
    switch value["type"]?.text {
    case "struct":
      return try structure(value, path: path, depth: depth, &properties).map { .structure($0) }
    case "array":
      guard let type = value["elementType"],
        let item = try dataType(type, path: path, depth: depth + 1, &properties)
      else { return nil }
      return .list(Field("element", item, isNullable: value["containsNull"] != .bool(false)))
    case "map":
      guard let keyType = value["keyType"], let valueType = value["valueType"],
        let key = try dataType(keyType, path: path, depth: depth + 1, &properties),
        let item = try dataType(valueType, path: path, depth: depth + 1, &properties)
      else { return nil }
      return .map(
        key: Field("key", key, isNullable: false),
        value: Field("value", item, isNullable: value["valueContainsNull"] != .bool(false)))
    default: return nil
    }
  }
}

// MARK: - Primitive types

extension SchemaText {
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

extension JSONValue {
  /// A struct of these fields.
  fileprivate static func structure(_ fields: [JSONValue]) -> JSONValue {
    .object([.init(name: "type", value: .string("struct")), .init(name: "fields", value: .array(fields))])
  }
}
