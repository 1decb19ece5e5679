internal import Columnar
internal import Kernels

/// The values of the page that is being filled, as codes or as they are, for one column chunk.
///
/// Values arrive densely: nulls have been left out. As long as ``isDictionary`` holds they are numbered;
/// ``leaveDictionary()`` and ``dropDictionary()`` say what happens when that no longer pays.
struct PageValues: Sendable {
  let column: LeafColumn
  /// Whether values become codes.
  private(set) var isDictionary: Bool
  /// Codes of the current page.
  private(set) var codes: [UInt32] = []
  /// Numbers or values of one length of the current page, back to back.
  private(set) var raw: [UInt8] = []
  /// Byte strings of varying length of the current page.
  private(set) var texts = ByteStrings()
  /// Booleans of the current page.
  private(set) var booleans = Bitmap()
  private(set) var numbers: NumberDictionary
  private(set) var strings = StringDictionary()
  /// Minimum, maximum and counts of the current page; complete after ``closeStatistics()``.
  private(set) var statistics: StatisticsBuilder
  /// Bytes of the current page's byte strings; complete after ``closeStatistics()``.
  private(set) var unencodedBytes: Int64 = 0
  private let dictionaryLimit: Int

  /// Starts a chunk.
  init(_ column: LeafColumn, usesDictionary: Bool, dictionaryBytes: Int) {
    self.column = column
    isDictionary = usesDictionary
    numbers = NumberDictionary(stride: column.physicalType == .int32 || column.physicalType == .float ? 4 : 8)
    statistics = StatisticsBuilder(column)
    dictionaryLimit = dictionaryBytes
  }

  /// Bytes of a number, or of each byte string where all have one length; 0 for byte strings of varying length.
  var width: Int { hasNumbers ? numbers.stride : column.typeLength }

  /// Values in the current page.
  var count: Int {
    if isDictionary { return codes.count }
    switch column.physicalType {
    case .boolean: return booleans.count
    case .byteArray: return texts.count
    default: return width == 0 ? 0 : raw.count / width
    }
  }

  /// Distinct values so far.
  var dictionaryCount: Int { hasNumbers ? numbers.keys.count : strings.keys.count }

  /// Bits of a code.
  var codeWidth: Int { UInt32.bitWidth - UInt32(max(dictionaryCount, 1) - 1).leadingZeroBitCount }

  /// Bytes of the current page once encoded, approximately.
  var byteCount: Int {
    isDictionary
      ? codes.count * codeWidth / 8 : raw.count + texts.bytes.count + 4 * texts.count + booleans.count / 8
  }

  /// Bytes of the entries in PLAIN encoding.
  var entryBytes: Int {
    if hasNumbers { return numbers.byteCount }
    return strings.keys.bytes.count + (column.physicalType == .byteArray ? 4 * strings.keys.count : 0)
  }

  private var hasNumbers: Bool {
    switch column.physicalType {
    case .int32, .int64, .float, .double: true
    default: false
    }
  }

  // MARK: - Adding values

  /// Adds numbers that lie back to back; how many were taken: fewer when the dictionary is full.
  mutating func append(numbers dense: RawSpan) -> Int {
    var done = dense.byteCount / numbers.stride
    if isDictionary {
      done = numbers.encode(dense, limit: max(1, dictionaryLimit / numbers.stride), into: &codes)
    } else {
      appendRaw(dense, to: &raw)
    }
    if done == dense.byteCount / numbers.stride { statistics.add(numbers: dense) }
    return done
  }

  /// Adds byte strings; how many were taken: fewer when the dictionary is full.
  mutating func append(strings dense: borrowing ByteStrings, rows: Range<Int>) -> Int {
    if isDictionary { return strings.encode(dense, rows: rows, limit: dictionaryLimit, into: &codes) }
    statistics.add(strings: dense, rows: rows)
    let bytes = Int(dense.offsets[rows.lowerBound])..<Int(dense.offsets[rows.upperBound])
    if column.physicalType == .byteArray {
      let shift = Int32(truncatingIfNeeded: texts.bytes.count) &- dense.offsets[rows.lowerBound]
      texts.offsets.reserveCapacity(texts.offsets.count + rows.count)
      for row in rows { texts.offsets.append(dense.offsets[row + 1] &+ shift) }
      unsafe appendRaw(dense.bytes.span.bytes.extracting(bytes), to: &texts.bytes)
    } else {
      unsafe appendRaw(dense.bytes.span.bytes.extracting(bytes), to: &raw)
    }
    return rows.count
  }

