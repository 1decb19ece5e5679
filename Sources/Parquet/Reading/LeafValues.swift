internal import Columnar
internal import Kernels

/// Collects the values of one leaf, piece by piece out of its pages, in the memory layout of their type.
///
/// The values of a page come packed close (nulls are not stored); ``spread(rows:validity:validCount:)`` then moves them
/// to their rows. One conforming type for each layout, so that no loop over values meets an abstraction.
protocol LeafValues {
  /// Bytes that one more value takes at least, to hold the size against the limits before allocating.
  var bytesPerValue: Int { get }
  /// Bytes collected since the last ``take()``.
  var byteCount: Int { get }
  /// Takes the entries of the dictionary page.
  mutating func readDictionary(_ page: PageBytes, count: Int) throws(ParquetError)
  /// Turns to the values of a data page, at most `limit` of them.
  mutating func begin(_ page: PageBytes, encoding: ParquetEncoding, limit: Int) throws(ParquetError)
  /// Lets go of the page's bytes, whose memory the next page may then use.
  mutating func endPage()
  /// Makes room for so many values of a batch that begins: growing on the way costs more than reading.
  mutating func reserve(_ count: Int)
  /// Adds the next `count` values of the page.
  mutating func append(count: Int) throws(ParquetError)
  /// Moves the last `validCount` values to the rows of `rows` that are valid.
  mutating func spread(rows: Range<Int>, validity: Bitmap, validCount: Int)
  /// The values collected; the next ones start anew.
  mutating func take() -> ColumnValues
  /// Whether the page's values can be passed over and picked without reading those between.
  var isPickable: Bool { get }
  /// The entries of the dictionary, where the page's values are codes into it.
  var entries: ColumnValues? { get }
  /// The places of those of the next `count` values whose entry has a flag that is not 0; the values stay to be read.
  /// For pages with ``entries``.
  func find(count: Int, flags: [UInt8]) throws(ParquetError) -> [UInt32]
  /// Passes over the next `count` values, and adds those at some places, which rise. For pickable pages.
  mutating func pick(count: Int, at places: [UInt32]) throws(ParquetError)
}

extension LeafValues {
  var isPickable: Bool { false }
  var entries: ColumnValues? { nil }
  func find(count: Int, flags: [UInt8]) throws(ParquetError) -> [UInt32] { [] }
  mutating func pick(count: Int, at places: [UInt32]) throws(ParquetError) {
    throw ParquetError(.notSupported, "picking of values in this encoding")
  }
}

/// A stretch of bytes without a copy.
struct PageBytes {
  var bytes: [UInt8] = []
  var range = 0..<0
}

/// The codes of a dictionary-encoded page: one byte of width, then the hybrid of runs and packed groups.
struct CodeReader {
  private var hybrid: HybridReader
  private let isEmpty: Bool
  private let dictionaryCount: Int

  /// Reads the width.
  ///
  /// - Parameter dictionaryCount: how many entries there are; `nil` where no dictionary page came before.
  init(_ body: Span<UInt8>, dictionaryCount: Int?) throws(ParquetError) {
    isEmpty = body.isEmpty
    // A page of nulls alone may have no body, and needs no dictionary.
    guard isEmpty || body[0] <= 32 else { throw ParquetError(.outOfSpec, "dictionary codes of \(body[0]) bits") }
    hybrid = HybridReader(width: isEmpty ? 0 : Int(body[0]), position: 1)
    self.dictionaryCount = dictionaryCount ?? 0
  }

  /// Replaces `codes` by the next `count` codes.
  ///
  /// - Throws: when a code is not below the number of entries, so that a look-up needs no further check.
  mutating func read(_ body: Span<UInt8>, count: Int, into codes: inout [UInt32]) throws(ParquetError) {
    codes.removeAll(keepingCapacity: true)
    if count == 0 { return }
    try checkPresence()
    codes.reserveCapacity(count)
    try hybrid.read(body, count: count, into: &codes)
    guard Int(maximum(codes.span)) < dictionaryCount else { throw outOfDictionary }
  }

  /// Adds the elements that the next `count` codes stand for.
  ///
  /// - Throws: when a code has no element.
  mutating func lookUp<Element: BitwiseCopyable>(
    _ body: Span<UInt8>, count: Int, in dictionary: [Element], appendingTo output: inout [Element]
  ) throws(ParquetError) {
    if count == 0 { return }
    try checkPresence()
    guard try hybrid.lookUp(body, count: count, in: dictionary.span, appendingTo: &output) else {
      throw outOfDictionary
    }
  }

  /// Adds the next `count` codes.
  ///
  /// - Throws: when a code is not below the number of entries.
  mutating func read(_ body: Span<UInt8>, count: Int, appendingTo codes: inout [Int32]) throws(ParquetError) {
    if count == 0 { return }
    try checkPresence()
    guard try hybrid.readCodes(body, count: count, entries: dictionaryCount, appendingTo: &codes) else {
      throw outOfDictionary
    }
  }

  /// Passes over the next `count` codes.
  mutating func skip(_ body: Span<UInt8>, count: Int) throws(ParquetError) {
    if count == 0 { return }
    try checkPresence()
    try hybrid.skip(body, count: count)
  }

  /// The places of those of the next `count` codes whose flag is not 0; the codes stay to be read.
  ///
  /// - Throws: when a code has no flag.
  func find(_ body: Span<UInt8>, count: Int, flags: [UInt8]) throws(ParquetError) -> [UInt32] {
    var places: [UInt32] = []
    if count == 0 { return places }
    try checkPresence()
    var ahead = hybrid
    guard try ahead.find(body, count: count, flags: flags.span, appendingTo: &places) else { throw outOfDictionary }
    return places
  }

  /// Passes over the next `count` codes, and adds the elements of those at some places, which rise.
  ///
  /// - Throws: when such a code has no element.
  mutating func pick<Element: BitwiseCopyable>(
    _ body: Span<UInt8>, count: Int, at places: [UInt32], in dictionary: [Element], appendingTo output: inout [Element]
  ) throws(ParquetError) {
    if count == 0 { return }
    try checkPresence()
    guard try hybrid.pick(body, count: count, at: places.span, in: dictionary.span, appendingTo: &output) else {
      throw outOfDictionary
    }
  }

  private func checkPresence() throws(ParquetError) {
    guard dictionaryCount > 0 else { throw ParquetError(.outOfSpec, "dictionary codes without a dictionary page") }
    guard !isEmpty else { throw ParquetError(.outOfSpec, "dictionary codes are missing") }
  }

  /// The error for a code without an entry.
  private var outOfDictionary: ParquetError {
    ParquetError(.outOfSpec, "a code beyond the dictionary of \(dictionaryCount) entries")
  }
}

/// The error for an encoding that the format does not define for a type, or that is newer than this library.
func unsupported(_ encoding: ParquetEncoding, _ type: String) -> ParquetError {
  ParquetError(.notSupported, "the encoding \(encoding) for \(type)")
}

/// The bytes of `count` values of a fixed width, from `used` values on.
///
/// - Throws: when the page holds fewer.
func plainRange(_ body: Span<UInt8>, used: Int, count: Int, width: Int) throws(ParquetError) -> Range<Int> {
  let (end, overflow) = (used + count).multipliedReportingOverflow(by: width)
  guard !overflow, end <= body.count else {
    throw ParquetError(.outOfSpec, "\(used + count) values of \(width) bytes in \(body.count) bytes")
  }
  return used * width..<end
}
