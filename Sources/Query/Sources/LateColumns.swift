internal import Columnar
internal import Parquet

/// The columns of a scan that its filters do not look at, read for rows that are known to pass.
struct LateColumns {
  /// The filters' columns, by their places in the scan.
  private let needed: [Int]
  /// The other columns, by their places in the scan.
  private let others: [Int]
  private var columns: MorselColumns
  /// The filters' columns of the rows that pass.
  private var kept = Batch(columns: [], count: 0)
  /// Where those rows are, counted through the file.
  private var places: [Int64] = []
  private var starts = RangePlaces([])
  /// Rows that are complete.
  private var done = 0

  init(_ scan: Scan, besides needed: [Int], _ morsel: Morsel, _ schema: Schema) throws(QueryError) {
    self.needed = needed
    others = scan.columns.indices.filter { !needed.contains($0) }
    var rest = scan
    rest.columns = others.map { scan.columns[$0] }
    rest.filters = []
    rest.bound = nil
    columns = try MorselColumns(rest, morsel.file, schema, firstRow: 0)
  }

  /// Positions in the file's schema of the columns to read.
  var read: [Int] { columns.read }

  /// Takes the rows that pass, behind whose columns stand their places, and the ranges that are read for them.
  mutating func keep(_ rows: Batch, in ranges: [Range<Int64>]) {
    kept = rows
    places = rows.columns[needed.count].ints
    starts = RangePlaces(ranges)
  }

  /// The rows that pass of the next batch of the other columns, with all columns of the scan.
  mutating func completing(_ batch: RecordBatch) throws(QueryError) -> Batch {
    guard let start = starts.next(batch.rowCount) else { return Batch(columns: [], count: 0) }
    let first = done
    while done < places.count, places[done] < start + Int64(batch.rowCount) { done += 1 }
    if done == first { return Batch(columns: [], count: 0) }
    let rows = places[first..<done].map { UInt32(truncatingIfNeeded: $0 - start) }
    let own = kept.sliced(first..<done)
    var result = [Vector?](repeating: nil, count: needed.count + others.count)
    for (index, place) in needed.enumerated() { result[place] = own.columns[index] }
    for (place, vector) in zip(others, try columns.taking(rows, of: batch)) { result[place] = vector }
    return Batch(columns: result.compactMap(\.self), count: rows.count)
  }
}
