public import Avro

// An Avro record schema, as far as a flat table can hold it (Avro 1.12 specification, "Schema Declaration"):
//
//   record  := { "type": "record", "name": NAME, "namespace"?, "doc"?, "fields": [field…], PROPERTIES }
//   field   := { "name": NAME, "type": type | ["null", type], "doc"?, "default"?, PROPERTIES }
//   type    := PRIMITIVE | ENUM-NAME | { "type": PRIMITIVE, "logicalType"? } | { "type": "enum", "name", "symbols" }
//
// For example {"type":"record","name":"R","fields":[{"name":"t","type":{"type":"int","logicalType":"date"}}]}
// is one column `t` of dates. `default` and `aliases` count where messages were written with another schema.

extension RecordSchema {
  /// The most fields that a record may have.
  public static let maximumFields = 2_000

  /// Reads a schema in Avro's JSON form.
  ///
  /// - Throws: ``SchemaError`` with the place and the remedy: text that is no JSON, names that Avro forbids or that
  ///   differ in case alone (Delta compares names without case), nested types, unions other than `["null", T]`, and
  ///   properties that contradict each other.
  public static func parse(avro json: [UInt8]) throws(SchemaError) -> RecordSchema {
    guard case .object(let record) = try AvroJSON.parse(json) else {
      throw SchemaError(path: "", message: "a schema is one JSON object with \"type\": \"record\"")
    }
    var parser = AvroSchemaParser()
    return try parser.record(record)
  }
}

/// Reads one record; remembers the enums that it defines, since Avro lets a later field refer to them by name.
private struct AvroSchemaParser {
  private var enumerations: [String: RecordType] = [:]
  /// The symbols that stand for unknown ones, by the enum's name.
  private var unknownSymbols: [String: String] = [:]

  mutating func record(_ record: [String: AvroJSON]) throws(SchemaError) -> RecordSchema {
    guard record["type"] == .string("record") else {
      throw SchemaError(path: "type", message: "the outermost type must be \"record\"")
    }
    let name = try AvroName.check(record["name"], at: "name", allowDots: true)
    let namespace = try text(record["namespace"], at: "namespace")
    guard case .array(let items)? = record["fields"], !items.isEmpty else {
      throw SchemaError(path: "fields", message: "a record needs a list of at least one field")
    }
    guard items.count <= RecordSchema.maximumFields else {
      throw SchemaError(path: "fields", message: "\(items.count) fields are more than \(RecordSchema.maximumFields)")
    }
    var fields: [RecordField] = []
    var seen: Set<String> = []
    for (position, item) in items.enumerated() {
      let field = try self.field(item, at: "fields[\(position)]")
      guard seen.insert(field.name.lowercased()).inserted else {
        throw SchemaError(
          path: "fields[\(position)] \(field.name)", message: "the name is taken (case does not count) – choose another"
        )
      }
      fields.append(field)
    }
    let nameParts = name.split(separator: ".")
    var schema = RecordSchema(
      name: nameParts.last.map(String.init) ?? name,
      namespace: nameParts.count > 1 ? nameParts.dropLast().joined(separator: ".") : namespace,
      doc: try text(record["doc"], at: "doc"), fields: fields)
    try addRules(of: record, to: &schema)
    return schema
  }

  private mutating func field(_ item: AvroJSON, at place: String) throws(SchemaError) -> RecordField {
    guard case .object(let properties) = item else {
      throw SchemaError(path: place, message: "a field is an object with \"name\" and \"type\"")
    }
    let name = try AvroName.check(properties["name"], at: "\(place).name", allowDots: false)
    let path = "\(place) \(name)"
    guard let declared = properties["type"] else {
      throw SchemaError(path: path, message: "the field has no type – add \"type\"")
    }
    var (declaredType, isNullable) = (declared, false)
    if case .array(let branches) = declared {
      guard branches.count == 2, branches[0] == .string("null"), branches[1] != .string("null") else {
        throw SchemaError(
          path: "\(path).type", message: "of unions only [\"null\", T] fits a column – write null first")
      }
      (declaredType, isNullable) = (branches[1], true)
    }
    let type = try self.type(declaredType, at: "\(path).type")
    var field = RecordField(name: name, type: type, isNullable: isNullable)
    field.doc = try text(properties["doc"], at: "\(path).doc")
    field.aliases = try AvroName.list(properties["aliases"], at: "\(path).aliases")
    field.fallback = try RecordDefault(properties["default"], of: field, at: "\(path).default")
    field.unknownSymbol = unknownSymbol(of: declaredType)
    field.unit = try text(properties["unit"], at: "\(path).unit")
    field.loinc = try text(properties["loinc"], at: "\(path).loinc")
    field.limits = try range(properties["limits"], of: type, at: "\(path).limits")
    field.normal = try range(properties["normal"], of: type, at: "\(path).normal")
    field.warning = try range(properties["warning"], of: type, at: "\(path).warning")
    try checkNesting(of: field, at: path)
    return field
  }

