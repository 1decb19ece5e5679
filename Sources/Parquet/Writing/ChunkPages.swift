internal import Compression

/// The finished pages of one column chunk, and the choices made on the first of them.
struct ChunkPages: Sendable {
  private let settings: ChunkSettings
  /// Finished data pages.
  private var body: [UInt8] = []
  private var uncompressedSize = 0
  private var index: PageIndexBuilder
  /// `nil` once compression was found not to pay.
  private var compressor: Compressor?
  private var isCodecSettled = false
  /// What pages without a dictionary are encoded in, once chosen.
  private var encoding: ParquetEncoding?
  /// Bits of a code at least, once chosen; set with the first page in codes.
  private var codeWidth: Int?
  /// Data pages of each encoding.
  private var pageCounts: [(encoding: ParquetEncoding, count: Int32)] = []
  private var hashes: [UInt64] = []
  private var slots = 0

  /// Starts a chunk.
  init(_ settings: ChunkSettings) {
    self.settings = settings
    compressor = settings.compressor
    index = PageIndexBuilder(settings.column)
  }

  /// Bytes that the pages take so far.
  var byteCount: Int { body.count + hashes.count * 8 }

  /// Whether a page refers to the dictionary.
  var usesDictionary: Bool { codeWidth != nil }

  // MARK: - One page

  /// Encodes, compresses and keeps a page, and empties what it held.
  mutating func cut(_ values: inout PageValues, _ levels: inout LevelBuffer) throws(ParquetError) {
    if levels.slots == 0 { return }
    let encoding = try settle(&values)
    values.closeStatistics()
    if settings.bloomFilterFalsePositives != nil { values.appendValueHashes(to: &hashes) }
    var header = PageHeader()
    header.valueCount = levels.slots
    header.encoding = encoding
    let start = body.count
    switch settings.options.dataPageVersion {
    case .v1: try appendV1(&header, values, levels)
    case .v2: try appendV2(&header, values, levels)
    }
    count(encoding)
    var statistics = values.statistics
    statistics.nullCount = Int64(levels.nulls)
    index.append(
      PageIndexBuilder.Page(
        start: start, size: body.count - start, rows: levels.rows, slots: levels.slots,
        values: levels.slots - levels.nulls, statistics: statistics, unencodedBytes: values.unencodedBytes,
        repetition: levels.repetitionHistogram, definition: levels.definitionHistogram))
    slots += levels.slots
    values.removeAll()
    levels.removeAll()
  }

  /// The encoding of the page at hand; the first page with values settles it for the chunk.
  private mutating func settle(_ values: inout PageValues) throws(ParquetError) -> ParquetEncoding {
    // A page of nulls is no sample and means nothing in any encoding; it takes that of its neighbours.
    if values.count == 0 { return values.isDictionary && usesDictionary ? .rleDictionary : encoding ?? .plain }
    let chooser = EncodingChooser(settings: settings)
    if values.isDictionary, codeWidth == nil {
      if try chooser.dictionaryPays(values) {
        codeWidth = try chooser.codeWidth(values)
      } else {
        values.dropDictionary()
      }
    }
    if values.isDictionary { return .rleDictionary }
    if let encoding { return encoding }
    let chosen = try chooser.chooseWithoutDictionary(values.sample(EncodingChooser.sampleCount(values))).encoding
    encoding = chosen
    return chosen
  }

  private mutating func count(_ encoding: ParquetEncoding) {
    if let at = pageCounts.firstIndex(where: { $0.encoding == encoding }) {
      pageCounts[at].count += 1
    } else {
      pageCounts.append((encoding, 1))
    }
  }

  private func encode(_ values: PageValues, _ encoding: ParquetEncoding, into payload: inout [UInt8]) {
    values.encode(encoding, codeWidth: max(codeWidth ?? 0, values.codeWidth), into: &payload)
  }

  /// V1: levels behind their lengths and values, all compressed together.
  private mutating func appendV1(
    _ header: inout PageHeader, _ values: PageValues, _ levels: LevelBuffer
  ) throws(ParquetError) {
    var payload: [UInt8] = []
    payload.reserveCapacity(values.byteCount + levels.byteCount + 64)
    if settings.column.maxRepetitionLevel > 0 { appendSized(to: &payload) { levels.encodeRepetition(into: &$0) } }
    var borders = [payload.count]
    if settings.column.maxDefinitionLevel > 0 { appendSized(to: &payload) { levels.encodeDefinition(into: &$0) } }
    borders.append(payload.count)
    encode(values, header.encoding, into: &payload)
    header.uncompressedSize = payload.count
    try append(&header, try stored(payload, borders: worthwhile(borders, payload.count), isSample: values.count > 0))
  }

  /// The borders between sections that are large enough for a table of their own.
  private func worthwhile(_ borders: [Int], _ end: Int) -> [Int] {
    var kept: [Int] = []
    for border in borders where border - (kept.last ?? 0) >= Self.smallestSection && end - border > 0 {
      kept.append(border)
    }
    return kept
  }

  /// Bytes from which a section pays for a block and a table.
  private static var smallestSection: Int { 1 << 10 }

