internal import Columnar
internal import Kernels

/// A number of fixed size whose memory is its PLAIN encoding.
protocol StoredNumber: BitwiseCopyable {
  /// All bits zero.
  static var zero: Self { get }
  /// The number as DELTA_BINARY_PACKED gives it; `nil` where that encoding is not defined.
  static func fromDelta(_ value: Int64) -> Self?
  /// The layout of a column of these.
  static func values(_ array: [Self]) -> ColumnValues
}

extension Int32: StoredNumber {
  static func fromDelta(_ value: Int64) -> Int32? { Int32(truncatingIfNeeded: value) }
  static func values(_ array: [Int32]) -> ColumnValues { .int32(array) }
}

extension Int64: StoredNumber {
  static func fromDelta(_ value: Int64) -> Int64? { value }
  static func values(_ array: [Int64]) -> ColumnValues { .int64(array) }
}

extension Float: StoredNumber {
  static func fromDelta(_ value: Int64) -> Float? { nil }
  static func values(_ array: [Float]) -> ColumnValues { .float(array) }
}

extension Double: StoredNumber {
  static func fromDelta(_ value: Int64) -> Double? { nil }
  static func values(_ array: [Double]) -> ColumnValues { .double(array) }
}

/// The numbers of a chunk.
struct NumericValues<Number: StoredNumber>: ChunkValues {
  private var numbers: [Number] = []
  private var dictionary: [Number]?

  init() {}

  var bytesPerValue: Int { MemoryLayout<Number>.stride }
  var byteCount: Int { numbers.count * bytesPerValue }

  mutating func readDictionary(_ body: Span<UInt8>, count: Int) throws(ParquetError) {
    var entries: [Number] = []
    try Self.appendPlain(body, count: count, to: &entries)
    dictionary = entries
  }

  mutating func append(_ body: Span<UInt8>, encoding: ParquetEncoding, count: Int) throws(ParquetError) {
    switch encoding {
    case .plain: try Self.appendPlain(body, count: count, to: &numbers)
    case .plainDictionary, .rleDictionary:
      var codes: [UInt32] = []
      try decodeCodes(body, count: count, dictionaryCount: dictionary?.count, into: &codes)
      if let dictionary { gather(codes.span, from: dictionary.span, appendingTo: &numbers) }
    case .byteStreamSplit:
      let bytes = try decodeByteStreamSplit(body, width: bytesPerValue, count: count)
      unsafe appendRaw(bytes.span.bytes, to: &numbers)
    case .deltaBinaryPacked where Number.fromDelta(0) != nil:
      var cursor = ByteCursor()
      let values = try decodeDeltaBinaryPacked(body, cursor: &cursor, count: count)
      numbers.append(contentsOf: values.lazy.compactMap { Number.fromDelta($0) })
    default: throw unsupported(encoding, "numbers")
    }
  }

  private static func appendPlain(
    _ body: Span<UInt8>, count: Int, to target: inout [Number]
  ) throws(ParquetError) {
    // `count` is bounded by the limit on values, so this cannot overflow.
    let size = count * MemoryLayout<Number>.stride
    guard size <= body.count else { throw ParquetError(.outOfSpec, "\(count) values in \(body.count) bytes") }
    unsafe appendRaw(body.bytes.extracting(0..<size), to: &target)
  }

  mutating func spread(rows: Range<Int>, validity: Bitmap, validCount: Int) {
    appendZeros(rows.count - validCount, to: &numbers)
    var span = numbers.mutableSpan
    Kernels.spread(&span, rows: rows, validity: validity.words.span, validCount: validCount, filler: .zero)
  }

  consuming func finish() -> ColumnValues { Number.values(numbers) }
}
