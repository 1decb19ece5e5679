internal import Columnar

/// Collects what the page index and the chunk's statistics say of each data page.
struct PageIndexBuilder: Sendable {
  /// One finished data page.
  struct Page: Sendable {
    /// Where it begins among the chunk's data pages.
    var start: Int
    /// Bytes with header.
    var size: Int
    var rows: Int
    var slots: Int
    var values: Int
    var statistics: StatisticsBuilder
    var unencodedBytes: Int64
    var repetition: [Int64]
    var definition: [Int64]
  }

  private let column: LeafColumn
  private var pages: [Page] = []
  /// What holds for the whole chunk.
  private(set) var statistics: StatisticsBuilder

  /// Starts a chunk.
  init(_ column: LeafColumn) {
    self.column = column
    statistics = StatisticsBuilder(column)
  }

  /// Adds a page.
  mutating func append(_ page: Page) {
    pages.append(page)
    statistics.merge(page.statistics)
  }

  /// Sizes of the whole chunk.
  var sizes: SizeStatistics {
    func sum(_ histogram: (Page) -> [Int64]) -> [Int64] {
      pages.reduce(into: []) { total, page in
        let counts = histogram(page)
        total = total.isEmpty ? counts : zip(total, counts).map { $0 + $1 }
      }
    }
    return SizeStatistics(
      unencodedByteArrayBytes: column.physicalType == .byteArray ? pages.reduce(0) { $0 + $1.unencodedBytes } : nil,
      repetitionLevelHistogram: sum(\.repetition), definitionLevelHistogram: sum(\.definition))
  }

  /// Where the pages lie, the first of them at `offset`.
  func offsetIndex(at offset: Int64) -> OffsetIndex {
    var firstRow: Int64 = 0
    var index = OffsetIndex(pages: [])
    for page in pages {
      index.pages.append(
        PageLocation(
          offset: offset + Int64(page.start), compressedSize: Int32(clamping: page.size), firstRow: firstRow))
      firstRow += Int64(page.rows)
    }
    if column.physicalType == .byteArray { index.unencodedByteArrayBytes = pages.map(\.unencodedBytes) }
    return index
  }

  /// What the pages hold; `nil` where a page has values but no bounds, which the format does not provide for.
  ///
  /// - Parameter limit: bytes after which bounds of byte strings are cut.
  func columnIndex(limit: Int) -> ColumnIndex? {
    guard pages.allSatisfy({ $0.statistics.hasBounds || $0.values == 0 }) else { return nil }
    guard ValueOrder(column.type, column.physicalType) != .undefined else { return nil }
    var index = ColumnIndex()
    for page in pages {
      index.nullPages.append(page.values == 0)
      let stored = page.statistics.stored(limit: limit)
      // A text too near the end of all texts has no shorter upper bound.
      guard page.values == 0 || stored.maxValue != nil else { return nil }
      index.minValues.append(stored.minValue ?? [])
      index.maxValues.append(stored.maxValue ?? [])
      index.nullCounts.append(Int64(page.slots - page.values))
      if let count = stored.nanCount { index.nanCounts.append(count) }
      if column.maxRepetitionLevel > 0 { index.repetitionLevelHistograms += page.repetition }
      if column.maxDefinitionLevel > 1 || column.maxRepetitionLevel > 0 {
        index.definitionLevelHistograms += page.definition
      }
    }
    index.boundaryOrder = boundaryOrder
    return index
  }

  private var boundaryOrder: BoundaryOrder {
    var (rises, falls) = (true, true)
    var last: StatisticsBuilder?
    for page in pages where page.values > 0 {
      if let last {
        let order = last.boundaryOrder(to: page.statistics)
        rises = rises && order.rises
        falls = falls && order.falls
      }
      last = page.statistics
    }
    return rises ? .ascending : falls ? .descending : .unordered
  }
}
