internal import Columnar
internal import Kernels

/// The values of the page that is being filled, as codes or plainly encoded, for one column chunk.
///
/// Values arrive densely: nulls have been left out. Numbers and byte strings are numbered by a dictionary as long as it
/// pays; ``leaveDictionary()`` and ``dropDictionary()`` say what happens when it no longer does.
struct PageValues: Sendable {
  let column: LeafColumn
  /// Whether values become codes.
  private(set) var isDictionary: Bool
  /// Codes of the current page.
  private(set) var codes: [UInt32] = []
  /// PLAIN encoding of the current page.
  private(set) var plain: [UInt8] = []
  /// Booleans of the current page.
  private(set) var booleans = Bitmap()
  private(set) var numbers: NumberDictionary
  private(set) var strings = StringDictionary()
  /// Minimum, maximum and counts of the whole chunk.
  var statistics: StatisticsBuilder
  private let dictionaryLimit: Int

  /// Starts a chunk.
  init(_ column: LeafColumn, _ options: ParquetWriterOptions) {
    self.column = column
    isDictionary = options.usesDictionary && column.physicalType != .boolean
    numbers = NumberDictionary(stride: column.physicalType == .int32 || column.physicalType == .float ? 4 : 8)
    statistics = StatisticsBuilder(column)
    dictionaryLimit = options.dictionaryBytes
  }

  /// Values in the current page.
  var count: Int { isDictionary ? codes.count : plainCount + booleans.count }
  private var plainCount = 0

  /// Distinct values so far.
  var dictionaryCount: Int { hasNumbers ? numbers.keys.count : strings.keys.count }

  /// Bits of a code.
  var codeWidth: Int { UInt32.bitWidth - UInt32(max(dictionaryCount, 1) - 1).leadingZeroBitCount }

  /// Bytes of the current page once encoded, approximately.
  var byteCount: Int { isDictionary ? codes.count * codeWidth / 8 : plain.count + booleans.count / 8 }

  private var hasNumbers: Bool {
    switch column.physicalType {
    case .int32, .int64, .float, .double: true
    default: false
    }
  }

  // MARK: - Adding values

  /// Adds numbers that lie back to back; how many were taken: fewer when the dictionary is full.
  mutating func append(numbers dense: RawSpan) -> Int {
    guard isDictionary else {
      statistics.add(numbers: dense, countsNaN: true)
      appendRaw(dense, to: &plain)
      plainCount += dense.byteCount / numbers.stride
      return dense.byteCount / numbers.stride
    }
    let start = codes.count
    let known = numbers.keys.count
    let done = numbers.encode(dense, limit: max(1, dictionaryLimit / numbers.stride), into: &codes)
    noteNaNs(codesFrom: start, keysFrom: known)
    return done
  }

  /// Codes of NaN entries; almost always empty.
  private var nanCodes: [UInt32] = []

  private mutating func noteNaNs(codesFrom start: Int, keysFrom known: Int) {
    guard column.physicalType == .double || column.physicalType == .float else { return }
    for code in known..<numbers.keys.count {
      let key = numbers.keys[code]
      let isNaN =
        column.physicalType == .double
        ? Double(bitPattern: key).isNaN : Float(bitPattern: UInt32(truncatingIfNeeded: key)).isNaN
      if isNaN { nanCodes.append(UInt32(code)) }
    }
    if nanCodes.isEmpty { return }
    for code in codes[start...] where nanCodes.contains(code) { statistics.nanCount += 1 }
  }

  /// Adds byte strings; how many were taken: fewer when the dictionary is full.
  mutating func append(strings dense: borrowing ByteStrings, rows: Range<Int>) -> Int {
    guard isDictionary else {
      statistics.add(strings: dense, rows: rows, countsNaN: true)
      if column.physicalType == .byteArray {
        unsafe encodePlainBytes(
          offsets: dense.offsets.span, bytes: dense.bytes.span.bytes, rows: rows, appendingTo: &plain)
      } else {
        let bytes = Int(dense.offsets[rows.lowerBound])..<Int(dense.offsets[rows.upperBound])
        unsafe appendRaw(dense.bytes.span.bytes.extracting(bytes), to: &plain)
      }
      plainCount += rows.count
      return rows.count
    }
    let start = codes.count
    let known = strings.keys.count
    let done = strings.encode(dense, rows: rows, limit: dictionaryLimit, into: &codes)
    if column.type == .float16 { noteHalfNaNs(codesFrom: start, keysFrom: known) }
    return done
  }

