internal import Columnar

/// The booleans of a chunk.
struct BooleanValues: ChunkValues {
  private var bits = Bitmap()
  private var dictionary: Bitmap?

  init() {}

  var bytesPerValue: Int { 1 }
  var byteCount: Int { bits.count / 8 }

  mutating func readDictionary(_ body: Span<UInt8>, count: Int) throws(ParquetError) {
    var entries = Bitmap()
    try Self.appendPlain(body, count: count, to: &entries)
    dictionary = entries
  }

  mutating func append(_ body: Span<UInt8>, encoding: ParquetEncoding, count: Int) throws(ParquetError) {
    switch encoding {
    case .plain: try Self.appendPlain(body, count: count, to: &bits)
    case .rle:
      // Behind four bytes of length, in V1 and V2 pages alike.
      if count == 0 { return }
      var cursor = ByteCursor()
      let section = try cursor.sized(body)
      cursor = ByteCursor()
      try decodeHybridBits(body.extracting(section), cursor: &cursor, count: count, into: &bits)
    case .plainDictionary, .rleDictionary:
      var codes: [UInt32] = []
      try decodeCodes(body, count: count, dictionaryCount: dictionary?.count, into: &codes)
      guard let dictionary else { return }
      for code in codes { bits.append(dictionary[Int(code)]) }
    default: throw unsupported(encoding, "booleans")
    }
  }

  private static func appendPlain(_ body: Span<UInt8>, count: Int, to target: inout Bitmap) throws(ParquetError) {
    guard body.count >= (count + 7) / 8 else { throw ParquetError(.outOfSpec, "\(count) bits in \(body.count) bytes") }
    unsafe target.append(packed: body.bytes, range: 0..<count)
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

  consuming func finish() -> ColumnValues { .boolean(bits) }
}
