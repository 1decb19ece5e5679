public import Columnar

/// The table at one version: the log's actions up to there, reconciled (Delta protocol, "Action Reconciliation").
public struct Snapshot: Sendable {
  /// The table's root, for messages.
  public let root: String
  /// The newest version taken in; -1 before the first.
  public private(set) var version: Int64 = -1
  /// What readers and writers must understand.
  public private(set) var tableProtocol = TableProtocol()
  /// Schema text, partition columns and settings; `nil` only at version -1.
  public private(set) var metadata: TableMetadata?
  /// All columns, partition columns among them.
  public private(set) var schema = Schema([])
  /// How far each application has come.
  public private(set) var transactions: [String: Transaction] = [:]
  /// The files in the table by their path as it stands in the log.
  public private(set) var filesByPath: [String: AddFile] = [:]
  private var columnProperties: Set<String> = []

  init(root: String) { self.root = root }

  /// The files in the table, sorted by path: linear in their number, with a sort.
  public var files: [AddFile] {
    filesByPath.values.sorted { $0.path < $1.path }
  }

  /// The columns whose values stand in the log and not in the files.
  public var partitionColumns: [String] { metadata?.partitionColumns ?? [] }

  /// The columns that the data files hold: all but the partition columns.
  public var fileSchema: Schema {
    let partitioned = Set(partitionColumns)
    return Schema(schema.fields.filter { !partitioned.contains($0.name) })
  }

  /// Takes in the next version's actions.
  mutating func apply(_ actions: [Action], version next: Int64) throws(DeltaError) {
    precondition(next == version + 1, "log entries are applied in order")
    for action in actions {
      switch action {
      case .tableProtocol(let value): tableProtocol = value
      case .metadata(let value):
        metadata = value
        (schema, columnProperties) = try SchemaText.decode(value.schemaString, path: root)
      case .add(let file): filesByPath[file.path] = file
      case .remove(let file): filesByPath[file.path] = nil
      case .transaction(let value): transactions[value.appId] = value
      case .commitInfo: break
      }
    }
    guard metadata != nil else {
      throw DeltaError(
        .malformedLog, path: "\(root)/\(LogEntry.path(next))", message: "the first entry has no metaData")
    }
    version = next
    try checkReadable()
  }

  /// Refuses a table that asks of readers more than we know.
  private func checkReadable() throws(DeltaError) {
    let version = tableProtocol.minReaderVersion
    let features = tableProtocol.readerFeatures ?? []
    let mapping = metadata?.configuration["delta.columnMapping.mode"] ?? "none"
    if let feature = features.first {
      throw refusal("reader feature \(feature)")
    }
    if version > 3 || version < 1 { throw refusal("reader version \(version)") }
    if mapping != "none" { throw refusal("column mapping") }
  }

  /// Refuses a table that asks of writers more than we do.
  func checkWritable() throws(DeltaError) {
    let settings = metadata?.configuration ?? [:]
    switch tableProtocol.minWriterVersion {
    case ...2: break
    case 7:
      // These two ask nothing of a writer that only appends to a table without invariants.
      let harmless: Set<String> = ["appendOnly", "invariants"]
      if let feature = (tableProtocol.writerFeatures ?? []).first(where: { !harmless.contains($0) }) {
        throw refusal("writer feature \(feature)")
      }
    default: throw refusal("writer version \(tableProtocol.minWriterVersion)")
    }
    if let property = columnProperties.first(where: { $0 == "delta.invariants" || $0 == "delta.generationExpression" })
    {
      throw refusal("column property \(property)")
    }
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
      if name.hasPrefix("delta.constraints.") || name == "delta.setTransactionRetentionDuration"
        || (name == "delta.enableChangeDataFeed" && value == "true")
      {
        throw refusal("table setting \(name)")
      }
    }
  }

  private func refusal(_ feature: String) -> DeltaError {
    DeltaError(.notSupported, path: root, message: "the table uses \(feature), which is not implemented here")
  }
}
