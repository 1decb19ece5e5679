public import Columnar

extension TableMetadata {
  /// The same table with columns behind those that it has; all of them nullable, since older rows lack them.
  ///
  /// What other writers said of the present columns, such as comments, stays: the new ones are put into the text as it
  /// is, before the bracket that closes the list of fields, which is the last one in the text.
  ///
  /// - Throws: ``DeltaError`` for a type that Delta has no name for.
  public func adding(_ columns: [Field]) throws(DeltaError) -> TableMetadata {
    let added = try SchemaText.encode(Schema(columns.map { Field($0.name, $0.type, isNullable: true) }))
    guard let open = added.firstIndex(of: "["), let close = added.lastIndex(of: "]"),
      let end = schemaString.lastIndex(of: "]")
    else { throw DeltaError(.malformedLog, path: "_delta_log", message: "the schemaString is not a schema") }
    let isEmpty = schemaString[..<end].last { !$0.isWhitespace } == "["
    var changed = self
    changed.schemaString =
      schemaString[..<end] + (isEmpty ? "" : ",") + added[added.index(after: open)..<close] + schemaString[end...]
    return changed
  }
}
