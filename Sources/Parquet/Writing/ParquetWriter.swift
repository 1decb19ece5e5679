public import Columnar
internal import Compression

/// Turns batches of columns into the bytes of a Parquet file, without doing any I/O.
///
/// ```swift
/// var writer = try ParquetWriter(schema: batch.schema)
/// try writer.write(batch)
/// let metadata = try writer.finish()
/// let file = writer.takeOutput()
/// ```
public struct ParquetWriter: Sendable {
  /// The columns that batches must have.
  public let schema: Schema
  private let options: ParquetWriterOptions
  private let compressor: Compressor?
  private var elements: [SchemaElement] = []
  private var columns: [LeafColumn] = []
  private var chunks: [ColumnChunkWriter] = []
  private var rowGroups: [RowGroupMetadata] = []
  private var rowsInGroup = 0
  private var output = Array("PAR1".utf8)
  /// Bytes handed out by ``takeOutput()``.
  private var takenBytes: Int64 = 0
  private var isFinished = false

  /// Starts a file.
  ///
  /// - Throws: ``ParquetError/Code/notSupported`` for a codec that is only read, and
  ///   ``ParquetError/Code/invalidParameter`` for types out of range or options below 1.
  public init(schema: Schema, options: ParquetWriterOptions = .init()) throws(ParquetError) {
    self.schema = schema
    self.options = options
    compressor = try Self.codec(options.compression).map { Compressor(codec: $0, level: options.compressionLevel) }
    guard options.rowGroupRows > 0, options.pageRows > 0, options.pageBytes > 0, options.statisticsBytes > 0 else {
      throw ParquetError(.invalidParameter, "sizes of row groups, pages and statistics must be positive")
    }
    try decideColumns(nil)
  }

  private static func codec(_ compression: ParquetCompression) throws(ParquetError) -> CompressionCodec? {
    switch compression {
    case .uncompressed: nil
    case .snappy: .snappy
    case .gzip: .gzip
    case .brotli: .brotli
    case .zstd: .zstd
    case .lz4Raw: .lz4Raw
    case .lz4, .lzo, .unknown: throw ParquetError(.notSupported, "writing with the codec \(compression)")
    }
  }

  /// Decides how each field is stored; the layouts of the first batch settle how decimals are.
  private mutating func decideColumns(_ batch: RecordBatch?) throws(ParquetError) {
    var root = SchemaElement(name: "schema")
    root.childCount = Int32(clamping: schema.fields.count)
    elements = [root]
    for (index, field) in schema.fields.enumerated() {
      elements.append(try SchemaElement(field, layout: batch?.columns[index].values))
    }
    columns = try LeafColumn.leaves(of: elements, maxDepth: 2)
  }

  /// Rows written so far.
  public var rowCount: Int64 { rowGroups.reduce(0) { $0 + $1.rowCount } + Int64(rowsInGroup) }

  /// Bytes of the file so far, pages still being filled included approximately.
  public var byteCount: Int64 {
    takenBytes + Int64(output.count) + chunks.reduce(0) { $0 + Int64($1.byteCount) }
  }

  /// Adds the rows of a batch; batches are split and merged into row groups.
  ///
  /// - Throws: ``ParquetError/Code/invalidParameter`` when the batch does not have the schema's columns, or has a null
  ///   where none may be; the file is then unusable.
  public mutating func write(_ batch: RecordBatch) throws(ParquetError) {
    guard !isFinished else { throw ParquetError(.invalidParameter, "the file is finished") }
    guard batch.columns.count == schema.fields.count else {
      throw ParquetError(
        .invalidParameter, "\(batch.columns.count) columns where the schema has \(schema.fields.count)")
    }
    if rowGroups.isEmpty && rowsInGroup == 0 && batch.rowCount > 0 { try decideColumns(batch) }
    for (index, column) in batch.columns.enumerated() { try check(column, columns[index]) }
    var row = 0
    while row < batch.rowCount {
      if chunks.isEmpty { chunks = columns.map { ColumnChunkWriter($0, options, compressor) } }
      let end = min(batch.rowCount, row + options.rowGroupRows - rowsInGroup)
      for index in chunks.indices {
        do throws(ParquetError) {
          try chunks[index].append(batch.columns[index], rows: row..<end)
        } catch {
          throw error.located(rowGroup: rowGroups.count, column: columns[index].name)
        }
      }
      rowsInGroup += end - row
      row = end
      if rowsInGroup == options.rowGroupRows { try flushRowGroup() }
    }
  }

  /// Holds a column's type and layout against its place in the file.
  private func check(_ column: Column, _ leaf: LeafColumn) throws(ParquetError) {
    guard column.type == leaf.type else {
      throw ParquetError(.invalidParameter, "a column of another type than the schema's").located(column: leaf.name)
    }
    var values = column.values
    if case .dictionary(let codes, let entries) = values {
      values = entries
      let size = Int32(clamping: entries.count)
      for (row, code) in codes.enumerated() where code < 0 || code >= size {
        if !column.isValid(row) && code == 0 { continue }
        throw ParquetError(.invalidParameter, "a code beyond its dictionary").located(column: leaf.name)
      }
    }
    let fits: Bool =
      switch (values, leaf.physicalType) {
      case (.boolean, .boolean), (.int32, .int32), (.int64, .int64), (.float, .float), (.double, .double): true
      case (.bytes, .byteArray): true
      case (.fixed(let width, _), .fixedLengthByteArray), (.fixed(let width, _), .int96): width == leaf.typeLength
      default: false
      }
    guard fits else {
      throw ParquetError(.invalidParameter, "a layout that does not fit \(leaf.physicalType.name)")
        .located(column: leaf.name)
    }
  }

  private mutating func flushRowGroup() throws(ParquetError) {
    if rowsInGroup == 0 { return }
    let start = takenBytes + Int64(output.count)
    var group = RowGroupMetadata(
      columns: [], rowCount: Int64(rowsInGroup), totalByteSize: 0, totalCompressedSize: 0, fileOffset: start,
      ordinal: Int16(exactly: rowGroups.count), sortingColumns: [])
    let finished = chunks
    chunks = []
    for chunk in finished {
      let (bytes, metadata) = try chunk.finish(at: takenBytes + Int64(output.count))
      output.append(contentsOf: bytes)
      group.totalByteSize += metadata.totalUncompressedSize
      group.totalCompressedSize = (group.totalCompressedSize ?? 0) + metadata.totalCompressedSize
      group.columns.append(metadata)
    }
    rowGroups.append(group)
    rowsInGroup = 0
  }

  /// Ends the file: flushes the last row group and writes the footer.
  ///
  /// - Returns: the metadata as a reader of the file would see it.
  public mutating func finish() throws(ParquetError) -> ParquetMetadata {
    guard !isFinished else { throw ParquetError(.invalidParameter, "the file is finished") }
    try flushRowGroup()
    isFinished = true
    var metadata = ParquetMetadata(
      version: 1, rowCount: rowCount, schema: schema, columns: columns, schemaElements: elements,
      rowGroups: rowGroups, createdBy: options.createdBy, keyValueMetadata: options.keyValueMetadata,
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
    return metadata
  }

  /// The bytes finished since the last call; after ``finish()`` they complete the file.
  public mutating func takeOutput() -> [UInt8] {
    takenBytes += Int64(output.count)
    defer { output = [] }
    return output
  }
}
