internal import Columnar
internal import Compression
internal import Kernels

/// Takes the rows of one column of one row group and cuts them into pages.
///
/// Only finished, compressed pages and the page being filled are kept in memory.
struct ColumnChunkWriter: Sendable {
  private let settings: ChunkSettings
  private var values: PageValues
  private var levels: LevelBuffer
  private var pages: ChunkPages
  /// Codes of a batch's dictionary in terms of the chunk's; kept while the same dictionary comes again.
  private var remapped: (values: ColumnValues, codes: [UInt32])?

  /// Rows that go from a batch into a page in one step: small enough for the cache.
  private static let step = 8192

  /// Starts a chunk.
  init(_ settings: ChunkSettings) {
    self.settings = settings
    values = PageValues(
      settings.column, usesDictionary: settings.usesDictionary, dictionaryBytes: settings.options.dictionaryBytes)
    levels = LevelBuffer(settings.column)
    pages = ChunkPages(settings)
  }

  /// Bytes that the chunk takes so far, approximately.
  var byteCount: Int { pages.byteCount + values.byteCount + values.entryBytes + levels.byteCount }

  // MARK: - Rows in

  /// Adds rows of a flat column, whose type and layout have been checked.
  mutating func append(_ source: Column, rows: Range<Int>) throws(ParquetError) {
    remap(source.values, rows, source.validity)
    var start = rows.lowerBound
    while start < rows.upperBound {
      let end = min(rows.upperBound, start + Self.step, start + max(1, settings.options.pageRows - levels.rows))
      let step = start..<end
      let validCount = source.validity?.setCount(in: step) ?? step.count
      if let validity = source.validity, validCount < step.count {
        guard settings.column.maxDefinitionLevel > 0 else {
          throw ParquetError(.invalidParameter, "a null in a column that is declared without nulls")
        }
        try append(dense: source.values.compacted(step, validity), 0..<validCount)
        levels.append(rows: step, validity: validity, validCount: validCount)
      } else {
        try append(dense: source.values, step)
        levels.append(rows: step, validity: nil, validCount: validCount)
      }
      start = end
      try cutFullPage()
    }
  }

  /// Adds rows of a nested column; a page ends only where a row does.
  mutating func append(_ leaf: LeafRows) throws(ParquetError) {
    remap(leaf.values, leaf.range, nil)
    let top = UInt8(settings.column.maxDefinitionLevel)
    var start = 0
    var value = leaf.range.lowerBound
    while start < leaf.definition.count {
      let room = max(1, settings.options.pageRows - levels.rows)
      var end = min(leaf.definition.count, start + min(Self.step, room))
      var rows = end - start
      if !leaf.repetition.isEmpty {
        end = nextRowStart(leaf.repetition.span, from: end)
        rows = countLevels(leaf.repetition.span.extracting(start..<end), equalTo: 0)
      }
      let count = countLevels(leaf.definition.span.extracting(start..<end), equalTo: top)
      try append(dense: leaf.values, value..<value + count)
      levels.append(leaf, slots: start..<end, rows: rows, valueCount: count)
      value += count
      start = end
      try cutFullPage()
    }
  }

  private mutating func cutFullPage() throws(ParquetError) {
    let options = settings.options
    guard levels.rows >= options.pageRows || values.byteCount + levels.byteCount >= options.pageBytes else { return }
    try pages.cut(&values, &levels)
  }

  /// Adds values that are all there.
  private mutating func append(dense source: ColumnValues, _ range: Range<Int>) throws(ParquetError) {
    if range.isEmpty { return }
    switch source {
    case .int32(let list): try unsafe append(numbers: list.span.bytes, stride: 4, range)
    case .int64(let list): try unsafe append(numbers: list.span.bytes, stride: 8, range)
    case .float(let list): try unsafe append(numbers: list.span.bytes, stride: 4, range)
    case .double(let list): try unsafe append(numbers: list.span.bytes, stride: 8, range)
    case .boolean(let bits): values.append(booleans: bits, range: range)
    case .bytes(let strings): try append(strings: strings, range)
    case .fixed(let width, let bytes):
      let part = Array(bytes[range.lowerBound * width..<range.upperBound * width])
      let strings = ByteStrings(offsets: (0...range.count).map { Int32($0 * width) }, bytes: part)
      try append(strings: strings, 0..<strings.count)
    case .dictionary(let codes, let entries): try append(codes: codes, entries, range)
    case .list, .structure: preconditionFailure("the values of a leaf")
    }
  }

