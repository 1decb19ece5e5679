internal import Columnar
internal import Compression
internal import Kernels

/// The rows of one leaf that make up a batch.
struct LeafBatch {
  var values: ColumnValues
  /// Which slots have a value; `nil` where all have.
  var validity: Bitmap?
  /// Definition levels of all entries; empty where the leaf is neither repeated nor more than once optional.
  var definitions: [UInt8] = []
  /// Repetition levels of all entries; empty where nothing is repeated.
  var repetitions: [UInt8] = []
}

/// How to read a leaf, whatever its type.
struct LeafRequest {
  var leaf: LeafColumn
  var chunk: ColumnChunkMetadata
  /// Where the chunk lies.
  var range: Range<Int64>
  /// Rows of the row group.
  var rowCount: Int
  var limits: ReaderLimits
  /// Bytes that the values of a batch may fill.
  var byteLimit: Int
  /// Bytes to ask for at once.
  var step: Int64
  var options: ReadOptions
  /// Which pages are wanted, where not all are.
  var plan: PagePlan?

  /// A reader for the leaf's type.
  func reader() -> any LeafReading {
    switch leaf.physicalType {
    case .boolean: LeafReader(self, BooleanValues())
    case .int32: LeafReader(self, NumericValues<Int32>())
    case .int64: LeafReader(self, NumericValues<Int64>())
    case .float: LeafReader(self, NumericValues<Float>())
    case .double: LeafReader(self, NumericValues<Double>())
    case .byteArray:
      LeafReader(
        self,
        ByteStringValues(limit: min(byteLimit, Int(Int32.max)), keepsDictionary: options.keepsDictionaries))
    case .int96, .fixedLengthByteArray: LeafReader(self, FixedValues(width: leaf.typeLength, limit: byteLimit))
    }
  }
}

/// Reads the values of a leaf, some rows at a time; does no input.
protocol LeafReading: AnyObject {
  /// Reads on until `rows` more rows are complete.
  ///
  /// - Returns: bytes of the file that must be supplied before the same call is made again; `nil` when done.
  func read(rows: Int) throws(ParquetError) -> Range<Int64>?
  /// Passes over rows a step further, and takes them off `rows`; between batches only.
  ///
  /// - Returns: bytes of the file that must be supplied before the next step.
  func skip(_ rows: inout Int) throws(ParquetError) -> Range<Int64>?
  /// Turns to the next page with values where none is at hand.
  ///
  /// - Returns: bytes of the file that must be supplied before the same call is made again; `nil` when done.
  func turn() throws(ParquetError) -> Range<Int64>?
  /// How many of the next rows, all in the page at hand, can be picked; between batches only.
  func pickableRows() throws(ParquetError) -> Int
  /// The entries of the dictionary, where the values at hand are codes into it.
  var dictionaryEntries: ColumnValues? { get }
  /// The places of those of the next `rows` pickable rows whose entry has a flag that is not 0; they stay to be read.
  func find(rows: Int, flags: [UInt8]) throws(ParquetError) -> [UInt32]
  /// Passes over the next `rows` pickable rows, and reads those at some places, which rise.
  func pick(rows: Int, at places: [UInt32]) throws(ParquetError)
  /// Takes bytes that were asked for.
  func supply(_ bytes: [UInt8], at offset: Int64)
  /// The rows read since the last call.
  func take() -> LeafBatch
  /// About how many bytes a row takes in memory, judged by the page at hand; 0 where unknown.
  var bytesPerRow: Int { get }
}

/// Reads the values of a leaf of one type.
final class LeafReader<Values: LeafValues>: LeafReading {
  private let request: LeafRequest
  private let leaf: LeafColumn
  private var pages: PageReader
  private var decompressor = Decompressor()
  private var values: Values
  private var validity = ValidityBuilder()
  private var levels = PageLevels()
  private var batchDefinitions: [UInt8] = []
  private var batchRepetitions: [UInt8] = []

  /// The dictionary page, as long as no page has needed it.
  private var dictionaryPage: StoredPage?
  /// Slots of the batch so far.
  private var slots = 0
  /// Slots and level entries of the batch before.
  private var lastSlots = 0
  private var lastEntries = 0
  /// Rows that are still to begin for the current call; `nil` between calls.
  private var wanted: Int?
  /// Rows of the step of ``skip(_:)`` at hand.
  private var skipping = 0
  /// Rows that have begun.
  private var rowsBegun = 0
  /// Entries of all pages opened so far.
  private var entries: Int64 = 0
  /// Whether all pages have been read.
  private var isAtEnd = false
  /// Pages met so far.
  private var pageIndex = -1
  private var pageOffset: Int64 = 0
  private(set) var bytesPerRow = 0
  /// Whether the offset index has led over a page.
  private var hasJumped = false

  init(_ request: LeafRequest, _ values: Values) {
    self.request = request
    self.values = values
    leaf = request.leaf
    pages = PageReader(
      chunk: request.range, codec: request.chunk.codec, limits: request.limits, step: request.step,
      plan: request.plan)
  }

  func supply(_ bytes: [UInt8], at offset: Int64) { pages.supply(bytes, at: offset) }