  /// Adds the codes of all strings of a batch's dictionary, as a table; false, with some perhaps added, when they do
  /// not fit.
  mutating func number(_ entries: ByteStrings, into table: inout [UInt32]) -> Bool {
    strings.encode(entries, rows: 0..<entries.count, limit: dictionaryLimit, into: &table) == entries.count
  }

  /// Adds codes that already refer to this chunk's entries.
  mutating func append(codes known: [UInt32]) { codes.append(contentsOf: known) }

  /// Adds booleans.
  mutating func append(booleans bits: Bitmap, range: Range<Int>) { booleans.append(bits, range: range) }

  /// Takes back the last codes, whose page shall be cut before them.
  mutating func removeLastCodes(_ count: Int) { codes.removeLast(count) }

  // MARK: - The dictionary's life

  /// Later pages of the chunk have no codes; entries stay, for the pages before.
  mutating func leaveDictionary() { isDictionary = false }

  /// The chunk has no dictionary after all: the current page's codes become values.
  mutating func dropDictionary() {
    isDictionary = false
    let dropped = codes
    codes.removeAll(keepingCapacity: true)
    if hasNumbers {
      numbers.appendNumbers(of: dropped, to: &raw)
      numbers = NumberDictionary(stride: numbers.stride)
    } else {
      let dense = strings.strings(of: dropped)
      strings = StringDictionary()
      _ = append(strings: dense, rows: 0..<dense.count)
    }
  }

  /// The first values of the current page as they are, for trying encodings on them.
  func sample(_ count: Int) -> PageValues {
    var sample = PageValues(column, usesDictionary: false, dictionaryBytes: 0)
    let count = min(count, self.count)
    if isDictionary, hasNumbers {
      numbers.appendNumbers(of: Array(codes[..<count]), to: &sample.raw)
    } else if isDictionary {
      let dense = strings.strings(of: Array(codes[..<count]))
      _ = sample.append(strings: dense, rows: 0..<dense.count)
    } else if column.physicalType == .boolean {
      sample.booleans = booleans.sliced(0..<count)
    } else if column.physicalType == .byteArray {
      _ = sample.append(strings: texts, rows: 0..<count)
    } else {
      sample.raw = Array(raw[..<(count * width)])
    }
    return sample
  }

  /// The hashes of the entries, each of which occurs, for a Bloom filter.
  func appendEntryHashes(to hashes: inout [UInt64]) {
    if hasNumbers {
      let entries = numbers.plainEntries()
      unsafe appendHashes(ofFixed: entries.span.bytes, width: numbers.stride, to: &hashes)
    } else {
      let keys = strings.keys
      unsafe appendHashes(
        ofStrings: keys.offsets.span, bytes: keys.bytes.span.bytes, rows: 0..<keys.count, to: &hashes)
    }
  }

  /// The hashes of the current page's values, where it has no dictionary.
  func appendValueHashes(to hashes: inout [UInt64]) {
    if isDictionary || column.physicalType == .boolean { return }
    if column.physicalType == .byteArray {
      unsafe appendHashes(
        ofStrings: texts.offsets.span, bytes: texts.bytes.span.bytes, rows: 0..<texts.count, to: &hashes)
    } else if width > 0 {
      unsafe appendHashes(ofFixed: raw.span.bytes, width: width, to: &hashes)
    }
  }

  // MARK: - The end of a page

  /// Completes the statistics of the page: those of codes of byte strings are found by the entries that occur.
  mutating func closeStatistics() {
    if column.physicalType == .boolean { return statistics.add(booleans: booleans) }
    guard isDictionary, !hasNumbers else {
      unencodedBytes = Int64(texts.bytes.count)
      return
    }
    var counts = [Int](repeating: 0, count: strings.keys.count)
    for code in codes { counts[Int(code)] += 1 }
    let entries = strings.keys
    for code in counts.indices where counts[code] > 0 {
      statistics.add(strings: entries, rows: code..<code + 1, times: counts[code])
      unencodedBytes += Int64(counts[code]) * Int64(entries.offsets[code + 1] - entries.offsets[code])
    }
  }

  /// Forgets the page and keeps the memory.
  mutating func removeAll() {
    codes.removeAll(keepingCapacity: true)
    raw.removeAll(keepingCapacity: true)
    texts.offsets.removeAll(keepingCapacity: true)
    texts.offsets.append(0)
    texts.bytes.removeAll(keepingCapacity: true)
    booleans.removeAll()
    statistics = StatisticsBuilder(column)
    unencodedBytes = 0
  }
}
