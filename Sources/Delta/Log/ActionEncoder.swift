import JSON

extension JSONText {
  /// An action as the only member of the object that is open.
  mutating func write(_ action: Action) {
    switch action {
    case .tableProtocol(let value): write(value)
    case .metadata(let value): write(value)
    case .add(let value): write(value)
    case .remove(let value): write(value)
    case .transaction(let value):
      open("txn")
      member("appId", value.appId)
      member("version", value.version)
      member("lastUpdated", value.lastUpdated)
      close()
    case .commitInfo(let value): write(value)
    }
  }

  private mutating func write(_ value: TableProtocol) {
    open("protocol")
    member("minReaderVersion", value.minReaderVersion)
    member("minWriterVersion", value.minWriterVersion)
    member("readerFeatures", value.readerFeatures)
    member("writerFeatures", value.writerFeatures)
    close()
  }

  private mutating func write(_ value: TableMetadata) {
    open("metaData")
    member("id", value.id)
    member("name", value.name)
    member("description", value.description)
    open("format")
    member("provider", value.format.provider)
    member("options", value.format.options.mapValues(Optional.some))
    close()
    member("schemaString", value.schemaString)
    member("partitionColumns", value.partitionColumns)
    member("configuration", value.configuration.mapValues(Optional.some))
    member("createdTime", value.createdTime)
    close()
  }

  private mutating func write(_ value: AddFile) {
    open("add")
    member("path", value.path)
    member("partitionValues", value.partitionValues)
    member("size", value.size)
    member("modificationTime", value.modificationTime)
    member("dataChange", value.dataChange)
    member("stats", value.stats)
    member("tags", value.tags)
    close()
  }

  private mutating func write(_ value: RemoveFile) {
    open("remove")
    member("path", value.path)
    member("deletionTimestamp", value.deletionTimestamp)
    member("dataChange", value.dataChange)
    member("extendedFileMetadata", value.extendedFileMetadata)
    member("partitionValues", value.partitionValues)
    member("size", value.size)
    close()
  }

  private mutating func write(_ value: CommitInfo) {
    open("commitInfo")
    member("inCommitTimestamp", value.inCommitTimestamp)
    member("timestamp", value.timestamp)
    member("operation", value.operation)
    member("operationParameters", value.operationParameters?.mapValues(Optional.some))
    member("isBlindAppend", value.isBlindAppend)
    member("engineInfo", value.engineInfo)
    member("txnId", value.txnId)
    close()
  }
}