  private mutating func append(numbers: RawSpan, stride: Int, _ range: Range<Int>) throws(ParquetError) {
    let dense = numbers.extracting(range.lowerBound * stride..<range.upperBound * stride)
    let done = values.append(numbers: dense)
    if done < range.count {
      try endDictionary(takingBack: done)
      _ = values.append(numbers: dense)
    } else {
      reviewDictionary()
    }
  }

  private mutating func append(strings: ByteStrings, _ range: Range<Int>) throws(ParquetError) {
    let done = values.append(strings: strings, rows: range)
    if done < range.count {
      try endDictionary(takingBack: done)
      _ = values.append(strings: strings, rows: range)
    } else {
      reviewDictionary()
    }
  }

  /// Makes the table from a batch's dictionary to the chunk's, where one is of use for the rows to come.
  private mutating func remap(_ source: ColumnValues, _ rows: Range<Int>, _ validity: Bitmap?) {
    guard case .dictionary(let codes, let entries) = source, case .bytes(let strings) = entries else { return }
    if let known = remapped, known.values == entries { return }
    remapped = nil
    // A table for many strings and few rows, or for a dictionary that will not fit, is not worth its making.
    guard values.isDictionary, strings.count <= rows.count,
      strings.bytes.count <= settings.options.dictionaryBytes / 2
    else { return }
    // Only entries that occur may enter the dictionary, or minimum and maximum would name strangers.
    var isUsed = [Bool](repeating: false, count: strings.count)
    for row in rows where validity?[row] ?? true { isUsed[Int(codes[row])] = true }
    guard isUsed.allSatisfy({ $0 }) else { return }
    var table: [UInt32] = []
    if values.number(strings, into: &table) { remapped = (entries, table) }
  }

  /// Codes of a batch are translated through a table made once for its dictionary, without looking at the strings.
  private mutating func append(
    codes: [Int32], _ entries: ColumnValues, _ range: Range<Int>
  ) throws(ParquetError) {
    guard values.isDictionary, let table = remapped?.codes else {
      let part = ColumnValues.dictionary(codes: Array(codes[range]), values: entries).withoutDictionary()
      return try append(dense: part, 0..<range.count)
    }
    var translated: [UInt32] = []
    translated.reserveCapacity(range.count)
    for row in range { translated.append(table[Int(codes[row])]) }
    values.append(codes: translated)
  }

  // MARK: - The dictionary's life

  /// The dictionary is full: what the page held before this step goes out in codes, the rest of the chunk without.
  private mutating func endDictionary(takingBack count: Int) throws(ParquetError) {
    values.removeLastCodes(count)
    if levels.slots > 0 { try pages.cut(&values, &levels) }
    if values.isDictionary {
      if pages.usesDictionary { values.leaveDictionary() } else { values.dropDictionary() }
    }
    remapped = nil
  }

  /// Gives up early where nearly every value is new.
  private mutating func reviewDictionary() {
    guard values.isDictionary, !pages.usesDictionary, settings.encoding == nil, values.count >= 4096,
      values.dictionaryCount * 10 > values.count * 9
    else { return }
    values.dropDictionary()
    remapped = nil
  }

  // MARK: - Pages out

  /// The finished chunk; the writer is of no further use.
  mutating func finish() throws(ParquetError) -> FinishedChunk {
    try pages.cut(&values, &levels)
    return try pages.finish(values)
  }
}
