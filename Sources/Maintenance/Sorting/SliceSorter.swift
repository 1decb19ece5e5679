import Columnar

/// Cuts rows into slices, in the order in which they come, and sorts each by itself: it becomes a row group.
///
/// Where files come in the order of time, a slice is a span of time, and a query for an hour reads few row groups, one
/// for a patient few pages of each. Sorted as a whole, each page would have all times of a few patients, and the query
/// for the hour would read everything.
struct SliceSorter {
  private let order: RowOrder
  private let limit: Int
  private var pool: RowPool
  private let empty: RowPool

  /// Rows of a slice at most.
  static let sliceRows = 1 << 20

  /// - Parameter targetBytes: the size of a file, of which a slice is a part.
  init(_ schema: Schema, _ order: RowOrder, memory: SortMemory, targetBytes: Int64) {
    self.order = order
    // Encoded, rows take a fifth of their memory or so.
    limit = min(memory.poolBytes, Int(clamping: targetBytes))
    empty = RowPool(schema, dictionaryLimit: memory.dictionaryBytes)
    pool = empty
  }

  /// Prepares for the rows of a row group. One that would not fit begins a slice of its own: so those that were sliced
  /// before stay what they are, however often they are written again, and do not come to overlap.
  mutating func begin(rows: Int64, into output: inout OutputFiles) async throws {
    guard pool.rowCount > 0 else { return }
    let (whole, _) = rows.addingReportingOverflow(Int64(pool.rowCount))
    let bytes = Double(pool.byteCount) / Double(pool.rowCount) * Double(whole)
    if whole > Int64(Self.sliceRows) || bytes > Double(limit) { try await finish(into: &output) }
  }

  /// Takes in rows; hands a slice out when it is full.
  mutating func add(_ batch: RecordBatch, into output: inout OutputFiles) async throws {
    try pool.append(batch)
    if pool.byteCount >= limit || pool.rowCount >= Self.sliceRows { try await finish(into: &output) }
  }

  /// Hands out the rows that are left.
  mutating func finish(into output: inout OutputFiles) async throws {
    guard pool.rowCount > 0 else { return }
    try await pool.handOut(try SortKeys.positions(pool, order)[...]) { try await output.write($0) }
    try await output.endRowGroup()
    pool = empty
  }
}
