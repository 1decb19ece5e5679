internal import Columnar
internal import Kernels

// The frame of each row of sorted partitions. Worked example, the keys 1 1 2 5 of one partition and the third row:
// ROWS 1 PRECEDING is the rows 1..<3, GROUPS 1 PRECEDING 0..<3 and RANGE 1 PRECEDING 0..<3 too; of the fourth row they
// are 2..<4, 2..<4 and 3..<4.

/// The rows that each row's function looks at.
struct WindowFrames {
  private(set) var ranges: [Range<Int>] = []
  let exclusion: Frame.Exclusion
  private let partitions: WindowRunner.Partitions
  private let peerEnds: [Int]

  /// - Parameter rows: the rows of the batch in the order of the partitions.
  init(
    _ call: WindowCall, _ partitions: WindowRunner.Partitions, _ batch: Batch, _ rows: [UInt32]
  ) throws(QueryError) {
    self.partitions = partitions
    exclusion = call.frame.exclusion
    switch call.function {
    case .firstValue, .lastValue, .nthValue, .aggregate: break
    default:
      peerEnds = []
      return
    }
    let frame = call.frame
    peerEnds = frame.mode == .rows && exclusion == .none ? [] : partitions.peerEnds
    let start = try edge(frame, frame.start, call, batch, rows)
    let end = try edge(frame, frame.end, call, batch, rows)
    ranges.reserveCapacity(partitions.count)
    for range in partitions.ranges {
      let groups = frame.mode == .groups ? range.filter { $0 == range.lowerBound || partitions.peers[$0] == $0 } : []
      var group = -1
      for row in range {
        if group + 1 < groups.count, groups[group + 1] == row { group += 1 }
        let first = place(frame, frame.start, row, range, groups, group, start, isEnd: false)
        let last = place(frame, frame.end, row, range, groups, group, end, isEnd: true)
        let low = max(range.lowerBound, min(first, range.upperBound))
        ranges.append(low..<max(low, min(last, range.upperBound)))
      }
    }
  }

  /// What the rows of the batch are held against for a bound by value: their keys, and behind them the values.
  private func edge(
    _ frame: Frame, _ bound: Frame.Bound, _ call: WindowCall, _ batch: Batch, _ rows: [UInt32]
  ) throws(QueryError) -> RowOrder? {
    guard case .value(let expression) = bound, let key = frame.key else { return nil }
    let keys = try key.evaluate(batch).expanded(to: batch.count).withoutCodes.taking(rows)
    let edges = try expression.evaluate(batch).expanded(to: batch.count).withoutCodes.taking(rows)
    let both = try Vector.joined([keys, edges], counts: [rows.count, rows.count], type: key.type)
    return RowOrder([(both, call.order[0].isDescending, call.order[0].nullsFirst)], count: 2 * rows.count)
  }

  private func place(
    _ frame: Frame, _ bound: Frame.Bound, _ row: Int, _ range: Range<Int>, _ groups: [Int], _ group: Int,
    _ edge: RowOrder?, isEnd: Bool
  ) -> Int {
    switch bound {
    case .unboundedPreceding: return range.lowerBound
    case .unboundedFollowing: return range.upperBound
    case .currentRow:
      if frame.mode == .rows { return row + (isEnd ? 1 : 0) }
      return isEnd ? min(peerEnds[row], range.upperBound) : max(partitions.peers[row], range.lowerBound)
    case .preceding(let count), .following(let count):
      let step = if case .preceding = bound { 0 - count } else { count }
      if frame.mode == .rows { return row + step + (isEnd ? 1 : 0) }
      let wanted = group + step + (isEnd ? 1 : 0)
      return wanted < 0 ? range.lowerBound : wanted < groups.count ? groups[wanted] : range.upperBound
    case .value:
      guard let edge else { return row }
      // How many rows of the partition lie before the value, or not behind it.
      var (low, high) = (range.lowerBound, range.upperBound)
      while low < high {
        let middle = (low + high) / 2
        let order = edge.compare(middle, partitions.count + row)
        if order < 0 || (isEnd && order == 0) { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  /// The rows of a frame, without those that are left out.
  func rows(of row: Int) -> [Range<Int>] {
    let frame = ranges[row]
    let left: Range<Int>
    switch exclusion {
    case .none: return [frame]
    case .currentRow: left = row..<row + 1
    case .group, .ties: left = partitions.peers[row]..<peerEnds[row]
    }
    var parts = [frame.clamped(to: frame.lowerBound..<max(frame.lowerBound, left.lowerBound))]
    if exclusion == .ties, frame.contains(row) { parts.append(row..<row + 1) }
    parts.append(frame.clamped(to: min(frame.upperBound, left.upperBound)..<frame.upperBound))
    return parts.filter { !$0.isEmpty }
  }
}
