// Avro 1.12 specification, "Schema Declaration":
//
//   schema  := NAME | PRIMITIVE | [schema…] | { "type": schema, "logicalType"? } | record | enum | array | map | fixed
//   record  := { "type": "record", NAMED, "fields": [{ "name", "type": schema, "default"?, "doc"? }…] }
//   enum    := { "type": "enum", NAMED, "symbols": [NAME…] }
//   array   := { "type": "array", "items": schema }          map := { "type": "map", "values": schema }
//   fixed   := { "type": "fixed", NAMED, "size": N }         NAMED := "name", "namespace"?
//
// For example ["null",{"type":"long","logicalType":"timestamp-millis"}] is three types: the union, null and long.

extension AvroSchema {
  /// Reads a schema in its JSON form, of any shape; linear in its length.
  ///
  /// - Parameter references: Schemas whose named types the schema refers to, each behind those that it refers to.
  /// - Throws: ``SchemaError`` with the place: text that is no JSON, unknown names, more than the limits allow.
  public static func parse(_ json: [UInt8], references: [[UInt8]] = []) throws(SchemaError) -> AvroSchema {
    var reader = AvroSchemaReader()
    for reference in references {
      _ = try reader.type(try AvroJSON.parse(reference), Scope(namespace: "", path: "", depth: 0))
    }
    let root = try reader.type(try AvroJSON.parse(json), Scope(namespace: "", path: "", depth: 0))
    var schema = AvroSchema(types: reader.types, root: root)
    schema.markEmptyTypes()
    for (place, type) in schema.types.enumerated() {
      guard case .record(let members) = type.shape else { continue }
      schema.types[place].parts = members.map(\.type).filter { !schema.types[$0].takesNoBytes }
    }
    return schema
  }

  /// Where in the schema something stands.
  fileprivate struct Scope {
    var namespace: String
    var path: String
    var depth: Int

    func inner(_ part: String, namespace: String? = nil) -> Scope {
      Scope(namespace: namespace ?? self.namespace, path: path.isEmpty ? part : "\(path).\(part)", depth: depth + 1)
    }
  }

  /// Finds the types whose values take no bytes: a list may hold any number of those.
  private mutating func markEmptyTypes() {
    // A record counts once all of its fields do; what is left out contains itself and takes bytes.
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for place in types.indices where !types[place].takesNoBytes {
        let isEmpty =
          switch types[place].shape {
          case .null: true
          case .fixed(let size): size == 0
          case .record(let members): members.allSatisfy { types[$0.type].takesNoBytes }
          default: false
          }
        if isEmpty {
          types[place].takesNoBytes = true
          hasChanged = true
        }
      }
    }
  }
}

/// Reads types one by one, and remembers the named ones.
private struct AvroSchemaReader {
  private static let primitives: [String: AvroSchema.Shape] = [
    "null": .null, "boolean": .boolean, "int": .int, "long": .long, "float": .float, "double": .double,
    "bytes": .bytes, "string": .string,
  ]

  var types: [AvroSchema.TypeNode] = []
  private var named: [String: Int] = [:]

  mutating func type(_ json: AvroJSON, _ scope: AvroSchema.Scope) throws(SchemaError) -> Int {
    guard scope.depth <= AvroSchema.maximumDepth else {
      throw fault(scope, "types nest deeper than \(AvroSchema.maximumDepth) levels")
    }
    switch json {
    case .string(let name): return try reference(name, scope)
    case .array(let branches): return try union(branches, scope)
    case .object(let definition): return try defined(definition, scope)
    default: throw fault(scope, "a type is a name, an object, or a list of types")
    }
  }

  private mutating func add(_ shape: AvroSchema.Shape, logical: String? = nil) throws(SchemaError) -> Int {
    guard types.count < AvroSchema.maximumTypes else {
      throw SchemaError(path: "", message: "more than \(AvroSchema.maximumTypes) types")
    }
    types.append(AvroSchema.TypeNode(shape: shape, logicalType: logical))
    return types.count - 1
  }

  private mutating func reference(_ name: String, _ scope: AvroSchema.Scope) throws(SchemaError) -> Int {
    if let primitive = Self.primitives[name] { return try add(primitive) }
    if let known = named[fullName(name, scope.namespace)] ?? named[name] { return known }
    throw fault(scope, "unknown type \(AvroName.quote(name))")
  }

  private mutating func union(_ branches: [AvroJSON], _ scope: AvroSchema.Scope) throws(SchemaError) -> Int {
    var places: [Int] = []
    for (index, branch) in branches.enumerated() {
      if case .array = branch { throw fault(scope, "a union directly inside a union") }
      places.append(try type(branch, scope.inner("[\(index)]")))
    }
    return try add(.union(places))
  }

