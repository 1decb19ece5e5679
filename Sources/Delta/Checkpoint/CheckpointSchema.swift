import Columnar

/// The columns of a checkpoint, in the order in which Spark writes them (Delta protocol, "Checkpoint Schema"). Each row
/// holds one action; the other columns are null.
enum CheckpointSchema {
  /// Whose presence shows a checkpoint of the V2 kind, or a file that is only partly in the table.
  private static let warnings = ["checkpointMetadata", "sidecar"]

  /// The columns, and parts of them, that are read of a file with this schema: not what other engines repeat there in
  /// another form, such as statistics as structures.
  static func columns(in file: Schema) -> [String] {
    file.fields.flatMap { field -> [String] in
      if warnings.contains(field.name) { return [field.name] }
      guard case .structure(let parts) = field.type,
        case .structure(let known)? = schema.fields.first(where: { $0.name == field.name })?.type
      else { return [] }
      let names = Set(known.map(\.name)).union(["deletionVector"])
      return parts.filter { names.contains($0.name) }.map { "\(field.name).\($0.name)" }
    }
  }

  static let texts = DataType.map(key: Field("key", .string, isNullable: false), value: Field("value", .string))
  static let list = DataType.list(Field("element", .string))
  private static let long = DataType.int(bits: 64)

  static let transaction = [Field("appId", .string), Field("version", long), Field("lastUpdated", long)]

  static let add = [
    Field("path", .string), Field("partitionValues", texts), Field("size", long), Field("modificationTime", long),
    Field("dataChange", .boolean), Field("tags", texts), Field("stats", .string),
  ]

  static let remove = [
    Field("path", .string), Field("deletionTimestamp", long), Field("dataChange", .boolean),
    Field("extendedFileMetadata", .boolean), Field("partitionValues", texts), Field("size", long),
  ]

  static let metadata = [
    Field("id", .string), Field("name", .string), Field("description", .string),
    Field("format", .structure([Field("provider", .string), Field("options", texts)])),
    Field("schemaString", .string), Field("partitionColumns", list), Field("configuration", texts),
    Field("createdTime", long),
  ]

  static let tableProtocol = [
    Field("minReaderVersion", .int(bits: 32)), Field("minWriterVersion", .int(bits: 32)),
    Field("readerFeatures", list), Field("writerFeatures", list),
  ]

  static let schema = Schema([
    Field("txn", .structure(transaction)), Field("add", .structure(add)), Field("remove", .structure(remove)),
    Field("metaData", .structure(metadata)), Field("protocol", .structure(tableProtocol)),
  ])
}
