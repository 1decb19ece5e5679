import Columnar
import Delta
import Parquet

/// Cuts the rows off a spooled file that another writer has landed meanwhile.
enum Trimming {
  /// The rest of a file at and above an offset, as a file of its own.
  static func item(
    _ file: AddFile, of source: TopicSource, range: OffsetRange, below cut: Int64, in table: DeltaTable
  ) async throws(LandingError) -> UploadItem {
    let parquet = try await FileReading.open(file, in: table)
    let rest = OffsetRange(partition: range.partition, start: cut, next: range.next)
    let tags = RangeTags.tags(source: source, range: rest, last: RangeTags.last(file))
    do throws(ParquetError) {
      var options = ParquetWriterOptions()
      options.createdBy = parquet.metadata.createdBy ?? options.createdBy
      var writer = try ParquetWriter(schema: parquet.metadata.schema, options: options)
      for rowGroup in parquet.metadata.rowGroups.indices {
        let batch = try await parquet.read(rowGroup: rowGroup)
        try writer.write(batch.sliced(firstRow(of: batch, atOrAbove: cut)..<batch.rowCount))
      }
      let stats = FileStatistics.text(try writer.finish())
      let bytes = writer.takeOutput()
      let path = PathText.decode(file.path) ?? file.path
      return UploadItem(
        content: { () throws(LandingError) in bytes },
        path: { attempt in "\(path.dropLast(8))-from-\(cut)\(attempt == 0 ? "" : "-\(attempt)").parquet" },
        add: AddFile(
          path: "", partitionValues: file.partitionValues, size: 0, modificationTime: WallClock.milliseconds(),
          stats: stats, tags: tags))
    } catch {
      throw LandingError(error)
    }
  }

  /// Offsets rise within a file, so the rows to keep are at its end.
  private static func firstRow(of batch: RecordBatch, atOrAbove cut: Int64) -> Int {
    guard case .int64(let offsets)? = batch.column("_kafka_offset")?.values else { return 0 }
    return offsets.firstIndex { $0 >= cut } ?? batch.rowCount
  }
}
