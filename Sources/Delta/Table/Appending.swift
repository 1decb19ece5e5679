public import Columnar
public import Parquet
import Storage

extension DeltaTable {
  /// Writes rows as one file and commits it, for programs that keep no mark of progress.
  ///
  /// ```swift
  /// try await table.append(batch, partition: ["date": "2026-01-02"], engine: "my-program 1.0")
  /// ```
  ///
  /// - Parameters:
  ///   - batch: columns of the table, without those by which it is partitioned; columns that are left out are null.
  ///   - partition: for each partition column the text of the value that all rows share; `nil` is null.
  ///   - engine: what the log names as the writer.
  ///   - options: how the file is written.
  /// - Returns: the version that holds the rows.
  /// - Throws: ``DeltaError``: `forbidden` for rows that are none of the table's. After an error that is retriable the
  ///   rows may be in the table; a program that must know commits a ``CommitRequest`` of its own.
  @discardableResult
  public mutating func append(
    _ batch: RecordBatch, partition: [String: String?] = [:], engine: String,
    options: ParquetWriterOptions = ParquetWriterOptions()
  ) async throws(DeltaError) -> Int64 {
    try check(batch, partition)
    let (bytes, stats) = try file(of: batch, options)
    let token = CommitRequest.freshToken()
    let folders = snapshot.partitionColumns.map { "\($0)=\(folderText(partition[$0] ?? nil))" }
    let path = (folders + ["part-\(token).parquet"]).joined(separator: "/")
    do throws(StorageError) {
      _ = try await store.create(path, bytes)
    } catch {
      throw DeltaError(error)
    }
    let add = AddFile(
      path: PathText.encode(path), partitionValues: partition, size: Int64(bytes.count),
      modificationTime: WallClock.milliseconds(), stats: stats)
    let request = CommitRequest(operation: "WRITE", parameters: ["mode": "Append"], engine: engine, token: token) {
      (_) throws(DeltaError) in [.add(add)]
    }
    // The request always has something to commit.
    return try await commit(request) ?? snapshot.version
  }

  private func file(
    of batch: RecordBatch, _ options: ParquetWriterOptions
  ) throws(DeltaError) -> (bytes: [UInt8], stats: String) {
    do throws(ParquetError) {
      var writer = try ParquetWriter(schema: batch.schema, options: options)
      try writer.write(batch)
      let stats = FileStatistics.text(try writer.finish())
      return (writer.takeOutput(), stats)
    } catch {
      throw DeltaError(.forbidden, path: store.root, message: "the rows cannot be written as Parquet: \(error)")
    }
  }

  private func check(_ batch: RecordBatch, _ partition: [String: String?]) throws(DeltaError) {
    let columns = snapshot.partitionColumns
    guard Set(columns) == Set(partition.keys) else {
      throw forbidden("a value is needed for each partition column: \(columns.joined(separator: ", "))")
    }
    for field in snapshot.schema.fields where columns.contains(field.name) {
      guard PartitionText.scalar(partition[field.name] ?? nil, type: field.type) != nil else {
        throw forbidden("the value of the partition column \(field.name) is none of its type")
      }
    }
    for field in batch.schema.fields {
      guard let index = snapshot.schema.index(of: field.name), !columns.contains(field.name) else {
        throw forbidden("the table stores no column \(field.name) in its files")
      }
      guard snapshot.schema.fields[index].type == field.type else {
        throw forbidden("the column \(field.name) has another type in the table")
      }
    }
    for field in snapshot.schema.fields where !field.isNullable && !columns.contains(field.name) {
      guard let column = batch.column(field.name), column.nullCount == 0 else {
        throw forbidden("the column \(field.name) must have a value in each row")
      }
    }
  }

  private func forbidden(_ message: String) -> DeltaError {
    DeltaError(.forbidden, path: store.root, message: message)
  }

  /// A partition's value in the name of a folder, in Hive's form.
  private func folderText(_ value: String?) -> String {
    guard let value, !value.isEmpty else { return "__HIVE_DEFAULT_PARTITION__" }
    let parts = value.split(separator: "/", omittingEmptySubsequences: false).map { PathText.encode(String($0)) }
    return parts.joined(separator: "%2F").replacing("=", with: "%3D")
  }
}
