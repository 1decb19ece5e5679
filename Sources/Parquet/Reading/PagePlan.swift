// Which pages of a column chunk hold wanted rows, by its offset index (apache/parquet-format, PageIndex.md).
//
// Worked example, pages that begin at rows 0, 100, 250 of 400 and at bytes 50, 90, 130 of a chunk of bytes 4 to 200,
// the rows 120 to 130 wanted: bytes 4 to 50 for the dictionary and 90 to 130 for the second page.

/// What of a column chunk is wanted: pages to go straight to, and bytes to fetch.
struct PagePlan {
  /// The data pages, in order of their rows and of their places.
  let pages: [PageLocation]
  /// The chunk's bytes that are wanted, rising; neighbours are joined where the gap is cheaper to read than to skip.
  let ranges: [Range<Int64>]
  private let rowCount: Int64

  /// Plans the reading of some rows; `nil` where the index does not fit the chunk, for an index is help and no more.
  init?(_ index: OffsetIndex, chunk: Range<Int64>, rowCount: Int64, rows: RowRanges) {
    guard let first = index.pages.first, first.firstRow == 0 else { return nil }
    var end = chunk.lowerBound
    for page in index.pages {
      guard page.offset >= end, page.firstRow < rowCount, page.compressedSize > 0,
        page.offset <= chunk.upperBound - Int64(page.compressedSize)
      else { return nil }
      end = page.offset + Int64(page.compressedSize)
    }
    pages = index.pages
    self.rowCount = rowCount
    var wanted = [chunk.lowerBound..<first.offset]
    var next = 0
    for range in rows.ranges {
      while next < pages.count {
        let start = pages[next].firstRow
        let end = next + 1 < pages.count ? pages[next + 1].firstRow : rowCount
        if start >= range.upperBound { break }
        if end > range.lowerBound {
          wanted.append(pages[next].offset..<pages[next].offset + Int64(pages[next].compressedSize))
        }
        next += 1
      }
    }
    ranges = ReadPlan.requests(for: wanted.filter { !$0.isEmpty }).map(\.range)
  }

  /// Whether something, which can only be a dictionary, lies before the first data page.
  func hasDictionary(in chunk: Range<Int64>) -> Bool { pages[0].offset > chunk.lowerBound }

  /// The position of the page that holds a row.
  func page(ofRow row: Int64) -> Int { Self.partition(pages.count) { pages[$0].firstRow <= row } - 1 }

  /// How many rows the page at this place has by the index; `nil` where no page begins there.
  func rowCount(ofPageAt offset: Int64) -> Int? {
    let position = Self.partition(pages.count) { pages[$0].offset < offset }
    guard position < pages.count, pages[position].offset == offset else { return nil }
    let end = position + 1 < pages.count ? pages[position + 1].firstRow : rowCount
    return Int(end - pages[position].firstRow)
  }

  /// Where the wanted bytes around a place end; `nil` where it is not among them.
  func end(at offset: Int64) -> Int64? {
    let position = Self.partition(ranges.count) { ranges[$0].upperBound <= offset }
    return position < ranges.count && ranges[position].contains(offset) ? ranges[position].upperBound : nil
  }

  /// How many of so many positions, the first ones, have a property.
  private static func partition(_ count: Int, _ holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
