import Columnar

/// The columns of a checkpoint, in the order in which Spark writes them (Delta protocol, "Checkpoint Schema"). Each row
/// holds one action; the other columns are null.
enum CheckpointSchema {
  /// The columns that are read; a checkpoint of the V2 kind has a row in one of the last two.
  static let names: Set<String> = ["txn", "add", "remove", "metaData", "protocol", "checkpointMetadata", "sidecar"]

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
