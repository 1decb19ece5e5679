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
  /// A batch of consecutive rows.
  public typealias Element = RecordBatch
  /// What reading fails with.
  public typealias Failure = ParquetError

  let file: ParquetFile
  let projection: Projection
  /// The wanted rows, counted through all row groups.
  let rows: RowRanges
  let rowGroups: Set<Int>
  let filter: RowFilter?
  let options: ReadOptions
  /// What rules out rows before their other columns are read.
  var test: RowTest?

  /// The schema of the batches.
  public var schema: Schema { projection.schema }

  /// Reads one batch after the other.
  public struct AsyncIterator: AsyncIteratorProtocol {
    /// A batch of consecutive rows.
    public typealias Element = RecordBatch
    /// What reading fails with.
    public typealias Failure = ParquetError

    private let batches: RecordBatches
    private var nextGroup = 0
    private var reader: RowGroupReader?
    /// Rows at the reader's place that are wanted and have not been read.
    private var left = 0
    /// Further rows of the row group that are wanted, the next one last.
    private var ranges: [Range<Int64>] = []
    /// The row of the row group behind those that are left.
    private var position: Int64 = 0

    init(_ batches: RecordBatches) { self.batches = batches }

    /// The next batch; `nil` behind the last.
    public mutating func next() async throws(ParquetError) -> RecordBatch? { try await nextFound()?.batch }

    /// The next batch with the places of its rows; `nil` behind the last.
    package mutating func nextFound() async throws(ParquetError) -> FoundRows? {
      while true {
        if let reader, left > 0 {
          do throws(ParquetError) {
            if let found = try await reader.next(limit: left, batches.test) {
              left -= found.rowCount
              return found
            }
          } catch {
            throw error.located(file: batches.file.name, rowGroup: nextGroup - 1)
          }
        }
        if let reader, let range = ranges.popLast() {
          do throws(ParquetError) {
            try await reader.skip(rows: Int(range.lowerBound - position))
          } catch {
            throw error.located(file: batches.file.name, rowGroup: nextGroup - 1)
          }
          position = range.upperBound
          left = range.count
          continue
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
      let wanted = batches.rows.intersection(RowRanges(all))
      guard !wanted.ranges.isEmpty else { return }
      do throws(ParquetError) {
        var chosen = RowRanges()
        for range in wanted.ranges { chosen.append(range.lowerBound - start..<range.upperBound - start) }
        if let filter = batches.filter {
          chosen = chosen.intersection(try await batches.file.rows(group, where: filter))
        }
        guard !chosen.ranges.isEmpty else { return }
        reader = try await RowGroupReader(
          batches.file, rowGroup: group, batches.projection, batches.options,
          byteLimit: batches.file.limits.decodedBatchBytes, rows: chosen)
        ranges = chosen.ranges.reversed()
        position = 0
      } catch {
        throw error.located(file: batches.file.name, rowGroup: group)
      }
    }
  }

  /// Starts at the first row.
  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(self) }
}

extension ParquetFile {
  /// Reads rows in batches.
  ///
  /// - Parameters:
  ///   - columns: which columns, and which parts of nested ones; all by default.
  ///   - rows: which rows of the file, counted through all row groups; all by default.
  ///   - filter: leaves out row groups and pages in which no row can match, by statistics, page index, Bloom filters
  ///     and dictionaries; the rows that remain are still to be looked at.
  ///   - options: how large the batches are, among others.
  public func batches(
    columns: Projection? = nil, rows: Range<Int64>? = nil, where filter: RowFilter? = nil,
    options: ReadOptions = .init()
  ) -> RecordBatches {
    RecordBatches(
      file: self, projection: columns ?? metadata.all, rows: RowRanges(rows ?? 0..<Int64.max),
      rowGroups: Set(filter.map { metadata.rowGroups(where: $0) } ?? Array(metadata.rowGroups.indices)),
      filter: filter, options: options)
  }

  /// Reads the rows of ranges that rise, counted through all row groups. No batch spans two ranges.
  ///
  /// - Parameter test: rules out rows where that is cheap; the others are still to be looked at.
  package func batches(
    columns: Projection, ranges: [Range<Int64>], options: ReadOptions = .init(), test: RowTest? = nil
  ) -> RecordBatches {
    var rows = RowRanges()
    for range in ranges { rows.append(range) }
    return RecordBatches(
      file: self, projection: columns, rows: rows, rowGroups: Set(metadata.rowGroups.indices), filter: nil,
      options: options, test: test)
  }

  /// The rows of a row group that may match, counted through the file: what statistics, page index, Bloom filters and
  /// dictionaries leave.
  package func candidates(rowGroup: Int, where filter: RowFilter) async throws(ParquetError) -> [Range<Int64>] {
    guard metadata.mayMatch(rowGroup, filter) else { return [] }
    let start = metadata.firstRow(ofRowGroup: rowGroup)
    do throws(ParquetError) {
      return try await rows(rowGroup, where: filter).ranges.map { start + $0.lowerBound..<start + $0.upperBound }
    } catch {
      throw error.located(file: name, rowGroup: rowGroup)
    }
  }
}
