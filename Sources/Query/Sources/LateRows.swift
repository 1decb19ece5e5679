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

/// Where the batches begin that are read of ranges. No batch spans two of them.
struct RangePlaces {
  private var waiting: [Range<Int64>]

  init(_ ranges: [Range<Int64>]) { waiting = ranges.reversed() }

  /// The first row of the next batch, which has so many; `nil` behind the last.
  mutating func next(_ count: Int) -> Int64? {
    guard let range = waiting.popLast() else { return nil }
    let end = range.lowerBound + Int64(count)
    if end < range.upperBound { waiting.append(end..<range.upperBound) }
    return range.lowerBound
  }
}

/// Finds the rows of a row group that pass the filters by reading nothing but the filters' columns.
struct LateRows {
  /// Rows between two kept ones that are cheaper to read than to skip.
  private static let gap: Int64 = 1 << 14
  /// Rows of which the filters' columns are kept at most, so that they need not be read again.
  private static let mostKept = 1 << 16

  /// What is found.
  struct Found {
    /// Ranges of rows, counted through the file, that hold all rows which pass.
    var ranges: [Range<Int64>] = []
    /// What completes the rows that pass; `nil` where they are too many, and all columns are to be read of the ranges.
    var columns: LateColumns?
  }

  private let scan: Scan
  private let morsel: Morsel
  private let file: ParquetFile
  private let conditions: [Expression]
  /// The places of the filters' columns among those of the scan.
  private let needed: [Int]

  init(_ scan: Scan, _ morsel: Morsel, _ file: ParquetFile) {
    (self.scan, self.morsel, self.file) = (scan, morsel, file)
    conditions = scan.conditions
    needed = conditions.reduce(into: Set<Int>()) { $0.formUnion($1.columns) }.sorted()
  }

  /// Looks at some rows; `nil` where reading so gains nothing.
  func find(in rows: [Range<Int64>]) async throws -> Found? {
    let schema = file.metadata.schema
    let isStored = needed.allSatisfy {
      let column = scan.table.columns[scan.columns[$0]]
      return column.kind == .file && schema.index(of: column.name) != nil
    }
    // The places of rows are a column like others.
    guard !needed.isEmpty, isStored, let places = scan.table.columns.firstIndex(where: { $0.kind == .rowNumber }) else {
      return nil
    }
    let others = try LateColumns(scan, besides: needed, morsel, schema)
    if others.read.isEmpty { return nil }
    var narrow = scan
    narrow.columns = needed.map { scan.columns[$0] } + [places]
    narrow.bound = nil
    narrow.filters = conditions.map { condition in
      condition.replacingColumns { .column(needed.firstIndex(of: $0) ?? 0, $1) }
    }
    return try await find(narrow, others, in: rows)
  }

  private func find(_ narrow: Scan, _ others: LateColumns, in rows: [Range<Int64>]) async throws -> Found {
    var found = Found()
    var columns = try MorselColumns(narrow, morsel.file, file.metadata.schema, firstRow: 0)
    let projection = try file.metadata.projection(columns: columns.read)
    var starts = RangePlaces(rows)
    var kept: [Batch] = []
    var count = 0
    var batches = file.batches(columns: projection, ranges: rows, test: narrow.rowTest(file.metadata))
      .makeAsyncIterator()
    while let batch = try await batches.nextFound() {
      guard let start = starts.next(batch.rowCount) else { break }
      columns.nextRow = start
      let passing = try columns.passing(batch, narrow.filters)
      guard passing.count > 0 else { continue }
      for place in passing.columns[needed.count].ints {
        if let last = found.ranges.last, place - last.upperBound <= Self.gap {
          found.ranges[found.ranges.count - 1] = last.lowerBound..<place + 1
        } else {
          found.ranges.append(place..<place + 1)
        }
      }
      count += passing.count
      if count <= Self.mostKept { kept.append(passing) } else { kept = [] }
    }
    if count <= Self.mostKept {
      let types = narrow.columns.map { narrow.table.columns[$0].type }
      found.columns = others
      found.columns?.keep(try Batch.whole(kept, types: types), in: found.ranges)
    }
    return found
  }
}
