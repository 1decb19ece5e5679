public import Columnar
public import Storage

/// A Parquet file open for reading.
///
/// ```swift
/// let file = try await ParquetFile.open(store.open("part-0.parquet"))
/// for group in file.metadata.rowGroups.indices {
///   let batch = try await file.read(rowGroup: group, columns: [0, 3])
/// }
/// ```
public struct ParquetFile: Sendable {
  /// What the footer says.
  public let metadata: ParquetMetadata
  private let source: any RandomAccess
  private let limits: ReaderLimits

  /// The bytes asked for first, in the hope that they hold the whole footer.
  private static let footerGuess: Int64 = 64 << 10

  /// Reads the footer: `<metadata> <length, 4 bytes little-endian> "PAR1"` at the end of the file.
  public static func open(
    _ source: any RandomAccess, limits: ReaderLimits = .init()
  ) async throws(ParquetError) -> ParquetFile {
    do throws(ParquetError) {
      return ParquetFile(metadata: try await footer(of: source, limits), source: source, limits: limits)
    } catch {
      throw error.located(file: source.name)
    }
  }

  private static func footer(
    of source: any RandomAccess, _ limits: ReaderLimits
  ) async throws(ParquetError) -> ParquetMetadata {
    let size = source.size
    guard size >= 12 else { throw ParquetError(.outOfSpec, "\(size) bytes are too few for a Parquet file") }
    let tailStart = max(0, size - footerGuess)
    let tail = try await read(source, tailStart..<size)
    let magic = Array(tail.suffix(4))
    if magic == Array("PARE".utf8) { throw ParquetError(.notSupported, "an encrypted footer") }
    guard magic == Array("PAR1".utf8) else { throw ParquetError(.outOfSpec, "no Parquet magic at the end") }
    var cursor = ByteCursor(position: tail.count - 8)
    let length = Int64(try cursor.littleEndian(tail.span, byteCount: 4))
    guard length <= size - 12 else { throw ParquetError(.outOfSpec, "a footer of \(length) bytes in \(size)") }
    guard length <= limits.footerBytes else {
      throw ParquetError(.wouldOverAllocate, "a footer of \(length) bytes, limit \(limits.footerBytes)")
    }
    let start = size - 8 - length
    let footer: [UInt8]
    if start >= tailStart {
      footer = Array(tail[Int(start - tailStart)..<tail.count - 8])
    } else {
      footer = try await read(source, start..<size - 8)
    }
    return try ParquetMetadata(footer: footer, base: start, limits: limits)
  }

