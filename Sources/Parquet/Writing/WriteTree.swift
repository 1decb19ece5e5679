internal import Columnar

/// How a field is written: the tree from the field down to its leaves, with the levels that belong to each node.
struct WriteNode: Sendable {
  /// What the node holds.
  enum Kind: Sendable {
    /// A leaf, by its position among the file's columns.
    case leaf(Int)
    /// One node for each field.
    case structure([WriteNode])
    /// The items of a list; those of a map are a structure of key and value.
    indirect case list(WriteNode, repetition: UInt8)
  }

  /// Names from the root down, with dots.
  var path: String
  /// What the values mean.
  var type: DataType
  /// Whether the node takes a definition level of its own.
  var isNullable: Bool
  /// The definition level of a slot in which the node may have a value.
  var level: UInt8
  /// What the node holds.
  var kind: Kind

  /// The definition level of a slot in which the node has a value.
  var validLevel: UInt8 { isNullable ? level + 1 : level }
}

/// The schema tree as stored, beside the trees that say how its fields are written.
///
/// Lists are written as `group (LIST) { repeated group list { element } }`, maps as
/// `group (MAP) { repeated group key_value { key; value } }`. Specification: apache/parquet-format LogicalTypes.md,
/// "Nested Types".
struct WriteTree: Sendable {
  private(set) var elements: [SchemaElement] = []
  private(set) var roots: [WriteNode] = []
  private var leafCount = 0

  /// The deepest schema that is written: as deep as our own reader follows by default.
  private static let maxDepth = ReaderLimits().schemaDepth

  /// Lays out the fields; the layouts of a batch's columns settle how decimals are stored.
  init(_ schema: Schema, columns: [Column]?) throws(ParquetError) {
    var root = SchemaElement(name: "schema")
    root.childCount = Int32(clamping: schema.fields.count)
    elements = [root]
    for (index, field) in schema.fields.enumerated() {
      roots.append(try node(field, layout: columns?[index].values, at: Place()))
    }
  }

  /// Where in the tree a node stands.
  private struct Place {
    var path = ""
    var level = 0
    var repetition = 0
    var depth = 1
  }

  private mutating func node(_ field: Field, layout: ColumnValues?, at place: Place) throws(ParquetError) -> WriteNode {
    let path = place.path.isEmpty ? field.name : place.path + "." + field.name
    guard place.depth < Self.maxDepth, place.level < 250, place.repetition < 250 else {
      throw ParquetError(.invalidParameter, "a schema nested deeper than \(Self.maxDepth)").located(column: path)
    }
    var inner = place
    inner.path = path
    inner.depth += 1
    inner.level += field.isNullable ? 1 : 0
    let kind: WriteNode.Kind
    switch field.type {
    case .structure(let fields):
      kind = .structure(try structure(field, fields, layout, inner))
    case .list(let item):
      kind = try list(field, layout, inner) { (tree, items, place) throws(ParquetError) in
        var element = item
        element.name = "element"
        tree.group("list", .repeated, childCount: 1)
        var place = place
        place.path += ".list"
        return try tree.node(element, layout: items, at: place)
      }
    case .map(let key, let value):
      kind = try list(field, layout, inner) { (tree, items, place) throws(ParquetError) in
        try tree.entries(key, value, items, place)
      }
    default:
      elements.append(try SchemaElement(field, layout: layout))
      kind = .leaf(leafCount)
      leafCount += 1
    }
    return WriteNode(
      path: path, type: field.type, isNullable: field.isNullable, level: UInt8(place.level), kind: kind)
  }

  private mutating func group(_ name: String, _ repetition: Repetition, childCount: Int) {
    var element = SchemaElement(name: name)
    element.repetition = repetition
    element.childCount = Int32(clamping: childCount)
    elements.append(element)
  }

  private mutating func structure(
    _ field: Field, _ fields: [Field], _ layout: ColumnValues?, _ inner: Place
  ) throws(ParquetError) -> [WriteNode] {
    guard !fields.isEmpty else {
      throw ParquetError(.invalidParameter, "a structure without fields, which no file can hold")
        .located(column: inner.path)
    }
    var columns: [Column]?
    if case .structure(let given, _)? = layout, given.count == fields.count { columns = given }
    group(field.name, field.isNullable ? .optional : .required, childCount: fields.count)
    elements[elements.count - 1].fieldID = field.fieldID
    var nodes: [WriteNode] = []
    for (index, child) in fields.enumerated() {
      nodes.append(try node(child, layout: columns?[index].values, at: inner))
    }
    return nodes
  }

  private mutating func list(
    _ field: Field, _ layout: ColumnValues?, _ inner: Place,
    _ item: (inout WriteTree, ColumnValues?, Place) throws(ParquetError) -> WriteNode
  ) throws(ParquetError) -> WriteNode.Kind {
    var items: ColumnValues?
    if case .list(_, let column)? = layout { items = column.values }
    group(field.name, field.isNullable ? .optional : .required, childCount: 1)
    elements[elements.count - 1].fieldID = field.fieldID
    var isMap = false
    if case .map = field.type { isMap = true }
    let annotation: LogicalType = isMap ? .map : .list
    elements[elements.count - 1].logicalType = annotation
    elements[elements.count - 1].convertedType = annotation.converted
    var place = inner
    place.level += 1
    place.repetition += 1
    place.depth += 1
    return .list(try item(&self, items, place), repetition: UInt8(place.repetition))
  }

  /// The repeated group of a map, whose key is never null.
  private mutating func entries(
    _ key: Field, _ value: Field, _ items: ColumnValues?, _ place: Place
  ) throws(ParquetError) -> WriteNode {
    var key = key
    key.name = "key"
    key.isNullable = false
    var value = value
    value.name = "value"
    var columns: [Column]?
    if case .structure(let given, _)? = items, given.count == 2 { columns = given }
    group("key_value", .repeated, childCount: 2)
    var inner = place
    inner.path += ".key_value"
    let nodes = [
      try node(key, layout: columns?[0].values, at: inner), try node(value, layout: columns?[1].values, at: inner),
    ]
    return WriteNode(
      path: inner.path, type: .structure([key, value]), isNullable: false, level: UInt8(place.level),
      kind: .structure(nodes))
  }
}
