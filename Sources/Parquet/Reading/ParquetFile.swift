public import Columnar
public import Storage

/// A Parquet file open for reading.
///
/// ```swift
/// let file = try await ParquetFile.open(store.open("part-0.parquet"))
/// for try await batch in file.batches() { … }
/// ```
public struct ParquetFile: Sendable {
  /// What the footer says.
  public let metadata: ParquetMetadata
  /// Where the bytes come from.
  let source: any RandomAccess
  /// What the file may make us allocate.
  let limits: ReaderLimits
  /// Where chunks in other files are found; `nil` where nobody knows.
  var parts: PartFiles?
  /// The file's name, for messages.
  public var name: String { source.name }

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
    if magic == Array("PARE".utf8) { throw ParquetError(.notSupported, "encryption (an encrypted footer)") }
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

  /// Reads bytes of a source, all of them.
  static func read(
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

  /// Reads columns of one row group as one batch, in the order asked for.
  ///
  /// - Parameter columns: positions in `metadata.schema`; all of them by default.
  /// - Throws: ``ParquetError``.
  public func read(
    rowGroup: Int, columns: [Int]? = nil, options: ReadOptions = .init()
  ) async throws(ParquetError) -> RecordBatch {
    do throws(ParquetError) {
      let projection = try columns.map { (list) throws(ParquetError) in try metadata.projection(columns: list) }
      let reader = try await RowGroupReader(
        self, rowGroup: rowGroup, projection ?? metadata.all, options, byteLimit: limits.decodedChunkBytes)
      return try await reader.read(rows: reader.rowsLeft)
    } catch {
      throw error.located(file: source.name, rowGroup: rowGroup)
    }
  }

  /// Where a chunk lies in its file, held against the file's size and the limits.
  func chunkRange(
    _ chunk: ColumnChunkMetadata, _ leaf: LeafColumn, in source: any RandomAccess
  ) throws(ParquetError) -> Range<Int64> {
    func failure(_ code: ParquetError.Code, _ message: String) -> ParquetError {
      ParquetError(code, message).located(column: leaf.name)
    }
    if chunk.isEncrypted { throw failure(.notSupported, "encryption (an encrypted column)") }
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
    // Old parquet-mr left the dictionary page's header out of the sum.
    if metadata.omitsDictionaryHeaders { return start..<min(end + 100, source.size) }
    guard chunk.totalCompressedSize <= limits.chunkBytes else {
      throw failure(
        .wouldOverAllocate, "a column chunk of \(chunk.totalCompressedSize) bytes, limit \(limits.chunkBytes)")
    }
    return start..<end
  }

  /// The pages of a column chunk as their headers describe them; nothing is decompressed.
  ///
  /// Works for every column, nested ones included. A chunk without values has none: some writers leave to chance what
  /// its offsets then say.
  public func pages(rowGroup: Int, column: Int) async throws(ParquetError) -> [PageInfo] {
    do throws(ParquetError) {
      guard metadata.rowGroups.indices.contains(rowGroup), metadata.columns.indices.contains(column) else {
        throw ParquetError(.invalidParameter, "no such row group or column")
      }
      let chunk = metadata.rowGroups[rowGroup].columns[column]
      let source = try await source(of: chunk)
      let range = try chunkRange(chunk, metadata.columns[column], in: source)
      var reader = PageReader(chunk: range, codec: chunk.codec, limits: limits, step: Self.pageListStep)
      var pages: [PageInfo] = []
      var left = chunk.valueCount
      // Behind the last value may lie bytes of the next chunk: some writers' sizes are too small, and too much is read.
      while left > 0 {
        switch try reader.next() {
        case .needs(let range): reader.supply(try await Self.read(source, range), at: range.lowerBound)
        case .page(let page):
          pages.append(PageInfo(page))
          if page.header.type != .dictionary { left -= Int64(page.header.valueCount) }
        case .end: return pages
        }
      }
      return pages
    } catch {
      throw error.located(file: source.name, rowGroup: rowGroup)
    }
  }

  /// Bytes that are asked for at once to list pages.
  private static let pageListStep: Int64 = 1 << 20
}

extension PageInfo {
  fileprivate init(_ page: StoredPage) {
    let header = page.header
    self.init(
      type: header.type, encoding: header.encoding, valueCount: header.valueCount, nullCount: header.nullCount,
      rowCount: header.rowCount, offset: page.offset, headerSize: page.headerSize,
      compressedSize: header.compressedSize, uncompressedSize: header.uncompressedSize, crc: header.crc)
  }
}
