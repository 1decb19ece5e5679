public import Columnar

/// The rows of a file, batch after batch, read as they are asked for.
///
/// ```swift
/// for try await batch in file.batches(columns: try file.metadata.projection(named: ["heart_rate", "ward.name"])) {
///   …
/// }
/// ```
///
/// No batch spans two row groups. Memory is bounded by the pages at hand and by one batch, whatever the size of the row
/// groups.
public struct RecordBatches: AsyncSequence, Sendable {
  public typealias Element = RecordBatch
  public typealias Failure = ParquetError

  let file: ParquetFile
  let projection: Projection
  let rows: Range<Int64>
  let rowGroups: Set<Int>
  let options: ReadOptions

  /// The schema of the batches.
  public var schema: Schema { projection.schema }

  /// Reads one batch after the other.
  public struct AsyncIterator: AsyncIteratorProtocol {
    public typealias Element = RecordBatch
    public typealias Failure = ParquetError

    private let batches: RecordBatches
    private var nextGroup = 0
    private var reader: RowGroupReader?
    /// Rows of the row group at hand that are wanted and have not been read.
    private var left = 0

    init(_ batches: RecordBatches) { self.batches = batches }

    /// The next batch; `nil` behind the last.
    public mutating func next() async throws(ParquetError) -> RecordBatch? {
      while true {
        if let reader, left > 0 {
          do throws(ParquetError) {
            if let batch = try await reader.next(limit: left) {
              left -= batch.rowCount
              return batch
            }
          } catch {
            throw error.located(file: batches.file.name, rowGroup: nextGroup - 1)
          }
        }
        reader = nil
        guard nextGroup < batches.file.metadata.rowGroups.count else { return nil }
        try await open(nextGroup)
      }
    }

    private mutating func open(_ group: Int) async throws(ParquetError) {
      nextGroup = group + 1
      left = 0
      guard batches.rowGroups.contains(group) else { return }
      let metadata = batches.file.metadata
      let start = metadata.firstRow(ofRowGroup: group)
      let all = start..<start + metadata.rowGroups[group].rowCount
      let wanted = all.clamped(to: batches.rows)
      guard !wanted.isEmpty else { return }
      do throws(ParquetError) {
        let reader = try RowGroupReader(
          batches.file, rowGroup: group, batches.projection, batches.options,
          byteLimit: batches.file.limits.decodedBatchBytes)
        try await reader.skip(rows: Int(wanted.lowerBound - start))
        self.reader = reader
        left = Int(wanted.count)
      } catch {
        throw error.located(file: batches.file.name, rowGroup: group)
      }
    }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}

extension ParquetFile {
  /// Reads rows in batches.
  ///
  /// - Parameters:
  ///   - columns: which columns, and which parts of nested ones; all by default.
  ///   - rows: which rows of the file, counted through all row groups; all by default.
  ///   - filter: leaves out row groups in which no row can match; those that remain are read whole.
  ///   - options: how large the batches are, among others.
  public func batches(
    columns: Projection? = nil, rows: Range<Int64>? = nil, where filter: RowFilter? = nil,
    options: ReadOptions = .init()
  ) -> RecordBatches {
    RecordBatches(
      file: self, projection: columns ?? metadata.all, rows: rows ?? 0..<Int64.max,
      rowGroups: Set(filter.map { metadata.rowGroups(where: $0) } ?? Array(metadata.rowGroups.indices)),
      options: options)
  }
}
