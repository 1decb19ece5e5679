public import Columnar

/// Turns batches of columns into the bytes of a Parquet file, without doing any I/O.
///
/// ```swift
/// var writer = try ParquetWriter(schema: batch.schema)
/// try writer.write(batch)
/// let metadata = try writer.finish()
/// let file = writer.takeOutput()
/// ```
///
/// The bytes taken so far make a file only together with those after ``finish()``: a file without its end is refused by
/// every reader, and a writer that has failed never gives that end.
///
/// Between two calls of ``takeOutput()`` the writer keeps at most one row group of
/// ``ParquetWriterOptions/rowGroupBytes`` encoded bytes (pages being filled and dictionaries are counted among them), a
/// table of up to three times its size for each dictionary, and what was not yet taken.
public struct ParquetWriter: Sendable {
  /// The columns that batches must have.
  public let schema: Schema
  private let options: ParquetWriterOptions
  private var tree: WriteTree
  private var columns: [LeafColumn] = []
  private var settings: [ChunkSettings] = []
  private var chunks: [ColumnChunkWriter] = []
  private var rowGroups: [RowGroupMetadata] = []
  /// The page index of each finished chunk, written behind the last row group.
  private var indexes: [(offset: [UInt8], column: [UInt8]?)] = []
  private var rowsInGroup = 0
  private var output = Array("PAR1".utf8)
  /// Bytes handed out by ``takeOutput()``.
  private var takenBytes: Int64 = 0
  private var state = State.open

  private enum State {
    case open
    case finished
    /// Rows are missing in some columns: what is there is no file and becomes none.
    case failed
  }

  /// Starts a file.
  ///
  /// - Throws: ``ParquetError/Code/notSupported`` for a codec that is only read, and
  ///   ``ParquetError/Code/invalidParameter`` for types out of range, options below 1, and settings for columns that do
  ///   not exist or do not allow them.
  public init(schema: Schema, options: ParquetWriterOptions = .init()) throws(ParquetError) {
    self.schema = schema
    self.options = options
    guard options.rowGroupRows > 0, options.rowGroupBytes > 0, options.pageRows > 0, options.pageBytes > 0,
      options.statisticsBytes > 0
    else { throw ParquetError(.invalidParameter, "sizes of row groups, pages and statistics must be positive") }
    tree = try WriteTree(schema, columns: nil)
    try decideColumns(isTentative: true)
    for path in options.columns.keys where !columns.contains(where: { $0.name == path }) {
      throw ParquetError(.invalidParameter, "settings for a column that the schema does not have")
        .located(column: path)
    }
    for sorting in options.sortingColumns where !columns.indices.contains(Int(sorting.column)) {
      throw ParquetError(.invalidParameter, "a sorting column beyond the file's \(columns.count) leaf columns")
    }
  }

  private mutating func decideColumns(isTentative: Bool) throws(ParquetError) {
    columns = try LeafColumn.leaves(of: tree.elements, maxDepth: .max)
    settings = []
    for column in columns { settings.append(try ChunkSettings(column, options, isTentative: isTentative)) }
  }

  /// Rows written so far.
  public var rowCount: Int64 { rowGroups.reduce(0) { $0 + $1.rowCount } + Int64(rowsInGroup) }

  /// Bytes of the file so far, pages still being filled included approximately.
  public var byteCount: Int64 { takenBytes + Int64(output.count + bytesInGroup) }

  private var bytesInGroup: Int { chunks.reduce(0) { $0 + $1.byteCount } }

  /// Rows that go into all columns before the size of the row group is looked at.
  private static let step = 1 << 16

  /// Adds the rows of a batch; batches are split and merged into row groups.
  ///
  /// - Throws: ``ParquetError/Code/invalidParameter`` when the batch does not have the schema's columns, or has a null
  ///   where none may be; the file is then lost, and every later call throws.
  public mutating func write(_ batch: RecordBatch) throws(ParquetError) {
    try checkOpen()
    do throws(ParquetError) {
      try append(batch)
    } catch {
      state = .failed
      throw error
    }
  }

  /// Ends the row group here, however small it is; the next row begins another. Does nothing where it has no rows.
  ///
  /// - Throws: ``ParquetError`` as ``write(_:)`` does.
  public mutating func endRowGroup() throws(ParquetError) {
    try checkOpen()
    do throws(ParquetError) {
      try flushRowGroup()
    } catch {
      state = .failed
      throw error
    }
  }

  private func checkOpen() throws(ParquetError) {
    switch state {
    case .open: return
    case .finished: throw ParquetError(.invalidParameter, "the file is finished")
    case .failed: throw ParquetError(.invalidParameter, "an earlier error has left the file incomplete")
    }
  }

