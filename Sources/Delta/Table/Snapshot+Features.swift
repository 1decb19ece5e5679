import Columnar

/// What a table asks of those who read and write it (Delta protocol, "Table Features").
extension Snapshot {
  /// Features of readers that are implemented, or ask nothing of us.
  ///
  /// `timestampNtz`: columns of time without zone are read as such. `vacuumProtocolCheck`: our vacuum looks at the
  /// protocol as every writer does.
  static let readerFeatures: Set<String> = ["timestampNtz", "vacuumProtocolCheck"]

  /// Features of writers that are implemented, or ask nothing of us.
  ///
  /// `invariants` asks nothing of tables without any; those with them are refused by the columns' properties.
  static let writerFeatures: Set<String> = readerFeatures.union(["appendOnly", "invariants"])

  /// Refuses a table that asks of readers more than we know.
  func checkFeatures() throws(DeltaError) {
    try tableProtocol.checkReadable(root: root)
    let mapping = settings["delta.columnMapping.mode"] ?? "none"
    if mapping != "none" { throw .unsupported("columnMapping", root: root) }
  }

  /// Refuses a table that asks of writers more than we do.
  package func checkWritable() throws(DeltaError) {
    try checkFeatures()
    try tableProtocol.checkWritable(root: root)
    let properties = ["delta.invariants", "delta.generationExpression", "delta.identity.start"]
    if let property = properties.first(where: columnProperties.contains) {
      throw .unsupported("the column property \(property)", root: root)
    }
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
      if name.hasPrefix("delta.constraints.") || name == "delta.setTransactionRetentionDuration"
        || (name == "delta.enableChangeDataFeed" && value == "true")
        || (name == "delta.enableInCommitTimestamps" && value == "true")
      {
        throw .unsupported("the table setting \(name)", root: root)
      }
    }
  }

  /// Whether rows may be added and never taken away.
  var isAppendOnly: Bool { settings["delta.appendOnly"] == "true" }
}

extension TableProtocol {
  func checkReadable(root: String) throws(DeltaError) {
    if let feature = (readerFeatures ?? []).first(where: { !Snapshot.readerFeatures.contains($0) }) {
      throw .unsupported("the reader feature \(feature)", root: root)
    }
    if minReaderVersion > 3 || minReaderVersion < 1 {
      throw .unsupported("the reader version \(minReaderVersion)", root: root)
    }
  }

  func checkWritable(root: String) throws(DeltaError) {
    switch minWriterVersion {
    case 1...2: break
    case 7:
      if let feature = (writerFeatures ?? []).first(where: { !Snapshot.writerFeatures.contains($0) }) {
        throw .unsupported("the writer feature \(feature)", root: root)
      }
    default: throw .unsupported("the writer version \(minWriterVersion)", root: root)
    }
  }
}

extension DeltaError {
  /// The refusal of a table that uses what is not implemented.
  static func unsupported(_ feature: String, root: String) -> DeltaError {
    DeltaError(.notSupported, path: root, message: "the table uses \(feature), which is not implemented here")
  }
}

extension TableProtocol {
  /// The plainest protocol that a table of this schema can have.
  init(_ schema: Schema) {
    self.init()
    if schema.fields.contains(where: { $0.type.holdsLocalTime }) {
      self.init(
        minReaderVersion: 3, minWriterVersion: 7, readerFeatures: ["timestampNtz"], writerFeatures: ["timestampNtz"])
    }
  }
}

extension DataType {
  /// Whether there is a time without zone anywhere in the type.
  fileprivate var holdsLocalTime: Bool {
    switch self {
    case .timestamp(_, isAdjustedToUTC: false): true
    case .list(let item): item.type.holdsLocalTime
    case .map(let key, let value): key.type.holdsLocalTime || value.type.holdsLocalTime
    case .structure(let fields): fields.contains { $0.type.holdsLocalTime }
    default: false
    }
  }
}
