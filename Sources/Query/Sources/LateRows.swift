internal import Columnar
internal import Parquet
internal import Synchronization

/// How long a scan has kept next to no rows: then the columns of its filters are read first, and the others only where
/// rows are left.
final class ScanRecord: Sendable {
  /// Rows of batches of which nothing was kept, and of the others.
  private let emptyRows = Atomic<Int64>(0)
  private let otherRows = Atomic<Int64>(0)

  func add(seen rows: Int64, kept left: Int) {
    if left == 0 { emptyRows.add(rows, ordering: .relaxed) } else { otherRows.add(rows, ordering: .relaxed) }
  }

  /// Whether most batches are read for nothing.
  var isSelective: Bool {
    let empty = emptyRows.load(ordering: .relaxed)
    return empty >= 1 << 18 && otherRows.load(ordering: .relaxed) <= empty / 4
  }
}

/// Finds the rows of a row group that pass the filters by reading nothing but the filters' columns.
struct LateRows {
  /// Rows between two kept ones that are cheaper to read than to skip.
  private static let gap: Int64 = 1 << 14

  let scan: Scan
  let file: ParquetFile

  /// Ranges of rows, counted through the file, that hold all rows of the given ones which pass; `nil` where reading so
  /// gains nothing.
  func ranges(in rows: [Range<Int64>]) async throws -> [Range<Int64>]? {
    let conditions = scan.conditions
    let needed = conditions.reduce(into: Set<Int>()) { $0.formUnion($1.columns) }.sorted()
    guard !needed.isEmpty, needed.count < scan.columns.count else { return nil }
    var narrow = scan
    narrow.columns = needed.map { scan.columns[$0] }
    narrow.bound = nil
    narrow.filters = conditions.map { condition in
      condition.replacingColumns { .column(needed.firstIndex(of: $0) ?? 0, $1) }
    }
    let schema = file.metadata.schema
    for column in narrow.columns {
      guard scan.table.columns[column].kind == .file, schema.index(of: scan.table.columns[column].name) != nil else {
        return nil
      }
    }
    // The places of rows are a column like others.
    let places = narrow.table.columns.firstIndex { $0.kind == .rowNumber }
    guard let places else { return nil }
    narrow.columns.append(places)
    return try await find(narrow, schema, in: rows)
  }

  private func find(_ narrow: Scan, _ schema: Schema, in rows: [Range<Int64>]) async throws -> [Range<Int64>] {
    var ranges: [Range<Int64>] = []
    var columns = try MorselColumns(narrow, 0, schema, firstRow: 0)
    let projection = try file.metadata.projection(columns: columns.read)
    var waiting = rows.reversed().map { $0 }
    for try await batch in file.batches(columns: projection, ranges: rows) {
      guard let range = waiting.popLast() else { break }
      let rest = range.lowerBound + Int64(batch.rowCount)..<range.upperBound
      if !rest.isEmpty { waiting.append(rest) }
      columns.nextRow = range.lowerBound
      let passing = try columns.passing(batch, narrow.filters)
      guard passing.count > 0 else { continue }
      for place in passing.columns[narrow.columns.count - 1].ints {
        if let last = ranges.last, place - last.upperBound <= Self.gap {
          ranges[ranges.count - 1] = last.lowerBound..<place + 1
        } else {
          ranges.append(place..<place + 1)
        }
      }
    }
    return ranges
  }
}