  private mutating func defined(
    _ definition: [String: AvroJSON], _ scope: AvroSchema.Scope
  ) throws(SchemaError) -> Int {
    guard case .string(let kind)? = definition["type"] else {
      guard let inner = definition["type"] else { throw fault(scope, "\"type\" is missing") }
      return try type(inner, scope.inner("type"))
    }
    let logical: String? = if case .string(let text)? = definition["logicalType"] { text } else { nil }
    switch kind {
    case "record", "error": return try record(definition, scope)
    case "enum":
      let (place, scope) = try reserve(definition, scope)
      types[place].shape = .enumeration(try symbols(definition, scope))
      return place
    case "fixed":
      let (place, scope) = try reserve(definition, scope)
      types[place] = AvroSchema.TypeNode(shape: .fixed(try size(definition, scope)), logicalType: logical)
      return place
    case "array": return try add(.array(try part("items", of: definition, scope)))
    case "map": return try add(.map(try part("values", of: definition, scope)))
    default:
      if let primitive = Self.primitives[kind] { return try add(primitive, logical: logical) }
      return try reference(kind, scope)
    }
  }

  private mutating func part(
    _ key: String, of definition: [String: AvroJSON], _ scope: AvroSchema.Scope
  ) throws(SchemaError) -> Int {
    guard let json = definition[key] else { throw fault(scope, "\"\(key)\" is missing") }
    return try type(json, scope.inner(key))
  }

  /// A place for a type with a name, known from now on, so that it can contain itself.
  private mutating func reserve(
    _ definition: [String: AvroJSON], _ scope: AvroSchema.Scope
  ) throws(SchemaError) -> (place: Int, scope: AvroSchema.Scope) {
    let name = try AvroName.check(definition["name"], at: "\(scope.path).name", allowDots: true)
    var namespace = scope.namespace
    if case .string(let own)? = definition["namespace"] { namespace = own }
    let full = fullName(name, namespace)
    let place = try add(.null)
    guard named.updateValue(place, forKey: full) == nil else {
      throw fault(scope, "\(AvroName.quote(full)) is defined twice")
    }
    // What is inside has the namespace of the full name.
    let inner = full.lastIndex(of: ".").map { String(full[..<$0]) } ?? ""
    return (place, AvroSchema.Scope(namespace: inner, path: scope.path, depth: scope.depth))
  }

  private mutating func record(
    _ definition: [String: AvroJSON], _ outer: AvroSchema.Scope
  ) throws(SchemaError) -> Int {
    let (place, scope) = try reserve(definition, outer)
    guard case .array(let items)? = definition["fields"] else { throw fault(scope, "\"fields\" is missing") }
    var members: [AvroSchema.Member] = []
    var names: Set<String> = []
    for (index, item) in items.enumerated() {
      let path = "fields[\(index)]"
      guard case .object(let properties) = item else { throw fault(scope.inner(path), "a field is an object") }
      let name = try AvroName.check(properties["name"], at: scope.inner(path).path, allowDots: false)
      guard names.insert(name).inserted else {
        throw fault(scope.inner(path), "the name \(AvroName.quote(name)) is taken")
      }
      let type = try part("type", of: properties, scope.inner("\(path) \(name)"))
      let doc: String? = if case .string(let text)? = properties["doc"] { text } else { nil }
      members.append(AvroSchema.Member(name: name, type: type, fallback: properties["default"], doc: doc))
    }
    types[place].shape = .record(members)
    return place
  }

  private func symbols(
    _ definition: [String: AvroJSON], _ scope: AvroSchema.Scope
  ) throws(SchemaError) -> [String] {
    guard case .array(let items)? = definition["symbols"], items.count <= 10_000 else {
      throw fault(scope, "an enum needs a list of at most 10000 symbols")
    }
    var symbols: [String] = []
    for item in items { symbols.append(try AvroName.check(item, at: "\(scope.path).symbols", allowDots: false)) }
    return symbols
  }

  private func size(_ definition: [String: AvroJSON], _ scope: AvroSchema.Scope) throws(SchemaError) -> Int {
    guard case .number(let size)? = definition["size"], (0...1e9).contains(size), size.rounded() == size else {
      throw fault(scope, "\"size\" is a whole number from 0 to 1000000000")
    }
    return Int(size)
  }

  private func fullName(_ name: String, _ namespace: String) -> String {
    name.contains(".") || namespace.isEmpty ? name : "\(namespace).\(name)"
  }

  private func fault(_ scope: AvroSchema.Scope, _ message: String) -> SchemaError {
    // The end says more of the place than the beginning, and a line has its limits.
    SchemaError(path: scope.path.count > 200 ? "…\(scope.path.suffix(200))" : scope.path, message: message)
  }
}