  func read(rows: Int) throws(ParquetError) -> Range<Int64>? {
    try located { () throws(ParquetError) in try advance(rows) }
  }

  func skip(_ rows: inout Int) throws(ParquetError) -> Range<Int64>? {
    do throws(ParquetError) {
      return try advancePast(&rows)
    } catch {
      throw atPage(error)
    }
  }

  func turn() throws(ParquetError) -> Range<Int64>? {
    try located { () throws(ParquetError) in
      while levels.left == 0 {
        switch try pages.next() {
        case .needs(let range): return range
        case .page(let page): try open(page)
        case .end:
          isAtEnd = true
          return nil
        }
      }
      return nil
    }
  }

  func pickableRows() throws(ParquetError) -> Int {
    guard leaf.maxRepetitionLevel == 0, wanted == nil, values.isPickable else { return 0 }
    return try located { () throws(ParquetError) in try levels.validAhead(leaf) }
  }

  var dictionaryEntries: ColumnValues? { values.entries }

  func find(rows: Int, flags: [UInt8]) throws(ParquetError) -> [UInt32] {
    try located { () throws(ParquetError) in try values.find(count: rows, flags: flags) }
  }

  func pick(rows: Int, at places: [UInt32]) throws(ParquetError) {
    try located { () throws(ParquetError) in
      try checkSize(places.count)
      _ = try levels.take(rows, leaf, &validity, &batchDefinitions, &batchRepetitions)
      try values.pick(count: rows, at: places)
    }
    rowsBegun += rows
    slots += places.count
  }

  /// Says of what goes wrong in which page it did.
  private func located<T>(_ body: () throws(ParquetError) -> T) throws(ParquetError) -> T {
    do throws(ParquetError) {
      return try body()
    } catch {
      throw atPage(error)
    }
  }

  private func atPage(_ error: ParquetError) -> ParquetError {
    pageIndex < 0 ? error : error.located(page: pageIndex, offset: pageOffset)
  }

  private func advancePast(_ rows: inout Int) throws(ParquetError) -> Range<Int64>? {
    if let plan = request.plan, levels.left == 0, wanted == nil {
      if pageIndex < 0, plan.hasDictionary(in: request.range) {
        switch try pages.next() {
        case .needs(let range): return range
        case .page(let page): try open(page)
        case .end: break
        }
        return nil
      }
      try jump(over: &rows, plan)
      if rows == 0 { return nil }
    }
    let pickable = levels.left == 0 ? 0 : min(rows, try pickableRows())
    if pickable > 0 {
      try pick(rows: pickable, at: [])
      _ = take()
      rows -= pickable
      return nil
    }
    guard levels.left == 0, leaf.maxRepetitionLevel == 0 else {
      // Within a page, or where rows are only found by their levels. A step that lacked bytes goes on as it began.
      if wanted == nil { skipping = min(rows, Self.skippedAtOnce, leaf.maxRepetitionLevel == 0 ? levels.left : rows) }
      if let range = try advance(skipping) { return range }
      _ = take()
      rows -= skipping
      return nil
    }
    switch try pages.next() {
    case .needs(let range): return range
    case .end: throw ParquetError(.outOfSpec, "\(rowsBegun) rows where the row group has \(request.rowCount)")
    case .page(let page):
      let isData = page.header.type == .data || page.header.type == .dataV2
      guard isData, page.header.valueCount <= rows else {
        try open(page)
        return nil
      }
      pageIndex += 1
      try check(page, rows: page.header.valueCount)
      entries += Int64(page.header.valueCount)
      rowsBegun += page.header.valueCount
      rows -= page.header.valueCount
      return nil
    }
  }

  /// Goes straight to the page that holds the row behind the next `rows` rows, and takes off `rows` what lies between.
  private func jump(over rows: inout Int, _ plan: PagePlan) throws(ParquetError) {
    let page = plan.page(ofRow: Int64(rowsBegun + rows))
    let first = Int(plan.pages[page].firstRow)
    guard first > rowsBegun else { return }
    try pages.jump(to: plan.pages[page].offset)
    pageIndex = page + (plan.hasDictionary(in: request.range) ? 0 : -1)
    rows -= first - rowsBegun
    rowsBegun = first
    hasJumped = true
  }

  /// Holds a page against the index that led to it: rows of another place would be worse than none.
  private func check(_ page: StoredPage, rows: Int) throws(ParquetError) {
    guard hasJumped, let plan = request.plan else { return }
    guard plan.rowCount(ofPageAt: page.offset) == rows else {
      throw ParquetError(.outOfSpec, "the offset index tells of another number of rows than the page has")
    }
  }

  /// Rows that are read and thrown away at once.
  private static var skippedAtOnce: Int { 1 << 16 }

