internal import Columnar
internal import Parquet
internal import Synchronization

/// How long a scan has kept next to no rows: then the columns of its filters are read first, and the others only where
/// rows are left.
final class ScanRecord: Sendable {
  /// Rows of batches of which nothing was kept; halved by each batch that has something.
  private let emptyRows = Atomic<Int>(0)

  func add(seen rows: Int, kept left: Int) {
    if left == 0 {
      emptyRows.add(rows, ordering: .relaxed)
    } else {
      emptyRows.store(emptyRows.load(ordering: .relaxed) / 2, ordering: .relaxed)
    }
  }

  /// Whether most batches are read for nothing.
  var isSelective: Bool { emptyRows.load(ordering: .relaxed) >= 1 << 18 }
}

/// Finds the rows of a row group that pass the filters by reading nothing but the filters' columns.
struct LateRows {
  /// Rows between two kept ones that are cheaper to read than to skip.
  private static let gap: Int64 = 1 << 14

  let scan: Scan
  let file: ParquetFile

  /// Ranges of rows, counted through the file, that hold all rows which pass; `nil` where reading so gains nothing.
  func ranges(in rows: Range<Int64>) async throws -> [Range<Int64>]? {
    var conditions = scan.filters
    if let bound = scan.bound, let value = bound.value {
      let type = scan.table.columns[scan.columns[bound.column]].type
      conditions.append(
        .call(
          bound.isDescending ? .greaterOrEqual : .lessOrEqual,
          [.column(bound.column, type), .constant(.int(value), type)], .boolean, at: Place(range: 0..<0)))
    }
    let needed = conditions.reduce(into: Set<Int>()) { $0.formUnion($1.columns) }.sorted()
    guard !needed.isEmpty, needed.count < scan.columns.count else { return nil }
    var narrow = scan
    narrow.columns = needed.map { scan.columns[$0] }
    narrow.filters = conditions.map { condition in
      condition.replacingColumns { .column(needed.firstIndex(of: $0) ?? 0, $1) }
    }
    var positions: [Int] = []
    for column in narrow.columns {
      guard scan.table.columns[column].kind == .file,
        let position = file.metadata.schema.index(of: scan.table.columns[column].name)
      else { return nil }
      positions.append(position)
    }
    return try await find(narrow, positions, in: rows)
  }

  /// Pages are not left out here, for the place of each row must be known.
  private func find(_ narrow: Scan, _ positions: [Int], in rows: Range<Int64>) async throws -> [Range<Int64>] {
    var ranges: [Range<Int64>] = []
    var start = rows.lowerBound
    let projection = try file.metadata.projection(columns: positions)
    for try await batch in file.batches(columns: projection, rows: rows) {
      var columns: [Vector] = []
      for (column, index) in zip(batch.columns, narrow.columns) {
        columns.append(
          try Casting.cast(
            try Vector(column), to: scan.table.columns[index].type, isTry: false, count: batch.rowCount))
      }
      var left = [UInt32](0..<UInt32(batch.rowCount))
      var rest = Batch(columns: columns, count: batch.rowCount)
      for filter in narrow.filters where !left.isEmpty {
        let kept = try filter.evaluate(rest).truePositions(count: rest.count)
        if kept.count == rest.count { continue }
        rest = rest.taking(kept)
        left = kept.map { left[Int($0)] }
      }
      for row in left {
        let place = start + Int64(row)
        if let last = ranges.last, place - last.upperBound <= Self.gap {
          ranges[ranges.count - 1] = last.lowerBound..<place + 1
        } else {
          ranges.append(place..<place + 1)
        }
      }
      start += Int64(batch.rowCount)
    }
    return ranges
  }
}
