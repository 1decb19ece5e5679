internal import Columnar
internal import Storage

// Which rows of a row group can match a filter, by the page index: the column index bounds the values of each page, the
// offset index says where its rows begin (apache/parquet-format, PageIndex.md). A Bloom filter may rule out a value for
// the whole row group (BloomFilter.md).
//
// Worked example, `c = 7` where the pages of c begin at rows 0, 100, 250 of 400 and are bounded by 1…5, 6…9, 7…20: rows
// 100 to 399.

/// The page index of one column of a row group.
struct PageBounds {
  /// What is known of each page.
  var pages: [KnownValues]
  /// The rows of each page.
  var rows: [Range<Int64>]

  /// Puts the two indexes together; `nil` where they do not fit each other, for an index is help and no more.
  init?(
    _ columnIndex: ColumnIndex, _ offsets: OffsetIndex, _ column: LeafColumn, _ element: SchemaElement,
    order: ColumnOrder?, rowCount: Int64
  ) {
    let count = offsets.pages.count
    guard count > 0, columnIndex.nullPages.count == count, columnIndex.minValues.count == count,
      columnIndex.maxValues.count == count, offsets.pages[0].firstRow == 0,
      // Writers that know nothing of a page have said that it is null, even where no value may be.
      column.maxDefinitionLevel > 0 || !columnIndex.nullPages.contains(true)
    else { return nil }
    pages = []
    rows = []
    for page in 0..<count {
      let start = offsets.pages[page].firstRow
      let end = page + 1 < count ? offsets.pages[page + 1].firstRow : rowCount
      guard start <= end, end <= rowCount else { return nil }
      rows.append(start..<end)
      var stored = StoredStatistics()
      var known: Int64?
      if columnIndex.nullPages[page] {
        stored.nullCount = end - start
        known = end - start
      } else {
        stored.minValue = columnIndex.minValues[page]
        stored.maxValue = columnIndex.maxValues[page]
        if columnIndex.nullCounts.count == count { stored.nullCount = columnIndex.nullCounts[page] }
      }
      let statistics = ColumnStatistics(stored, column: column, element: element, order: order)
      pages.append(
        KnownValues(statistics: statistics, count: known, order: ValueOrder(column.type, column.physicalType)))
    }
  }
}

extension RowFilter {
  /// The columns that the filter names.
  var columns: Set<String> {
    switch self {
    case .compare(let column, _, _), .isAny(let column, _), .isNull(let column), .isNotNull(let column): [column]
    case .and(let parts), .or(let parts): parts.reduce(into: []) { $0.formUnion($1.columns) }
    }
  }

  /// The rows that may match, by what is known of the pages of each column.
  func rows(_ all: Range<Int64>, _ bounds: [String: PageBounds]) -> RowRanges {
    switch self {
    case .compare(let column, _, _), .isAny(let column, _), .isNull(let column), .isNotNull(let column):
      guard let known = bounds[column] else { return RowRanges(all) }
      var result = RowRanges()
      for (page, rows) in zip(known.pages, known.rows) where mayMatch({ _ in page }) { result.append(rows) }
      return result
    case .and(let parts): return parts.reduce(RowRanges(all)) { $0.intersection($1.rows(all, bounds)) }
    case .or(let parts): return parts.reduce(RowRanges()) { $0.union($1.rows(all, bounds)) }
    }
  }

  /// The values that a row must have one of, for each column of which that is so.
  var required: [(column: String, values: [Scalar])] {
    switch self {
    case .compare(let column, .equal, let value): [(column, [value])]
    case .isAny(let column, let values): [(column, values)]
    case .and(let parts): parts.flatMap(\.required)
    default: []
    }
  }
}

extension ParquetFile {
  /// The rows of a row group that may match.
  func rows(_ group: Int, where filter: RowFilter) async throws(ParquetError) -> RowRanges {
    let all = 0..<metadata.rowGroups[group].rowCount
    // What costs least to look at comes first.
    for (name, values) in filter.required {
      if try await isRuledOut(name, values, group) { return RowRanges() }
    }
    var bounds: [String: PageBounds] = [:]
    for name in filter.columns {
      guard let leaf = metadata.flatLeaf(named: name), let found = try await pageBounds(leaf, group) else { continue }
      bounds[name] = found
    }
    let rows = filter.rows(all, bounds)
    if rows.ranges.isEmpty { return rows }
    return try await dictionariesMayMatch(filter, group) ? rows : RowRanges()
  }

