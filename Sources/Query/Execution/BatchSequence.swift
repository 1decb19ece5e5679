/// Rows that one thread computes in order, as they are asked for.
protocol BatchSequence: Sendable {
  /// Starts at the first row.
  func makeReader() -> any BatchReader
}

/// Gives batches one after the other.
protocol BatchReader {
  /// The next batch, which may be without rows; `nil` behind the last.
  mutating func next() async throws -> Batch?
}

/// The rows of a file, laid aside.
struct SpilledRows: BatchSequence {
  let file: SpillFile
  func makeReader() -> any BatchReader { FinishingReader(file: file) }

  /// Ends the file when it is first asked for.
  private struct FinishingReader: BatchReader {
    let file: SpillFile
    private var reader: SpillReader?

    init(file: SpillFile) { self.file = file }

    mutating func next() async throws -> Batch? {
      if reader == nil { reader = SpillReader(try await file.finish(), file.types) }
      return try await reader?.next()
    }
  }
}

/// Whole numbers at equal distances, as a table of one column.
struct RangeRows: BatchSequence {
  let first: Int64
  let step: Int64
  let count: Int64
  func makeReader() -> any BatchReader { Reader(rows: self) }

  private struct Reader: BatchReader {
    private static let rowsAtOnce: Int64 = 1 << 16
    let rows: RangeRows
    private var done: Int64 = 0

    init(rows: RangeRows) { self.rows = rows }

    mutating func next() async throws -> Batch? {
      let range = done..<min(rows.count, done + Self.rowsAtOnce)
      if range.isEmpty { return nil }
      done = range.upperBound
      let list = range.map { rows.first + $0 * rows.step }
      return Batch(columns: [Vector(.int64, .ints(list))], count: list.count)
    }
  }
}
