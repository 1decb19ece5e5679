/// One named column of a schema.
public struct Field: Hashable, Sendable {
  /// The name, unique within its schema when we write; others may repeat it.
  public var name: String
  /// What the values mean.
  public var type: DataType
  /// Whether a row may have no value.
  public var isNullable: Bool
  /// The identity that survives a rename, where the writer gave one.
  public var fieldID: Int32?

  /// Makes a field.
  public init(_ name: String, _ type: DataType, isNullable: Bool = true, fieldID: Int32? = nil) {
    self.name = name
    self.type = type
    self.isNullable = isNullable
    self.fieldID = fieldID
  }
}

/// The columns of a table or file, in order.
public struct Schema: Hashable, Sendable {
  /// The columns in order.
  public var fields: [Field]

  /// Makes a schema of these columns.
  public init(_ fields: [Field]) {
    self.fields = fields
  }

  /// The position of the first column of this name; linear in the number of columns.
  public func index(of name: String) -> Int? {
    fields.firstIndex { $0.name == name }
  }
}
