import Columnar
import Delta
import Parquet
import Storage

/// Reads the files of a table as rows of the table's schema: columns that a file lacks, because they were added later,
/// are null.
///
/// The bytes of the next files are fetched while one is being read: most are small, and a store far away takes longer
/// to answer than to send them.
struct TableFileReader: Sendable {
  /// A file that cannot be read as rows of the table.
  struct Failure: Error {
    var file: AddFile
    var error: MaintenanceError
  }

  let store: any FileStore
  var schema: Schema
  /// Whether files may have columns that the schema does not have, which are then passed over.
  var isPartial = false
  let options: ReadOptions
  /// Bytes that may be fetched before their turn.
  let aheadBytes: Int64

  private static let smallFile: Int64 = 4 << 20
  private static let width = 8

  /// Hands the rows of each file on; and before the first rows of a row group how many rows it has.
  func read(
    _ files: [AddFile], begins: (Int64) async throws -> Void = { _ in },
    _ body: (AddFile, RecordBatch) async throws -> Void
  ) async throws {
    try await open(files) { file, parquet in
      var rows: Int64 = 0
      var groups = parquet.metadata.rowGroups.lazy.map(\.rowCount).filter { $0 > 0 }[...]
      var end: Int64 = 0
      let opened = try opening(file) { try self.rows(of: parquet) }
      var batches = opened.batches.makeAsyncIterator()
      while true {
        let batch: RecordBatch?
        do { batch = try await batches.next().map { try opened.fitted($0, to: schema) } } catch {
          throw failure(file, error)
        }
        guard let batch else { break }
        try Task.checkCancellation()
        // No batch has rows of two row groups.
        if rows >= end, let count = groups.popFirst() {
          try await begins(count)
          end += count
        }
        rows += Int64(batch.rowCount)
        try await body(file, batch)
      }
      try check(rows, file, parquet)
    }
  }

  /// Hands each file on, its footer read.
  func open(_ files: [AddFile], _ body: (AddFile, ParquetFile) async throws -> Void) async throws {
    var waiting = files[...]
    var ahead: [(file: AddFile, source: Task<any RandomAccess, any Error>)] = []
    defer { for item in ahead { item.source.cancel() } }
    while true {
      while let next = waiting.first, ahead.count < Self.width,
        ahead.isEmpty || ahead.map(\.file.size).reduce(next.size, +) <= aheadBytes
      {
        waiting.removeFirst()
        ahead.append((next, Task { try await source(of: next) }))
      }
      guard let (file, source) = ahead.first else { return }
      try Task.checkCancellation()
      let parquet: ParquetFile
      do {
        let source = try await source.value
        guard source.size == file.size else {
          throw MaintenanceError(.file, "it has \(source.size) bytes, and the log says \(file.size)")
        }
        parquet = try await ParquetFile.open(source)
      } catch {
        throw failure(file, error)
      }
      ahead.removeFirst()
      try await body(file, parquet)
    }
  }

  /// Holds the number of rows that were read of a file against what its footer and the log say.
  func check(_ rows: Int64, _ file: AddFile, _ parquet: ParquetFile) throws {
    guard rows == parquet.metadata.rowCount, rows == FileStatistics.rowCount(file.stats) ?? rows else {
      throw failure(file, MaintenanceError(.file, "it holds \(rows) rows, and its footer or the log says otherwise"))
    }
  }

  /// Does something with a file, whose failures are then its own.
  func opening<Value>(_ file: AddFile, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch { throw failure(file, error) }
  }

  func failure(_ file: AddFile, _ error: any Error) -> any Error {
    if error is CancellationError { return error }
    var failure = MaintenanceError(any: error)
    if !failure.message.contains(file.path) { failure.message = "\(store.root)/\(file.path): \(failure.message)" }
    return failure.isRetriable ? failure : Failure(file: file, error: failure)
  }

  /// The bytes of a file: all of a small one at once.
  private func source(of file: AddFile) async throws -> any RandomAccess {
    guard let path = PathText.decode(file.path) else {
      throw MaintenanceError(.file, "the log names a file outside the table")
    }
    if file.size <= Self.smallFile {
      return BytesSource(try await store.read(path, limit: Int(Self.smallFile)), name: "\(store.root)/\(path)")
    }
    return try await store.open(path)
  }

  /// The rows of a file, and where the table's columns are in them.
  private struct OpenFile {
    var batches: RecordBatches
    /// For each column of the table its place in the batches, where the file has it.
    var places: [Int?]

    func fitted(_ batch: RecordBatch, to schema: Schema) throws(MaintenanceError) -> RecordBatch {
      var columns: [Column] = []
      for (field, place) in zip(schema.fields, places) {
        var column = place.map { batch.columns[$0] } ?? Column.nulls(field.type, count: batch.rowCount)
        try column.widen(to: field.type, name: field.name)
        columns.append(column)
      }
      return RecordBatch(schema: schema, columns: columns, rowCount: batch.rowCount)
    }
  }

  private func rows(of parquet: ParquetFile) throws -> OpenFile {
    let own = parquet.metadata.schema
    var chosen: [Int] = []
    var places: [Int?] = []
    for field in schema.fields {
      guard let index = own.index(of: field.name) else {
        places.append(nil)
        continue
      }
      guard own.fields[index].type.inTable?.isSame(as: field.type) ?? false else {
        throw MaintenanceError(.file, "the column \(field.name) has another type than in the table")
      }
      places.append(chosen.count)
      chosen.append(index)
    }
    guard isPartial || chosen.count == own.fields.count else {
      throw MaintenanceError(.file, "it has columns that the table does not have, which would be lost")
    }
    return OpenFile(
      batches: parquet.batches(columns: try parquet.metadata.projection(columns: chosen), options: options),
      places: places)
  }
}
