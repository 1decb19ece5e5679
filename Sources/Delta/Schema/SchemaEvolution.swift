public import Columnar
import JSON

extension Snapshot {
  /// The metadata under which rows of another schema fit into the table: columns that it lacks join at the end and are
  /// null in older rows. Ask anew on each snapshot that a commit is based on, so that two writers who add columns at
  /// once both get them:
  ///
  /// ```swift
  /// let request = CommitRequest(operation: "WRITE", engine: engine) { snapshot throws(DeltaError) in
  ///   let change = try snapshot.metadata(joining: schema).map { [Action.metadata($0)] } ?? []
  ///   return change + added.map { .add($0) }
  /// }
  /// ```
  ///
  /// - Parameter incoming: the columns of the rows, partition columns among them.
  /// - Returns: the metadata to commit, or `nil` where the rows fit already.
  /// - Throws: ``DeltaError`` with code `forbidden` where a column has another type in the table, or must not be null
  ///   there and may be in the rows.
  public func metadata(joining incoming: Schema) throws(DeltaError) -> TableMetadata? {
    guard var metadata else { return nil }
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONValue(parsing: Array(metadata.schemaString.utf8))
    } catch {
      throw DeltaError(.malformedLog, path: root, message: "the schemaString is no JSON")
    }
    let joined = try SchemaUnion(root: root).structure(document, incoming.fields, path: "")
    if joined == document { return nil }
    metadata.schemaString = joined.json
    let schema = try SchemaText.decode(metadata.schemaString, path: root).schema
    let features = TableProtocol(schema).readerFeatures ?? []
    if let feature = features.first(where: { tableProtocol.readerFeatures?.contains($0) != true }) {
      throw DeltaError(
        .forbidden, path: root, message: "a new column needs the feature \(feature), not set for the table")
    }
    return metadata
  }
}

/// Joins columns to a schema's JSON form, of which everything else stays as it stands: comments and other engines' own
/// properties.
struct SchemaUnion {
  /// The table's root, for messages.
  let root: String

  /// A struct with the fields of rows joined to its own.
  func structure(_ table: JSONValue, _ incoming: [Field], path: String) throws(DeltaError) -> JSONValue {
    guard case .array(var fields) = table["fields"] else { throw clash(path) }
    for field in incoming {
      let name = path + field.name
      let known = fields.firstIndex { ($0["name"]?.text).map { isSame($0, field.name) } ?? false }
      guard let known else {
        var added = field
        added.isNullable = true
        fields.append(try SchemaText.encode(added))
        continue
      }
      guard fields[known]["name"]?.text == field.name else {
        throw DeltaError(
          .forbidden, path: root,
          message: "the column \(name) differs from one of the table in upper and lower case only")
      }
      if fields[known]["nullable"] == .bool(false), field.isNullable { throw mustHaveValues(name) }
      guard let type = fields[known]["type"] else { throw clash(name) }
      fields[known]["type"] = try self.type(type, field.type, path: name)
    }
    for field in fields where field["nullable"] == .bool(false) {
      let name = field["name"]?.text ?? ""
      if !incoming.contains(where: { $0.name == name }) { throw mustHaveValues(path + name) }
    }
    var result = table
    result["fields"] = .array(fields)
    return result
  }

  private func type(_ table: JSONValue, _ incoming: DataType, path: String) throws(DeltaError) -> JSONValue {
    var result = table
    switch (incoming, table["type"]?.text) {
    case (.structure(let fields), "struct"): return try structure(table, fields, path: path + ".")
    case (.list(let item), "array"):
      if table["containsNull"] == .bool(false), item.isNullable { throw mustHaveValues(path) }
      guard let element = table["elementType"] else { throw clash(path) }
      result["elementType"] = try type(element, item.type, path: path + ".element")
    case (.map(let key, let value), "map"):
      if table["valueContainsNull"] == .bool(false), value.isNullable { throw mustHaveValues(path) }
      guard let keyType = table["keyType"], let valueType = table["valueType"] else { throw clash(path) }
      guard try type(keyType, key.type, path: path + ".key") == keyType else { throw clash(path) }
      result["valueType"] = try type(valueType, value.type, path: path + ".value")
    default:
      guard try SchemaText.encode(Field(path, incoming))["type"] == table else { throw clash(path) }
    }
    return result
  }

  /// Engines tell columns apart without regard to case.
  private func isSame(_ a: String, _ b: String) -> Bool { a == b || a.lowercased() == b.lowercased() }

  private func clash(_ column: String) -> DeltaError {
    DeltaError(.forbidden, path: root, message: "the column \(column) has another type in the table")
  }

  private func mustHaveValues(_ column: String) -> DeltaError {
    DeltaError(.forbidden, path: root, message: "the column \(column) must not be null in the table, and may be here")
  }
}
