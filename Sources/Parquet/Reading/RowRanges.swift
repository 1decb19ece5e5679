/// Rows of a row group as ranges that rise and do not touch.
struct RowRanges: Hashable {
  private(set) var ranges: [Range<Int64>] = []

  /// All rows of a range, or none where it is empty.
  init(_ range: Range<Int64>) {
    if !range.isEmpty { ranges = [range] }
  }

  /// No rows.
  init() {}

  /// Adds rows behind all that are there, or overlapping the last of them.
  mutating func append(_ range: Range<Int64>) {
    if range.isEmpty { return }
    if let last = ranges.last, range.lowerBound <= last.upperBound {
      ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
    } else {
      ranges.append(range)
    }
  }

  /// The rows that are in both; linear in the ranges.
  func intersection(_ other: RowRanges) -> RowRanges {
    var result = RowRanges()
    var (mine, theirs) = (0, 0)
    while mine < ranges.count, theirs < other.ranges.count {
      result.append(ranges[mine].clamped(to: other.ranges[theirs]))
      if ranges[mine].upperBound < other.ranges[theirs].upperBound { mine += 1 } else { theirs += 1 }
    }
    return result
  }

  /// The rows that are in one of both; linear in the ranges.
  func union(_ other: RowRanges) -> RowRanges {
    var result = RowRanges()
    for range in (ranges + other.ranges).sorted(by: { $0.lowerBound < $1.lowerBound }) { result.append(range) }
    return result
  }
}
