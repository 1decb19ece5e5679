/// Which of the rows of all files, counted through, are to be printed. Pure.
enum RowSelection: Hashable {
  /// Consecutive rows.
  case range(Range<Int64>)
  /// Single rows in rising order.
  case rows([Int64])

  /// Every row from `offset` on, at most `limit`.
  static func slice(offset: Int64, limit: Int64?, of total: Int64) -> RowSelection {
    let start = min(offset, total)
    return .range(start..<(limit.map { start + min($0, total - start) } ?? total))
  }

  /// The last rows.
  static func tail(_ count: Int64, of total: Int64) -> RowSelection {
    .range(max(0, total - count)..<total)
  }

  /// `count` different rows, each set of them as likely as any other; the same for the same seed and total.
  ///
  /// Floyd's algorithm: linear in `count` in time and memory, whatever the total.
  static func sample(_ count: Int64, of total: Int64, using generator: inout some RandomNumberGenerator) -> RowSelection
  {
    guard count < total else { return .range(0..<total) }
    var chosen: Set<Int64> = []
    chosen.reserveCapacity(Int(count))
    for top in (total - count)..<total {
      let candidate = Int64.random(in: 0...top, using: &generator)
      if !chosen.insert(candidate).inserted { chosen.insert(top) }
    }
    return .rows(chosen.sorted())
  }

  /// The chosen rows that lie in a window, as runs relative to its start.
  func runs(in window: Range<Int64>) -> [Range<Int>] {
    switch self {
    case .range(let range):
      let common = range.clamped(to: window)
      return common.isEmpty
        ? [] : [Int(common.lowerBound - window.lowerBound)..<Int(common.upperBound - window.lowerBound)]
    case .rows(let rows):
      var runs: [Range<Int>] = []
      var index = RowSelection.firstIndex(in: rows, notBelow: window.lowerBound)
      while index < rows.count, rows[index] < window.upperBound {
        let row = Int(rows[index] - window.lowerBound)
        if let last = runs.last, last.upperBound == row {
          runs[runs.count - 1] = last.lowerBound..<row + 1
        } else {
          runs.append(row..<row + 1)
        }
        index += 1
      }
      return runs
    }
  }

  /// Whether nothing at or after a row is chosen.
  func ends(before row: Int64) -> Bool {
    switch self {
    case .range(let range): range.upperBound <= row
    case .rows(let rows): rows.last.map { $0 < row } ?? true
    }
  }

  /// The position of the first element that is not below a bound, by halving.
  private static func firstIndex(in rows: [Int64], notBelow bound: Int64) -> Int {
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle] < bound { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