  private mutating func type(_ json: AvroJSON, at path: String) throws(SchemaError) -> RecordType {
    switch json {
    case .string(let name): return try named(name, at: path)
    case .array: throw SchemaError(path: path, message: "a union inside a union – write [\"null\", T]")
    case .object(let definition):
      guard case .string(let base)? = definition["type"] else {
        throw SchemaError(path: path, message: "\"type\" must name a primitive type or \"enum\"")
      }
      if base == "enum" { return try enumeration(definition, at: path) }
      let physical = try named(base, at: path)
      guard let logical = try text(definition["logicalType"], at: "\(path).logicalType") else { return physical }
      return try refine(physical, by: logical, at: path)
    default: throw SchemaError(path: path, message: "a type is a name, an object, or [\"null\", T]")
    }
  }

  private func named(_ name: String, at path: String) throws(SchemaError) -> RecordType {
    switch name {
    case "boolean": return .boolean
    case "int": return .int
    case "long": return .long
    case "float": return .float
    case "double": return .double
    case "string": return .string
    case "bytes": return .bytes
    case "record", "array", "map", "fixed", "error":
      throw SchemaError(
        path: path, message: "\(name) does not fit a flat table – split it into fields of primitive types")
    case "null":
      throw SchemaError(path: path, message: "a column of nulls alone says nothing – write [\"null\", T]")
    case "enum":
      throw SchemaError(path: path, message: "an enum needs a definition with \"name\" and \"symbols\"")
    default:
      guard let known = enumerations[name] else {
        throw SchemaError(path: path, message: "unknown type \(AvroName.quote(name)) – use a primitive type or an enum")
      }
      return known
    }
  }

  private func refine(_ type: RecordType, by logical: String, at path: String) throws(SchemaError) -> RecordType {
    switch (type, logical) {
    case (.int, "date"): return .date
    case (.long, "timestamp-millis"): return .timestampMillis
    case (.long, "timestamp-micros"): return .timestampMicros
    case (_, "date"), (_, "timestamp-millis"), (_, "timestamp-micros"):
      throw SchemaError(
        path: path, message: "logical type \(logical) does not go with this type – see the Avro specification")
    case (_, "decimal"), (_, "big-decimal"), (_, "time-millis"), (_, "time-micros"), (_, "duration"),
      (_, "timestamp-nanos"), (_, "local-timestamp-millis"), (_, "local-timestamp-micros"),
      (_, "local-timestamp-nanos"):
      throw SchemaError(
        path: path, message: "logical type \(logical) is not supported – use date, timestamp-millis or timestamp-micros"
      )
    default: return type  // Avro: a logical type that a reader does not know is ignored.
    }
  }

  private mutating func enumeration(
    _ definition: [String: AvroJSON], at path: String
  ) throws(SchemaError) -> RecordType {
    let name = try AvroName.check(definition["name"], at: "\(path).name", allowDots: true)
    guard case .array(let items)? = definition["symbols"], !items.isEmpty, items.count <= 10_000 else {
      throw SchemaError(path: "\(path).symbols", message: "an enum needs a list of 1 to 10000 symbols")
    }
    var symbols: [String] = []
    for (position, item) in items.enumerated() {
      symbols.append(try AvroName.check(item, at: "\(path).symbols[\(position)]", allowDots: false))
    }
    guard Set(symbols).count == symbols.count else {
      throw SchemaError(path: "\(path).symbols", message: "a symbol stands there twice – remove one")
    }
    guard enumerations.updateValue(.enumeration(symbols), forKey: name) == nil else {
      throw SchemaError(path: "\(path).name", message: "\(name) is defined twice – refer to it by its name")
    }
    if let symbol = try text(definition["default"], at: "\(path).default") {
      guard symbols.contains(symbol) else {
        throw SchemaError(path: "\(path).default", message: "the default is none of the symbols – name one of them")
      }
      unknownSymbols[name] = symbol
    }
    return .enumeration(symbols)
  }