  private func advance(_ rows: Int) throws(ParquetError) -> Range<Int64>? {
    if wanted == nil { reserve(rows) }
    var left = wanted ?? rows
    wanted = left
    while true {
      if levels.left == 0 {
        // The last row of a repeated leaf may go on in the next page, unless an index says where rows begin.
        let isComplete = isAtEnd || (entries >= request.chunk.valueCount && rowsBegun == request.rowCount)
        let endsRows = leaf.maxRepetitionLevel == 0 || request.plan != nil
        if left == 0 && (endsRows || isComplete || rowsBegun == 0) { break }
        switch try pages.next() {
        case .needs(let range): return range
        case .page(let page): try open(page)
        case .end:
          isAtEnd = true
          guard left == 0 else {
            throw ParquetError(.outOfSpec, "\(rowsBegun) rows where the row group has \(request.rowCount)")
          }
        }
        continue
      }
      let part = try levels.part(rows: left, isFirst: rowsBegun == 0 || request.plan != nil, leaf)
      left -= part.rows
      rowsBegun += part.rows
      wanted = left
      if part.entries > 0 { try consume(part.entries) }
      if levels.left > 0 { break }
    }
    wanted = nil
    if rowsBegun == request.rowCount, levels.left > 0 {
      throw ParquetError(.outOfSpec, "more values than the row group's \(request.rowCount) rows")
    }
    return nil
  }

  /// Makes room for a batch: for as many slots as there are rows, or as the batch before had.
  private func reserve(_ rows: Int) {
    let expected = leaf.maxRepetitionLevel == 0 ? rows : lastSlots + lastSlots / 8
    guard expected <= Self.largestReserve / max(values.bytesPerValue, 1) else { return }
    values.reserve(expected)
    if !leaf.hasBitLevels, leaf.maxDefinitionLevel > 0 { batchDefinitions.reserveCapacity(lastEntries) }
    if leaf.maxRepetitionLevel > 0 { batchRepetitions.reserveCapacity(lastEntries) }
  }

  /// Bytes that are taken before a value has been seen.
  private static var largestReserve: Int { 8 << 20 }

  /// Turns to a page.
  private func open(_ page: StoredPage) throws(ParquetError) {
    pageIndex += 1
    pageOffset = page.offset
    if request.options.verifiesChecksums { try pages.verify(page) }
    let header = page.header
    switch header.type {
    case .dictionary:
      guard rowsBegun == 0 else { throw ParquetError(.outOfSpec, "a dictionary page behind data pages") }
      guard header.encoding == .plain || header.encoding == .plainDictionary else {
        throw unsupported(header.encoding, "a dictionary page")
      }
      // Its bytes are copied: a window that somebody holds would be copied whole when it moves on.
      dictionaryPage = page
      dictionaryPage?.body = PageBytes(
        bytes: Array(page.body.bytes[page.body.range]), range: 0..<page.body.range.count)
    case .data, .dataV2:
      if header.valueCount == 0 { return }
      if header.encoding == .plainDictionary || header.encoding == .rleDictionary { try readDictionary() }
      values.endPage()
      levels.endPage()
      let data = try DataPage(page, leaf, pages, &decompressor)
      entries += Int64(data.count)
      if leaf.maxRepetitionLevel == 0 {
        guard data.count <= request.rowCount - rowsBegun else {
          throw ParquetError(.outOfSpec, "more values than the row group's \(request.rowCount) rows")
        }
      }
      try levels.begin(data, leaf)
      try values.begin(data.values, encoding: header.encoding, limit: data.count)
      let rows = leaf.maxRepetitionLevel == 0 ? data.count : levels.rowCount
      try check(page, rows: rows)
      bytesPerRow = max(header.uncompressedSize, data.count * values.bytesPerValue) / max(1, rows)
    default: break
    }
  }

  /// Takes the entries of the dictionary page, once a page has codes: pages behind those may have none.
  private func readDictionary() throws(ParquetError) {
    guard let page = dictionaryPage else { return }
    dictionaryPage = nil
    try checkSize(page.header.valueCount)
    let body = try pages.decompress(page.body, size: page.header.uncompressedSize, with: &decompressor)
    try values.readDictionary(body, count: page.header.valueCount)
  }

  /// Holds the memory that further values take against the limit.
  private func checkSize(_ count: Int) throws(ParquetError) {
    let (size, overflow) = count.multipliedReportingOverflow(by: values.bytesPerValue)
    guard !overflow, size <= request.byteLimit - min(values.byteCount, request.byteLimit) else {
      throw ParquetError(.wouldOverAllocate, "a column of more than \(request.byteLimit) bytes in one batch")
    }
  }

  /// Reads the next entries of the page.
  private func consume(_ count: Int) throws(ParquetError) {
    try checkSize(count)
    let start = slots
    let found = try levels.take(count, leaf, &validity, &batchDefinitions, &batchRepetitions)
    slots += found.slots
    try values.append(count: found.valid)
    if found.valid < found.slots, let bitmap = validity.bitmap {
      values.spread(rows: start..<slots, validity: bitmap, validCount: found.valid)
    }
  }

  func take() -> LeafBatch {
    let batch = LeafBatch(
      values: values.take(), validity: validity.take(), definitions: batchDefinitions, repetitions: batchRepetitions)
    lastEntries = batchDefinitions.count + batchDefinitions.count / 8
    lastSlots = slots
    batchDefinitions = []
    batchRepetitions = []
    slots = 0
    return batch
  }
}
