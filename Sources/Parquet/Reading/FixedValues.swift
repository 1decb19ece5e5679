internal import Columnar
internal import Kernels

/// The byte strings of one length of a chunk: FIXED_LEN_BYTE_ARRAY and INT96.
struct FixedValues: ChunkValues {
  private let width: Int
  private let limit: Int
  private var bytes: [UInt8] = []
  private var dictionary: [UInt8]?
  private var dictionaryCount = 0

  /// - Parameter limit: bytes that all values may have.
  init(width: Int, limit: Int) {
    self.width = width
    self.limit = limit
  }

  var bytesPerValue: Int { width }
  var byteCount: Int { bytes.count }

  mutating func readDictionary(_ body: Span<UInt8>, count: Int) throws(ParquetError) {
    var entries: [UInt8] = []
    try Self.appendPlain(body, width: width, count: count, to: &entries)
    dictionary = entries
    dictionaryCount = count
  }

  mutating func append(_ body: Span<UInt8>, encoding: ParquetEncoding, count: Int) throws(ParquetError) {
    var cursor = ByteCursor()
    switch encoding {
    case .plain: try Self.appendPlain(body, width: width, count: count, to: &bytes)
    case .plainDictionary, .rleDictionary:
      var codes: [UInt32] = []
      try decodeCodes(body, count: count, dictionaryCount: dictionary == nil ? nil : dictionaryCount, into: &codes)
      guard let dictionary else { return }
      bytes.reserveCapacity(bytes.count + codes.count * width)
      for code in codes { bytes.append(contentsOf: dictionary[Int(code) * width..<(Int(code) + 1) * width]) }
    case .byteStreamSplit:
      bytes.append(contentsOf: try decodeByteStreamSplit(body, width: width, count: count))
    case .deltaByteArray:
      var strings = ByteStrings()
      try decodeDeltaByteArray(body, cursor: &cursor, count: count, limit: limit, into: &strings)
      for index in 0..<count where strings[index].count != width {
        throw ParquetError(.outOfSpec, "a value of \(strings[index].count) bytes where each has \(width)")
      }
      bytes.append(contentsOf: strings.bytes)
    default: throw unsupported(encoding, "byte strings of one length")
    }
  }

  private static func appendPlain(
    _ body: Span<UInt8>, width: Int, count: Int, to target: inout [UInt8]
  ) throws(ParquetError) {
    let (size, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow, size <= body.count else {
      throw ParquetError(.outOfSpec, "\(count) values in \(body.count) bytes")
    }
    unsafe appendRaw(body.bytes.extracting(0..<size), to: &target)
  }

  mutating func spread(rows: Range<Int>, validity: Bitmap, validCount: Int) {
    appendZeros((rows.count - validCount) * width, to: &bytes)
    let width = width
    var span = bytes.mutableSpan
    spreadFixed(&span, width: width, rows: rows, validity: validity.words.span, validCount: validCount)
  }

  consuming func finish() -> ColumnValues { .fixed(width: width, bytes) }
}
