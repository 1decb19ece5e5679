import Columnar

/// Turns actions into the columns of a checkpoint.
enum CheckpointEncoder {
  /// One row for each action; those without a column in checkpoints leave an empty row.
  static func batch(_ actions: ArraySlice<Action>) -> RecordBatch {
    let columns = [
      transactions(actions), adds(actions), removes(actions), metadata(actions), protocols(actions),
    ]
    return RecordBatch(schema: CheckpointSchema.schema, columns: columns, rowCount: actions.count)
  }

  private static func structure(_ fields: [Field], _ columns: [Column], _ validity: Bitmap) -> Column {
    Column(
      type: .structure(fields), values: .structure(columns, count: validity.count), validity: validity.unlessFull)
  }

  private static func transactions(_ actions: ArraySlice<Action>) -> Column {
    var (app, version, updated) = (TextBuilder(), IntegerBuilder(), IntegerBuilder())
    var validity = Bitmap()
    for action in actions {
      let value: Transaction? = if case .transaction(let value) = action { value } else { nil }
      app.append(value?.appId)
      version.append(value?.version)
      updated.append(value?.lastUpdated)
      validity.append(value != nil)
    }
    return structure(CheckpointSchema.transaction, [app.column, version.column, updated.column], validity)
  }

  private static func adds(_ actions: ArraySlice<Action>) -> Column {
    var (path, stats, partition, tags) = (TextBuilder(), TextBuilder(), TextsBuilder(), TextsBuilder())
    var (size, time, change) = (IntegerBuilder(), IntegerBuilder(), BooleanBuilder())
    var validity = Bitmap()
    for action in actions {
      let file: AddFile? = if case .add(let value) = action { value } else { nil }
      path.append(file?.path)
      partition.append(file?.partitionValues)
      size.append(file?.size)
      time.append(file?.modificationTime)
      change.append(file?.dataChange)
      tags.append(file?.tags)
      stats.append(file?.stats)
      validity.append(file != nil)
    }
    return structure(
      CheckpointSchema.add,
      [path.column, partition.map, size.column, time.column, change.column, tags.map, stats.column], validity)
  }

  private static func removes(_ actions: ArraySlice<Action>) -> Column {
    var (path, partition) = (TextBuilder(), TextsBuilder())
    var (time, size) = (IntegerBuilder(), IntegerBuilder())
    var (change, extended) = (BooleanBuilder(), BooleanBuilder())
    var validity = Bitmap()
    for action in actions {
      let file: RemoveFile? = if case .remove(let value) = action { value } else { nil }
      path.append(file?.path)
      time.append(file?.deletionTimestamp)
      change.append(file?.dataChange)
      extended.append(file?.extendedFileMetadata)
      partition.append(file?.partitionValues)
      size.append(file?.size)
      validity.append(file != nil)
    }
    return structure(
      CheckpointSchema.remove,
      [path.column, time.column, change.column, extended.column, partition.map, size.column], validity)
  }

  private static func metadata(_ actions: ArraySlice<Action>) -> Column {
    var (id, name, description, provider) = (TextBuilder(), TextBuilder(), TextBuilder(), TextBuilder())
    var (options, partitions, settings) = (TextsBuilder(), TextsBuilder(), TextsBuilder())
    var (schema, created) = (TextBuilder(), IntegerBuilder())
    var validity = Bitmap()
    for action in actions {
      let value: TableMetadata? = if case .metadata(let value) = action { value } else { nil }
      id.append(value?.id)
      name.append(value?.name)
      description.append(value?.description)
      provider.append(value?.format.provider)
      options.append(value?.format.options.mapValues(Optional.some))
      schema.append(value?.schemaString)
      partitions.append(value?.partitionColumns)
      settings.append(value?.configuration.mapValues(Optional.some))
      created.append(value?.createdTime)
      validity.append(value != nil)
    }
    let formatFields = [Field("provider", .string), Field("options", CheckpointSchema.texts)]
    let format = structure(formatFields, [provider.column, options.map], validity)
    return structure(
      CheckpointSchema.metadata,
      [
        id.column, name.column, description.column, format, schema.column, partitions.list, settings.map,
        created.column,
      ], validity)
  }

  private static func protocols(_ actions: ArraySlice<Action>) -> Column {
    var (reader, writer) = (IntegerBuilder(), IntegerBuilder())
    var (readerFeatures, writerFeatures) = (TextsBuilder(), TextsBuilder())
    var validity = Bitmap()
    for action in actions {
      let value: TableProtocol? = if case .tableProtocol(let value) = action { value } else { nil }
      reader.append(value.map { Int64($0.minReaderVersion) })
      writer.append(value.map { Int64($0.minWriterVersion) })
      readerFeatures.append(value?.readerFeatures)
      writerFeatures.append(value?.writerFeatures)
      validity.append(value != nil)
    }
    return structure(
      CheckpointSchema.tableProtocol,
      [reader.narrow, writer.narrow, readerFeatures.list, writerFeatures.list], validity)
  }
}
