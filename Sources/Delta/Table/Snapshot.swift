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
  /// The files in the table by their path as it stands in the log; one that is written in an unusual way, as
  /// ``PathText/encode(_:)`` writes it.
  public private(set) var filesByPath: [String: AddFile] = [:]
  /// The files that left the table lately, by the same paths; vacuum spares them for a time.
  public private(set) var removedByPath: [String: RemoveFile] = [:]
  /// Names of properties that any column has.
  private(set) var columnProperties: Set<String> = []

  init(root: String) { self.root = root }

  /// The files in the table, sorted by path: linear in their number, with a sort.
  public var files: [AddFile] {
    filesByPath.values.sorted { $0.path < $1.path }
  }

  /// Whether a file is in the table, however the path is written that the log has of it.
  public func holds(_ path: String) -> Bool { filesByPath[PathText.canonical(path)] != nil }

  /// The columns whose values stand in the log and not in the files.
  public var partitionColumns: [String] { metadata?.partitionColumns ?? [] }

  /// The columns that the data files hold: all but the partition columns.
  public var fileSchema: Schema {
    let partitioned = Set(partitionColumns)
    return Schema(schema.fields.filter { !partitioned.contains($0.name) })
  }

  /// The settings of the table.
  var settings: [String: String] { metadata?.configuration ?? [:] }

  /// Takes in the next version's actions.
  mutating func apply(_ actions: [Action], version next: Int64) throws(DeltaError) {
    precondition(next == version + 1, "log entries are applied in order")
    for action in actions { take(action) }
    try stand(at: next)
  }

  /// Takes in one action of the version that ``stand(at:)`` ends.
  mutating func take(_ action: Action) {
    switch action {
    case .tableProtocol(let value): tableProtocol = value
    case .metadata(let value): metadata = value
    case .add(let file):
      let path = PathText.canonical(file.path)
      removedByPath[path] = nil
      filesByPath[path] = file
    case .remove(let file):
      let path = PathText.canonical(file.path)
      filesByPath[path] = nil
      removedByPath[path] = file
    case .transaction(let value): transactions[value.appId] = value
    case .commitInfo: break
    }
  }

  /// Ends a version: from here on the snapshot is the table at it.
  mutating func stand(at next: Int64) throws(DeltaError) {
    guard let metadata else {
      throw DeltaError(
        .malformedLog, path: "\(root)/\(LogEntry.path(next))", message: "the first entry has no metaData")
    }
    try checkFeatures()
    if metadata.schemaString != schemaText {
      (schema, columnProperties) = try SchemaText.decode(metadata.schemaString, path: root)
      schemaText = metadata.schemaString
      try Self.checkPartitionColumns(metadata, schema, root: root)
    }
    version = next
  }

  /// The text that ``schema`` was made of.
  private var schemaText = ""

  static func checkPartitionColumns(_ metadata: TableMetadata, _ schema: Schema, root: String) throws(DeltaError) {
    for name in metadata.partitionColumns {
      guard let index = schema.index(of: name), !schema.fields[index].type.isNested else {
        throw DeltaError(
          .malformedLog, path: root, message: "the partition column \(name) is no plain column of the schema")
      }
    }
  }
}
