internal import Columnar
internal import Kernels

/// The byte strings of one length of a leaf: FIXED_LEN_BYTE_ARRAY and INT96.
struct FixedValues: LeafValues {
  /// How the values of the current page are read, and how far.
  private enum Source {
    case plain(used: Int)
    case codes(CodeReader)
    case split(StreamSplitReader)
    case delta(DeltaStringReader)
  }

  private let width: Int
  private let limit: Int
  private var bytes: [UInt8] = []
  private var dictionary: [UInt8]?
  private var dictionaryCount = 0
  private var page = PageBytes()
  private var source = Source.plain(used: 0)
  private var codes: [UInt32] = []

  /// - Parameter limit: bytes that all values of a batch may have.
  init(width: Int, limit: Int) {
    self.width = width
    self.limit = limit
  }

  var bytesPerValue: Int { width }
  var byteCount: Int { bytes.count }

  mutating func readDictionary(_ page: PageBytes, count: Int) throws(ParquetError) {
    let body = page.bytes.span.extracting(page.range)
    let range = try plainRange(body, used: 0, count: count, width: width)
    var entries: [UInt8] = []
    unsafe appendRaw(body.bytes.extracting(range), to: &entries)
    dictionary = entries
    dictionaryCount = count
  }

  mutating func begin(_ page: PageBytes, encoding: ParquetEncoding, limit: Int) throws(ParquetError) {
    let body = page.bytes.span.extracting(page.range)
    switch encoding {
    case .plain: source = .plain(used: 0)
    case .plainDictionary, .rleDictionary:
      source = .codes(try CodeReader(body, dictionaryCount: dictionary == nil ? nil : dictionaryCount))
    case .byteStreamSplit where width > 0: source = .split(try StreamSplitReader(body, width: width))
    case .deltaByteArray:
      source = .delta(try DeltaStringReader(body, hasPrefixes: true, limit: limit))
    default: throw unsupported(encoding, "byte strings of one length")
    }
    self.page = page
  }

  mutating func endPage() { page = PageBytes() }

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count * width) }

  mutating func append(count: Int) throws(ParquetError) {
    let page = page
    let body = page.bytes.span.extracting(page.range)
    switch source {
    case .plain(let used):
      let range = try plainRange(body, used: used, count: count, width: width)
      unsafe appendRaw(body.bytes.extracting(range), to: &bytes)
      source = .plain(used: used + count)
    case .codes(var reader):
      try reader.read(body, count: count, into: &codes)
      source = .codes(reader)
      let found = codes
      if let dictionary, width > 0 {
        unsafe gatherFixed(found.span, width: width, from: dictionary.span.bytes, appendingTo: &bytes)
      }
    case .split(var reader):
      try reader.read(body, count: count, into: &bytes)
      source = .split(reader)
    case .delta(var reader):
      var strings = ByteStrings()
      try reader.read(body, count: count, limit: limit, into: &strings)
      source = .delta(reader)
      for index in 0..<count where strings[index].count != width {
        throw ParquetError(.outOfSpec, "a value of \(strings[index].count) bytes where each has \(width)")
      }
      bytes.append(contentsOf: strings.bytes)
    }
  }

  mutating func spread(rows: Range<Int>, validity: Bitmap, validCount: Int) {
    appendZeros((rows.count - validCount) * width, to: &bytes)
    let width = width
    var span = bytes.mutableSpan
    spreadFixed(&span, width: width, rows: rows, validity: validity.words.span, validCount: validCount)
  }

  mutating func take() -> ColumnValues {
    let result = ColumnValues.fixed(width: width, bytes)
    bytes = []
    return result
  }
}
