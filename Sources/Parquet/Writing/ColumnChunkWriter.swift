internal import Columnar
internal import Compression
internal import Kernels

/// Encodes one column of one row group: values become pages as they arrive, pages become the chunk's bytes.
///
/// Only finished, compressed pages and the page being filled are kept in memory.
struct ColumnChunkWriter: Sendable {
  private let column: LeafColumn
  private let options: ParquetWriterOptions
  private let compressor: Compressor?
  private var values: PageValues
  /// Validity of the page's rows, once one of them is null; before that all are valid.
  private var levels: Bitmap?
  private var pageRows = 0
  private var chunkRows = 0
  /// Finished data pages.
  private var body: [UInt8] = []
  private var uncompressedSize = 0
  private var dictionaryPages: Int32 = 0
  private var plainPages: Int32 = 0
  /// Codes of a batch's dictionary in terms of the chunk's; kept while the same dictionary comes again.
  private var remapped: (values: ColumnValues, codes: [UInt32])?

  /// Rows that go from a batch into a page in one step: small enough for the cache.
  private static let step = 8192

  /// Starts a chunk.
  init(_ column: LeafColumn, _ options: ParquetWriterOptions, _ compressor: Compressor?) {
    self.column = column
    self.options = options
    self.compressor = compressor
    values = PageValues(column, options)
  }

  /// Bytes that the chunk takes so far, approximately.
  var byteCount: Int { body.count + values.byteCount }

  // MARK: - Rows in

  /// Adds rows of a column, whose type and layout have been checked.
  mutating func append(_ source: Column, rows: Range<Int>) throws(ParquetError) {
    try remap(source, rows)
    var start = rows.lowerBound
    while start < rows.upperBound {
      let end = min(rows.upperBound, start + Self.step, start + max(1, options.pageRows - pageRows))
      try append(step: start..<end, of: source)
      start = end
      let isFull = pageRows >= options.pageRows || values.byteCount >= options.pageBytes
      if isFull { try cutPage() }
    }
  }

  private mutating func append(step rows: Range<Int>, of source: Column) throws(ParquetError) {
    let validCount = source.validity?.setCount(in: rows) ?? rows.count
    let validity = validCount == rows.count ? nil : source.validity
    if validity != nil, column.maxDefinitionLevel == 0 {
      throw ParquetError(.invalidParameter, "a null in a column that is declared without nulls")
    }
    switch source.values {
    case .int32(let numbers):
      try unsafe append(numbers.span.bytes, stride: 4, rows: rows, validity: validity, validCount: validCount)
    case .int64(let numbers):
      try unsafe append(numbers.span.bytes, stride: 8, rows: rows, validity: validity, validCount: validCount)
    case .float(let numbers):
      try unsafe append(numbers.span.bytes, stride: 4, rows: rows, validity: validity, validCount: validCount)
    case .double(let numbers):
      try unsafe append(numbers.span.bytes, stride: 8, rows: rows, validity: validity, validCount: validCount)
    case .boolean(let bits): append(bits, rows: rows, validity: validity)
    case .bytes(let strings): try append(strings, rows: rows, validity: validity)
    case .fixed(let width, let bytes): try append(bytes, width: width, rows: rows, validity: validity)
    case .dictionary(let codes, let entries):
      try append(codes: codes, entries: entries, rows: rows, validity: validity)
    case .list, .structure: throw ParquetError(.notSupported, "writing nested columns")
    }
    appendLevels(rows, validity)
  }

  private mutating func appendLevels(_ rows: Range<Int>, _ validity: Bitmap?) {
    if let validity {
      var bits = levels ?? Bitmap(repeating: true, count: pageRows)
      levels = nil
      bits.append(validity, range: rows)
      levels = bits
      values.statistics.nullCount += Int64(rows.count - validity.setCount(in: rows))
    } else if levels != nil {
      levels?.append(repeating: true, count: rows.count)
    }
    pageRows += rows.count
    chunkRows += rows.count
  }

  private mutating func append(
    _ numbers: RawSpan, stride: Int, rows: Range<Int>, validity: Bitmap?, validCount: Int
  ) throws(ParquetError) {
    guard let validity else {
      try append(dense: numbers.extracting(rows.lowerBound * stride..<rows.upperBound * stride), stride: stride)
      return
    }
    if stride == 8 {
      var dense: [UInt64] = []
      compact64(numbers, rows: rows, validity: validity.words.span, validCount: validCount, appendingTo: &dense)
      try unsafe append(dense: dense.span.bytes, stride: stride)
    } else {
      var dense: [UInt32] = []
      compact32(numbers, rows: rows, validity: validity.words.span, validCount: validCount, appendingTo: &dense)
      try unsafe append(dense: dense.span.bytes, stride: stride)
    }
  }

