internal import Columnar
internal import Parquet
internal import Storage
internal import Synchronization

/// Rows that are laid aside on disk, as a Parquet file without a name.
final class SpillFile: Sendable {
  private struct State {
    var writer: ParquetWriter
    var file: ScratchFile?
    var isFinished = false
  }

  let types: [SQLType]
  private let directory: String
  private let state: Mutex<State>

  /// Bytes of a file that are kept in memory before they are written.
  static let bufferBytes = 1 << 20

  init(_ types: [SQLType], in directory: String) throws {
    self.types = types
    self.directory = directory
    var options = ParquetWriterOptions()
    options.rowGroupBytes = Self.bufferBytes
    options.pageBytes = Self.bufferBytes / 4
    options.dictionaryBytes = Self.bufferBytes / 16
    options.writesPageIndex = false
    state = Mutex(State(writer: try ParquetWriter(schema: Self.schema(types), options: options)))
  }

  /// An interval lies in three columns, every other type in one.
  private static func schema(_ types: [SQLType]) -> Schema {
    var fields: [Field] = []
    for type in types {
      for part in type == .interval ? [DataType](repeating: .int(bits: 64), count: 3) : [type.dataType] {
        fields.append(Field("c\(fields.count)", part))
      }
    }
    return Schema(fields)
  }

  /// Adds rows; any thread may.
  func append(_ batch: Batch) throws(QueryError) {
    if batch.count == 0 { return }
    var columns: [Column] = []
    for (vector, type) in zip(batch.columns, types) {
      let vector = vector.expanded(to: batch.count)
      if case .intervals(let list) = vector.values {
        for part in [list.map(\.months), list.map(\.days), list.map(\.micros)] {
          columns.append(Column(type: .int(bits: 64), values: .int64(part), validity: vector.validity))
        }
      } else {
        columns.append(vector.column(type.dataType))
      }
    }
    let rows = RecordBatch(schema: Self.schema(types), columns: columns, rowCount: batch.count)
    try state.withLock { state throws(QueryError) in
      do throws(ParquetError) {
        try state.writer.write(rows)
      } catch {
        throw QueryError(.limit, "rows that must be laid aside on disk cannot be: \(error)")
      }
      try flush(&state)
    }
  }

  private func flush(_ state: inout State) throws(QueryError) {
    let bytes = state.writer.takeOutput()
    if bytes.isEmpty { return }
    do throws(StorageError) {
      if state.file == nil { state.file = try ScratchFile(in: directory) }
      try state.file?.append(bytes)
    } catch {
      throw QueryError(.limit, "rows must be laid aside on disk, but cannot be: \(error) – set TMPDIR")
    }
  }

  /// Ends the file, to be read, as often as is wanted; `nil` where it has no rows.
  func finish() async throws -> ParquetFile? {
    let source = try state.withLock { state throws -> ScratchFile? in
      if state.writer.rowCount == 0 { return nil }
      if !state.isFinished {
        state.isFinished = true
        _ = try state.writer.finish()
        try flush(&state)
      }
      return state.file
    }
    guard let source else { return nil }
    return try await ParquetFile.open(source)
  }
}

/// Reads rows that were laid aside.
struct SpillReader: BatchReader {
  private let types: [SQLType]
  private var batches: RecordBatches.AsyncIterator?

  /// - Parameter rows: how many rows a batch has at most.
  init(_ file: ParquetFile?, _ types: [SQLType], rows: Int = 1 << 15) {
    self.types = types
    var options = ReadOptions()
    options.batchRows = rows
    batches = file?.batches(options: options).makeAsyncIterator()
  }

  mutating func next() async throws -> Batch? {
    guard let rows = try await batches?.next() else { return nil }
    var columns: [Vector] = []
    var place = 0
    for type in types {
      if type == .interval {
        let parts = rows.columns[place..<place + 3].map { Vector.whole($0) }
        let validity = rows.columns[place].validity
        place += 3
        let list = parts[0].indices.map { Interval(months: parts[0][$0], days: parts[1][$0], micros: parts[2][$0]) }
        columns.append(Vector(.interval, .intervals(list), validity: validity))
      } else {
        var vector = try Vector(rows.columns[place])
        vector.type = type
        columns.append(vector)
        place += 1
      }
    }
    return Batch(columns: columns, count: rows.rowCount)
  }
}

extension Vector {
  /// The numbers of a column of 64 bits.
  fileprivate static func whole(_ column: Column) -> [Int64] {
    if case .int64(let list) = column.values { return list }
    return []
  }
}