  /// V2: levels as they are, then the values, compressed where that makes them smaller.
  private mutating func appendV2(
    _ header: inout PageHeader, _ values: PageValues, _ levels: LevelBuffer
  ) throws(ParquetError) {
    header.type = .dataV2
    header.nullCount = levels.nulls
    header.rowCount = levels.rows
    var page: [UInt8] = []
    levels.encodeRepetition(into: &page)
    header.repetitionBytes = page.count
    levels.encodeDefinition(into: &page)
    header.definitionBytes = page.count - header.repetitionBytes
    var payload: [UInt8] = []
    encode(values, header.encoding, into: &payload)
    header.uncompressedSize = page.count + payload.count
    let packed = payload.isEmpty ? payload : try stored(payload, isSample: true)
    let isSmaller = packed.count < payload.count || settings.options.compressesAlways
    header.isCompressed = compressor != nil && !payload.isEmpty && isSmaller
    page.append(contentsOf: header.isCompressed ? packed : payload)
    try append(&header, page)
  }

  /// A payload in the chunk's codec; the first that is a fair sample settles whether there is one.
  private mutating func stored(
    _ payload: [UInt8], borders: [Int] = [], isSample: Bool
  ) throws(ParquetError) -> [UInt8] {
    guard let compressor else { return payload }
    let packed = try compressor.compressed(payload, borders: borders)
    if isSample, !isCodecSettled, !settings.options.compressesAlways, body.isEmpty || settings.isV2 {
      isCodecSettled = true
      if packed.count > payload.count - payload.count / 40 {
        self.compressor = nil
        return payload
      }
    }
    return packed
  }

  private mutating func append(_ header: inout PageHeader, _ bytes: [UInt8]) throws(ParquetError) {
    guard header.uncompressedSize <= Int(Int32.max), bytes.count <= Int(Int32.max) else {
      throw ParquetError(.invalidParameter, "a page of more than 2 GiB")
    }
    header.compressedSize = bytes.count
    if settings.options.writesChecksums { header.crc = unsafe crc32(bytes.span.bytes) }
    let head = header.serialised()
    body.append(contentsOf: head)
    body.append(contentsOf: bytes)
    uncompressedSize += head.count + header.uncompressedSize
  }

  // MARK: - The whole chunk

  /// The finished chunk, whose last page has been cut; its bytes are given away.
  mutating func finish(_ values: PageValues) throws(ParquetError) -> FinishedChunk {
    var metadata = ColumnChunkMetadata()
    metadata.physicalType = settings.column.physicalType
    metadata.path = settings.column.path
    metadata.codec = compressor == nil ? .uncompressed : settings.compression
    metadata.valueCount = Int64(slots)
    metadata.keyValueMetadata = settings.keyValueMetadata.withValues
    var encodings: [ParquetEncoding] = [.rle]
    let dataPage: PageType = settings.isV2 ? .dataV2 : .data
    metadata.encodingStats = pageCounts.map {
      PageEncodingStats(pageType: dataPage, encoding: $0.encoding, count: $0.count)
    }
    let pages = body
    body = []
    if usesDictionary {
      try appendDictionary(values)
      encodings.append(.plain)
      metadata.encodingStats.insert(PageEncodingStats(pageType: .dictionary, encoding: .plain, count: 1), at: 0)
      if settings.bloomFilterFalsePositives != nil { values.appendEntryHashes(to: &hashes) }
    }
    for (encoding, _) in pageCounts where !encodings.contains(encoding) { encodings.append(encoding) }
    metadata.encodings = encodings
    metadata.totalUncompressedSize = Int64(uncompressedSize)
    metadata.totalCompressedSize = Int64(body.count + pages.count)
    metadata.storedStatistics = index.statistics.stored(limit: settings.options.statisticsBytes)
    metadata.sizeStatistics = index.sizes
    return FinishedChunk(
      dictionary: body, pages: pages, metadata: metadata, index: index, bloomFilter: bloomFilter())
  }

  private mutating func appendDictionary(_ values: PageValues) throws(ParquetError) {
    var header = PageHeader()
    header.type = .dictionary
    header.valueCount = values.dictionaryCount
    header.isSorted = values.isDictionarySorted
    let payload = values.dictionaryPage()
    header.uncompressedSize = payload.count
    try append(&header, try stored(payload, isSample: false))
  }

  private mutating func bloomFilter() -> BloomFilter? {
    guard let share = settings.bloomFilterFalsePositives, !hashes.isEmpty else { return nil }
    hashes.sort()
    let distinct = zip(hashes, hashes.dropFirst()).reduce(1) { $0 + ($1.0 == $1.1 ? 0 : 1) }
    var filter = BloomFilter(distinctValues: distinct, falsePositives: share)
    for hash in hashes { filter.insert(hash: hash) }
    return filter
  }
}

/// One column chunk, ready for its place in the file.
struct FinishedChunk {
  /// The dictionary page; empty without one.
  var dictionary: [UInt8]
  /// The data pages.
  var pages: [UInt8]
  /// Complete but for offsets.
  var metadata: ColumnChunkMetadata
  var index: PageIndexBuilder
  var bloomFilter: BloomFilter?
}

extension ChunkSettings {
  /// Whether data pages are of version 2.
  var isV2: Bool { options.dataPageVersion == .v2 }
}

/// Adds bytes behind their number in four bytes, little-endian.
func appendSized(to output: inout [UInt8], _ body: (inout [UInt8]) -> Void) {
  let start = output.count
  output.append(contentsOf: [0, 0, 0, 0])
  body(&output)
  let count = UInt32(truncatingIfNeeded: output.count - start - 4)
  for byte in 0..<4 { output[start + byte] = UInt8(truncatingIfNeeded: count >> UInt32(8 * byte)) }
}
