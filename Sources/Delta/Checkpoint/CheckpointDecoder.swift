import Columnar

/// Takes the columns of a checkpoint, by whichever writer, into a snapshot.
struct CheckpointDecoder {
  /// The table's root, for messages.
  let root: String
  private var partition: [String: String?] = [:]
  private var names: [String: String] = [:]

  init(root: String) { self.root = root }

  /// Takes in all rows.
  ///
  /// - Returns: false where the columns are not those of a checkpoint.
  mutating func take(_ batch: RecordBatch, into snapshot: inout Snapshot) throws(DeltaError) -> Bool {
    for (field, column) in zip(batch.schema.fields, batch.columns) {
      guard let rows = Structures(column) else { return false }
      switch field.name {
      case "txn": takeTransactions(rows, into: &snapshot)
      case "add": try takeAdds(rows, into: &snapshot)
      case "remove": try takeRemoves(rows, into: &snapshot)
      case "metaData": takeMetadata(rows, into: &snapshot)
      case "protocol": takeProtocols(rows, into: &snapshot)
      case "checkpointMetadata", "sidecar":
        if !rows.present.isEmpty { throw .unsupported("checkpoints of the V2 kind (v2Checkpoint)", root: root) }
      default: break
      }
    }
    return true
  }

  private func takeTransactions(_ rows: Structures, into snapshot: inout Snapshot) {
    let (app, version, updated) = (rows.texts("appId"), rows.integers("version"), rows.integers("lastUpdated"))
    for row in rows.present {
      guard let appId = app[row], let number = version[row] else { continue }
      snapshot.take(.transaction(Transaction(appId: appId, version: number, lastUpdated: updated[row])))
    }
  }

  private mutating func takeAdds(_ rows: Structures, into snapshot: inout Snapshot) throws(DeltaError) {
    try refuseDeletionVectors(rows)
    let (path, stats) = (rows.texts("path"), rows.texts("stats"))
    let (size, time) = (rows.integers("size"), rows.integers("modificationTime"))
    let (partitions, tags, change) = (rows.maps("partitionValues"), rows.maps("tags"), rows.booleans("dataChange"))
    for row in rows.present {
      guard let name = path[row] else { continue }
      snapshot.take(
        .add(
          AddFile(
            path: name, partitionValues: partitionValues(partitions, row) ?? [:], size: size[row] ?? 0,
            modificationTime: time[row] ?? 0, dataChange: change[row] ?? false, stats: stats[row],
            tags: tags.map(at: row, &names))))
    }
  }

  private mutating func takeRemoves(_ rows: Structures, into snapshot: inout Snapshot) throws(DeltaError) {
    try refuseDeletionVectors(rows)
    let (path, time, size) = (rows.texts("path"), rows.integers("deletionTimestamp"), rows.integers("size"))
    let (change, extended) = (rows.booleans("dataChange"), rows.booleans("extendedFileMetadata"))
    let partitions = rows.maps("partitionValues")
    for row in rows.present {
      guard let name = path[row] else { continue }
      snapshot.take(
        .remove(
          RemoveFile(
            path: name, deletionTimestamp: time[row], dataChange: change[row] ?? false,
            extendedFileMetadata: extended[row], partitionValues: partitionValues(partitions, row), size: size[row])))
    }
  }

  private func refuseDeletionVectors(_ rows: Structures) throws(DeltaError) {
    guard let vectors = rows.column("deletionVector") else { return }
    if rows.present.contains(where: { vectors.isValid($0) }) {
      throw .unsupported("deletion vectors (deletionVectors)", root: root)
    }
  }

  /// Files of one partition stand together as a rule, and then share one map.
  private mutating func partitionValues(_ maps: TextMaps, _ row: Int) -> [String: String?]? {
    guard let values = maps.map(at: row, &names) else { return nil }
    if values != partition { partition = values }
    return partition
  }

  private mutating func takeMetadata(_ rows: Structures, into snapshot: inout Snapshot) {
    let format = rows.column("format").flatMap(Structures.init)
    let options = format?.maps("options")
    let provider = format?.texts("provider")
    let (partitionColumns, settings) = (rows.lists("partitionColumns"), rows.maps("configuration"))
    for row in rows.present {
      guard let schema = rows.texts("schemaString")[row] else { continue }
      snapshot.take(
        .metadata(
          TableMetadata(
            id: rows.texts("id")[row] ?? "", name: rows.texts("name")[row],
            description: rows.texts("description")[row],
            format: TableMetadata.Format(
              provider: provider?[row] ?? "parquet",
              options: options?.map(at: row, &names)?.compactMapValues(\.self) ?? [:]),
            schemaString: schema, partitionColumns: partitionColumns[row] ?? [],
            configuration: settings.map(at: row, &names)?.compactMapValues(\.self) ?? [:],
            createdTime: rows.integers("createdTime")[row])))
    }
  }

  private func takeProtocols(_ rows: Structures, into snapshot: inout Snapshot) {
    let (reader, writer) = (rows.integers("minReaderVersion"), rows.integers("minWriterVersion"))
    for row in rows.present {
      guard let least = reader[row].flatMap(Int.init(exactly:)), let writer = writer[row].flatMap(Int.init(exactly:))
      else { continue }
      snapshot.take(
        .tableProtocol(
          TableProtocol(
            minReaderVersion: least, minWriterVersion: writer, readerFeatures: rows.lists("readerFeatures")[row],
            writerFeatures: rows.lists("writerFeatures")[row])))
    }
  }
}