  private static func read(
    _ source: any RandomAccess, _ range: Range<Int64>
  ) async throws(ParquetError) -> [UInt8] {
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try await source.read(range)
    } catch {
      throw ParquetError(error)
    }
    guard bytes.count == range.count else {
      throw ParquetError(StorageError(.truncated, path: source.name, message: "fewer bytes than asked for"))
    }
    return bytes
  }

  /// Reads columns of one row group; the batch has them in the order asked for.
  ///
  /// - Parameter columns: positions in `metadata.schema`; all of them by default.
  /// - Throws: ``ParquetError``, with ``ParquetError/Code/notSupported`` for a column inside a group or list.
  public func read(rowGroup: Int, columns: [Int]? = nil) async throws(ParquetError) -> RecordBatch {
    do throws(ParquetError) {
      return try await readColumns(rowGroup, columns ?? Array(metadata.columns.indices))
    } catch {
      throw error.located(file: source.name, rowGroup: rowGroup)
    }
  }

  private func readColumns(_ rowGroup: Int, _ columns: [Int]) async throws(ParquetError) -> RecordBatch {
    guard metadata.rowGroups.indices.contains(rowGroup) else {
      throw ParquetError(.invalidParameter, "no such row group; the file has \(metadata.rowGroups.count)")
    }
    let group = metadata.rowGroups[rowGroup]
    var ranges: [Range<Int64>] = []
    for column in columns { ranges.append(try range(of: column, in: group)) }
    var result = [Column?](repeating: nil, count: columns.count)
    for request in ReadPlan.requests(for: ranges) {
      let bytes = try await Self.read(source, request.range)
      for index in request.chunks {
        let column = columns[index]
        let base = request.range.lowerBound
        let range = Int(ranges[index].lowerBound - base)..<Int(ranges[index].upperBound - base)
        let reader = ChunkReader(
          column: metadata.columns[column], chunk: group.columns[column], rowCount: Int(group.rowCount),
          createdBy: metadata.createdBy, limits: limits)
        do throws(ParquetError) {
          result[index] = try reader.read(bytes, range: range, base: base)
        } catch {
          throw error.located(column: metadata.columns[column].name)
        }
      }
    }
    return RecordBatch(
      schema: Schema(columns.map { metadata.schema.fields[$0] }), columns: result.compactMap { $0 },
      rowCount: Int(group.rowCount))
  }

  /// Where a chunk lies, held against the file's size and the limits.
  private func range(of column: Int, in group: RowGroupMetadata) throws(ParquetError) -> Range<Int64> {
    guard metadata.columns.indices.contains(column) else {
      throw ParquetError(.invalidParameter, "no column \(column); the file has \(metadata.columns.count)")
    }
    let leaf = metadata.columns[column]
    guard leaf.isFlat else {
      let feature = leaf.maxRepetitionLevel > 0 ? "reading repeated values" : "reading columns inside groups"
      throw ParquetError(.notSupported, feature).located(column: leaf.name)
    }
    return try chunkRange(group.columns[column], leaf)
  }

  private func chunkRange(
    _ chunk: ColumnChunkMetadata, _ leaf: LeafColumn
  ) throws(ParquetError) -> Range<Int64> {
    func failure(_ code: ParquetError.Code, _ message: String) -> ParquetError {
      ParquetError(code, message).located(column: leaf.name)
    }
    if chunk.isEncrypted { throw failure(.notSupported, "an encrypted column") }
    if chunk.filePath != nil { throw failure(.notSupported, "a column chunk in another file") }
    guard chunk.physicalType == leaf.physicalType else {
      throw failure(.outOfSpec, "a chunk of \(chunk.physicalType.name) in a column of \(leaf.physicalType.name)")
    }
    // An absent dictionary is sometimes written as offset 0, and the data offset may point at the dictionary.
    var start = chunk.dataPageOffset
    if let dictionary = chunk.dictionaryPageOffset, dictionary > 0 { start = min(start, dictionary) }
    let (end, overflow) = start.addingReportingOverflow(chunk.totalCompressedSize)
    guard start >= 0, chunk.totalCompressedSize >= 0, !overflow, end <= source.size else {
      throw failure(.outOfSpec, "a column chunk outside the file")
    }
    guard chunk.totalCompressedSize <= limits.chunkBytes else {
      throw failure(
        .wouldOverAllocate, "a column chunk of \(chunk.totalCompressedSize) bytes, limit \(limits.chunkBytes)")
    }
    return start..<end
  }

  /// The pages of a column chunk as their headers describe them; nothing is decompressed.
  ///
  /// Works for every column, nested ones included.
  public func pages(rowGroup: Int, column: Int) async throws(ParquetError) -> [PageInfo] {
    do throws(ParquetError) {
      guard metadata.rowGroups.indices.contains(rowGroup), metadata.columns.indices.contains(column) else {
        throw ParquetError(.invalidParameter, "no such row group or column")
      }
      let chunk = metadata.rowGroups[rowGroup].columns[column]
      let range = try chunkRange(chunk, metadata.columns[column])
      let bytes = try await Self.read(source, range)
      return try Self.pages(bytes, base: range.lowerBound, codec: chunk.codec, limits)
    } catch {
      throw error.located(file: source.name, rowGroup: rowGroup)
    }
  }

  private static func pages(
    _ bytes: [UInt8], base: Int64, codec: ParquetCompression, _ limits: ReaderLimits
  ) throws(ParquetError) -> [PageInfo] {
    var reader = PageReader(bytes: bytes, range: 0..<bytes.count, base: base, codec: codec, limits: limits)
    var pages: [PageInfo] = []
    while let page = try reader.next() {
      let header = page.header
      pages.append(
        PageInfo(
          type: header.type, encoding: header.encoding, valueCount: header.valueCount, nullCount: header.nullCount,
          rowCount: header.rowCount, offset: reader.fileOffset(page.headerStart),
          headerSize: page.body.lowerBound - page.headerStart, compressedSize: header.compressedSize,
          uncompressedSize: header.uncompressedSize, crc: header.crc))
    }
    return pages
  }
}
