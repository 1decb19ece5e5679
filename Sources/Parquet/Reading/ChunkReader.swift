internal import Columnar

/// Decodes one column chunk of a flat column into a column.
struct ChunkReader {
  let column: LeafColumn
  let chunk: ColumnChunkMetadata
  let rowCount: Int
  let createdBy: String?
  let limits: ReaderLimits

  /// Decodes the chunk that lies in `range` of `bytes`, of which the first stands at `base` in the file.
  func read(_ bytes: [UInt8], range: Range<Int>, base: Int64) throws(ParquetError) -> Column {
    var pages = PageReader(bytes: bytes, range: range, base: base, codec: chunk.codec, limits: limits)
    let budget = limits.decodedChunkBytes
    switch column.physicalType {
    case .boolean: return try decode(&pages, BooleanValues())
    case .int32: return try decode(&pages, NumericValues<Int32>())
    case .int64: return try decode(&pages, NumericValues<Int64>())
    case .float: return try decode(&pages, NumericValues<Float>())
    case .double: return try decode(&pages, NumericValues<Double>())
    case .byteArray: return try decode(&pages, ByteStringValues(limit: min(budget, Int(Int32.max))))
    case .int96, .fixedLengthByteArray:
      return try decode(&pages, FixedValues(width: column.typeLength, limit: budget))
    }
  }

  private func decode<Values: ChunkValues>(
    _ pages: inout PageReader, _ start: Values
  ) throws(ParquetError) -> Column {
    var values = start
    var validity = ValidityBuilder()
    var rows = 0
    var pageIndex = 0
    while rows < rowCount, let page = try pages.next() {
      do throws(ParquetError) {
        try pages.verify(page)
        let header = page.header
        let (size, overflow) = header.valueCount.multipliedReportingOverflow(by: values.bytesPerValue)
        guard !overflow, size <= limits.decodedChunkBytes - min(values.byteCount, limits.decodedChunkBytes) else {
          throw ParquetError(.wouldOverAllocate, "a column chunk of more than \(limits.decodedChunkBytes) bytes")
        }
        switch header.type {
        case .dictionary:
          guard rows == 0 else { throw ParquetError(.outOfSpec, "a dictionary page behind data pages") }
          guard header.encoding == .plain || header.encoding == .plainDictionary else {
            throw unsupported(header.encoding, "a dictionary page")
          }
          let body = try pages.decompress(page.body, size: header.uncompressedSize)
          try values.readDictionary(body.bytes.span.extracting(body.range), count: header.valueCount)
        case .data, .dataV2:
          guard header.valueCount <= rowCount - rows else {
            throw ParquetError(.outOfSpec, "more values than the row group's \(rowCount) rows")
          }
          let data = try open(page, &pages)
          try append(data, header, rows: rows..<rows + header.valueCount, to: &values, &validity)
          rows += header.valueCount
        default: break
        }
      } catch {
        throw error.located(page: pageIndex, offset: pages.fileOffset(page.headerStart))
      }
      pageIndex += 1
    }
    guard rows == rowCount else { throw ParquetError(.outOfSpec, "\(rows) values for \(rowCount) rows") }
    return finish(values, validity)
  }

  /// A data page with its levels and values apart.
  private struct OpenPage {
    var levels: PageBytes
    var values: PageBytes
  }

  private func open(_ page: StoredPage, _ pages: inout PageReader) throws(ParquetError) -> OpenPage {
    let header = page.header
    guard header.type == .dataV2 else {
      let body = try pages.decompress(page.body, size: header.uncompressedSize)
      guard column.maxDefinitionLevel > 0 else {
        return OpenPage(levels: PageBytes(bytes: [], range: 0..<0), values: body)
      }
      let span = body.bytes.span.extracting(body.range)
      var cursor = ByteCursor()
      var levels: Range<Int>
      if header.definitionEncoding == .bitPacked {
        levels = 0..<min((header.valueCount + 7) / 8, span.count)
        cursor.position = levels.upperBound
      } else {
        levels = try cursor.sized(span)
      }
      let start = body.range.lowerBound
      return OpenPage(
        levels: PageBytes(bytes: body.bytes, range: start + levels.lowerBound..<start + levels.upperBound),
        values: PageBytes(bytes: body.bytes, range: start + cursor.position..<body.range.upperBound))
    }
    let levelBytes = header.repetitionBytes + header.definitionBytes
    guard levelBytes <= page.body.count, levelBytes <= header.uncompressedSize else {
      throw ParquetError(.outOfSpec, "levels longer than their page")
    }
    let start = page.body.lowerBound
    let levels = start + header.repetitionBytes..<start + levelBytes
    let stored = start + levelBytes..<page.body.upperBound
    let size = header.uncompressedSize - levelBytes
    // An old writer compressed the values and said that it had not; the sizes tell.
    let isCompressed = header.isCompressed || stored.count != size
    let values = isCompressed ? try pages.decompress(stored, size: size) : PageBytes(bytes: pages.bytes, range: stored)
    return OpenPage(levels: PageBytes(bytes: pages.bytes, range: levels), values: values)
  }

  private func append<Values: ChunkValues>(
    _ page: OpenPage, _ header: PageHeader, rows: Range<Int>, to values: inout Values,
    _ validity: inout ValidityBuilder
  ) throws(ParquetError) {
    let body = page.values.bytes.span.extracting(page.values.range)
    guard column.maxDefinitionLevel > 0 else {
      try values.append(body, encoding: header.encoding, count: rows.count)
      return
    }
    let levels = page.levels.bytes.span.extracting(page.levels.range)
    let encoding = header.type == .dataV2 ? .rle : header.definitionEncoding
    switch try validity.append(levels, encoding: encoding, rows: rows.count) {
    case .all: try values.append(body, encoding: header.encoding, count: rows.count)
    case .some(let validCount):
      try values.append(body, encoding: header.encoding, count: validCount)
      if validCount < rows.count, let bitmap = validity.bitmap {
        values.spread(rows: rows, validity: bitmap, validCount: validCount)
      }
    }
  }

  private func finish<Values: ChunkValues>(_ values: consuming Values, _ validity: consuming ValidityBuilder) -> Column
  {
    Column(type: column.type, values: values.finish(), validity: validity.finish())
  }
}
