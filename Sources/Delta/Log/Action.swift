/// One line of a log entry (Delta protocol, "Actions"); lines with other actions are passed over.
public enum Action: Hashable, Sendable {
  /// What readers and writers must understand.
  case tableProtocol(TableProtocol)
  /// Schema, partitioning and settings of the table.
  case metadata(TableMetadata)
  /// A data file joins the table.
  case add(AddFile)
  /// A data file leaves the table.
  case remove(RemoveFile)
  /// How far an application has come.
  case transaction(Transaction)
  /// Who committed, and why.
  case commitInfo(CommitInfo)
}

/// The `protocol` action: the least versions and the features that a reader or writer must know.
public struct TableProtocol: Hashable, Sendable {
  /// The least reader version.
  public var minReaderVersion: Int
  /// The least writer version.
  public var minWriterVersion: Int
  /// Features for readers, from reader version 3 on.
  public var readerFeatures: [String]?
  /// Features for writers, from writer version 7 on.
  public var writerFeatures: [String]?

  /// Makes the action; by default for the plainest table.
  public init(
    minReaderVersion: Int = 1, minWriterVersion: Int = 2, readerFeatures: [String]? = nil,
    writerFeatures: [String]? = nil
  ) {
    self.minReaderVersion = minReaderVersion
    self.minWriterVersion = minWriterVersion
    self.readerFeatures = readerFeatures
    self.writerFeatures = writerFeatures
  }
}

/// The `metaData` action.
public struct TableMetadata: Hashable, Sendable {
  /// The format of data files.
  public struct Format: Hashable, Sendable {
    /// Always `parquet`.
    public var provider: String
    /// Options of the format; always empty.
    public var options: [String: String]

    /// Makes a format.
    public init(provider: String = "parquet", options: [String: String] = [:]) {
      self.provider = provider
      self.options = options
    }
  }

  /// The identity of the table, a UUID.
  public var id: String
  /// A name for people.
  public var name: String?
  /// A description for people.
  public var description: String?
  /// The format of the data files.
  public var format: Format
  /// The schema in Spark's JSON form.
  public var schemaString: String
  /// The columns whose values stand in `partitionValues` and not in the files.
  public var partitionColumns: [String]
  /// Settings of the table.
  public var configuration: [String: String]
  /// Milliseconds since 1970-01-01 UTC.
  public var createdTime: Int64?

  /// Makes the action, by default for a table of Parquet files.
  public init(
    id: String, name: String? = nil, description: String? = nil, format: Format = Format(), schemaString: String,
    partitionColumns: [String], configuration: [String: String] = [:], createdTime: Int64?
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.format = format
    self.schemaString = schemaString
    self.partitionColumns = partitionColumns
    self.configuration = configuration
    self.createdTime = createdTime
  }
}

/// The `add` action.
public struct AddFile: Hashable, Sendable {
  /// The file, relative to the table's root, percent-encoded as a URI.
  public var path: String
  /// The value of each partition column in text form; `nil` is null.
  public var partitionValues: [String: String?]
  /// Length in bytes.
  public var size: Int64
  /// Milliseconds since 1970-01-01 UTC.
  public var modificationTime: Int64
  /// False where the rows were in the table before, as after a compaction.
  public var dataChange: Bool
  /// Row count, bounds and null counts, as JSON text.
  public var stats: String?
  /// Free marks of the writer.
  public var tags: [String: String?]?

  /// Makes the action.
  public init(
    path: String, partitionValues: [String: String?], size: Int64, modificationTime: Int64, dataChange: Bool = true,
    stats: String? = nil, tags: [String: String?]? = nil
  ) {
    self.path = path
    self.partitionValues = partitionValues
    self.size = size
    self.modificationTime = modificationTime
    self.dataChange = dataChange
    self.stats = stats
    self.tags = tags
  }
}

/// The `remove` action.
public struct RemoveFile: Hashable, Sendable {
  /// The path exactly as it was added.
  public var path: String
  /// Milliseconds since 1970-01-01 UTC.
  public var deletionTimestamp: Int64?
  /// False where the rows stay in the table in other files.
  public var dataChange: Bool
  /// Whether the two following fields are given.
  public var extendedFileMetadata: Bool?
  /// The partition values of the file.
  public var partitionValues: [String: String?]?
  /// Length in bytes.
  public var size: Int64?

  /// Makes the action.
  public init(
    path: String, deletionTimestamp: Int64?, dataChange: Bool = true, extendedFileMetadata: Bool? = nil,
    partitionValues: [String: String?]? = nil, size: Int64? = nil
  ) {
    self.path = path
    self.deletionTimestamp = deletionTimestamp
    self.dataChange = dataChange
    self.extendedFileMetadata = extendedFileMetadata
    self.partitionValues = partitionValues
    self.size = size
  }

  /// Removes a file that is in the table.
  public init(_ file: AddFile, at timestamp: Int64, dataChange: Bool = true) {
    path = file.path
    deletionTimestamp = timestamp
    self.dataChange = dataChange
    extendedFileMetadata = true
    partitionValues = file.partitionValues
    size = file.size
  }
}

/// The `txn` action: the progress mark of an application.
public struct Transaction: Hashable, Sendable {
  /// Which application, and which of its streams.
  public var appId: String
  /// How far it has come; its meaning is the application's.
  public var version: Int64
  /// Milliseconds since 1970-01-01 UTC.
  public var lastUpdated: Int64?

  /// Makes the action.
  public init(appId: String, version: Int64, lastUpdated: Int64?) {
    self.appId = appId
    self.version = version
    self.lastUpdated = lastUpdated
  }
}