  private func unknownSymbol(of type: AvroJSON) -> String? {
    switch type {
    case .string(let name): unknownSymbols[name]
    case .object(let definition):
      if case .string(let name)? = definition["name"] { unknownSymbols[name] } else { nil }
    default: nil
    }
  }
}

extension AvroSchemaParser {
  /// The record's own properties: which field is what.
  private func addRules(of record: [String: AvroJSON], to schema: inout RecordSchema) throws(SchemaError) {
    if let name = try text(record["eventTime"], at: "eventTime") {
      let position = try position(of: name, in: schema, at: "eventTime")
      switch schema.fields[position].type {
      case .timestampMillis, .timestampMicros: schema.eventTimeField = position
      default: throw SchemaError(path: "eventTime", message: "\(name) is no timestamp – give it a timestamp type")
      }
    }
    if let name = try text(record["key"], at: "key") {
      let position = try position(of: name, in: schema, at: "key")
      guard schema.fields[position].type == .string, !schema.fields[position].isNullable else {
        throw SchemaError(path: "key", message: "\(name) must be a string that is never null")
      }
      schema.keyField = position
    }
    guard let rule = record["atLeastOneOf"] else { return }
    guard case .array(let names) = rule, !names.isEmpty else {
      throw SchemaError(path: "atLeastOneOf", message: "a list of field names is expected")
    }
    for (index, item) in names.enumerated() {
      let path = "atLeastOneOf[\(index)]"
      guard let name = try text(item, at: path) else { continue }
      let position = try position(of: name, in: schema, at: path)
      guard schema.fields[position].isNullable, !schema.atLeastOneOf.contains(position) else {
        throw SchemaError(path: path, message: "\(name) must be a nullable field, named once")
      }
      schema.atLeastOneOf.append(position)
    }
  }

  private func position(of name: String, in schema: RecordSchema, at path: String) throws(SchemaError) -> Int {
    guard let position = schema.index(of: name) else {
      throw SchemaError(path: path, message: "no field is called \(AvroName.quote(name)) – name one of the fields")
    }
    return position
  }

  private func text(_ json: AvroJSON?, at path: String) throws(SchemaError) -> String? {
    switch json {
    case nil, .null?: return nil
    case .string(let text)?: return text
    default: throw SchemaError(path: path, message: "a string is expected")
    }
  }

  private func range(
    _ json: AvroJSON?, of type: RecordType, at path: String
  ) throws(SchemaError) -> ClosedRange<Double>? {
    guard let json, json != .null else { return nil }
    guard type.isNumeric else {
      throw SchemaError(path: path, message: "only a number has a range – remove it or change the type")
    }
    guard case .array(let bounds) = json, bounds.count == 2, case .number(let low) = bounds[0],
      case .number(let high) = bounds[1], low <= high
    else { throw SchemaError(path: path, message: "a range is written [low, high] with low not above high") }
    return low...high
  }

  /// A range that leaves the next wider one would mark values both harmless and impossible.
  private func checkNesting(of field: RecordField, at path: String) throws(SchemaError) {
    let ranges = [("normal", field.normal), ("warning", field.warning), ("limits", field.limits)]
    let given = ranges.compactMap { name, range in range.map { (name, $0) } }
    for (inner, outer) in zip(given, given.dropFirst()) {
      guard outer.1.contains(inner.1.lowerBound), outer.1.contains(inner.1.upperBound) else {
        throw SchemaError(
          path: "\(path).\(inner.0)", message: "the range leaves \(outer.0) – widen that or narrow this")
      }
    }
  }
}
