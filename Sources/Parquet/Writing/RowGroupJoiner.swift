import Storage

/// Makes one file of the row groups of several, whose pages are copied as they are: nothing is decoded or compressed.
///
/// ```swift
/// var joiner = RowGroupJoiner(like: first.metadata)
/// for file in files where joiner.canTake(file.metadata) {
///   for group in file.metadata.rowGroups.indices { joiner.append(try await file.stored(rowGroup: group)) }
/// }
/// let metadata = try joiner.finish()
/// let bytes = joiner.takeOutput()
/// ```
///
/// Page indexes and Bloom filters come along, moved to where the pages lie now.
public struct RowGroupJoiner: Sendable {
  private let model: ParquetMetadata
  private var rowGroups: [RowGroupMetadata] = []
  private var indexes: [(offset: [UInt8]?, column: [UInt8]?)] = []
  private var output = Array("PAR1".utf8)
  private var takenBytes: Int64 = 0

  /// Starts a file with the schema and the notes of another one.
  public init(like metadata: ParquetMetadata) { model = metadata }

  /// Bytes of the file so far.
  public var byteCount: Int64 { takenBytes + Int64(output.count) }

  /// Rows so far.
  public var rowCount: Int64 { rowGroups.reduce(0) { $0 &+ $1.rowCount } }

  /// Whether row groups of a file may join: it has the same columns stored in the same way, was written by the same
  /// program, on which it depends how far its statistics are to be trusted, and says the same of itself.
  public func canTake(_ metadata: ParquetMetadata) -> Bool {
    metadata.schemaElements == model.schemaElements && metadata.columnOrders == model.columnOrders
      && metadata.createdBy == model.createdBy && !metadata.omitsDictionaryHeaders
      && metadata.keyValueMetadata.elementsEqual(model.keyValueMetadata) { $0 == $1 }
      && metadata.rowGroups.allSatisfy { $0.columns.allSatisfy { !$0.isEncrypted && $0.filePath == nil } }
  }

  /// Adds a row group of a file that can be taken.
  public mutating func append(_ stored: StoredRowGroup) {
    var group = stored.metadata
    group.fileOffset = byteCount
    group.ordinal = Int16(exactly: rowGroups.count)
    for (column, chunk) in stored.chunks.enumerated() {
      let shift = byteCount - chunk.start
      group.columns[column].dataPageOffset += shift
      // An absent dictionary is sometimes written as offset 0.
      let dictionary = group.columns[column].dictionaryPageOffset.flatMap { $0 > 0 ? $0 + shift : nil }
      group.columns[column].dictionaryPageOffset = dictionary
      output += chunk.bytes
      var offsets = chunk.offsetIndex
      if let count = offsets?.pages.count { for page in 0..<count { offsets?.pages[page].offset += shift } }
      indexes.append((offsets?.serialised(), offsets == nil ? nil : chunk.columnIndex))
      group.columns[column].offsetIndex = nil
      group.columns[column].columnIndex = nil
      group.columns[column].bloomFilter = nil
    }
    for (column, chunk) in stored.chunks.enumerated() {
      guard let bytes = chunk.bloomFilter else { continue }
      group.columns[column].bloomFilter = FileSection(offset: byteCount, length: Int32(clamping: bytes.count))
      output += bytes
    }
    rowGroups.append(group)
  }

  /// Ends the file.
  ///
  /// - Returns: the metadata as a reader of the file would see it.
  public mutating func finish() throws(ParquetError) -> ParquetMetadata {
    appendIndexes()
    var metadata = model
    metadata.rowGroups = rowGroups
    metadata.rowCount = rowCount
    metadata.keyValueMetadata = model.keyValueMetadata.withValues
    let footer = metadata.serialised()
    metadata.footerBytes = footer.count
    metadata.deriveStatistics()
    guard let length = UInt32(exactly: footer.count) else {
      throw ParquetError(.invalidParameter, "a footer of more than 4 GiB")
    }
    output += footer
    for shift in stride(from: UInt32(0), to: 32, by: 8) { output.append(UInt8(truncatingIfNeeded: length >> shift)) }
    output += "PAR1".utf8
    return metadata
  }

  private mutating func appendIndexes() {
    for (place, index) in indexes.enumerated() {
      let (group, column) = (place / model.columns.count, place % model.columns.count)
      if let bytes = index.column {
        rowGroups[group].columns[column].columnIndex = section(bytes)
        output += bytes
      }
    }
    for (place, index) in indexes.enumerated() {
      let (group, column) = (place / model.columns.count, place % model.columns.count)
      if let bytes = index.offset {
        rowGroups[group].columns[column].offsetIndex = section(bytes)
        output += bytes
      }
    }
  }

  private func section(_ bytes: [UInt8]) -> FileSection {
    FileSection(offset: byteCount, length: Int32(clamping: bytes.count))
  }

  /// The bytes finished since the last call; after ``finish()`` they complete the file.
  public mutating func takeOutput() -> [UInt8] {
    takenBytes += Int64(output.count)
    defer { output = [] }
    return output
  }
}

/// A row group as it lies in its file.
public struct StoredRowGroup: Sendable {
  /// A column chunk: its pages and what is told of them.
  struct Chunk: Sendable {
    var start: Int64
    var bytes: [UInt8]
    var offsetIndex: OffsetIndex?
    var columnIndex: [UInt8]?
    var bloomFilter: [UInt8]?
  }

  let metadata: RowGroupMetadata
  let chunks: [Chunk]
}

extension ParquetFile {
  /// The bytes of a row group, nothing decoded.
  public func stored(rowGroup: Int) async throws(ParquetError) -> StoredRowGroup {
    let group = metadata.rowGroups[rowGroup]
    var chunks: [StoredRowGroup.Chunk] = []
    do throws(ParquetError) {
      for (chunk, leaf) in zip(group.columns, metadata.columns) {
        let range = try chunkRange(chunk, leaf, in: source)
        guard (range.lowerBound...range.upperBound).contains(chunk.dataPageOffset),
          chunk.dictionaryPageOffset ?? 0 <= range.upperBound
        else { throw ParquetError(.outOfSpec, "pages outside their column chunk").located(column: leaf.name) }
        var stored = StoredRowGroup.Chunk(start: range.lowerBound, bytes: try await Self.read(source, range))
        if let index = try await section(chunk.offsetIndex, of: source) {
          var reader = ThriftReader(index, limits: limits)
          // An index is help and no more: one that leads elsewhere is left out.
          stored.offsetIndex = try? OffsetIndex(from: &reader)
          if stored.offsetIndex?.pages.allSatisfy({ range.contains($0.offset) }) != true { stored.offsetIndex = nil }
        }
        stored.columnIndex = try await section(chunk.columnIndex, of: source)
        // One without its length would have to be read to be known, and is left out.
        stored.bloomFilter = try await section(chunk.bloomFilter, of: source)
        chunks.append(stored)
      }
    } catch {
      throw error.located(file: source.name, rowGroup: rowGroup)
    }
    return StoredRowGroup(metadata: group, chunks: chunks)
  }
}
