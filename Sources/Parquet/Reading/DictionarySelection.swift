internal import Columnar
internal import Compression
internal import Storage

// A column chunk all of whose values are codes holds no value that its dictionary lacks: where no entry matches, the
// row group is left out for the price of one page. Worked example, `ward = "B2"` where the dictionary of ward is
// "A1" "C3": no row; the statistics, bounded by A1 and C3, could not tell.

/// The distinct values of a column chunk.
struct KnownEntries {
  let column: Column
  let order: ValueOrder

  /// Whether an entry stands so to a value.
  func mayCompare(_ comparison: RowFilter.Comparison, _ value: Scalar) -> Bool {
    if order == .undefined { return true }
    if case (.bytes, .equal, .bytes(let wanted), .bytes(let entries)) = (order, comparison, value, column.values) {
      return (0..<entries.count).contains { entries[$0].elementsEqual(wanted) }
    }
    return (0..<column.count).contains { matches(column.scalar(at: $0), comparison, value) }
  }

  private func matches(_ entry: Scalar, _ comparison: RowFilter.Comparison, _ value: Scalar) -> Bool {
    guard entry.isComparable(to: value) else { return true }
    if entry.isNaN { return comparison == .notEqual }
    let (isLess, isGreater) = (order.isLess(entry, value), order.isLess(value, entry))
    return switch comparison {
    case .equal: !isLess && !isGreater
    case .notEqual: isLess || isGreater
    case .less: isLess
    case .lessOrEqual: !isGreater
    case .greater: isGreater
    case .greaterOrEqual: !isLess
    }
  }
}

extension Scalar {
  /// Whether the value is no number; half precision, which comes as bytes, is not looked at.
  fileprivate var isNaN: Bool {
    switch self {
    case .float(let value): value.isNaN
    case .double(let value): value.isNaN
    default: false
    }
  }
}

extension RowFilter {
  /// The columns that are asked for single values, of which bounds tell little.
  var singledOut: Set<String> {
    switch self {
    case .compare(let column, .equal, _), .compare(let column, .notEqual, _), .isAny(let column, _): [column]
    case .compare, .isNull, .isNotNull: []
    case .and(let parts), .or(let parts): parts.reduce(into: []) { $0.formUnion($1.singledOut) }
    }
  }

  /// Whether a row may match where columns have these values and no others, nulls aside.
  func mayMatch(entries known: [String: KnownEntries]) -> Bool {
    switch self {
    case .compare(let column, let comparison, let value): known[column]?.mayCompare(comparison, value) ?? true
    case .isAny(let column, let values):
      known[column].map { entries in values.contains { entries.mayCompare(.equal, $0) } } ?? true
    case .isNull, .isNotNull: true
    case .and(let parts): parts.allSatisfy { $0.mayMatch(entries: known) }
    case .or(let parts): parts.contains { $0.mayMatch(entries: known) }
    }
  }
}

extension ColumnChunkMetadata {
  /// Whether each data page is known to consist of codes.
  package var isWhollyDictionary: Bool {
    let data = encodingStats.filter { $0.pageType == .data || $0.pageType == .dataV2 }
    if !data.isEmpty { return data.allSatisfy { $0.encoding == .rleDictionary || $0.encoding == .plainDictionary } }
    // Without counts of pages only the older name is clear: beside the newer, PLAIN may be that of the entries.
    return encodings.contains(.plainDictionary)
      && encodings.allSatisfy { $0 == .plainDictionary || $0 == .rle || $0 == .bitPacked }
  }
}

extension ParquetFile {
  /// Bytes of a dictionary page beyond which it is not fetched only to be looked at.
  private static let largestDictionary: Int64 = 4 << 20

  /// Whether the dictionaries of a row group leave room for a match.
  func dictionariesMayMatch(_ filter: RowFilter, _ group: Int) async throws(ParquetError) -> Bool {
    var known: [String: KnownEntries] = [:]
    for name in filter.singledOut {
      guard let leaf = metadata.flatLeaf(named: name), let entries = try await entries(leaf, group) else { continue }
      known[name] = entries
    }
    return known.isEmpty || filter.mayMatch(entries: known)
  }

  /// The entries of a chunk's dictionary; `nil` where not all values are in it. A damaged dictionary tells nothing: the
  /// reading of the rows says what is wrong.
  private func entries(_ leaf: Int, _ group: Int) async throws(ParquetError) -> KnownEntries? {
    let chunk = metadata.rowGroups[group].columns[leaf]
    let column = metadata.columns[leaf]
    guard chunk.isWhollyDictionary, let start = chunk.dictionaryPageOffset, start > 0, chunk.dataPageOffset > start,
      chunk.dataPageOffset - start <= Self.largestDictionary
    else { return nil }
    let source = try await source(of: chunk)
    guard let range = try? chunkRange(chunk, column, in: source), range.contains(chunk.dataPageOffset) else {
      return nil
    }
    let page = start..<chunk.dataPageOffset
    let bytes = try await Self.read(source, page)
    guard let values = try? decodeEntries(bytes, page, chunk, column) else { return nil }
    return KnownEntries(
      column: Column(type: column.type, values: values), order: ValueOrder(column.type, column.physicalType))
  }

  private func decodeEntries(
    _ bytes: [UInt8], _ range: Range<Int64>, _ chunk: ColumnChunkMetadata, _ column: LeafColumn
  ) throws(ParquetError) -> ColumnValues? {
    var reader = PageReader(chunk: range, codec: chunk.codec, limits: limits, step: Int64(bytes.count))
    reader.supply(bytes, at: range.lowerBound)
    guard case .page(let page) = try reader.next(), page.header.type == .dictionary else { return nil }
    try reader.verify(page)
    var decompressor = Decompressor()
    let body = try reader.decompress(page.body, size: page.header.uncompressedSize, with: &decompressor)
    let count = page.header.valueCount
    // Each entry of these types takes a byte at least, so that no count asks for more memory than the page has.
    guard count <= body.range.count else { return nil }
    // The page is laid out as a page of PLAIN values.
    func decoded(_ values: consuming some LeafValues) throws(ParquetError) -> ColumnValues {
      try values.begin(body, encoding: .plain, limit: count)
      try values.append(count: count)
      return values.take()
    }
    return switch column.physicalType {
    case .boolean: nil
    case .int32: try decoded(NumericValues<Int32>())
    case .int64: try decoded(NumericValues<Int64>())
    case .float: try decoded(NumericValues<Float>())
    case .double: try decoded(NumericValues<Double>())
    case .byteArray: try decoded(ByteStringValues(limit: limits.decodedBatchBytes, keepsDictionary: false))
    case .int96, .fixedLengthByteArray:
      try decoded(FixedValues(width: column.typeLength, limit: limits.decodedBatchBytes))
    }
  }
}