  private mutating func noteHalfNaNs(codesFrom start: Int, keysFrom known: Int) {
    for code in known..<strings.keys.count where ValueOrder.halfPrecision(strings.keys[code]).isNaN {
      nanCodes.append(UInt32(code))
    }
    if nanCodes.isEmpty { return }
    for code in codes[start...] where nanCodes.contains(code) { statistics.nanCount += 1 }
  }

  /// Adds the codes of all strings of a batch's dictionary, as a table; false, with some perhaps added, when they do
  /// not fit.
  mutating func number(_ entries: ByteStrings, into table: inout [UInt32]) -> Bool {
    strings.encode(entries, rows: 0..<entries.count, limit: dictionaryLimit, into: &table) == entries.count
  }

  /// Adds codes that already refer to this chunk's entries.
  mutating func append(codes known: [UInt32]) {
    codes.append(contentsOf: known)
  }

  /// Adds booleans.
  mutating func append(booleans bits: Bitmap, range: Range<Int>) {
    booleans.append(bits, range: range)
  }

  /// Takes back the last codes, whose page shall be cut before them.
  mutating func removeLastCodes(_ count: Int) {
    for code in codes.suffix(count) where nanCodes.contains(code) { statistics.nanCount -= 1 }
    codes.removeLast(count)
  }

  // MARK: - The dictionary's life

  /// Bytes that the current page would take without the dictionary.
  private var plainByteCount: Int {
    if hasNumbers { return codes.count * numbers.stride }
    let entries = strings.keys
    return codes.reduce(0) { $0 + Int(entries.offsets[Int($1) + 1] - entries.offsets[Int($1)]) }
      + (column.physicalType == .byteArray ? 4 * codes.count : 0)
  }

  /// Whether entries and codes of the current page, the chunk's first, take less than the plain values.
  var dictionaryPays: Bool {
    let entries = hasNumbers ? numbers.byteCount : strings.keys.bytes.count + 4 * strings.keys.count
    return entries + codes.count * codeWidth / 8 < plainByteCount
  }

  /// Later pages of the chunk are plain; entries stay, for the pages before.
  mutating func leaveDictionary() {
    isDictionary = false
  }

  /// The chunk has no dictionary after all: the current page's codes become plain values.
  mutating func dropDictionary() {
    isDictionary = false
    let dropped = codes
    codes.removeAll(keepingCapacity: true)
    plainCount = dropped.count
    includeEntries()
    if hasNumbers {
      numbers.appendNumbers(of: dropped, to: &plain)
      numbers = NumberDictionary(stride: numbers.stride)
    } else {
      let entries = strings.keys
      var dense = ByteStrings()
      let fits = unsafe gatherBytes(
        dropped.span, offsets: entries.offsets.span, bytes: entries.bytes.span.bytes,
        appendingOffsetsTo: &dense.offsets, bytesTo: &dense.bytes)
      precondition(fits, "a page holds far less than 2 GiB")
      if column.physicalType == .byteArray {
        unsafe encodePlainBytes(
          offsets: dense.offsets.span, bytes: dense.bytes.span.bytes, rows: 0..<dense.count, appendingTo: &plain)
      } else {
        plain.append(contentsOf: dense.bytes)
      }
      strings = StringDictionary()
    }
  }

  /// Takes the entries into the statistics; each occurs at least once.
  mutating func includeEntries() {
    if hasNumbers {
      let entries = numbers.plainEntries()
      unsafe statistics.add(numbers: entries.span.bytes, countsNaN: false)
    } else {
      let entries = strings.keys
      statistics.add(strings: entries, rows: 0..<entries.count, countsNaN: false)
    }
  }

  /// The entries in PLAIN encoding.
  func dictionaryPage() -> [UInt8] {
    if hasNumbers { return numbers.plainEntries() }
    guard column.physicalType == .byteArray else { return strings.keys.bytes }
    let entries = strings.keys
    var bytes: [UInt8] = []
    unsafe encodePlainBytes(
      offsets: entries.offsets.span, bytes: entries.bytes.span.bytes, rows: 0..<entries.count, appendingTo: &bytes)
    return bytes
  }

  /// Adds the encoded values of the current page and forgets them.
  mutating func encodePage(into payload: inout [UInt8]) {
    if isDictionary {
      let width = codeWidth
      payload.append(UInt8(width))
      encodeHybrid(codes.span, width: width, appendingTo: &payload)
    } else if column.physicalType == .boolean {
      statistics.add(booleans: booleans)
      let byteCount = (booleans.count + 7) / 8
      unsafe appendRaw(booleans.words.span.bytes.extracting(0..<byteCount), to: &payload)
    } else {
      payload.append(contentsOf: plain)
    }
    codes.removeAll(keepingCapacity: true)
    plain.removeAll(keepingCapacity: true)
    booleans.removeAll()
    plainCount = 0
  }
}