  /// Where the pages of a chunk lie that hold some of the row group's rows; `nil` without a usable offset index.
  func pagePlan(
    _ leaf: Int, _ group: Int, chunk range: Range<Int64>, rows: RowRanges, in source: any RandomAccess
  ) async throws(ParquetError) -> PagePlan? {
    let chunk = metadata.rowGroups[group].columns[leaf]
    guard let bytes = try await section(chunk.offsetIndex, of: source) else { return nil }
    var reader = ThriftReader(bytes, limits: limits)
    guard let index = try? OffsetIndex(from: &reader) else { return nil }
    return PagePlan(index, chunk: range, rowCount: metadata.rowGroups[group].rowCount, rows: rows)
  }

  private func pageBounds(_ leaf: Int, _ group: Int) async throws(ParquetError) -> PageBounds? {
    let chunk = metadata.rowGroups[group].columns[leaf]
    guard chunk.columnIndex != nil, chunk.offsetIndex != nil else { return nil }
    let source = try await source(of: chunk)
    guard let columnBytes = try await section(chunk.columnIndex, of: source),
      let offsetBytes = try await section(chunk.offsetIndex, of: source)
    else { return nil }
    // An index is help and no more: a damaged one helps nothing, and the rows themselves may be sound.
    var reader = ThriftReader(columnBytes, limits: limits)
    guard let columnIndex = try? ColumnIndex(from: &reader) else { return nil }
    reader = ThriftReader(offsetBytes, limits: limits)
    guard let offsets = try? OffsetIndex(from: &reader) else { return nil }
    let column = metadata.columns[leaf]
    let order = metadata.columnOrders.count == metadata.columns.count ? metadata.columnOrders[leaf] : nil
    return PageBounds(
      columnIndex, offsets, column, metadata.schemaElements[column.elementIndex], order: order,
      rowCount: metadata.rowGroups[group].rowCount)
  }

  /// Whether a Bloom filter says that none of the values occurs.
  private func isRuledOut(_ name: String, _ values: [Scalar], _ group: Int) async throws(ParquetError) -> Bool {
    guard let leaf = metadata.flatLeaf(named: name) else { return false }
    let column = metadata.columns[leaf]
    let chunk = metadata.rowGroups[group].columns[leaf]
    guard values.allSatisfy({ $0.hasOneEncoding(column) }), chunk.bloomFilter != nil,
      let bytes = try await section(chunk.bloomFilter, of: try await source(of: chunk))
    else { return false }
    guard let filter = try? BloomFilter(bytes, limits: limits) else { return false }
    return !values.contains { filter.mayContain(hash: BloomFilter.hash(plain: $0.plainBytes(column.physicalType))) }
  }

  /// The bytes of an index; `nil` where there is none, or none of known length.
  func section(
    _ section: FileSection?, of source: any RandomAccess
  ) async throws(ParquetError) -> [UInt8]? {
    guard let section, let length = section.length, length > 0, section.offset >= 0 else { return nil }
    let (end, overflow) = section.offset.addingReportingOverflow(Int64(length))
    guard !overflow, end <= source.size, length <= limits.indexBytes else { return nil }
    return try await Self.read(source, section.offset..<end)
  }
}

extension ParquetMetadata {
  /// The one leaf that a name stands for, where it holds at most one value a row.
  func flatLeaf(named name: String) -> Int? {
    let found = leaves(named: name)
    guard found.count == 1, columns[found[0]].maxRepetitionLevel == 0 else { return nil }
    return found[0]
  }
}

extension Scalar {
  /// Whether equal values of the column's type have equal bytes, as a Bloom filter needs it: not so for zeros of
  /// floating point, and for values of another kind than the column's.
  fileprivate func hasOneEncoding(_ column: LeafColumn) -> Bool {
    switch (self, column.type) {
    case (.int, .int), (.int, .date), (.int, .time), (.int, .timestamp), (.unsigned, .unsigned): true
    case (.float(let value), .float): value != 0 && !value.isNaN
    case (.double(let value), .double): value != 0 && !value.isNaN
    case (.bytes, .string), (.bytes, .binary), (.bytes, .enumeration), (.bytes, .json), (.bytes, .bson),
      (.bytes, .uuid),
      (.bytes, .fixedBinary):
      true
    default: false
    }
  }
}