  private mutating func append(dense: RawSpan, stride: Int) throws(ParquetError) {
    let done = values.append(numbers: dense)
    if done * stride < dense.byteCount {
      try endDictionary(takingBack: done)
      _ = values.append(numbers: dense)
    } else {
      reviewDictionary()
    }
  }

  private mutating func append(_ bits: Bitmap, rows: Range<Int>, validity: Bitmap?) {
    guard let validity else { return values.append(booleans: bits, range: rows) }
    var dense = Bitmap()
    for row in rows where validity[row] { dense.append(bits[row]) }
    values.append(booleans: dense, range: 0..<dense.count)
  }

  private mutating func append(_ strings: ByteStrings, rows: Range<Int>, validity: Bitmap?) throws(ParquetError) {
    guard let validity else { return try append(dense: strings, rows: rows) }
    var dense = ByteStrings()
    for row in rows where validity[row] { dense.append(strings[row]) }
    try append(dense: dense, rows: 0..<dense.count)
  }

  private mutating func append(
    _ bytes: [UInt8], width: Int, rows: Range<Int>, validity: Bitmap?
  ) throws(ParquetError) {
    var dense = ByteStrings()
    for row in rows where validity?[row] ?? true { dense.append(bytes[row * width..<(row + 1) * width]) }
    try append(dense: dense, rows: 0..<dense.count)
  }

  private mutating func append(dense: ByteStrings, rows: Range<Int>) throws(ParquetError) {
    let done = values.append(strings: dense, rows: rows)
    if done < rows.count {
      try endDictionary(takingBack: done)
      _ = values.append(strings: dense, rows: rows)
    } else {
      reviewDictionary()
    }
  }

  /// Makes the table from a batch's dictionary to the chunk's, where one is of use for the rows to come.
  private mutating func remap(_ source: Column, _ rows: Range<Int>) throws(ParquetError) {
    guard case .dictionary(let codes, let entries) = source.values, case .bytes(let strings) = entries else { return }
    if let known = remapped, known.values == entries { return }
    remapped = nil
    // A table for many strings and few rows, or for a dictionary that will not fit, is not worth its making.
    guard values.isDictionary, strings.count <= rows.count, strings.bytes.count <= options.dictionaryBytes / 2 else {
      return
    }
    // Only entries that occur may enter the dictionary, or minimum and maximum would name strangers.
    var isUsed = [Bool](repeating: false, count: strings.count)
    for row in rows where source.isValid(row) { isUsed[Int(codes[row])] = true }
    guard isUsed.allSatisfy({ $0 }) else { return }
    var table: [UInt32] = []
    if values.number(strings, into: &table) { remapped = (entries, table) }
  }

  /// Codes of a batch are translated through a table made once for its dictionary, without looking at the strings.
  private mutating func append(
    codes: [Int32], entries: ColumnValues, rows: Range<Int>, validity: Bitmap?
  ) throws(ParquetError) {
    guard values.isDictionary, let table = remapped?.codes else {
      return try append(plainOf: codes, entries, rows, validity)
    }
    var translated: [UInt32] = []
    translated.reserveCapacity(rows.count)
    for row in rows where validity?[row] ?? true { translated.append(table[Int(codes[row])]) }
    values.append(codes: translated)
  }

  private mutating func append(
    plainOf codes: [Int32], _ entries: ColumnValues, _ rows: Range<Int>, _ validity: Bitmap?
  ) throws(ParquetError) {
    let part = ColumnValues.dictionary(codes: Array(codes[rows]), values: entries).withoutDictionary()
    var bits: Bitmap?
    if let validity {
      bits = Bitmap()
      bits?.append(validity, range: rows)
    }
    let local = 0..<rows.count
    let validCount = bits?.setCount ?? rows.count
    switch part {
    case .int32(let list):
      try unsafe append(list.span.bytes, stride: 4, rows: local, validity: bits, validCount: validCount)
    case .int64(let list):
      try unsafe append(list.span.bytes, stride: 8, rows: local, validity: bits, validCount: validCount)
    case .float(let list):
      try unsafe append(list.span.bytes, stride: 4, rows: local, validity: bits, validCount: validCount)
    case .double(let list):
      try unsafe append(list.span.bytes, stride: 8, rows: local, validity: bits, validCount: validCount)
    case .boolean(let list): append(list, rows: local, validity: bits)
    case .bytes(let list): try append(list, rows: local, validity: bits)
    case .fixed(let width, let list): try append(list, width: width, rows: local, validity: bits)
    case .dictionary, .list, .structure: break
    }
  }

  // MARK: - The dictionary's life