  private mutating func append(_ batch: RecordBatch) throws(ParquetError) {
    guard batch.columns.count == schema.fields.count else {
      throw ParquetError(
        .invalidParameter, "\(batch.columns.count) columns where the schema has \(schema.fields.count)")
    }
    if batch.rowCount == 0 { return }
    if rowGroups.isEmpty && rowsInGroup == 0 {
      // The layouts of the first batch settle how decimals are stored.
      tree = try WriteTree(schema, columns: batch.columns)
      try decideColumns(isTentative: false)
    }
    for (column, node) in zip(batch.columns, tree.roots) { try column.check(against: node, columns) }
    var row = 0
    while row < batch.rowCount {
      if chunks.isEmpty { chunks = settings.map { ColumnChunkWriter($0) } }
      let end = min(batch.rowCount, row + Self.step, row + options.rowGroupRows - rowsInGroup)
      for (column, node) in zip(batch.columns, tree.roots) { try append(column, node, rows: row..<end) }
      rowsInGroup += end - row
      row = end
      if rowsInGroup >= options.rowGroupRows || bytesInGroup >= options.rowGroupBytes { try flushRowGroup() }
    }
  }

  private mutating func append(_ column: Column, _ node: WriteNode, rows: Range<Int>) throws(ParquetError) {
    do throws(ParquetError) {
      if case .leaf(let index) = node.kind { return try chunks[index].append(column, rows: rows) }
      var shredder = Shredder()
      try shredder.shred(node, column, rows: rows)
      for leaf in shredder.leaves { try chunks[leaf.leaf].append(leaf) }
    } catch {
      throw error.located(rowGroup: rowGroups.count, column: node.path)
    }
  }

  // MARK: - Row groups and footer

  private var position: Int64 { takenBytes + Int64(output.count) }

  private mutating func flushRowGroup() throws(ParquetError) {
    if rowsInGroup == 0 { return }
    var group = RowGroupMetadata(
      columns: [], rowCount: Int64(rowsInGroup), totalByteSize: 0, totalCompressedSize: 0, fileOffset: position,
      ordinal: Int16(exactly: rowGroups.count), sortingColumns: options.sortingColumns)
    var filters: [BloomFilter?] = []
    var open = Array(chunks.reversed())
    chunks = []
    output.reserveCapacity(output.count + open.reduce(0) { $0 + $1.byteCount })
    // Each chunk is let go of as soon as its bytes are in the output, so that they are not held twice.
    while var chunk = open.popLast() {
      let finished = try chunk.finish()
      var metadata = finished.metadata
      if !finished.dictionary.isEmpty { metadata.dictionaryPageOffset = position }
      output.append(contentsOf: finished.dictionary)
      metadata.dataPageOffset = position
      output.append(contentsOf: finished.pages)
      group.totalByteSize += metadata.totalUncompressedSize
      group.totalCompressedSize = (group.totalCompressedSize ?? 0) + metadata.totalCompressedSize
      group.columns.append(metadata)
      filters.append(finished.bloomFilter)
      if options.writesPageIndex {
        indexes.append(
          (
            offset: finished.index.offsetIndex(at: metadata.dataPageOffset).serialised(),
            column: finished.index.columnIndex(limit: options.statisticsBytes)?.serialised()
          ))
      }
    }
    for (column, filter) in filters.enumerated() {
      guard let bytes = filter?.serialised() else { continue }
      group.columns[column].bloomFilter = FileSection(offset: position, length: Int32(clamping: bytes.count))
      output.append(contentsOf: bytes)
    }
    rowGroups.append(group)
    rowsInGroup = 0
  }

  private mutating func appendIndexes() {
    for kind in [true, false] {
      for (position, index) in indexes.enumerated() {
        let (group, column) = (position / columns.count, position % columns.count)
        guard let bytes = kind ? index.column : index.offset else { continue }
        let section = FileSection(offset: self.position, length: Int32(clamping: bytes.count))
        output.append(contentsOf: bytes)
        if kind {
          rowGroups[group].columns[column].columnIndex = section
        } else {
          rowGroups[group].columns[column].offsetIndex = section
        }
      }
    }
    indexes = []
  }

  /// Ends the file: flushes the last row group and writes page index and footer.
  ///
  /// - Returns: the metadata as a reader of the file would see it.
  public mutating func finish() throws(ParquetError) -> ParquetMetadata {
    try checkOpen()
    state = .failed
    try flushRowGroup()
    appendIndexes()
    var metadata = ParquetMetadata(
      version: 1, rowCount: rowCount, schema: schema, columns: columns, schemaElements: tree.elements,
      rowGroups: rowGroups, createdBy: options.createdBy, keyValueMetadata: options.keyValueMetadata.withValues,
      columnOrders: columns.map { _ in .typeDefined }, footerBytes: 0)
    let footer = metadata.serialised()
    metadata.footerBytes = footer.count
    metadata.deriveStatistics()
    guard let length = UInt32(exactly: footer.count) else {
      throw ParquetError(.invalidParameter, "a footer of more than 4 GiB")
    }
    output.append(contentsOf: footer)
    for shift in stride(from: UInt32(0), to: 32, by: 8) { output.append(UInt8(truncatingIfNeeded: length >> shift)) }
    output.append(contentsOf: "PAR1".utf8)
    state = .finished
    return metadata
  }

  /// The bytes finished since the last call; after ``finish()`` they complete the file.
  public mutating func takeOutput() -> [UInt8] {
    takenBytes += Int64(output.count)
    defer { output = [] }
    return output
  }
}

extension [(key: String, value: String?)] {
  /// The notes with an empty text in place of a missing one, on which Apache Spark fails.
  var withValues: Self { map { (key: $0.key, value: $0.value ?? "") } }
}
