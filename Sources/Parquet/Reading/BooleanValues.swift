internal import Columnar

/// The booleans of a leaf.
struct BooleanValues: LeafValues {
  /// How the values of the current page are read, and how far.
  private enum Source {
    case plain(used: Int)
    case runs(HybridReader)
    case codes(CodeReader)
    case none
  }

  private var bits = Bitmap()
  private var dictionary: Bitmap?
  private var page = PageBytes()
  private var source = Source.none
  private var codes: [UInt32] = []

  init() {}

  var bytesPerValue: Int { 1 }
  var byteCount: Int { bits.count / 8 }

  mutating func readDictionary(_ page: PageBytes, count: Int) throws(ParquetError) {
    var entries = Bitmap()
    try Self.appendPlain(page.bytes.span.extracting(page.range), 0..<count, to: &entries)
    dictionary = entries
  }

  mutating func begin(_ page: PageBytes, encoding: ParquetEncoding, limit: Int) throws(ParquetError) {
    let body = page.bytes.span.extracting(page.range)
    var start = page.range.lowerBound
    var end = page.range.upperBound
    switch encoding {
    case .plain: source = .plain(used: 0)
    case .rle where body.isEmpty: source = .none
    case .rle:
      // Behind four bytes of length, in V1 and V2 pages alike.
      var cursor = ByteCursor()
      let section = try cursor.sized(body)
      end = start + section.upperBound
      start += section.lowerBound
      source = .runs(HybridReader(width: 1))
    case .plainDictionary, .rleDictionary:
      source = .codes(try CodeReader(body, dictionaryCount: dictionary?.count))
    default: throw unsupported(encoding, "booleans")
    }
    self.page = PageBytes(bytes: page.bytes, range: start..<end)
  }

  mutating func endPage() { page = PageBytes() }

  mutating func reserve(_ count: Int) {}

  mutating func append(count: Int) throws(ParquetError) {
    let page = page
    let body = page.bytes.span.extracting(page.range)
    switch source {
    case .plain(let used):
      try Self.appendPlain(body, used..<used + count, to: &bits)
      source = .plain(used: used + count)
    case .runs(var reader):
      try reader.read(body, count: count, into: &bits)
      source = .runs(reader)
    case .codes(var reader):
      try reader.read(body, count: count, into: &codes)
      source = .codes(reader)
      if let dictionary { for code in codes { bits.append(dictionary[Int(code)]) } }
    case .none: if count > 0 { throw ParquetError(.outOfSpec, "\(count) bits in no bytes") }
    }
  }

  private static func appendPlain(
    _ body: Span<UInt8>, _ range: Range<Int>, to target: inout Bitmap
  ) throws(ParquetError) {
    guard body.count >= (range.upperBound + 7) / 8 else {
      throw ParquetError(.outOfSpec, "\(range.upperBound) bits in \(body.count) bytes")
    }
    unsafe target.append(packed: body.bytes, range: range)
  }

  mutating func spread(rows: Range<Int>, validity: Bitmap, validCount: Int) {
    var result = Bitmap()
    result.append(bits, range: 0..<rows.lowerBound)
    var source = rows.lowerBound
    for row in rows {
      let isValid = validity[row]
      result.append(isValid && bits[source])
      source += isValid ? 1 : 0
    }
    bits = result
  }

  mutating func take() -> ColumnValues {
    let result = ColumnValues.boolean(bits)
    bits = Bitmap()
    return result
  }
}