  /// The dictionary is full: what the page held before this step goes out in codes, the rest of the chunk plainly.
  private mutating func endDictionary(takingBack count: Int) throws(ParquetError) {
    values.removeLastCodes(count)
    if dictionaryPages == 0 && (pageRows == 0 || !values.dictionaryPays) {
      values.dropDictionary()
    } else {
      try cutPage()
      values.leaveDictionary()
    }
    remapped = nil
  }

  /// Gives up early where nearly every value is new.
  private mutating func reviewDictionary() {
    guard values.isDictionary, dictionaryPages == 0, values.count >= 4096,
      values.dictionaryCount * 10 > values.count * 9
    else { return }
    values.dropDictionary()
  }

  // MARK: - Pages out

  /// Encodes, compresses and keeps the current page.
  private mutating func cutPage() throws(ParquetError) {
    if pageRows == 0 { return }
    if values.isDictionary, dictionaryPages == 0, !values.dictionaryPays { values.dropDictionary() }
    var header = PageHeader()
    header.valueCount = pageRows
    header.encoding = values.isDictionary ? .rleDictionary : .plain
    var payload: [UInt8] = []
    payload.reserveCapacity(values.byteCount + pageRows / 8 + 64)
    if column.maxDefinitionLevel > 0 {
      var encoded: [UInt8] = []
      if let levels {
        encodeHybridBits(levels, appendingTo: &encoded)
      } else {
        appendVarint(pageRows << 1, to: &encoded)
        encoded.append(1)
      }
      for shift in stride(from: UInt32(0), to: 32, by: 8) {
        payload.append(UInt8(truncatingIfNeeded: UInt32(encoded.count) >> shift))
      }
      payload.append(contentsOf: encoded)
    }
    if values.isDictionary { dictionaryPages += 1 } else { plainPages += 1 }
    values.encodePage(into: &payload)
    uncompressedSize += try Self.appendPage(header, payload, compressor, options, to: &body)
    levels = nil
    pageRows = 0
  }

  /// Adds header and compressed payload; how many bytes they would take uncompressed.
  private static func appendPage(
    _ page: PageHeader, _ payload: [UInt8], _ compressor: Compressor?, _ options: ParquetWriterOptions,
    to output: inout [UInt8]
  ) throws(ParquetError) -> Int {
    var stored = payload
    if let compressor {
      stored = []
      do throws(CompressionError) {
        try unsafe compressor.compress(payload.span.bytes, appendingTo: &stored)
      } catch {
        throw ParquetError(.invalidParameter, error.description)
      }
    }
    var header = page
    guard payload.count <= Int(Int32.max), stored.count <= Int(Int32.max) else {
      throw ParquetError(.invalidParameter, "a page of more than 2 GiB")
    }
    header.uncompressedSize = payload.count
    header.compressedSize = stored.count
    if options.writesChecksums { header.crc = unsafe crc32(stored.span.bytes) }
    let head = header.serialised()
    output.append(contentsOf: head)
    output.append(contentsOf: stored)
    return head.count + payload.count
  }

  /// The chunk's bytes and metadata, for a place in the file.
  consuming func finish(at offset: Int64) throws(ParquetError) -> (bytes: [UInt8], metadata: ColumnChunkMetadata) {
    try cutPage()
    var metadata = ColumnChunkMetadata()
    metadata.physicalType = column.physicalType
    metadata.path = column.path
    metadata.codec = options.compression
    metadata.valueCount = Int64(chunkRows)
    metadata.encodings = [.plain, .rle]
    var bytes: [UInt8] = []
    if dictionaryPages > 0 {
      values.includeEntries()
      var header = PageHeader()
      header.type = .dictionary
      header.valueCount = values.dictionaryCount
      header.isSorted = false
      uncompressedSize += try Self.appendPage(header, values.dictionaryPage(), compressor, options, to: &bytes)
      metadata.dictionaryPageOffset = offset
      metadata.encodings.append(.rleDictionary)
      metadata.encodingStats = [
        PageEncodingStats(pageType: .dictionary, encoding: .plain, count: 1),
        PageEncodingStats(pageType: .data, encoding: .rleDictionary, count: dictionaryPages),
      ]
    }
    if plainPages > 0 {
      metadata.encodingStats.append(PageEncodingStats(pageType: .data, encoding: .plain, count: plainPages))
    }
    metadata.dataPageOffset = offset + Int64(bytes.count)
    bytes.append(contentsOf: body)
    metadata.totalUncompressedSize = Int64(uncompressedSize)
    metadata.totalCompressedSize = Int64(bytes.count)
    metadata.storedStatistics = values.statistics.stored(limit: options.statisticsBytes)
    return (bytes, metadata)
  }
}
