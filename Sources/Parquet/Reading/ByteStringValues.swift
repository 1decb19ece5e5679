internal import Columnar
internal import Kernels

/// The byte strings of a chunk: codes as long as all pages are dictionary-encoded, else the strings themselves.
struct ByteStringValues: ChunkValues {
  private let limit: Int
  private var strings = ByteStrings()
  private var codes: [Int32] = []
  private var dictionary: ByteStrings?
  private var isDictionary = true

  /// - Parameter limit: bytes that all strings may have.
  init(limit: Int) { self.limit = limit }

  var bytesPerValue: Int { 4 }
  var byteCount: Int { isDictionary ? codes.count * 4 : strings.offsets.count * 4 + strings.bytes.count }

  mutating func readDictionary(_ body: Span<UInt8>, count: Int) throws(ParquetError) {
    var entries = ByteStrings()
    try Self.appendPlain(body, count: count, to: &entries)
    dictionary = entries
  }

  mutating func append(_ body: Span<UInt8>, encoding: ParquetEncoding, count: Int) throws(ParquetError) {
    if encoding.isDictionary {
      var positions: [UInt32] = []
      try decodeCodes(body, count: count, dictionaryCount: dictionary?.count, into: &positions)
      if isDictionary {
        unsafe appendRaw(positions.span.bytes, to: &codes)
      } else {
        try appendStrings(of: positions)
      }
      return
    }
    try leaveDictionary()
    var cursor = ByteCursor()
    switch encoding {
    case .plain: try Self.appendPlain(body, count: count, to: &strings)
    case .deltaLengthByteArray:
      try decodeDeltaLengthByteArray(body, cursor: &cursor, count: count, into: &strings)
    case .deltaByteArray:
      try decodeDeltaByteArray(body, cursor: &cursor, count: count, limit: limit, into: &strings)
    default: throw unsupported(encoding, "byte strings")
    }
  }

  private static func appendPlain(
    _ body: Span<UInt8>, count: Int, to target: inout ByteStrings
  ) throws(ParquetError) {
    let read = unsafe decodePlainBytes(
      body.bytes, count: count, appendingOffsetsTo: &target.offsets, bytesTo: &target.bytes)
    guard read != nil else { throw ParquetError(.outOfSpec, "strings longer than their page, or 2 GiB of them") }
  }

  /// From the first page on that is not dictionary-encoded, strings are kept as such.
  private mutating func leaveDictionary() throws(ParquetError) {
    guard isDictionary else { return }
    isDictionary = false
    let positions = codes.map { UInt32(bitPattern: $0) }
    codes = []
    if (dictionary?.count ?? 0) == 0 {
      // Only rows without a value so far.
      appendRepeating(0, count: positions.count, to: &strings.offsets)
    } else {
      try appendStrings(of: positions)
    }
  }

  private mutating func appendStrings(of positions: [UInt32]) throws(ParquetError) {
    guard let dictionary else { return }
    let fits = unsafe gatherBytes(
      positions.span, offsets: dictionary.offsets.span, bytes: dictionary.bytes.span.bytes,
      appendingOffsetsTo: &strings.offsets, bytesTo: &strings.bytes)
    guard fits else { throw ParquetError(.wouldOverAllocate, "more than 2 GiB of strings in one column chunk") }
  }

  mutating func spread(rows: Range<Int>, validity: Bitmap, validCount: Int) {
    let added = rows.count - validCount
    if isDictionary {
      appendZeros(added, to: &codes)
      var span = codes.mutableSpan
      Kernels.spread(&span, rows: rows, validity: validity.words.span, validCount: validCount, filler: 0)
    } else {
      appendZeros(added, to: &strings.offsets)
      var span = strings.offsets.mutableSpan
      spreadOffsets(&span, rows: rows, validity: validity.words.span, validCount: validCount)
    }
  }

  consuming func finish() -> ColumnValues {
    guard isDictionary else { return .bytes(strings) }
    if codes.isEmpty && dictionary == nil { return .bytes(ByteStrings()) }
    return .dictionary(codes: codes, values: .bytes(dictionary ?? ByteStrings()))
  }
}
