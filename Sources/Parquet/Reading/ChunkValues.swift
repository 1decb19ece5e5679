internal import Columnar
internal import Kernels

/// Collects the values of one column chunk, page after page, in the memory layout of their type.
///
/// The values of a page come packed close (nulls are not stored); ``spread(rows:validity:validCount:)`` then moves them
/// to their rows. One conforming type for each layout, so that no loop over values meets an abstraction.
protocol ChunkValues {
  /// Bytes that one more value takes at least, to hold the size against the limits before allocating.
  var bytesPerValue: Int { get }
  /// Bytes collected so far.
  var byteCount: Int { get }
  /// Takes the entries of the dictionary page.
  mutating func readDictionary(_ body: Span<UInt8>, count: Int) throws(ParquetError)
  /// Adds `count` values of a data page.
  mutating func append(_ body: Span<UInt8>, encoding: ParquetEncoding, count: Int) throws(ParquetError)
  /// Moves the last `validCount` values to the rows of `rows` that are valid.
  mutating func spread(rows: Range<Int>, validity: Bitmap, validCount: Int)
  /// The finished values.
  consuming func finish() -> ColumnValues
}

/// Adds the codes of a dictionary-encoded page: one byte of width, then the hybrid of runs and packed groups.
///
/// - Throws: when a code is not below `dictionaryCount`, so that a look-up needs no further check.
func decodeCodes(
  _ body: Span<UInt8>, count: Int, dictionaryCount: Int?, into codes: inout [UInt32]
) throws(ParquetError) {
  if count == 0 { return }
  guard let dictionaryCount else { throw ParquetError(.outOfSpec, "dictionary codes without a dictionary page") }
  guard !body.isEmpty, body[0] <= 32 else { throw ParquetError(.outOfSpec, "dictionary codes without a sane width") }
  var cursor = ByteCursor(position: 1)
  let start = codes.count
  try decodeHybrid(body, cursor: &cursor, width: Int(body[0]), count: count, into: &codes)
  guard Int(maximum(codes.span.extracting(start..<codes.count))) < dictionaryCount else {
    throw ParquetError(.outOfSpec, "a code beyond the dictionary of \(dictionaryCount) entries")
  }
}

/// The error for an encoding that the format does not define for a type, or that is newer than this library.
func unsupported(_ encoding: ParquetEncoding, _ type: String) -> ParquetError {
  ParquetError(.notSupported, "the encoding \(encoding) for \(type)")
}
